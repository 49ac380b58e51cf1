import { cutText, FACETS_MAX, isLanguageTag } from "../core/posts/compose.ts";
import { asRepost, type Post, type Tag } from "../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import type { Entry } from "./entry.ts";
import { attachmentsOf, linksOf, passedOnIn, writtenText } from "./post-entry.ts";
import { cleanXhtml, hasMarkup } from "./xhtml.ts";

/** LIMIT: the longest formatted text kept, in characters (`post-shape.ttl`). */
const XHTML_LENGTH_MAX = 100_000;

/** What is known of an entry from where it was published, and how this hub names what the entry points at. */
export interface EntryPlace {
  /** The IRI of the post, its creator and container. */
  readonly iri: Iri;
  readonly creator: Iri;
  readonly container?: Iri;
  /** What it answers, where that follows from the place (a comment); else the entry says it. */
  readonly replyOf?: Iri;
  /** LIMIT: characters of plain text kept. */
  readonly characters_max: number;
  readonly tagIri: (label: string) => Iri;
  /** The post at an address, by the name it has here. */
  readonly postAt: (address: string) => Iri | undefined;
}

/**
 * The post that an entry without RDF tells of (XEP-0277, XEP-0472): title and content as plain text, formatted text
 * cleaned, categories as topics, what it answers, passes on or quotes, other links as links. A text over the bound
 * is cut, as long articles are common there; their formatted text stays whole. Refuses an entry without any text.
 */
export function postFromEntry(entry: Entry, place: EntryPlace): Post | Refusal {
  const post = writtenPost(entry, place);
  if (isRefusal(post)) return post;
  const { repost, quote } = passedOnIn(entry);
  const repostOf = repost === undefined ? undefined : place.postAt(repost);
  if (repostOf !== undefined) return asRepost(post, repostOf);
  const quoteOf = quote === undefined ? undefined : place.postAt(quote);
  if (quoteOf === undefined) return post;
  return { ...post, quoteOf, links: post.links.filter((link) => link !== quoteOf) };
}

function writtenPost(entry: Entry, place: EntryPlace): Post | Refusal {
  const xhtml = entry.xhtml === undefined ? undefined : cleanXhtml(entry.xhtml);
  const { xhtml: _, ...plain } = entry;
  const written = writtenText(xhtml === undefined ? plain : { ...entry, xhtml });
  if (written === "") {
    return refuse("invalid", "Expected an entry with a text in <content> or <title>, but both are empty.");
  }
  const replyOf = place.replyOf ?? answered(entry, place);
  const attachments = attachmentsOf(entry);
  return {
    iri: place.iri,
    creator: place.creator,
    ...(place.container === undefined ? {} : { container: place.container }),
    text: cutText(written, place.characters_max),
    ...(entry.language !== undefined && isLanguageTag(entry.language)
      ? { language: entry.language.toLowerCase() }
      : {}),
    ...(xhtml !== undefined && hasMarkup(xhtml) && xhtml.length <= XHTML_LENGTH_MAX ? { xhtml } : {}),
    created: entry.published,
    ...(entry.updated > entry.published ? { modified: entry.updated } : {}),
    ...(replyOf === undefined ? {} : { replyOf }),
    addressedTo: [],
    topics: topicsOf(entry, place),
    // Its own page, and what it goes with.
    links: linksOf(entry, ["alternate", "related"]),
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(entry.place === undefined ? {} : { place: entry.place }),
  };
}

/** The first address that names a post: that on XMPP before a web page, an id that is neither last. */
function answered({ inReplyTo }: Entry, { postAt }: EntryPlace): Iri | undefined {
  const named = [inReplyTo?.href, inReplyTo?.ref].filter((address) => address !== undefined);
  const best = named.find((address) => /^xmpp:/i.test(address)) ?? named.find((address) => /^https?:/i.test(address));
  return best === undefined ? named.map(postAt).find((iri) => iri !== undefined) : postAt(best);
}

function topicsOf({ categories }: Entry, { tagIri }: EntryPlace): readonly Tag[] {
  const topics = new Map<Iri, Tag>();
  for (const { term } of categories) {
    const label = term.trim().replace(/^#/, "").replace(/\s+/g, "_");
    const iri = label === "" || !label.isWellFormed() ? undefined : tagIri(label);
    if (iri !== undefined && isIri(iri) && !topics.has(iri)) topics.set(iri, { iri, label });
  }
  return [...topics.values()].slice(0, FACETS_MAX);
}

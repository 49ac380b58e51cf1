import type { ItemId } from "../core/item-id.ts";
import type { BareJid } from "../core/jid.ts";
import { FACETS_MAX } from "../core/posts/compose.ts";
import type { Draft } from "../core/posts/draft.ts";
import type { Attachment, Post } from "../core/posts/post.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import type { Entry } from "./entry.ts";
import { cleanXhtml, hasMarkup, xhtmlOfText } from "./xhtml.ts";

/** LIMIT: the longest title in characters; a longer first line is cut at a word. */
export const TITLE_LENGTH_MAX = 120;

/** The prefix of a comments node (XEP-0277 §4); what follows is the item id. */
export const COMMENTS_NODE = "urn:xmpp:microblog:0:comments/";

/** Where a PubsubItem is: what an `xmpp:` URI names (XEP-0060 §12.22). */
export interface ItemPlace {
  readonly jid: BareJid;
  readonly node: string;
  readonly id: ItemId;
}

/** Who publishes a post's entry, where, and the RDF that goes inside. */
export interface EntryAuthor extends ItemPlace {
  readonly name: string;
  readonly turtle: string;
  /** Whose microblog the entry is for, when that is not the author's own: its author is they. */
  readonly copyAt?: BareJid;
  /** Where the post that this one answers is published, if that is known. */
  readonly replyTo?: ItemPlace;
  /** What is known of the post that this one passes on or quotes. */
  readonly original?: OriginalPost;
}

/** What an entry says of the post that it passes on or quotes, as far as it is known. */
export interface OriginalPost {
  /** Where it is published. */
  readonly place?: ItemPlace;
  readonly authorName?: string;
  readonly authorJid?: string;
  /** Its comments, where the talk about it goes on. */
  readonly comments?: { readonly service: BareJid; readonly node: string };
  /** Its first line. */
  readonly title?: string;
}

/**
 * The entry of a post, as XEP-0277 and XEP-0472 want it and as Movim and Libervia need it: a text title, the author as
 * `xmpp:` URI, one alternate as `xmpp:` and one as web page, and the comments link in exactly its shape.
 */
export function postToEntry(post: Post, author: EntryAuthor): Entry {
  const { replyTo, copyAt } = author;
  const jid = copyAt ?? author.jid;
  const passedOn = post.repostOf !== undefined;
  const links: Entry["links"][number][] = [
    { rel: "alternate", href: itemUri({ ...author, jid }) },
    { rel: "alternate", href: post.iri, type: "text/html" },
    { rel: "replies", href: commentsUri(post, author), title: "comments" },
    ...passedOnLinks(post, author.original),
    ...post.links.filter((href) => href !== post.quoteOf).map((href) => ({ rel: "related", href })),
    ...(post.attachments ?? []).map(enclosureOf),
  ];
  // What an import brought may be any HTML: markup that XML cannot carry would cost the whole stream.
  const cleaned = post.xhtml === undefined ? undefined : cleanXhtml(post.xhtml);
  const title = titleOf(post.text);
  // COMPAT: Movim 0.34 shows the title and formatted text, never plain content: else all but the title would be lost.
  const xhtml = cleaned ?? (title === post.text ? undefined : xhtmlOfText(post.text));
  return {
    id: post.iri,
    title,
    published: post.created,
    updated: post.modified ?? post.created,
    // XEP-0277 §3.4: another author than whose node it is says that it is a repost.
    authorName: (passedOn ? author.original?.authorName : undefined) ?? author.name,
    authorUri: `xmpp:${(passedOn ? author.original?.authorJid : undefined) ?? jid}`,
    text: post.text,
    ...(xhtml === undefined ? {} : { xhtml }),
    ...(post.language === undefined ? {} : { language: post.language }),
    categories: post.topics.map(({ iri, label }) => ({ term: label, scheme: iri })),
    links,
    ...(post.place === undefined ? {} : { place: post.place }),
    ...(post.replyOf === undefined
      ? {}
      : { inReplyTo: { ref: post.replyOf, href: replyTo === undefined ? post.replyOf : itemUri(replyTo) } }),
    rdf: { format: "turtle", text: author.turtle },
  };
}

function enclosureOf({ iri, format, size_bytes, description }: Attachment): Entry["links"][number] {
  return {
    rel: "enclosure",
    href: iri,
    ...(format === undefined ? {} : { type: format }),
    ...(description === undefined ? {} : { title: description }),
    ...(size_bytes === undefined ? {} : { length: String(size_bytes) }),
  };
}

/** The comments of a post; a repost has those of what it passes on, so that there is one talk (XEP-0277 §3.4). */
function commentsUri(post: Post, { jid, id, original }: EntryAuthor): string {
  const comments = post.repostOf === undefined ? undefined : original?.comments;
  const { service, node } = comments ?? { service: jid, node: `${COMMENTS_NODE}${id}` };
  return `xmpp:${service}?;node=${escapeInUri(node)}`;
}

/** What a post passes on (`via`) or quotes (`related`), on XMPP first and on the web. */
function passedOnLinks(post: Post, { place, title }: OriginalPost = {}): Entry["links"] {
  const iri = post.repostOf ?? post.quoteOf;
  if (iri === undefined) return [];
  const rel = post.repostOf === undefined ? "related" : "via";
  const named = rel === "via" || title === undefined ? {} : { title };
  const onXmpp = place === undefined ? (/^xmpp:/i.test(iri) ? iri : undefined) : itemUri(place);
  return [
    ...(onXmpp === undefined ? [] : [{ rel, href: onXmpp, ...named }]),
    ...(/^https?:/i.test(iri) ? [{ rel, href: iri, type: "text/html", ...named }] : []),
  ];
}

/**
 * The addresses that an entry passes on unchanged (a `via` link, XEP-0277 §3.4), or with words of its own: a `via` link
 * where the formatted text begins with a quotation and goes on, or a `related` one to an item on XMPP.
 */
export function passedOnIn({ links, xhtml }: Entry): { readonly repost?: string; readonly quote?: string } {
  const hrefs = (rel: string): readonly string[] => links.filter((link) => link.rel === rel).map(({ href }) => href);
  const isItem = (href: string): boolean => /^xmpp:[^?]*\?(?:.*;)?item=/i.test(href);
  const vias = hrefs("via");
  const via = vias.find(isItem) ?? vias.find((href) => /^https?:/i.test(href));
  const related = hrefs("related").find(isItem);
  if (via !== undefined) return addsWords(xhtml) ? { quote: via } : { repost: via };
  return related === undefined ? {} : { quote: related };
}

/** Whether formatted text is a quotation with something after it. */
function addsWords(xhtml = ""): boolean {
  const after = /^\s*<div\b[^>]*>\s*<blockquote\b[\s\S]*<\/blockquote>([\s\S]*)$/.exec(xhtml)?.[1] ?? "";
  return after.replace(/<[^>]*>/g, "").trim() !== "";
}

function itemUri({ jid, node, id }: ItemPlace): string {
  return `xmpp:${jid}?;node=${escapeInUri(node)};item=${escapeInUri(id)}`;
}

/**
 * COMPAT: Movim compares nodes as they stand, so only what would end the URI's part, or is not allowed in one, is
 * escaped (RFC 3986 §2.2); `:` and `/` are not.
 */
function escapeInUri(text: string): string {
  return text.replace(/[;#%?&="<>\\^`{|}\s]/g, (character) => encodeURIComponent(character));
}

/** The first line of a text, cut at a word when it is long. */
export function titleOf(text: string): string {
  const [line = ""] = text.trimStart().split("\n");
  if (line.length <= TITLE_LENGTH_MAX) return line;
  const cut = line.slice(0, TITLE_LENGTH_MAX);
  const space = cut.lastIndexOf(" ");
  // A cut may fall between the halves of a character beyond the basic plane.
  return `${(space > TITLE_LENGTH_MAX / 2 ? cut.slice(0, space) : cut).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/**
 * What an XMPP client meant by the entry it published: its title (the whole of a comment) and the text of its content,
 * once where one repeats the other; formatted text where it says more than the plain one. The RDF inside is not read:
 * what a post says of itself is composed here, as for every other door.
 */
export function draftFromEntry(entry: Entry): Draft | Refusal {
  const written = writtenText(entry);
  if (written === "") {
    return refuse("invalid", "Expected an entry with a text in <content> or <title>, but both are empty.");
  }
  const categories = entry.categories.map(({ term }) => term.replace(/\s+/g, "_")).filter((term) => term !== "");
  const { repost, quote } = passedOnIn(entry);
  // What somebody else wrote is passed on as it stands.
  const missing =
    repost !== undefined ? [] : categories.filter((term) => !written.toLowerCase().includes(`#${term.toLowerCase()}`));
  const text = missing.length === 0 ? written : `${written}\n${missing.map((term) => `#${term}`).join(" ")}`;
  const xhtml = entry.xhtml === undefined ? undefined : cleanXhtml(entry.xhtml);
  const related = linksOf(entry, ["related"]);
  const replyOf = [entry.inReplyTo?.ref, entry.inReplyTo?.href].find((iri) => iri !== undefined && isIri(iri));
  return {
    text,
    ...(entry.language === undefined ? {} : { language: entry.language }),
    ...(xhtml !== undefined && hasMarkup(xhtml) ? { xhtml } : {}),
    ...(replyOf !== undefined && isIri(replyOf) ? { replyOf } : {}),
    ...(repost !== undefined && isIri(repost) ? { repostOf: repost } : {}),
    ...(quote !== undefined && isIri(quote) ? { quoteOf: quote } : {}),
    links: related,
    attachments: attachmentsOf(entry),
    ...(entry.place === undefined ? {} : { place: entry.place }),
  };
}

/** What an entry links to on the web by these relations. */
export function linksOf({ links }: Entry, relations: readonly string[]): readonly Iri[] {
  const found = links
    .filter(({ rel }) => relations.includes(rel))
    .map(({ href }) => href.trim())
    .filter((href) => /^https?:/i.test(href))
    .filter(isIri);
  return [...new Set(found)].slice(0, FACETS_MAX);
}

/** LIMIT: characters of a media type, and of what is said of a file. */
const FORMAT = /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/;
const DESCRIPTION_LENGTH_MAX = 1_500;

/** The files that an entry goes with: its enclosures on the web. */
export function attachmentsOf({ links }: Entry): readonly Attachment[] {
  const found = new Map<Iri, Attachment>();
  for (const { rel, href, type = "", title = "", length = "" } of links) {
    const iri = href.trim();
    if (rel !== "enclosure" || !/^https?:/i.test(iri) || !isIri(iri) || found.has(iri)) continue;
    const format = type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    const description = [...title.trim().toWellFormed()].slice(0, DESCRIPTION_LENGTH_MAX).join("");
    found.set(iri, {
      iri,
      ...(FORMAT.test(format) ? { format } : {}),
      ...(/^\d{1,15}$/.test(length) ? { size_bytes: Number(length) } : {}),
      ...(description === "" ? {} : { description }),
    });
  }
  return [...found.values()].slice(0, FACETS_MAX);
}

/** Title and text of an entry as one plain text, once where one repeats the other. */
export function writtenText(entry: Entry): string {
  const body = (entry.text?.trim() ? entry.text : (plainText(entry.xhtml) ?? "")).trim();
  const title = entry.title.trim();
  const begins = title.replace(/(?:…|\.\.\.)$/, "");
  if (body === "" || title === "" || body.startsWith(begins)) return body === "" ? title : body;
  return `${title}\n${body}`;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
  ["amp", "&"],
]);

/** The text of serialised XHTML, its blocks on lines of their own. */
function plainText(xhtml: string | undefined): string | undefined {
  if (xhtml === undefined) return undefined;
  return xhtml
    .replace(/<(br|\/p|\/div|\/li|\/h\d)\b[^>]*>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
      if (!name.startsWith("#")) return ENTITIES.get(name) ?? whole;
      const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    })
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

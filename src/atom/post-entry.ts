import type { ItemId } from "../core/item-id.ts";
import type { BareJid } from "../core/jid.ts";
import type { Post } from "../core/post.ts";
import { type Refusal, refuse } from "../outcome/refusal.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import type { Entry } from "./entry.ts";

/** LIMIT: the longest title in characters; a longer first line is cut at a word. */
export const TITLE_LENGTH_MAX = 120;

/** The prefix of a comments node (XEP-0277 §4); what follows is the item id. */
const COMMENTS_NODE = "urn:xmpp:microblog:0:comments/";

/** Who publishes a post's entry, where, and the RDF that goes inside. */
export interface EntryAuthor {
  readonly name: string;
  readonly jid: BareJid;
  /** The PubsubNode it is published at. */
  readonly node: string;
  readonly id: ItemId;
  readonly turtle: string;
}

/**
 * The entry of a post, as XEP-0277 and XEP-0472 want it and as Movim and Libervia need it: a text title, the author as
 * `xmpp:` URI, one alternate as `xmpp:` and one as web page, and the comments link in exactly its shape.
 */
export function postToEntry(post: Post, author: EntryAuthor): Entry {
  const { jid, node, id } = author;
  const links: Entry["links"][number][] = [
    { rel: "alternate", href: `xmpp:${jid}?;node=${node};item=${id}` },
    { rel: "alternate", href: post.iri, type: "text/html" },
    { rel: "replies", href: `xmpp:${jid}?;node=${COMMENTS_NODE}${id}`, title: "comments" },
    ...post.links.map((href) => ({ rel: "related", href })),
  ];
  return {
    id: post.iri,
    title: titleOf(post.text),
    published: post.created,
    updated: post.modified ?? post.created,
    authorName: author.name,
    authorUri: `xmpp:${jid}`,
    text: post.text,
    ...(post.xhtml === undefined ? {} : { xhtml: post.xhtml }),
    ...(post.language === undefined ? {} : { language: post.language }),
    categories: post.topics.map(({ iri, label }) => ({ term: label, scheme: iri })),
    links,
    ...(post.replyOf === undefined ? {} : { inReplyTo: { ref: post.replyOf, href: post.replyOf } }),
    rdf: { format: "turtle", text: author.turtle },
  };
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
 * What an XMPP client meant by the entry it published: the text of its content, or its title when it has none (a
 * comment). The RDF inside is not read: what a post says of itself is composed here, as for every other door.
 */
export function draftFromEntry(
  entry: Entry,
): { readonly text: string; readonly language?: string; readonly replyOf?: Iri } | Refusal {
  const written = entry.text?.trim() ? entry.text : (plainText(entry.xhtml) ?? entry.title);
  if (written.trim() === "") {
    return refuse("invalid", "Expected an entry with a text in <content> or <title>, but both are empty.");
  }
  const categories = entry.categories.map(({ term }) => term.replace(/\s+/g, "_")).filter((term) => term !== "");
  const missing = categories.filter((term) => !written.toLowerCase().includes(`#${term.toLowerCase()}`));
  const text = missing.length === 0 ? written : `${written}\n${missing.map((term) => `#${term}`).join(" ")}`;
  const ref = entry.inReplyTo?.ref ?? "";
  return {
    text,
    ...(entry.language === undefined ? {} : { language: entry.language }),
    ...(isIri(ref) ? { replyOf: ref } : {}),
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&", nbsp: " " };

/** The text of serialised XHTML, its blocks on lines of their own. */
function plainText(xhtml: string | undefined): string | undefined {
  if (xhtml === undefined) return undefined;
  return xhtml
    .replace(/<(br|\/p|\/div|\/li|\/h\d)\b[^>]*>/g, "\n")
    .replace(/<[^>]*>/g, "")
    .replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, name: string) => {
      if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
      const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    })
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

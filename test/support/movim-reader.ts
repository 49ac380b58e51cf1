import type { XmlElement } from "../../src/atom/xml-element.ts";

// A port of how Movim 0.34.1 reads an item of a microblog: `App\Post::set`, `extractContent`, `extractTitle`,
// `setAttachments`, and what `Moxl\Xec\Payload\Post` drops. Written after its source; none of it is copied.

const ATOM_NS = "http://www.w3.org/2005/Atom";
const MICROBLOG = "urn:xmpp:microblog:0";
const COMMENTS = "urn:xmpp:microblog:0:comments";
/** How many characters of a link's query stand before the id: `;node=` and the prefix of comments nodes. */
const COMMENTS_QUERY_LENGTH = 36;
const MONTH_MS = 31 * 86_400_000;

/** What Movim keeps of a post. */
export interface MovimPost {
  readonly id: string;
  readonly title: string;
  /** What it shows below the title, without its markup. */
  readonly shown: string;
  /** Whom it believes to have written it. */
  readonly author: string;
  readonly authorName?: string;
  readonly published_ms: number;
  readonly updated_ms: number;
  readonly tags: readonly string[];
  readonly like: boolean;
  /** Whether it has a page that everybody may read. */
  readonly open: boolean;
  readonly comments: { readonly server: string; readonly id?: string };
  readonly reply?: { readonly server: string; readonly node: string; readonly id: string };
  readonly picture?: string;
  readonly files: readonly { readonly href: string; readonly type?: string; readonly title?: string }[];
}

/** Reads an `<item/>` from a node, or says why it is dropped; `now` because old ones are when they are pushed. */
export function readAsMovim(item: XmlElement, server: string, node: string, now: Date): MovimPost | string {
  const entry = item.getChildElements().find((each) => each.getName() === "entry");
  // It looks at the attribute, not at the namespace: a prefix would not do.
  if (entry?.attrs["xmlns"] !== ATOM_NS) return "no entry";
  const children = (name: string): readonly XmlElement[] => entry.children.filter(isNamed(name));
  const text = (name: string): string | undefined => children(name)[0]?.getText();
  const title = titleOf(children("title"));
  const updated = text("updated");
  // Columns of its database that may not be empty.
  if (title === undefined) return "no title";
  if (updated === undefined) return "no updated";
  const published_ms = Date.parse(text("published") ?? updated);
  if (Number.isNaN(published_ms) || now.getTime() - published_ms > MONTH_MS) return "too old";
  const author = children("author")[0];
  const uri = author?.children.find(isNamed("uri"))?.getText();
  const publisher = (item.attrs["publisher"] ?? "").split("/")[0] ?? "";
  const believed = uri === `xmpp:${publisher}`;
  const name = believed ? author?.children.find(isNamed("name"))?.getText() : undefined;
  const shown = contentOf(children("content"));
  const links = children("link").map(({ attrs }) => attrs);
  const inReplyTo = entry.getChildElements().find((each) => each.getName().replace(/^.*:/, "") === "in-reply-to");
  const picture =
    links.find(({ rel, type }) => rel === "enclosure" && type?.startsWith("image/") === true)?.["href"] ??
    /<img\b[^>]*\bsrc="([^"]*)"/.exec(shown ?? "")?.[1];
  return {
    id: item.attrs["id"] ?? "",
    title,
    shown: withoutMarkup(shown ?? ""),
    author: believed ? (uri ?? "").slice(5) : node === MICROBLOG ? server : "",
    ...(name === undefined || name === "" ? {} : { authorName: name }),
    published_ms,
    updated_ms: Date.parse(updated),
    tags: children("category").map(({ attrs }) => (attrs["term"] ?? "").toLowerCase()),
    like: title === "♥",
    open: links.some(({ rel, href }) => (rel ?? "alternate") === "alternate" && /^https?:\/\/[^/]/.test(href ?? "")),
    comments: commentsOf(links, server),
    ...(inReplyTo === undefined ? {} : { reply: replyOf(inReplyTo.attrs["href"] ?? "") }),
    ...(picture === undefined ? {} : { picture }),
    files: links
      .filter(({ rel }) => rel === "enclosure")
      .map(({ href = "", type, title: said }) => ({
        href,
        ...(type === undefined ? {} : { type }),
        ...(said === undefined ? {} : { title: said }),
      })),
  };
}

const isNamed =
  (name: string) =>
  (child: XmlElement["children"][number]): child is XmlElement =>
    typeof child === "object" && child.getName() === name;

function titleOf(titles: readonly XmlElement[]): string | undefined {
  let title: string | undefined;
  for (const each of titles) {
    const text = each.getText();
    if (each.attrs["type"] !== "text") title = text;
    else if (text.trim() !== "") title = text.trim();
  }
  return title;
}

/** Plain text is kept for editing only; what is shown is the formatted one, or one that names no type. */
function contentOf(contents: readonly XmlElement[]): string | undefined {
  let html: string | undefined;
  let untyped: string | undefined;
  for (const each of contents) {
    const type = each.attrs["type"];
    if (type === "xhtml") html = each.toString();
    else if (type === "html") html = each.getText();
    else if (type !== "text") untyped = each.getText();
  }
  return html ?? untyped;
}

/** It resolves entities before it cleans, so text that looks like a tag goes as one. */
function withoutMarkup(html: string): string {
  const resolved = html
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
  return resolved
    .replace(/<(br|\/p)\b[^>]*>/g, "\n")
    .replace(/<\/?[a-zA-Z!][^>]*>/g, "")
    .trim();
}

function commentsOf(links: readonly Readonly<Record<string, string | undefined>>[], server: string) {
  const link = links.findLast(({ title }) => title === "comments")?.["href"];
  // PHP's `urldecode` and `parse_url`.
  const decoded = link === undefined ? undefined : decodeURIComponent(link.replaceAll("+", " "));
  const [, path = "", query = ""] = /^xmpp:([^?#]*)\?([^#]*)/.exec(decoded ?? "") ?? [];
  if (path === "" || !query.startsWith(`;node=${COMMENTS}/`)) return { server };
  return { server: path, id: query.slice(COMMENTS_QUERY_LENGTH) };
}

/** By position, not by name. */
function replyOf(href: string) {
  const [server = "", node = "", item = ""] = href.split(";");
  return { server: server.slice(5, -1), node: node.slice(5), id: item.slice(5) };
}

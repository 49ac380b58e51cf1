import type { XmlElement } from "../../src/atom/xml-element.ts";

// A port of how Libervia reads an item of a microblog: `item2mbdata` of its plugin for XEP-0277. Written after its
// source; none of it is copied.

const ATOM_NS = "http://www.w3.org/2005/Atom";
const XHTML_NS = "http://www.w3.org/1999/xhtml";
const ITEM_NS = ["http://jabber.org/protocol/pubsub", "http://jabber.org/protocol/pubsub#event"];

/** What Libervia keeps of a post. */
export interface LiberviaPost {
  readonly id: string;
  readonly atomId: string;
  /** Absent where the title is the whole text. */
  readonly title?: string;
  readonly content: string;
  readonly contentXhtml?: string;
  readonly language?: string;
  readonly published_ms: number;
  readonly updated_ms: number;
  readonly author: string;
  readonly authorJid: string;
  readonly authorVerified: boolean;
  readonly tags: readonly string[];
  readonly comments: readonly { readonly service: string; readonly node: string }[];
}

/** Reads an `<item/>`, or says why it is dropped. */
export function readAsLibervia(item: XmlElement): LiberviaPost | string {
  if (!ITEM_NS.includes(item.getNS() ?? "")) return "the item is in no namespace of pubsub";
  const entry = item.getChild("entry", ATOM_NS);
  if (entry === undefined) return "no entry";
  const texts = new Map<string, string>();
  if (entry.getChild("title", ATOM_NS) === undefined) return "no title";
  for (const each of [...entry.getChildren("title", ATOM_NS), ...entry.getChildren("content", ATOM_NS)]) {
    const no = take(texts, each);
    if (no !== undefined) return no;
  }
  const times = timesOf(entry);
  if (typeof times === "string") return times;
  const text = (name: string): string | undefined =>
    texts.get(name) ?? texts.get(`${name}_xhtml`)?.replace(/<[^>]*>/g, "");
  const content = text("content");
  const xhtml = texts.get("content_xhtml");
  const title = text("title") ?? "";
  const language = entry.attrs["xml:lang"];
  return {
    id: item.attrs["id"] ?? "",
    atomId: entry.getChild("id", ATOM_NS)?.getText() ?? "",
    ...(content === undefined ? {} : { title }),
    content: content ?? title,
    ...(xhtml === undefined ? {} : { contentXhtml: xhtml }),
    ...(language === undefined ? {} : { language }),
    ...times,
    ...authorOf(entry, item.attrs["publisher"]),
    tags: entry.getChildren("category", ATOM_NS).map(({ attrs }) => attrs["term"] ?? ""),
    comments: commentsOf(entry),
  };
}

/** Two texts of one kind are one too many. */
function take(texts: Map<string, string>, element: XmlElement): string | undefined {
  const xhtml = element.attrs["type"] === "xhtml";
  const key = xhtml ? `${element.getName()}_xhtml` : element.getName();
  if (texts.has(key)) return `${key} is there twice`;
  const [div] = element.getChildElements();
  if (xhtml && div?.getNS() !== XHTML_NS) return "formatted text without a div of its namespace";
  texts.set(key, xhtml ? String(div) : element.getText());
  return undefined;
}

function timesOf(entry: XmlElement): { readonly published_ms: number; readonly updated_ms: number } | string {
  const updated = entry.getChild("updated", ATOM_NS)?.getText();
  if (updated === undefined) return "no updated";
  const [updated_ms, published_ms] = [updated, entry.getChild("published", ATOM_NS)?.getText() ?? updated].map(
    Date.parse,
  );
  if (updated_ms === undefined || published_ms === undefined) return "no updated";
  return Number.isNaN(updated_ms + published_ms) ? "a time that cannot be read" : { published_ms, updated_ms };
}

function authorOf(entry: XmlElement, publisher = "") {
  const author = entry.getChild("author", ATOM_NS);
  const uri = author?.getChild("uri", ATOM_NS)?.getText();
  const jid = uri?.startsWith("xmpp:") === true ? uri.slice(5) : publisher;
  const bare = (text: string): string => (text.split("/")[0] ?? "").toLowerCase();
  return {
    author: author?.getChild("name", ATOM_NS)?.getText().trim() ?? "",
    authorJid: jid,
    authorVerified: publisher !== "" && bare(publisher) === bare(jid),
  };
}

/** Of links only those to comments are read: `rel` and `title` both, the address as a URI of pubsub. */
function commentsOf(entry: XmlElement): LiberviaPost["comments"] {
  return entry.getChildren("link", ATOM_NS).flatMap(({ attrs: { rel, title, href = "" } }) => {
    if (rel !== "replies" || title !== "comments") return [];
    const [, path = "", query = ""] = /^xmpp:([^?#]*)\?;?([^#]*)/.exec(href) ?? [];
    const node = new Map(query.split(";").map((pair) => pair.split("=", 2) as [string, string])).get("node");
    return node === undefined || path === ""
      ? []
      : [{ service: decodeURIComponent(path), node: decodeURIComponent(node) }];
  });
}

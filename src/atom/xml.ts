import { clone, type Element, Parser } from "ltx";
import { type Instant, parseInstant } from "../core/instant.ts";
import { cutText } from "../core/posts/compose.ts";
import { PLACE_NAME_LENGTH_MAX, type Place, placeAt } from "../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { sterna } from "../vocab/sterna.ts";
import type { Entry } from "./entry.ts";
import { whyMalformed } from "./well-formed.ts";
import type { XmlElement } from "./xml-element.ts";
import { escapeAttribute, escapeText, isXmlText, legibleText } from "./xml-text.ts";

export const ATOM_NS = "http://www.w3.org/2005/Atom";
export const THREAD_NS = "http://purl.org/syndication/thread/1.0";
const RDF_NS = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
/** The namespace of XHTML. */
export const XHTML_NS = "http://www.w3.org/1999/xhtml";
/** XEP-0080. */
const GEOLOC_NS = "http://jabber.org/protocol/geoloc";
const STERNA_NS = sterna.namespace;

/** LIMIT: characters of one XML text parsed, levels of one element, links or categories read of one entry. */
const XML_LENGTH_MAX = 1_048_576;
const XML_DEPTH_MAX = 100;
const PARTS_MAX = 500;

/**
 * An entry as XML (RFC 4287 §4.1.2), its RDF in an extension element (§6.4) and never in `content`, which clients would
 * show. The result has its own namespace declarations and no XML declaration, so that it stands in a stanza or a feed.
 */
export function entryToXml(entry: Entry): string {
  const lang = entry.language === undefined ? "" : ` xml:lang="${escapeAttribute(entry.language)}"`;
  let xml = `<entry xmlns="${ATOM_NS}"${lang}><title type="text">${escapeText(entry.title)}</title><id>${escapeText(entry.id)}</id>`;
  xml += `<published>${entry.published}</published><updated>${entry.updated}</updated>`;
  xml += `<author><name>${escapeText(entry.authorName)}</name><uri>${escapeText(entry.authorUri)}</uri></author>`;
  if (entry.text !== undefined) xml += `<content type="text">${escapeText(entry.text)}</content>`;
  if (entry.xhtml !== undefined) xml += `<content type="xhtml">${entry.xhtml}</content>`;
  for (const { term, scheme, label } of entry.categories) {
    xml += `<category term="${escapeAttribute(term)}"${attribute("scheme", scheme)}${attribute("label", label)}/>`;
  }
  for (const { rel, href, type, title, length } of entry.links) {
    xml += `<link rel="${escapeAttribute(rel)}" href="${escapeAttribute(href)}"${attribute("type", type)}${attribute("title", title)}${attribute("length", length)}/>`;
  }
  if (entry.place !== undefined) {
    xml += geolocOf(entry.place);
  }
  if (entry.inReplyTo !== undefined) {
    const { ref, href, type } = entry.inReplyTo;
    // COMPAT: Movim 0.34 reads `ref` and `href` by position.
    xml += `<thr:in-reply-to xmlns:thr="${THREAD_NS}" ref="${escapeAttribute(ref)}"${attribute("href", href)}${attribute("type", type)}/>`;
  }
  if (entry.rdf !== undefined) {
    xml +=
      entry.rdf.format === "turtle"
        ? `<turtle xmlns="${STERNA_NS}">${escapeText(entry.rdf.text)}</turtle>`
        : entry.rdf.text;
  }
  return legibleText(`${xml}</entry>`);
}

/** XEP-0080 §3.1: what people call a place is its description. */
function geolocOf({ lat, long, name }: Place): string {
  const description = name === undefined ? "" : `<description>${escapeText(name)}</description>`;
  const point = lat === undefined ? "" : `<lat>${lat}</lat><lon>${long}</lon>`;
  return `<geoloc xmlns="${GEOLOC_NS}">${description}${point}</geoloc>`;
}

function attribute(name: string, value: string | undefined): string {
  return value === undefined ? "" : ` ${name}="${escapeAttribute(value)}"`;
}

/**
 * Reads an entry by namespace, with whatever prefixes it came. What is missing is made up as leniently as peers need:
 * no id is `""`, no `published` is `updated`. Refuses with `malformed` what is no entry or has no readable time.
 */
export function entryFromXml(element: XmlElement): Entry | Refusal {
  if (!element.is("entry", ATOM_NS)) {
    return refuse("malformed", `Expected an Atom entry, but got <${element.getName()}> in "${element.getNS() ?? ""}".`);
  }
  const updated = timeOf(element, "updated") ?? timeOf(element, "published");
  if (updated === undefined) return refuse("malformed", "Expected an Atom entry with <updated>, but it has none.");
  if (isRefusal(updated)) return updated;
  const published = timeOf(element, "published") ?? updated;
  if (isRefusal(published)) return published;
  const author = element.getChild("author", ATOM_NS);
  const contents = element.getChildren("content", ATOM_NS);
  const optional: { [K in keyof Entry]?: Entry[K] | undefined } = {
    text: contents.find((each) => (each.attrs["type"] ?? "text") === "text")?.getText(),
    // COMPAT: the rich posts of XEP-0277 §3.2 have their text in a formatted title, and no content.
    xhtml: xhtmlOf(contents) ?? (contents.length === 0 ? xhtmlOf(element.getChildren("title", ATOM_NS)) : undefined),
    language: element.attrs["xml:lang"],
    inReplyTo: inReplyToOf(element),
    place: placeOf(element),
    rdf: rdfOf(element, contents),
  };
  return {
    id: textOf(element, "id") ?? "",
    title: titleOf(element),
    published,
    updated,
    authorName: (author && textOf(author, "name")) ?? "",
    authorUri: (author && textOf(author, "uri")) ?? "",
    ...(Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)) as Partial<Entry>),
    categories: element.getChildren("category", ATOM_NS).slice(0, PARTS_MAX).map(categoryOf),
    links: element.getChildren("link", ATOM_NS).slice(0, PARTS_MAX).map(linkOf),
  };
}

function xhtmlOf(contents: readonly XmlElement[]): string | undefined {
  const div = contents.find((each) => each.attrs["type"] === "xhtml")?.getChild("div", XHTML_NS);
  return div && standAlone(div);
}

/** The title as plain text, also where it is formatted (RFC 4287 §3.1.1.3). */
function titleOf(element: XmlElement): string {
  const title = element.getChild("title", ATOM_NS);
  if (title?.attrs["type"] !== "xhtml") return title?.getText() ?? "";
  return textWithin(title).replace(/\s+/g, " ").trim();
}

// LIMIT: parseXml, or the stream, has bounded how deep this goes.
function textWithin(element: XmlElement): string {
  return element.children.map((child) => (typeof child === "string" ? child : textWithin(child))).join("");
}

function textOf(element: XmlElement, name: string): string | undefined {
  return element.getChild(name, ATOM_NS)?.getText();
}

function timeOf(element: XmlElement, name: string): Instant | Refusal | undefined {
  const text = textOf(element, name)?.trim();
  return text === undefined ? undefined : parseInstant(text);
}

function present<T extends Readonly<Record<string, string | undefined>>>(attributes: T) {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

function categoryOf({ attrs }: XmlElement): Entry["categories"][number] {
  return { term: attrs["term"] ?? "", ...present({ scheme: attrs["scheme"], label: attrs["label"] }) };
}

function linkOf({ attrs }: XmlElement): Entry["links"][number] {
  const { type, title, length } = attrs;
  return { rel: attrs["rel"] ?? "alternate", href: attrs["href"] ?? "", ...present({ type, title, length }) };
}

function inReplyToOf(element: XmlElement): Entry["inReplyTo"] {
  const all = element.getChildren("in-reply-to", THREAD_NS);
  // COMPAT: the answers of XEP-0277 §3.3 name what they answer twice, first its web page, then its item.
  const attrs = (all.find((each) => /^xmpp:/i.test(each.attrs["href"] ?? "")) ?? all[0])?.attrs;
  const ref = attrs?.["ref"] ?? attrs?.["href"];
  return ref === undefined ? undefined : { ref, ...present({ href: attrs?.["href"], type: attrs?.["type"] }) };
}

function placeOf(element: XmlElement): Place | undefined {
  const geoloc = element.getChild("geoloc", GEOLOC_NS);
  const said = (child: string): string | undefined =>
    geoloc?.getChild(child, GEOLOC_NS)?.getText().replace(/\s+/g, " ").trim() || undefined;
  const [lat, long] = [said("lat"), said("lon")];
  const isNumber = (text: string | undefined): text is string => text !== undefined && /^[+-]?\d+(\.\d+)?$/.test(text);
  const point = isNumber(lat) && isNumber(long) ? placeAt(Number(lat), Number(long)) : undefined;
  // COMPAT: clients that name no description put its words into text, or the town into locality.
  const found = said("description") ?? said("text") ?? said("locality");
  if (found === undefined) return point;
  const name = cutText(found, PLACE_NAME_LENGTH_MAX);
  return point === undefined ? { name } : { ...point, name };
}

/** The RDF inside: our element, `<rdf:RDF>`, or a `content` of an RDF media type. */
function rdfOf(element: XmlElement, contents: readonly XmlElement[]): Entry["rdf"] {
  const turtle = element.getChild("turtle", STERNA_NS);
  if (turtle !== undefined) return { format: "turtle", text: turtle.getText() };
  const rdf = element.getChild("RDF", RDF_NS);
  if (rdf !== undefined) return { format: "rdfxml", text: standAlone(rdf) };
  for (const content of contents) {
    const type = content.attrs["type"];
    if (type === "text/turtle") return { format: "turtle", text: content.getText() };
    const inner = type === "application/rdf+xml" ? content.getChild("RDF", RDF_NS) : undefined;
    if (inner !== undefined) return { format: "rdfxml", text: standAlone(inner) };
  }
  return undefined;
}

/** An element as text with the namespace declarations it inherits, so that it can be parsed by itself. */
export function standAlone(element: XmlElement): string {
  const inherited: Record<string, string | undefined> = {};
  for (let above: XmlElement | null = element; above !== null; above = above.parent) {
    for (const [name, value] of Object.entries(above.attrs)) {
      if (/^xmlns(:|$)/.test(name) && !(name in inherited)) inherited[name] = value;
    }
  }
  const copy = clone(element);
  copy.attrs = { ...inherited, ...copy.attrs };
  return copy.toString();
}

/**
 * Whether an element goes deeper than anything that is meant to be read. Whoever copies, writes or searches an element
 * does so level by level on the stack, so ask this first about what strangers sent.
 */
export function isTooDeep(element: XmlElement): boolean {
  let level: readonly XmlElement[] = [element];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > XML_DEPTH_MAX) return true;
    level = level.flatMap((each) => each.children.filter((child) => typeof child === "object"));
  }
  return false;
}

/**
 * Parses one XML element. Refuses with `malformed` what is not well formed or has a document type, with `too-large`
 * what is over the bounds of length and depth.
 */
export function parseXml(text: string): XmlElement | Refusal {
  if (text.length > XML_LENGTH_MAX) {
    return refuse("too-large", `Expected at most ${XML_LENGTH_MAX} characters of XML, but got ${text.length}.`);
  }
  const problem = isXmlText(text) ? whyMalformed(text) : "it has a control character or half a character";
  if (problem !== undefined) return refuse("malformed", `Expected well-formed XML, but ${problem}.`);
  const root = parseTree(text.replace(/^\uFEFF?\s*<\?xml[^?]*\?>/, ""));
  if (root instanceof Error) return refuse("malformed", `Expected well-formed XML, but it is not (${root.message}).`);
  if (isTooDeep(root)) return refuse("too-large", `Expected XML of at most ${XML_DEPTH_MAX} levels, but it has more.`);
  return root;
}

function parseTree(text: string): XmlElement | Error {
  let root: Element | undefined;
  let problem: Error | undefined;
  const parser = new Parser();
  parser.on("tree", (element: Element) => {
    root = element;
  });
  parser.on("error", (error: Error) => {
    problem ??= error;
  });
  try {
    parser.write(text);
    parser.end();
  } catch (error) {
    problem ??= error instanceof Error ? error : new Error(String(error));
  }
  return problem ?? root ?? new Error("it ends too early");
}

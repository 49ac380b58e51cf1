import { isRefusal } from "../outcome/refusal.ts";
import { parseXml, XHTML_NS } from "./xml.ts";
import type { XmlElement } from "./xml-element.ts";
import { escapeAttribute, escapeText } from "./xml-text.ts";

/** What stays of formatted text, and with which attributes (XEP-0071 §6, and what HTML writers use beside). */
const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map([
  ["a", ["href", "title"]],
  ["img", ["src", "alt", "title", "width", "height"]],
  ["ol", ["start"]],
  ...["abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "div", "dl", "dt", "em"].map(plain),
  ...["h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "kbd", "li", "p", "pre", "q", "s", "samp"].map(plain),
  ...["small", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"].map(plain),
]);
const ALLOWED_EVERYWHERE = ["lang", "dir"];

/** Gone with all that is in them; other unknown elements leave their contents. */
const DROPPED = new Set([
  "script",
  "style",
  "head",
  "title",
  "iframe",
  "object",
  "template",
  "noscript",
  "svg",
  "math",
]);
const VOID = new Set(["br", "hr", "img"]);
/** Elements that say nothing beyond where lines end. */
const BARE = new Set(["div", "p", "br", "span"]);

function plain(name: string): [string, readonly string[]] {
  return [name, []];
}

/**
 * Formatted text as one well-formed `div` in the XHTML namespace, without whatever could run, load or restyle:
 * `text` is a `div`, or the markup that would be in one. Undefined when it is not well-formed or nothing is left.
 */
export function cleanXhtml(text: string): string | undefined {
  const parsed = parseXml(`<div xmlns="${XHTML_NS}">${text}</div>`);
  if (isRefusal(parsed)) return undefined;
  let root = parsed;
  for (let inner = onlyDiv(root); inner !== undefined; inner = onlyDiv(root)) root = inner;
  const content = contentOf(root);
  return /[^\s<>]/.test(content.replace(/<(?!img\b)[^>]*>/g, ""))
    ? `<div xmlns="${XHTML_NS}"${attributesOf(root, [])}>${content}</div>`
    : undefined;
}

/** Whether cleaned XHTML says more than its text: emphasis, links, lists, images. */
export function hasMarkup(xhtml: string): boolean {
  return [...xhtml.matchAll(/<([a-z]\w*)/g)].some(([, name = ""]) => !BARE.has(name));
}

/** Plain text as such a `div`: its paragraphs and lines. {@link hasMarkup} says of it that it says no more than the text. */
export function xhtmlOfText(text: string): string {
  const paragraphs = text
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph.split("\n").map(escapeText).join("<br/>")}</p>`);
  return `<div xmlns="${XHTML_NS}">${paragraphs.join("")}</div>`;
}

function onlyDiv(element: XmlElement): XmlElement | undefined {
  const [only, ...more] = element.children.filter((child) => typeof child !== "string" || child.trim() !== "");
  return more.length === 0 && typeof only === "object" && only.is("div", XHTML_NS) ? only : undefined;
}

// LIMIT: parseXml has bounded how deep this goes.
function contentOf(element: XmlElement): string {
  let xml = "";
  for (const child of element.children) xml += typeof child === "string" ? escapeText(child) : elementOf(child);
  return xml;
}

function elementOf(element: XmlElement): string {
  const name = element.getName().toLowerCase();
  const allowed = element.getNS() === XHTML_NS ? ALLOWED.get(name) : undefined;
  if (DROPPED.has(name)) return "";
  if (allowed === undefined) return contentOf(element);
  const attributes = attributesOf(element, allowed);
  if (name === "img" && !attributes.includes(" src=")) return escapeText(element.attrs["alt"] ?? "");
  return VOID.has(name) ? `<${name}${attributes}/>` : `<${name}${attributes}>${contentOf(element)}</${name}>`;
}

function attributesOf(element: XmlElement, allowed: readonly string[]): string {
  let xml = "";
  for (const name of [...allowed, ...ALLOWED_EVERYWHERE]) {
    const value = element.attrs[name];
    if (value === undefined) continue;
    if (name === "href" && !/^(?:https?|mailto|xmpp|tel|geo):/i.test(value)) continue;
    if (name === "src" && !/^https?:/i.test(value)) continue;
    xml += ` ${name}="${escapeAttribute(value)}"`;
  }
  return xml;
}

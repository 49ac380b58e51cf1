import type { XmlElement } from "../../atom/xml-element.ts";
import type { ChatMessage } from "../../hub/chat/talk.ts";
import { NS } from "../namespaces.ts";
import type { Addressed } from "./incoming.ts";

/** What was said elsewhere or before, or copied: none of it is a person talking to us now (XEP-0203, XEP-0280, XEP-0297). */
const NOT_LIVE: readonly (readonly [string, string])[] = [
  ["delay", NS.delay],
  ["x", "jabber:x:delay"],
  ["sent", NS.carbons],
  ["received", NS.carbons],
  ["forwarded", NS.forward],
  ["result", NS.mam],
  // A form of somebody's, or an invitation to a room.
  ["x", NS.dataForms],
  ["x", "http://jabber.org/protocol/muc#user"],
  ["x", "jabber:x:conference"],
];

/** Reads a message that a person says to us (RFC 6121 §5.2); undefined for all that may not be answered. */
export function decodeChat(stanza: XmlElement, { from, to }: Addressed): ChatMessage | undefined {
  const type = stanza.attrs["type"] ?? "normal";
  const own = stanza.getChildElements().filter((child) => child.getNS() === stanza.getNS());
  const text = own.find((child) => child.getName() === "body")?.getText() ?? "";
  if ((type !== "chat" && type !== "normal") || text.trim() === "") return undefined;
  if (NOT_LIVE.some(([name, ns]) => stanza.getChild(name, ns) !== undefined)) return undefined;
  const answers = stanza.getChild("reply", NS.reply)?.attrs["id"];
  const unusable = whyUnusable(stanza);
  return {
    from,
    to,
    body: answers === undefined ? text : withoutQuote(stanza, text),
    ...(answers === undefined ? {} : { answers }),
    ...(unusable === undefined ? {} : { unusable }),
  };
}

function whyUnusable(stanza: XmlElement): ChatMessage["unusable"] {
  const encrypted = stanza
    .getChildElements()
    .some(
      (child) => child.getName() === "encryption" || child.getName() === "encrypted" || child.getNS() === NS.openpgp,
    );
  if (encrypted) return "encrypted";
  return stanza.getChild("replace", NS.correction) === undefined ? undefined : "correction";
}

/** The text without what it quotes for programs that do not know answers (XEP-0428 §3, counted in code points). */
function withoutQuote(stanza: XmlElement, text: string): string {
  const fallback = stanza.getChildren("fallback", NS.fallback).find((each) => each.attrs["for"] === NS.reply);
  const range = fallback?.getChild("body", NS.fallback)?.attrs;
  const [start, end] = [Number(range?.["start"] ?? Number.NaN), Number(range?.["end"] ?? Number.NaN)];
  if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end)) return text;
  const signs = [...text];
  return signs.slice(0, start).join("") + signs.slice(end).join("");
}

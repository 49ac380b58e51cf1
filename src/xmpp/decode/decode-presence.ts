import type { XmlElement } from "../../atom/xml-element.ts";
import { bareOf } from "../../core/jid.ts";
import type { InboundPresence } from "../../hub/ports/xmpp-link.ts";
import type { Caps } from "../../pubsub/caps.ts";
import { SHOW_VALUES } from "../../pubsub/state.ts";
import { NS } from "../namespaces.ts";
import type { Addressed, Incoming } from "./incoming.ts";

const TYPES: ReadonlySet<string> = new Set([
  "unavailable",
  "subscribe",
  "subscribed",
  "unsubscribe",
  "unsubscribed",
  "probe",
  "error",
]);
/** LIMIT: the parts of what a program says it can do; what is longer is passed over. */
const CAPS_NODE_LENGTH_MAX = 500;
const CAPS_VER_LENGTH_MAX = 200;

/** Reads presence (RFC 6121 §4.7); of an unknown type it is ignored, of an unknown state it is online. */
export function decodePresence(stanza: XmlElement, { from, to }: Addressed): Incoming {
  const type = stanza.attrs["type"] ?? "available";
  if (type !== "available" && !TYPES.has(type)) return { kind: "ignored", why: "presence" };
  const said = stanza.getChildText("show");
  const show = SHOW_VALUES.find((value) => value !== "online" && value === said) ?? "online";
  const caps = type === "available" ? capsOf(stanza) : undefined;
  return {
    kind: "presence",
    presence: {
      from,
      to: bareOf(to),
      type: type as InboundPresence["type"],
      show,
      ...(caps === undefined ? {} : { caps }),
    },
  };
}

function capsOf(stanza: XmlElement): Caps | undefined {
  const { node = "", ver = "", hash } = stanza.getChild("c", NS.caps)?.attrs ?? {};
  if (node === "" || ver === "" || node.length > CAPS_NODE_LENGTH_MAX || ver.length > CAPS_VER_LENGTH_MAX) {
    return undefined;
  }
  return { node, ver, ...(hash === undefined ? {} : { hash: hash.slice(0, 40) }) };
}

import type { XmlElement } from "../../atom/xml-element.ts";
import { type ItemId, parseItemId } from "../../core/item-id.ts";
import { parseJid } from "../../core/jid.ts";
import type { InboundItem } from "../../hub/ports/xmpp-link.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import { decodeConfirmation } from "../confirm.ts";
import { errorOf } from "../encode/stanza-error.ts";
import { NS } from "../namespaces.ts";
import { decodeArchive } from "./decode-archive.ts";
import { decodeChat } from "./decode-chat.ts";
import { decodeCommand } from "./decode-command.ts";
import { decodeAuthorization, decodeOwner } from "./decode-owner.ts";
import { pageOf } from "./decode-page.ts";
import { decodePresence } from "./decode-presence.ts";
import { decodePubsub } from "./decode-pubsub.ts";
import { decodeSparql } from "./decode-sparql.ts";
import { type Addressed, type DecodeContext, type Incoming, refused } from "./incoming.ts";

/** LIMIT: items of one event. */
const EVENT_ITEMS_MAX = 250;

/** Reads the addresses of a stanza; undefined when one is missing or malformed, since then nobody can be answered. */
export function addressesOf(stanza: XmlElement): Addressed | undefined {
  const from = parseJid(stanza.attrs["from"] ?? "");
  const to = parseJid(stanza.attrs["to"] ?? "");
  return isRefusal(from) || isRefusal(to) ? undefined : { from, to };
}

/** Whether a stanza answers a request; that is never answered in turn. */
export function isAnswer(stanza: XmlElement): boolean {
  return stanza.getName() === "iq" && (stanza.attrs["type"] === "result" || stanza.attrs["type"] === "error");
}

/** Reads a stanza. Never throws: what cannot be read is refused or ignored. */
export function decodeStanza(stanza: XmlElement, addressed: Addressed, context: DecodeContext): Incoming {
  const type = stanza.attrs["type"];
  switch (stanza.getName()) {
    case "iq":
      if (isAnswer(stanza)) return { kind: "answer", id: stanza.attrs["id"] ?? "" };
      if (type !== "get" && type !== "set") return refused("bad-request");
      return decodeRequest(stanza, type, addressed, context);
    case "message":
      return decodeMessage(stanza, addressed);
    case "presence":
      return decodePresence(stanza, addressed);
    default:
      return { kind: "ignored", why: "not a stanza" };
  }
}

function decodeRequest(
  stanza: XmlElement,
  type: "get" | "set",
  addressed: Addressed,
  context: DecodeContext,
): Incoming {
  const [child, more] = stanza.getChildElements();
  if (child === undefined || more !== undefined) return refused("bad-request"); // RFC 6120 §8.2.3
  const node = child.attrs["node"];
  switch (child.getNS()) {
    case NS.discoInfo:
      return type === "get" ? { kind: "disco-info", ...(node === undefined ? {} : { node }) } : refused("bad-request");
    case NS.discoItems: {
      const page = pageOf(child, "max");
      if (typeof page === "string") return refused(page);
      return { kind: "disco-items", page, ...(node === undefined ? {} : { node }) };
    }
    case NS.sparql:
      return decodeSparql(child, type);
    case NS.vcard:
      return type === "get" ? { kind: "vcard" } : refused("not-allowed");
    case NS.vcard4:
      return type === "get" ? { kind: "vcard4" } : refused("not-allowed");
    case NS.ping:
      return type === "get" ? { kind: "ping" } : refused("bad-request");
    case NS.pubsub:
      return decodePubsub(child, type, addressed, context);
    case NS.pubsubOwner:
      return decodeOwner(child, type, addressed);
    case NS.mam:
      return decodeArchive(child, type, addressed);
    case NS.commands:
      return type === "set" ? decodeCommand(child, addressed, context) : refused("bad-request");
    default:
      return refused("service-unavailable"); // RFC 6120 §8.4
  }
}

function decodeMessage(stanza: XmlElement, { from, to }: Addressed): Incoming {
  const confirmation = decodeConfirmation(stanza);
  if (confirmation !== undefined) return { kind: "chat", message: { from, to, body: "", confirmation } };
  if (stanza.attrs["type"] === "error") {
    return { kind: "bounce", id: stanza.attrs["id"] ?? "", condition: errorOf(stanza).condition };
  }
  const received = stanza.getChild("received", NS.receipts);
  if (received !== undefined) return { kind: "receipt", id: received.attrs["id"] ?? "" };
  const list = stanza.getChild("event", NS.pubsubEvent)?.getChild("items", NS.pubsubEvent);
  if (list === undefined) return decodeOtherMessage(stanza, { from, to });
  const node = parseNodeId(list.attrs["node"] ?? "");
  if (isRefusal(node)) return { kind: "ignored", why: "event without a node" };
  const id = stanza.attrs["id"];
  // A receipt says that all was taken in, so what is cut below gets none.
  const whole = list.children.length <= EVENT_ITEMS_MAX;
  const wanted = whole && id !== undefined && stanza.getChild("request", NS.receipts) !== undefined;
  const rows = list.getChildren("item", NS.pubsubEvent).slice(0, EVENT_ITEMS_MAX);
  const retractions = list.getChildren("retract", NS.pubsubEvent).slice(0, EVENT_ITEMS_MAX);
  const items = inboundItems(rows);
  const retracted = retractions
    .map((each) => parseItemId(each.attrs["id"] ?? ""))
    .filter((each): each is ItemId => !isRefusal(each));
  const unnamed = rows.length - items.length + retractions.length - retracted.length;
  return {
    kind: "event",
    event: {
      from,
      to,
      node,
      items,
      retracted,
      ...(unnamed > 0 ? { unnamed } : {}),
      ...(wanted ? { receiptWanted: id } : {}),
    },
  };
}

/** An owner's answer to a request for a subscription, or what has befallen a whole node. */
function decodeOtherMessage(stanza: XmlElement, addressed: Addressed): Incoming {
  const answer = decodeAuthorization(stanza, addressed);
  if (answer !== undefined) return answer;
  const event = stanza.getChild("event", NS.pubsubEvent);
  const befallen = event?.getChild("purge", NS.pubsubEvent) ?? event?.getChild("delete", NS.pubsubEvent);
  const id = stanza.attrs["id"];
  const chat = event === undefined ? decodeChat(stanza, addressed) : undefined;
  if (chat !== undefined) {
    const asked = id !== undefined && stanza.getChild("request", NS.receipts) !== undefined;
    return { kind: "chat", message: chat, ...(asked ? { receiptWanted: id } : {}) };
  }
  const node = parseNodeId(befallen?.attrs["node"] ?? "");
  if (isRefusal(node)) return { kind: "ignored", why: "message" };
  const wanted = id !== undefined && stanza.getChild("request", NS.receipts) !== undefined;
  const receipt = wanted ? { receiptWanted: id } : {};
  return { kind: "event", event: { ...addressed, node, items: [], retracted: [], emptied: true, ...receipt } };
}

/** `<item/>` elements as what they carry; those without a usable id are left out. */
export function inboundItems(items: readonly XmlElement[]): readonly InboundItem[] {
  return items.flatMap((item) => {
    const id = parseItemId(item.attrs["id"] ?? "");
    if (isRefusal(id)) return [];
    const [payload] = item.getChildElements();
    const publisher = item.attrs["publisher"];
    return [{ id, ...(payload === undefined ? {} : { payload }), ...(publisher === undefined ? {} : { publisher }) }];
  });
}

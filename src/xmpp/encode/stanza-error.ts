import type { XmlElement } from "../../atom/xml-element.ts";
import { escapeAttribute, escapeText } from "../../atom/xml-text.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import { NS } from "../namespaces.ts";
import { nodeListToXml } from "./encode.ts";

/** The error type that goes with each condition (RFC 6120 §8.3.3). */
const TYPE_OF: Readonly<Record<PubsubError["condition"], "auth" | "cancel" | "modify" | "wait">> = {
  "bad-request": "modify",
  conflict: "cancel",
  "feature-not-implemented": "cancel",
  forbidden: "auth",
  gone: "cancel",
  "internal-server-error": "cancel",
  "item-not-found": "cancel",
  "jid-malformed": "modify",
  "not-acceptable": "modify",
  "not-allowed": "cancel",
  "not-authorized": "auth",
  "payment-required": "auth",
  "policy-violation": "modify",
  "resource-constraint": "wait",
  "service-unavailable": "cancel",
  "unexpected-request": "cancel",
};

/** An error as the child of a stanza, after what an owner could not change, where that is what it says. */
export function errorToXml(error: PubsubError): string {
  const text = error.text === undefined ? "" : `<text xmlns="${NS.stanzas}">${escapeText(error.text)}</text>`;
  const feature = error.feature === undefined ? "" : ` feature="${escapeAttribute(error.feature)}"`;
  const own = error.pubsub === undefined ? "" : `<${error.pubsub} xmlns="${NS.pubsubErrors}"${feature}/>`;
  const command = error.command === undefined ? "" : `<${error.command} xmlns="${NS.commands}"/>`;
  const uri = error.uri === undefined ? "" : escapeText(error.uri);
  const condition = `<${error.condition} xmlns="${NS.stanzas}">${uri}</${error.condition}>`;
  const place = error.place === undefined ? "" : placeToXml(error.place);
  const stays = error.unchanged === undefined ? "" : nodeListToXml(error.unchanged);
  return `${stays}<error type="${error.type ?? TYPE_OF[error.condition]}">${condition}${text}${own}${command}${place}</error>`;
}

/** Where a query is wrong, as an application's own condition (RFC 6120 §8.3.4). */
function placeToXml({ line, column }: NonNullable<PubsubError["place"]>): string {
  return `<syntax xmlns="${NS.sterna}" line="${line}" column="${column}"/>`;
}

/** What an error stanza says: its condition, PubSub's own where there is one, and its text. */
export function errorOf(stanza: XmlElement): {
  readonly condition: string;
  readonly pubsub?: string;
  readonly text?: string;
} {
  const children = stanza.getChild("error")?.getChildElements() ?? [];
  const condition = children.find((child) => child.getNS() === NS.stanzas && child.getName() !== "text");
  const text = children.find((child) => child.getNS() === NS.stanzas && child.getName() === "text")?.getText();
  const own = children.find((child) => child.getNS() === NS.pubsubErrors);
  return {
    condition: condition?.getName() ?? "undefined-condition",
    ...(own === undefined ? {} : { pubsub: own.getName() }),
    ...(text ? { text: text.slice(0, 500) } : {}),
  };
}

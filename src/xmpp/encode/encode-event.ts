import { ATOM_NS, parseXml } from "../../atom/xml.ts";
import { escapeText } from "../../atom/xml-text.ts";
import type { OutboundEvent } from "../../hub/ports/records.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { NotifiedEvent } from "../../pubsub/reply.ts";
import type { NodeId } from "../../pubsub/state.ts";
import { attributes } from "../attributes.ts";
import { AUTHORIZATION_FORM } from "../decode/decode-owner.ts";
import { NS } from "../namespaces.ts";
import { formToXml } from "./encode-form.ts";

/** What a notification says, the same for all its recipients, as the children of a message (XEP-0060 chapters 7, 8, 12). */
export function eventToXml({ node, event }: Pick<OutboundEvent, "node" | "event">): string {
  switch (event.kind) {
    case "items": {
      const { id, publisher, payload = "" } = event;
      const items = `<items${attributes({ node })}><item${attributes({ id, publisher })}>${payload}</item></items>`;
      return `${bodyToXml(event, node)}${wrapped(items)}${besides(event)}`; // §7.1.2
    }
    case "touch":
      return bodyToXml(event, node) + wrapped(`<items${attributes({ node })}/>`); // §7.1.3.6
    case "retract":
      return (
        bodyToXml(event, node) +
        wrapped(`<items${attributes({ node })}><retract${attributes({ id: event.id })}/></items>`) // §7.2.2
      );
    case "purge":
      return bodyToXml(event, node) + wrapped(`<purge${attributes({ node })}/>`); // §8.5.2
    case "delete": {
      const redirect = event.redirect === undefined ? "" : `<redirect${attributes({ uri: event.redirect })}/>`;
      return bodyToXml(event, node) + wrapped(`<delete${attributes({ node })}>${redirect}</delete>`); // §8.4.2
    }
    case "configuration": {
      const form = event.form === undefined ? "" : formToXml(event.form, "result");
      return bodyToXml(event, node) + wrapped(`<configuration${attributes({ node })}>${form}</configuration>`); // §8.2.5.4
    }
    case "subscription": {
      const { expiry, jid, subid, state } = event;
      return wrapped(`<subscription${attributes({ expiry, node, jid, subid, subscription: state })}/>`); // §12.18, §12.19
    }
    case "authorization":
      return authorizationToXml(node, event); // §8.6
    case "affiliation": {
      const { jid, affiliation } = event;
      const row = `<affiliation${attributes({ jid, affiliation })}/>`;
      return `<pubsub xmlns="${NS.pubsub}"><affiliations${attributes({ node })}>${row}</affiliations></pubsub>`; // §8.9.4
    }
  }
}

/** The type of the message that tells of an event; undefined for an ordinary one. */
export function messageTypeOf(event: NotifiedEvent): "headline" | undefined {
  if (event.kind === "subscription" || event.kind === "authorization" || event.kind === "affiliation") return undefined;
  return event.normal === true ? undefined : "headline";
}

/** Which of the recipient's subscriptions are meant, where it holds several (XEP-0060 §7.1.2.5, XEP-0131). */
export function subidsToXml(subid: string): string {
  if (!subid.includes(" ")) return "";
  const rows = subid.split(" ").map((one) => `<header name="SubID">${escapeText(one)}</header>`);
  return `<headers xmlns="${NS.shim}">${rows.join("")}</headers>`;
}

function wrapped(inner: string): string {
  return `<event xmlns="${NS.pubsubEvent}">${inner}</event>`;
}

/** When an item was published that is not new (XEP-0203), and whom to answer (XEP-0033). */
function besides({ delay, replyTo }: Extract<NotifiedEvent, { kind: "items" }>): string {
  const stamp = delay === undefined ? "" : `<delay xmlns="${NS.delay}"${attributes({ stamp: delay })}/>`;
  if (replyTo === undefined) return stamp;
  const rows = replyTo.map((jid) => `<address${attributes({ type: "replyto", jid })}/>`);
  return `${stamp}<addresses xmlns="${NS.address}">${rows.join("")}</addresses>`;
}

/** A text for programs that show nothing else (`pubsub#include_body`): what an Atom entry says, or that there is news. */
function bodyToXml(event: NotifiedEvent, node: NodeId): string {
  if (!("body" in event)) return "";
  const said = event.kind === "items" ? textOf(event.payload ?? "") : undefined;
  return `<body>${escapeText(said ?? `${SENTENCES[event.kind] ?? "News at"} ${node}`)}</body>`;
}

const SENTENCES: Readonly<Partial<Record<NotifiedEvent["kind"], string>>> = {
  items: "Something new at",
  retract: "Something was taken back at",
  purge: "Everything was taken out of",
  delete: "Deleted:",
  configuration: "Configured anew:",
};

function textOf(payload: string): string | undefined {
  const entry = parseXml(payload);
  if (isRefusal(entry) || !entry.is("entry", ATOM_NS)) return undefined;
  const contents = entry.getChildren("content", ATOM_NS);
  const plain = contents.find((each) => (each.attrs["type"] ?? "text") === "text")?.getText();
  return plain || entry.getChildText("title", ATOM_NS) || undefined;
}

function authorizationToXml(node: NodeId, { jid, subid }: Extract<NotifiedEvent, { kind: "authorization" }>): string {
  const words =
    "<title>PubSub subscriber request</title>" +
    "<instructions>Say whether this entity may subscribe: true to let it, false to refuse. " +
    "Cancelling leaves the request as it is.</instructions>";
  const form = {
    formType: AUTHORIZATION_FORM,
    fields: [
      { name: "pubsub#subid", type: "hidden", values: [subid] },
      { name: "pubsub#node", type: "text-single", label: "Node ID", values: [node] },
      { name: "pubsub#subscriber_jid", type: "jid-single", label: "Subscriber Address", values: [jid] },
      {
        name: "pubsub#allow",
        type: "boolean",
        label: "Allow this JID to subscribe to this pubsub node?",
        values: ["false"],
      },
    ],
  };
  return formToXml(form, "form", words);
}

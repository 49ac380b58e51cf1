import { readFileSync } from "node:fs";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import { MemoryPubsubState } from "../../src/pubsub/memory-state.ts";
import type { Notification, PubsubError } from "../../src/pubsub/reply.ts";
import type { PubsubContext } from "../../src/pubsub/request.ts";
import type { Affiliation, NodeConfig, NodeId, PubsubItem, SubscriptionOptions } from "../../src/pubsub/state.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { replyToXml } from "../../src/xmpp/encode/encode.ts";
import { eventToXml, messageTypeOf, subidsToXml } from "../../src/xmpp/encode/encode-event.ts";
import { errorToXml } from "../../src/xmpp/encode/stanza-error.ts";

// The worked examples of the XMPP Standards Foundation, as they stand in its specifications; it permits copying and
// publishing them without restriction. Some are texts, not stanzas, and some leave parts out with dots.
const { examples } = JSON.parse(readFileSync(new URL("../fixtures/xep-examples.json", import.meta.url), "utf8")) as {
  readonly examples: Readonly<Record<string, string>>;
};

/** The names of all examples of one specification: its number, section and caption. */
export function namesOf(xep: string): readonly string[] {
  return Object.keys(examples).filter((name) => name.startsWith(`${xep} `));
}

/** The full name of the one example whose name is, or begins with, this. */
export function nameOf(beginning: string): string {
  if (examples[beginning] !== undefined) return beginning;
  const found = Object.keys(examples).filter((name) => name.startsWith(beginning));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} examples begin with "${beginning}".`);
  return only;
}

export function example(beginning: string): string {
  return examples[nameOf(beginning)] ?? "";
}

export function parse(xml: string): XmlElement {
  const root = parseXml(xml);
  if (isRefusal(root)) throw new Error(`${root.message}\n${xml}`);
  return root;
}

/** What an element says, whatever its prefixes, its order of attributes and its line breaks. */
export type Shape = readonly [
  name: string,
  ns: string,
  attributes: Readonly<Record<string, string>>,
  ...(Shape | string)[],
];

/**
 * The shape of an element without what a row leaves out: `@name` for an attribute, `name` for an element. Of forms only
 * the fields that `fields` names are compared: by name, and by type, or in a result by values.
 */
export function shapeOf(element: XmlElement, without: readonly string[] = [], fields?: ReadonlySet<string>): Shape {
  const attributes = Object.entries(element.attrs)
    .filter(([name]) => !name.startsWith("xmlns") && !without.includes(`@${name}`))
    .map(([name, value]) => [name, value ?? ""] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (element.is("x", "jabber:x:data") && fields !== undefined) {
    return ["x", "jabber:x:data", Object.fromEntries(attributes), ...fieldsOf(element, fields, without)];
  }
  const children = element.children.flatMap((child): (Shape | string)[] => {
    if (typeof child === "string") return child.trim() === "" ? [] : [child.trim()];
    return without.includes(child.getName()) ? [] : [shapeOf(child, without, fields)];
  });
  return [element.getName(), element.getNS() ?? "", Object.fromEntries(attributes), ...children];
}

function fieldsOf(form: XmlElement, fields: ReadonlySet<string>, without: readonly string[]): readonly string[] {
  const withValues = form.attrs["type"] === "result" && !without.includes("value");
  return form
    .getChildren("field")
    .filter(({ attrs: { var: name = "" } }) => fields.has(name) && !without.includes(name))
    .map((field) => {
      const values = field.getChildren("value").map((value) => asFlag(value.getText()));
      return [field.attrs["var"], withValues ? values.sort().join(" ") : field.attrs["type"]].join(" ");
    })
    .sort();
}

/** XEP-0004 has two words for yes and two for no. */
const asFlag = (value: string): string => (value === "true" ? "1" : value === "false" ? "0" : value);

/** The names of the fields in the forms of an example. */
export function fieldNames(element: XmlElement): readonly string[] {
  const own = element.is("field", "jabber:x:data") ? [element.attrs["var"] ?? ""] : [];
  return [...own, ...element.getChildElements().flatMap(fieldNames)];
}

export const service = "pubsub.shakespeare.lit" as BareJid;
export const francisco = "francisco@denmark.lit" as BareJid;
export const bernardo = "bernardo@denmark.lit" as BareJid;
export const hamlet = "hamlet@denmark.lit" as BareJid;
export const musings = "princely_musings" as NodeId;
export const SOLILOQUY = "ae890ac52d0df67ed7cfdf51b644e901" as ItemId;
/** When things happen in the examples. */
const NOW = instantOf(Date.UTC(2003, 11, 14));

/** A service with the nodes of the examples, and what befalls when a request of theirs comes in. */
export class Shakespeare {
  readonly state = new MemoryPubsubState();
  context: Partial<PubsubContext> = {};

  constructor(config: Partial<NodeConfig> = {}) {
    this.node(musings, config).affiliate(hamlet, "owner");
  }

  /** Without a node. */
  static empty(): Shakespeare {
    const asked = new Shakespeare();
    asked.state.apply({ kind: "node-removed", service, node: musings });
    return asked;
  }

  in(context: Partial<PubsubContext>): this {
    this.context = context;
    return this;
  }

  node(id: NodeId, config: Partial<NodeConfig> = {}): this {
    const defaults = {
      accessModel: "open",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
    } as const;
    const node = { service, id, created: instantOf(0), config: { ...defaults, ...config } };
    this.state.apply({ kind: "node-put", node });
    return this;
  }

  affiliate(jid: BareJid, affiliation: Affiliation, node = musings): this {
    this.state.apply({ kind: "affiliation-put", service, node, jid, affiliation });
    return this;
  }

  subscribe(
    jid: BareJid,
    more: {
      readonly subid?: string;
      readonly state?: "subscribed" | "pending";
      readonly node?: NodeId;
      readonly options?: SubscriptionOptions;
    } = {},
  ): this {
    const subscription = { service, node: musings, jid, subid: "1", created: instantOf(0), ...more };
    this.state.apply({ kind: "subscription-put", subscription: { state: "subscribed", ...subscription } });
    return this;
  }

  /** Holds the items of an answer's example, the newest first. */
  hold(answer: string): this {
    const rows = parse(example(answer)).getChild("pubsub")?.getChild("items")?.getChildren("item") ?? [];
    for (const [place, row] of rows.entries()) {
      this.keep(row.attrs["id"] as ItemId, { payload: row.getChildElements()[0]?.toString() ?? "", place });
    }
    return this;
  }

  keep(id: ItemId, { publisher = hamlet, payload = "<a/>", place = 0 } = {}): this {
    const time = instantOf(Date.UTC(2003, 11, 13) - place);
    const item: PubsubItem = { service, node: musings, id, publisher, payload, published: time, updated: time };
    this.state.apply({ kind: "item-put", item });
    return this;
  }

  /** The answering IQ, if any, and what is told, one message for each recipient. */
  ask(xml: string): { readonly answer: string; readonly messages: readonly string[] } {
    const stanza = parse(xml);
    const addressed = addressesOf(stanza);
    if (addressed === undefined) throw new Error("no addresses");
    const incoming = decodeStanza(stanza, addressed, { now: NOW, newItemId: () => SOLILOQUY });
    const head = `from="${addressed.to}" to="${addressed.from}" id="${stanza.attrs["id"] ?? ""}"`;
    const failed = (error: PubsubError) => `<iq ${head} type="error">${errorToXml(error)}</iq>`;
    if (incoming.kind === "refused") return { answer: failed(incoming.error), messages: [] };
    if (incoming.kind === "ignored") return { answer: "", messages: [] };
    if (incoming.kind !== "pubsub" && incoming.kind !== "pubsub-message") {
      throw new Error(`It was read as ${incoming.kind}.`);
    }
    const subid = "ba49252aaa4f5d320c24d3766f0bdcade78c78d3";
    const context = { actor: addressed.from, now: NOW, subid, ...this.context };
    const decision = decide(this.state, incoming.request, context);
    if (decision.kind === "error") return { answer: failed(decision), messages: [] };
    for (const change of decision.changes) this.state.apply(change);
    const { reply } = decision;
    return {
      answer:
        reply.kind === "error"
          ? failed(reply)
          : `<iq ${head} type="result">${replyToXml(reply, incoming.request)}</iq>`,
      messages: decision.notifications.flatMap(messagesOf),
    };
  }
}

/** The messages that a notification becomes. */
export function messagesOf({ service: from, node, event, to }: Notification): readonly string[] {
  const type = messageTypeOf(event);
  const attribute = type === undefined ? "" : ` type="${type}"`;
  return to.map(({ jid, subid }: { readonly jid: Jid; readonly subid: string }) => {
    return `<message from="${from}" to="${jid}"${attribute}>${eventToXml({ node, event })}${subidsToXml(subid)}</message>`;
  });
}

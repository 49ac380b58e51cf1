import type { XmlElement } from "../atom/xml-element.ts";
import type { ItemId } from "../core/item-id.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { InboundItem, SparqlAsk, XmppRequests } from "../hub/ports/xmpp-link.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { Caps } from "../pubsub/caps.ts";
import type { DiscoInfo } from "../pubsub/disco.ts";
import type { NodeId, PageRequest } from "../pubsub/state.ts";
import { askSparql } from "./ask-sparql.ts";
import { attributes } from "./attributes.ts";
import { checkedInfo } from "./capabilities.ts";
import { whyNotStanza } from "./component-stream.ts";
import { inboundItems } from "./decode/decode.ts";
import { answeredPageOf, discoInfoOf, discoItemsOf, isLastPage } from "./decode/disco.ts";
import { pageRequestToXml } from "./encode/encode.ts";
import type { IqCaller } from "./iq-caller.ts";
import { NS } from "./namespaces.ts";

/** Asks other services on the hub's behalf. */
export class ComponentRequests implements XmppRequests {
  readonly #caller: IqCaller;
  readonly #domain: BareJid;
  readonly #log: Log;

  constructor(caller: IqCaller, domain: BareJid, log: Log) {
    this.#caller = caller;
    this.#domain = domain;
    this.#log = log;
  }

  async #ask(to: Jid, type: "get" | "set", child: string, signal: AbortSignal | undefined) {
    return await this.#caller.ask(this.#domain, to, type, child, signal);
  }

  async discover(jid: Jid, node?: string, signal?: AbortSignal): Promise<DiscoInfo | Refusal> {
    const answer = await this.#ask(jid, "get", `<query xmlns="${NS.discoInfo}"${attributes({ node })}/>`, signal);
    return isRefusal(answer) ? answer : discoInfoOf(answer);
  }

  async askSparql(service: Jid, question: SparqlAsk, signal?: AbortSignal) {
    return await askSparql(service, question, async (child) => {
      return whyNotStanza(child) ?? (await this.#ask(service, "get", child, signal));
    });
  }

  async capabilities(from: BareJid, jid: Jid, caps: Caps, signal?: AbortSignal): Promise<DiscoInfo | Refusal> {
    const node = `${caps.node}#${caps.ver}`;
    const child = `<query xmlns="${NS.discoInfo}"${attributes({ node })}/>`;
    const answer = await this.#caller.ask(from, jid, "get", child, signal);
    return isRefusal(answer) ? answer : checkedInfo(discoInfoOf(answer), caps);
  }

  async discoverItems(jid: Jid, node: NodeId, page: PageRequest, signal?: AbortSignal) {
    const child = `<query xmlns="${NS.discoItems}"${attributes({ node })}>${pageRequestToXml(page)}</query>`;
    const answer = await this.#ask(jid, "get", child, signal);
    return isRefusal(answer) ? answer : discoItemsOf(answer, page);
  }

  async subscribe(service: BareJid, node: NodeId, signal?: AbortSignal) {
    const jid = this.#domain;
    const child = `<pubsub xmlns="${NS.pubsub}"><subscribe${attributes({ node, jid })}/></pubsub>`;
    const answer = await this.#ask(service, "set", child, signal);
    if (isRefusal(answer)) {
      // XEP-0060 §6.1.3.7: asked before, not decided yet.
      return answer.detail?.["pubsub"] === "pending-subscription" ? ({ state: "pending", subid: "" } as const) : answer;
    }
    const subscription = answer.getChild("pubsub", NS.pubsub)?.getChild("subscription", NS.pubsub);
    const state = subscription?.attrs["subscription"] ?? "subscribed";
    if (state !== "subscribed" && state !== "pending") {
      return refuse("remote-refused", `${service} answered the subscription with the state "${state.slice(0, 40)}".`);
    }
    return { state, subid: subscription?.attrs["subid"] ?? "" } as const;
  }

  async unsubscribe(service: BareJid, node: NodeId, subid: string | undefined, signal?: AbortSignal) {
    const jid = this.#domain;
    const named = subid === "" ? undefined : subid;
    const child = `<pubsub xmlns="${NS.pubsub}"><unsubscribe${attributes({ node, jid, subid: named })}/></pubsub>`;
    const answer = await this.#ask(service, "set", child, signal);
    // XEP-0060 §6.2.3.2: what was wanted is so already.
    return isRefusal(answer) && answer.detail?.["pubsub"] !== "not-subscribed" ? answer : undefined;
  }

  async affiliation(from: BareJid, service: BareJid, node: NodeId, signal?: AbortSignal) {
    const child = `<pubsub xmlns="${NS.pubsub}"><affiliations${attributes({ node })}/></pubsub>`;
    const answer = await this.#caller.ask(from, service, "get", child, signal);
    if (isRefusal(answer)) return answer;
    const rows = answer.getChild("pubsub", NS.pubsub)?.getChild("affiliations", NS.pubsub)?.getChildElements() ?? [];
    // COMPAT: a service may list those at all of its nodes; a row without a node is about the one asked.
    const found = rows.find(({ attrs }) => (attrs["node"] ?? node) === node);
    return found?.attrs["affiliation"] ?? "none";
  }

  async publish(
    from: BareJid,
    service: BareJid,
    node: NodeId,
    { id, payload }: { readonly id: ItemId; readonly payload: string },
    signal?: AbortSignal,
  ) {
    const item = `<item${attributes({ id })}>${payload}</item>`;
    return await this.#tell(from, service, `<publish${attributes({ node })}>${item}</publish>`, signal);
  }

  async retract(from: BareJid, service: BareJid, node: NodeId, id: ItemId, signal?: AbortSignal) {
    const item = `<item${attributes({ id })}/>`;
    return await this.#tell(from, service, `<retract${attributes({ node, notify: "true" })}>${item}</retract>`, signal);
  }

  async #tell(from: BareJid, service: BareJid, action: string, signal: AbortSignal | undefined) {
    const child = `<pubsub xmlns="${NS.pubsub}">${action}</pubsub>`;
    const no = whyNotStanza(child);
    if (no !== undefined) return no;
    const answer = await this.#caller.ask(from, service, "set", child, signal);
    return isRefusal(answer) ? answer : undefined;
  }

  async items(
    service: BareJid,
    node: NodeId,
    wanted: { readonly ids: readonly ItemId[] } | { readonly page: PageRequest },
    signal?: AbortSignal,
  ) {
    if ("ids" in wanted) return await this.#itemsById(service, node, wanted.ids, signal);
    const child = `<pubsub xmlns="${NS.pubsub}"><items${attributes({ node })}/>${pageRequestToXml(wanted.page)}</pubsub>`;
    const answer = await this.#ask(service, "get", child, signal);
    if (isRefusal(answer)) return answer;
    const { rows, set } = itemRows(answer);
    const count = set?.count;
    const complete = isLastPage(rows.length, wanted.page, set);
    const items = inboundItems(rows);
    if (items.length < rows.length) {
      this.#log.warn({ from: service, node, items: rows.length - items.length }, "items-unnamed");
    }
    return { items, complete, ...(count === undefined ? {} : { count }) };
  }

  /** A service answers with what fits into a stanza and says how many there are (XEP-0060 §6.5.4): the rest is asked for again. */
  async #itemsById(service: BareJid, node: NodeId, ids: readonly ItemId[], signal: AbortSignal | undefined) {
    const got = new Map<ItemId, InboundItem>();
    for (let missing = ids; missing.length > 0; ) {
      const wanted = missing.map((id) => `<item${attributes({ id })}/>`).join("");
      const child = `<pubsub xmlns="${NS.pubsub}"><items${attributes({ node })}>${wanted}</items></pubsub>`;
      const answer = await this.#ask(service, "get", child, signal);
      if (isRefusal(answer)) return answer;
      const { rows, set } = itemRows(answer);
      const before = got.size;
      for (const item of inboundItems(rows)) got.set(item.id, item);
      if (got.size === before || (set?.count ?? 0) <= rows.length) break;
      missing = missing.filter((id) => !got.has(id));
    }
    return { items: [...got.values()], complete: true };
  }
}

function itemRows(answer: XmlElement) {
  const pubsub = answer.getChild("pubsub", NS.pubsub);
  return {
    rows: pubsub?.getChild("items", NS.pubsub)?.getChildren("item", NS.pubsub) ?? [],
    set: answeredPageOf(pubsub),
  };
}

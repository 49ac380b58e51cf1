import { setImmediate } from "node:timers/promises";
import { isTooDeep } from "../atom/xml.ts";
import type { XmlElement } from "../atom/xml-element.ts";
import { escapeText } from "../atom/xml-text.ts";
import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import { type BareJid, bareOf, domainOf, type Jid } from "../core/jid.ts";
import type { AdHocReply, AdHocStep } from "../hub/chat/ad-hoc.ts";
import type { ChatMessage } from "../hub/chat/talk.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { Delivery } from "../hub/ports/records.ts";
import type { InboundEvent, InboundItem, XmppLink, XmppStatus } from "../hub/ports/xmpp-link.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { PubsubError, PubsubReply } from "../pubsub/reply.ts";
import type { PubsubRequest } from "../pubsub/request.ts";
import type { NodeId, PageRequest } from "../pubsub/state.ts";
import { attributes } from "./attributes.ts";
import { ComponentStream, type StreamOptions, whyNotStanza } from "./component-stream.ts";
import { addressesOf, decodeStanza, inboundItems } from "./decode.ts";
import { discoInfoOf, discoItemsOf, isLastPage, pageOf } from "./disco.ts";
import { adHocToXml, commandToXml, discoInfoToXml, discoItemsToXml, pageRequestToXml, replyToXml } from "./encode.ts";
import { ARCHIVE_FORM, archiveToXml } from "./encode-archive.ts";
import { eventToXml, messageTypeOf, subidsToXml } from "./encode-event.ts";
import type { Addressed, Incoming } from "./incoming.ts";
import { IqCaller } from "./iq-caller.ts";
import { NS } from "./namespaces.ts";
import { errorToXml } from "./stanza-error.ts";

/** How much is written at a time: large enough to be few, small enough for back-pressure to be felt. */
const CHUNK_LENGTH = 64 * 1_024;
/** LIMIT: stanzas being handled at the same time; more requests are asked to wait, more events are not taken in. */
const HANDLED_MAX = 1_000;
/** What this room itself answers, whatever the hub says of itself. */
const LINK_FEATURES = [NS.ping, NS.receipts, NS.mam];
/** How often the server is asked whether it is still there, and how long it may take to say so. */
const LIVENESS = { every_ms: 60_000, timeout_ms: 20_000 } as const;

/** The hub's side of what comes in; bound to the use cases by `wire.ts`. */
export interface XmppHandlers {
  readonly handlePubsub: (request: PubsubRequest, actor: Jid) => Promise<PubsubReply | PubsubError>;
  readonly receiveEvent: (event: InboundEvent) => Promise<void>;
  readonly runAdHoc: (step: AdHocStep, from: Jid, to: Jid) => Promise<AdHocReply | PubsubError>;
  readonly receiveChat: (message: ChatMessage) => Promise<boolean>;
  readonly receiveReceipt: (from: Jid, id: string) => void;
  readonly receiveBounce: (from: Jid, id: string, condition: string) => void;
  readonly describeService: (jid: BareJid, node: string | undefined) => DiscoInfo | PubsubError;
  readonly listServiceItems: (
    jid: BareJid,
    node: string | undefined,
    page: PageRequest,
    actor: Jid,
  ) => { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number } | PubsubError;
  readonly vcard: (jid: BareJid) => { readonly name: string; readonly url?: string } | undefined;
}

/** What a component needs. */
export interface ComponentOptions extends StreamOptions {
  readonly handlers: XmppHandlers;
  readonly log: Log;
  readonly now: () => Instant;
  readonly newItemId: () => ItemId;
  readonly liveness?: { readonly every_ms: number; readonly timeout_ms: number };
}

/** The hub as a component of an XMPP server (XEP-0114). */
export interface XmppComponent extends XmppLink, AsyncDisposable {}

/**
 * Connects in the background and stays connected until disposed of, with back-off of its own. What keeps it from being
 * online is its status, as a sentence.
 */
export function connectComponent(options: ComponentOptions): XmppComponent {
  return new ComponentLink(options);
}

class ComponentLink implements XmppComponent {
  readonly #options: ComponentOptions;
  readonly #caller = new IqCaller((xml) => this.#stream.write(xml));
  readonly #stream: ComponentStream;
  readonly #liveness: NodeJS.Timeout;
  #handled = 0;
  #receipts = "";
  #receiptsGone: Promise<void> | undefined;

  constructor(options: ComponentOptions) {
    this.#options = options;
    this.#stream = new ComponentStream(
      options,
      (stanza) => this.#take(stanza),
      () => this.#caller.dropAll(),
    );
    this.#liveness = setInterval(() => void this.#checkLiveness(), (options.liveness ?? LIVENESS).every_ms);
  }

  get status(): XmppStatus {
    return this.#stream.status;
  }

  onStatus(listener: (status: XmppStatus) => void): () => void {
    return this.#stream.onStatus(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#liveness);
    await this.#stream[Symbol.asyncDispose]();
  }

  /** A frozen server takes what is written and says nothing; TCP alone does not tell. So it is asked, through itself. */
  async #checkLiveness(): Promise<void> {
    if (this.status.kind !== "online") return;
    const { domain, liveness = LIVENESS } = this.#options;
    const signal = AbortSignal.timeout(liveness.timeout_ms);
    const answer = await this.#caller.ask(domain, domain, "get", `<ping xmlns="${NS.ping}"/>`, signal);
    if (isRefusal(answer) && answer.code === "timed-out") {
      this.#stream.giveUp(`did not answer within ${liveness.timeout_ms / 1_000} seconds`);
    }
  }

  // ------------------------------------------------------------------------------------------------------ telling

  async notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal> {
    // Each event is serialised once; a recipient adds only its own address, and the delivery its id.
    const parts = new Map<number, { readonly head: string; readonly body: string | undefined }>();
    let chunk = "";
    for (const { id, event, to, subid, wantsReceipt } of deliveries) {
      let part = parts.get(event.id);
      if (part === undefined) {
        const head = `<message${attributes({ from: event.service, type: messageTypeOf(event.event) })}`;
        part = { head, body: this.#checked(eventToXml(event), event.id) };
        parts.set(event.id, part);
      }
      const { head, body } = part;
      if (body === undefined) continue;
      const request = wantsReceipt ? `<request xmlns="${NS.receipts}"/>` : "";
      chunk += `${head}${attributes({ to, id: `d${id}` })}>${body}${subidsToXml(subid)}${request}</message>`;
      if (chunk.length < CHUNK_LENGTH) continue;
      const no = await this.#stream.flush(chunk);
      if (no !== undefined) return no;
      chunk = "";
    }
    return chunk === "" ? this.#stream.whyNot() : await this.#stream.flush(chunk);
  }

  /** A malformed or oversized stanza costs the whole stream, so such an event is left out and said. */
  #checked(body: string, event: number): string | undefined {
    const no = whyNotStanza(body);
    if (no === undefined) return body;
    this.#options.log.error({ event, length: body.length, problem: no.message }, "event-not-sendable");
    return undefined;
  }

  async sendReceipt(from: BareJid, to: Jid, id: string): Promise<void> {
    const xml = `<message${attributes({ from, to })}><received xmlns="${NS.receipts}"${attributes({ id })}/></message>`;
    if (whyNotStanza(xml) !== undefined) return;
    this.#receipts += xml;
    this.#receiptsGone ??= this.#writeReceipts();
    await this.#receiptsGone;
  }

  /** Those of one turn of the event loop go in one write at its end: nobody waits for them, but for what came with them. */
  async #writeReceipts(): Promise<void> {
    await setImmediate();
    const xml = this.#receipts;
    this.#receipts = "";
    this.#receiptsGone = undefined;
    await this.#stream.flush(xml);
  }

  async say(from: BareJid, to: Jid, body: string, id?: string): Promise<undefined | Refusal> {
    const head = attributes({ from, to, type: "chat", id });
    return await this.#stream.write(`<message${head}><body>${escapeText(body)}</body></message>`);
  }

  // ------------------------------------------------------------------------------------------------------- asking

  async #ask(to: Jid, type: "get" | "set", child: string, signal: AbortSignal | undefined) {
    return await this.#caller.ask(this.#options.domain, to, type, child, signal);
  }

  async discover(jid: Jid, node?: string, signal?: AbortSignal): Promise<DiscoInfo | Refusal> {
    const answer = await this.#ask(jid, "get", `<query xmlns="${NS.discoInfo}"${attributes({ node })}/>`, signal);
    return isRefusal(answer) ? answer : discoInfoOf(answer);
  }

  async discoverItems(jid: Jid, node: NodeId, page: PageRequest, signal?: AbortSignal) {
    const child = `<query xmlns="${NS.discoItems}"${attributes({ node })}>${pageRequestToXml(page)}</query>`;
    const answer = await this.#ask(jid, "get", child, signal);
    return isRefusal(answer) ? answer : discoItemsOf(answer, page);
  }

  async subscribe(service: BareJid, node: NodeId, signal?: AbortSignal) {
    const jid = this.#options.domain;
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
    const jid = this.#options.domain;
    const named = subid === "" ? undefined : subid;
    const child = `<pubsub xmlns="${NS.pubsub}"><unsubscribe${attributes({ node, jid, subid: named })}/></pubsub>`;
    const answer = await this.#ask(service, "set", child, signal);
    // XEP-0060 §6.2.3.2: what was wanted is so already.
    return isRefusal(answer) && answer.detail?.["pubsub"] !== "not-subscribed" ? answer : undefined;
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
      this.#options.log.warn({ from: service, node, items: rows.length - items.length }, "items-unnamed");
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

  // ----------------------------------------------------------------------------------------------------- answering

  #take(stanza: XmlElement): void {
    const { log, domain, now, newItemId } = this.#options;
    const addressed = addressesOf(stanza);
    if (addressed === undefined || domainOf(addressed.to) !== domain) {
      log.warn({ from: stanza.attrs["from"]?.slice(0, 100) }, "stanza-without-address");
      this.#refuse(stanza, addressed === undefined ? "jid-malformed" : "service-unavailable");
      return;
    }
    if (isTooDeep(stanza)) {
      log.warn({ from: bareOf(addressed.from) }, "stanza-too-deep");
      this.#refuse(stanza, "policy-violation");
      return;
    }
    const incoming = decodeStanza(stanza, addressed, { now: now(), newItemId });
    if (incoming.kind === "answer") {
      this.#caller.take(incoming.id, addressed.from, stanza);
      return;
    }
    if (this.#handled >= HANDLED_MAX) {
      // An event without its receipt comes again; who asks is told to wait.
      log.warn({ from: bareOf(addressed.from), handled: this.#handled }, "stanzas-too-many");
      this.#refuse(stanza, "resource-constraint");
      return;
    }
    this.#handled++;
    this.#handle(incoming, addressed, stanza)
      .catch((fault: unknown) => {
        log.error({ from: bareOf(addressed.from), kind: incoming.kind, fault: String(fault) }, "stanza-failed");
      })
      .finally(() => {
        this.#handled--;
      });
  }

  /** Answers a request that is not even looked at; everything else is dropped. The addresses are as they came. */
  #refuse(stanza: XmlElement, condition: PubsubError["condition"]): void {
    const { from, to, id, type } = stanza.attrs;
    if (stanza.getName() !== "iq" || (type !== "get" && type !== "set") || from === undefined) return;
    const error = errorToXml({ kind: "error", condition });
    const answer = `<iq${attributes({ from: to ?? this.#options.domain, to: from, id: id ?? "", type: "error" })}>${error}</iq>`;
    // Whether it could be written does not matter: nobody waits for it here.
    void this.#stream.write(answer);
  }

  async #handle(incoming: Incoming, addressed: Addressed, stanza: XmlElement): Promise<void> {
    const { handlers } = this.#options;
    const { from, to } = addressed;
    switch (incoming.kind) {
      case "event":
        return await handlers.receiveEvent(incoming.event);
      case "receipt":
        handlers.receiveReceipt(from, incoming.id);
        return;
      case "chat":
        // What was dropped was not received, and bots get nothing at all.
        if ((await handlers.receiveChat(incoming.message)) && incoming.receiptWanted !== undefined) {
          await this.sendReceipt(bareOf(to), from, incoming.receiptWanted);
        }
        return;
      case "bounce":
        handlers.receiveBounce(from, incoming.id, incoming.condition);
        return;
      case "pubsub-message":
        await handlers.handlePubsub(incoming.request, from);
        return;
      case "subscribe-presence":
        // Accounts have no roster yet; who asks is told so once, and nothing is asked back.
        await this.#stream.write(
          `<presence${attributes({ from: bareOf(to), to: bareOf(from), type: "unsubscribed" })}/>`,
        );
        return;
      case "ignored":
      case "answer":
        return;
      default:
        return await this.#answer(stanza, addressed, await this.#reply(incoming, addressed));
    }
  }

  /** What answers a request; whatever is thrown becomes an error the asker gets (RFC 6120 §8.2.3). */
  async #reply(incoming: Incoming, { from, to }: Addressed): Promise<string | PubsubError> {
    const { handlers, log } = this.#options;
    const jid = bareOf(to);
    try {
      switch (incoming.kind) {
        case "pubsub": {
          const reply = await handlers.handlePubsub(incoming.request, from);
          return reply.kind === "error" ? reply : replyToXml(reply, incoming.request);
        }
        case "disco-info": {
          const info = handlers.describeService(jid, incoming.node);
          if ("kind" in info) return info;
          return discoInfoToXml({ ...info, features: [...info.features, ...LINK_FEATURES] }, incoming.node);
        }
        case "disco-items": {
          const list = handlers.listServiceItems(jid, incoming.node, incoming.page, from);
          return "kind" in list ? list : discoItemsToXml(list, incoming.node);
        }
        case "vcard": {
          const card = handlers.vcard(jid);
          if (card === undefined) return { kind: "error", condition: "item-not-found" };
          const url = card.url === undefined ? "" : `<URL>${escapeText(card.url)}</URL>`;
          return `<vCard xmlns="${NS.vcard}"><FN>${escapeText(card.name)}</FN>${url}</vCard>`;
        }
        case "ping":
          return "";
        case "archive": {
          const reply = await handlers.handlePubsub(incoming.request, from);
          if (reply.kind !== "items") return reply.kind === "error" ? reply : "";
          const { messages, fin } = archiveToXml(reply, incoming, { from: to, to: from });
          // In order: what is found, then that this was all of it.
          for (const message of messages) await this.#stream.write(message);
          return fin;
        }
        case "archive-form":
          return ARCHIVE_FORM;
        case "ad-hoc": {
          const reply = await handlers.runAdHoc(incoming.step, from, to);
          return reply.kind === "error" ? reply : adHocToXml(incoming.step, reply);
        }
        case "command-cancelled":
          return commandToXml(incoming.node, incoming.session, "canceled");
        case "refused":
          return incoming.error;
        default:
          return { kind: "error", condition: "service-unavailable" };
      }
    } catch (fault) {
      log.error({ from: bareOf(from), kind: incoming.kind, fault: String(fault) }, "request-failed");
      return { kind: "error", condition: "internal-server-error" };
    }
  }

  async #answer(stanza: XmlElement, { from, to }: Addressed, reply: string | PubsubError): Promise<void> {
    const failed = typeof reply !== "string";
    const head = { from: to, to: from, id: stanza.attrs["id"] ?? "" };
    const no = await this.#stream.write(
      `<iq${attributes({ ...head, type: failed ? "error" : "result" })}>${failed ? errorToXml(reply) : reply}</iq>`,
    );
    if (no === undefined || no.code === "unavailable") return;
    const error = errorToXml({ kind: "error", condition: "resource-constraint", text: no.message });
    await this.#stream.write(`<iq${attributes({ ...head, type: "error" })}>${error}</iq>`);
  }
}

function itemRows(answer: XmlElement) {
  const pubsub = answer.getChild("pubsub", NS.pubsub);
  return {
    rows: pubsub?.getChild("items", NS.pubsub)?.getChildren("item", NS.pubsub) ?? [],
    set: pageOf(pubsub),
  };
}

import { setTimeout as delay } from "node:timers/promises";
import { type Component, component } from "@xmpp/component";
import type { XmlElement } from "../atom/xml-element.ts";
import { escapeText, isXmlText } from "../atom/xml-text.ts";
import type { Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import { type BareJid, bareOf, domainOf, type Jid } from "../core/jid.ts";
import type { Delivery, InboundEvent, Log, XmppLink, XmppStatus } from "../hub/ports.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import type { DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import type { PubsubError, PubsubReply } from "../pubsub/reply.ts";
import type { PubsubRequest } from "../pubsub/request.ts";
import type { NodeId, PageRequest } from "../pubsub/state.ts";
import { type Addressed, addressesOf, decodeStanza, type Incoming, inboundItems } from "./decode.ts";
import { discoInfoOf, discoItemsOf, pageOf } from "./disco.ts";
import { attributes, discoInfoToXml, discoItemsToXml, eventToXml, pageRequestToXml, replyToXml } from "./encode.ts";
import { IqCaller } from "./iq-caller.ts";
import { NS } from "./namespaces.ts";
import { errorToXml } from "./stanza-error.ts";

/** LIMIT: the largest stanza written, in UTF-16 units; Prosody takes 512 KiB from components by default. */
const STANZA_LENGTH_MAX = 400_000;
/** How much is written at a time: large enough to be few, small enough for back-pressure to be felt. */
const CHUNK_LENGTH = 64 * 1_024;
/** LIMIT: from connecting to being let in. */
const HANDSHAKE_TIMEOUT_MS = 15_000;
/** Waits between attempts: twice as long each time; a wrong secret is not retried faster than this. */
const BACK_OFF_MIN_MS = 250;
const BACK_OFF_MAX_MS = 60_000;
const WRONG_SECRET_WAIT_MS = 30_000;

/** The hub's side of what comes in; bound to the use cases by `wire.ts`. */
export interface XmppHandlers {
  readonly handlePubsub: (request: PubsubRequest, actor: Jid) => Promise<PubsubReply | PubsubError>;
  readonly receiveEvent: (event: InboundEvent) => Promise<void>;
  readonly receiveReceipt: (from: Jid, id: string) => void;
  readonly receiveBounce: (from: Jid, id: string, condition: string) => void;
  readonly describeService: (jid: BareJid, node: string | undefined) => DiscoInfo | PubsubError;
  readonly listServiceItems: (
    jid: BareJid,
    node: string | undefined,
    page: PageRequest,
  ) => { readonly items: readonly DiscoItem[]; readonly firstIndex: number; readonly count: number } | PubsubError;
  readonly vcard: (jid: BareJid) => { readonly name: string; readonly url?: string } | undefined;
}

/** What a component needs. */
export interface ComponentOptions {
  /** `xmpp://host:port` of the server's component listener. */
  readonly service: string;
  readonly domain: BareJid;
  readonly secret: string;
  readonly handlers: XmppHandlers;
  readonly log: Log;
  readonly now: () => Instant;
  readonly newItemId: () => ItemId;
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
  readonly #listeners = new Set<(status: XmppStatus) => void>();
  readonly #stop = new AbortController();
  readonly #caller = new IqCaller((xml) => this.#write(xml));
  readonly #ended: Promise<void>;
  #status: XmppStatus = { kind: "connecting" };
  #entity: Component | undefined;

  constructor(options: ComponentOptions) {
    this.#options = options;
    this.#ended = this.#stayConnected();
  }

  get status(): XmppStatus {
    return this.#status;
  }

  onStatus(listener: (status: XmppStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    this.#entity?.socket?.end("</stream:stream>");
    await this.#ended;
    this.#change({ kind: "off", reason: "the hub is stopping" });
  }

  #change(status: XmppStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }

  // -------------------------------------------------------------------------------------------------- connecting

  async #stayConnected(): Promise<void> {
    const { signal } = this.#stop;
    let wait_ms = BACK_OFF_MIN_MS;
    while (!signal.aborted) {
      const problem = await this.#connectOnce(() => {
        wait_ms = BACK_OFF_MIN_MS;
      });
      this.#entity = undefined;
      this.#caller.dropAll();
      if (signal.aborted) return;
      const wrongSecret = problem.includes("secret");
      this.#options.log.warn({ problem, service: this.#options.service }, "xmpp-lost");
      this.#change({ kind: "connecting", problem });
      const pause_ms = wrongSecret ? Math.max(WRONG_SECRET_WAIT_MS, wait_ms) : wait_ms;
      // Spread over half the time again, so that hubs of one server do not come back all at once.
      await delay(pause_ms * (1 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      wait_ms = Math.min(BACK_OFF_MAX_MS, wait_ms * 2);
    }
  }

  /** Connects and stays until the link is lost; resolves with why, as a sentence. */
  async #connectOnce(onOnline: () => void): Promise<string> {
    const { service, domain, secret } = this.#options;
    const entity = component({ service, domain, password: secret });
    entity.reconnect.stop();
    // The library's own answers to stanzas go: they throw on JIDs they cannot read, and answer what we answer.
    entity.removeAllListeners("element");
    guardParser(entity);
    this.#entity = entity;
    let problem = "";
    const lost = new Promise<void>((resolve) => {
      entity.on("error", (error) => {
        problem ||= sentenceOf(error, service, domain);
      });
      entity.on("disconnect", () => resolve());
      this.#stop.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    entity.on("connect", () => {
      // 43 ms a notification without the first; torn characters without the second.
      entity.socket?.setNoDelay(true);
      entity.socket?.setEncoding("utf8");
    });
    entity.on("stanza", (stanza) => this.#take(stanza));
    entity.on("online", () => {
      clearTimeout(timer);
      onOnline();
      this.#options.log.info({ service, domain }, "xmpp-online");
      this.#change({ kind: "online", domain, since: this.#options.now() });
    });
    const timer = setTimeout(() => {
      problem ||= `The XMPP server at ${service} did not let ${domain} in within ${HANDSHAKE_TIMEOUT_MS / 1_000} seconds.`;
      entity.socket?.destroy();
    }, HANDSHAKE_TIMEOUT_MS);
    // Failures of either are events too, which is where they are read.
    await entity
      .connect(service)
      .then(
        () => entity.open({ domain }),
        () => undefined,
      )
      .catch((error: unknown) => {
        problem ||= sentenceOf(error, service, domain);
        entity.socket?.destroy();
      });
    await lost;
    clearTimeout(timer);
    entity.socket?.destroy();
    return problem || `The connection to the XMPP server at ${service} was lost.`;
  }

  // ------------------------------------------------------------------------------------------------------ writing

  async #write(xml: string): Promise<undefined | Refusal> {
    const entity = this.#entity;
    if (this.#status.kind !== "online" || entity === undefined || entity.socket === null) {
      const why = this.#status.kind === "connecting" ? (this.#status.problem ?? "it is being connected") : "it is off";
      return refuse("unavailable", `The XMPP link is not up: ${why}`);
    }
    if (xml.length > STANZA_LENGTH_MAX) {
      return refuse(
        "too-large",
        `Expected a stanza of at most ${STANZA_LENGTH_MAX} characters, but it has ${xml.length}.`,
      );
    }
    if (!isXmlText(xml)) {
      return refuse("invalid", "Expected text that XML can carry, but it has a control character or half a character.");
    }
    return await this.#flush(entity, xml);
  }

  async #flush(entity: Component, xml: string): Promise<undefined | Refusal> {
    try {
      await entity.write(xml);
      return undefined;
    } catch (error) {
      return refuse("unavailable", `The XMPP link was lost while writing (${String(error)}).`);
    }
  }

  async notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal> {
    const entity = this.#entity;
    if (this.#status.kind !== "online" || entity === undefined)
      return refuse("unavailable", "The XMPP link is not up.");
    const bodies = new Map<number, string | undefined>();
    let chunk = "";
    for (const { id, event, to, wantsReceipt } of deliveries) {
      if (!bodies.has(event.id)) bodies.set(event.id, this.#checked(eventToXml(event), event.id));
      const body = bodies.get(event.id);
      if (body === undefined) continue;
      const request = wantsReceipt ? `<request xmlns="${NS.receipts}"/>` : "";
      chunk += `<message${attributes({ from: event.service, to, type: "headline", id: `d${id}` })}>${body}${request}</message>`;
      if (chunk.length < CHUNK_LENGTH) continue;
      const no = await this.#flush(entity, chunk);
      if (no !== undefined) return no;
      chunk = "";
    }
    return chunk === "" ? undefined : await this.#flush(entity, chunk);
  }

  /** A malformed or oversized stanza costs the whole stream, so such an event is left out and said. */
  #checked(body: string, event: number): string | undefined {
    if (body.length <= STANZA_LENGTH_MAX && isXmlText(body)) return body;
    this.#options.log.error({ event, length: body.length }, "event-not-sendable");
    return undefined;
  }

  async sendReceipt(from: BareJid, to: Jid, id: string): Promise<void> {
    await this.#write(
      `<message${attributes({ from, to })}><received xmlns="${NS.receipts}"${attributes({ id })}/></message>`,
    );
  }

  // ------------------------------------------------------------------------------------------------------- asking

  async discover(jid: Jid, node?: string, signal?: AbortSignal): Promise<DiscoInfo | Refusal> {
    const child = `<query xmlns="${NS.discoInfo}"${attributes({ node })}/>`;
    const answer = await this.#caller.ask(this.#options.domain, jid, "get", child, signal);
    return isRefusal(answer) ? answer : discoInfoOf(answer);
  }

  async discoverItems(jid: Jid, node: NodeId, page: PageRequest, signal?: AbortSignal) {
    const child = `<query xmlns="${NS.discoItems}"${attributes({ node })}>${pageRequestToXml(page)}</query>`;
    const answer = await this.#caller.ask(this.#options.domain, jid, "get", child, signal);
    return isRefusal(answer) ? answer : discoItemsOf(answer);
  }

  async subscribe(service: BareJid, node: NodeId, signal?: AbortSignal) {
    const jid = this.#options.domain;
    const child = `<pubsub xmlns="${NS.pubsub}"><subscribe${attributes({ node, jid })}/></pubsub>`;
    const answer = await this.#caller.ask(jid, service, "set", child, signal);
    if (isRefusal(answer)) return answer;
    const subscription = answer.getChild("pubsub", NS.pubsub)?.getChild("subscription", NS.pubsub);
    const state = subscription?.attrs["subscription"] ?? "subscribed";
    if (state !== "subscribed" && state !== "pending") {
      return refuse("remote-refused", `${service} answered the subscription with the state "${state}".`);
    }
    return { state, subid: subscription?.attrs["subid"] ?? "" } as const;
  }

  async unsubscribe(service: BareJid, node: NodeId, subid: string | undefined, signal?: AbortSignal) {
    const jid = this.#options.domain;
    const named = subid === "" ? undefined : subid;
    const child = `<pubsub xmlns="${NS.pubsub}"><unsubscribe${attributes({ node, jid, subid: named })}/></pubsub>`;
    const answer = await this.#caller.ask(jid, service, "set", child, signal);
    return isRefusal(answer) ? answer : undefined;
  }

  async items(
    service: BareJid,
    node: NodeId,
    wanted: { readonly ids: readonly ItemId[] } | { readonly page: PageRequest },
    signal?: AbortSignal,
  ) {
    const ids = "ids" in wanted ? wanted.ids.map((id) => `<item${attributes({ id })}/>`).join("") : "";
    const page = "page" in wanted ? pageRequestToXml(wanted.page) : "";
    const child = `<pubsub xmlns="${NS.pubsub}"><items${attributes({ node })}>${ids}</items>${page}</pubsub>`;
    const answer = await this.#caller.ask(this.#options.domain, service, "get", child, signal);
    if (isRefusal(answer)) return answer;
    const pubsub = answer.getChild("pubsub", NS.pubsub);
    const rows = pubsub?.getChild("items", NS.pubsub)?.getChildren("item", NS.pubsub) ?? [];
    const { count } = pageOf(pubsub);
    const complete = "ids" in wanted || rows.length < wanted.page.max;
    return { items: inboundItems(rows), complete, ...(count === undefined ? {} : { count }) };
  }

  // ----------------------------------------------------------------------------------------------------- answering

  #take(stanza: XmlElement): void {
    const { log, domain, now, newItemId } = this.#options;
    const addressed = addressesOf(stanza);
    if (addressed === undefined || domainOf(addressed.to) !== domain) {
      log.warn({ from: stanza.attrs["from"]?.slice(0, 100) }, "stanza-without-address");
      return;
    }
    const incoming = decodeStanza(stanza, addressed, { now: now(), newItemId });
    if (incoming.kind === "answer") {
      this.#caller.take(incoming.id, addressed.from, stanza);
      return;
    }
    this.#handle(incoming, addressed, stanza).catch((fault: unknown) => {
      log.error({ from: bareOf(addressed.from), kind: incoming.kind, fault: String(fault) }, "stanza-failed");
    });
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
      case "bounce":
        handlers.receiveBounce(from, incoming.id, incoming.condition);
        return;
      case "subscribe-presence":
        // Accounts have no roster yet; who asks is told so once, and nothing is asked back.
        await this.#write(`<presence${attributes({ from: bareOf(to), to: bareOf(from), type: "unsubscribed" })}/>`);
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
          return reply.kind === "error" ? reply : replyToXml(reply);
        }
        case "disco-info": {
          const info = handlers.describeService(jid, incoming.node);
          return "kind" in info ? info : discoInfoToXml(info, incoming.node);
        }
        case "disco-items": {
          const list = handlers.listServiceItems(jid, incoming.node, incoming.page);
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
    const head = attributes({ from: to, to: from, id: stanza.attrs["id"] ?? "", type: failed ? "error" : "result" });
    const no = await this.#write(`<iq${head}>${failed ? errorToXml(reply) : reply}</iq>`);
    if (no === undefined || no.code === "unavailable") return;
    const error = errorToXml({ kind: "error", condition: "resource-constraint", text: no.message });
    await this.#write(
      `<iq${attributes({ from: to, to: from, id: stanza.attrs["id"] ?? "", type: "error" })}>${error}</iq>`,
    );
  }
}

/** What keeps data that comes after the end of a stream, or a parser that throws, from ending the process. */
function guardParser(entity: Component): void {
  const take = entity._onData.bind(entity);
  entity._onData = (data) => {
    if (entity.parser === null) return;
    try {
      take(data);
    } catch {
      entity.socket?.destroy();
    }
  };
}

function sentenceOf(error: unknown, service: string, domain: string): string {
  const { condition, code, message } = (error ?? {}) as {
    readonly condition?: string;
    readonly code?: string;
    readonly message?: string;
  };
  switch (condition) {
    case "not-authorized":
      return `The XMPP server at ${service} does not accept the secret for ${domain}; make XMPP_SECRET the same as the component's secret there.`;
    case "host-unknown":
      return `The XMPP server at ${service} has no component ${domain}; add it to the server's configuration, or correct XMPP_DOMAIN.`;
    case "conflict":
      return `Another program is connected as ${domain} at ${service}; stop it first.`;
    default:
      break;
  }
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EHOSTUNREACH" || code === "ETIMEDOUT") {
    return `The XMPP server at ${service} cannot be reached (${code}); start it, or correct XMPP_SERVICE.`;
  }
  return `The connection to the XMPP server at ${service} failed (${condition ?? code ?? message ?? "unknown"}).`;
}

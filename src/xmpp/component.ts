import { isTooDeep } from "../atom/xml.ts";
import type { XmlElement } from "../atom/xml-element.ts";
import { epochMs, type Instant } from "../core/instant.ts";
import type { ItemId } from "../core/item-id.ts";
import { bareOf, domainOf } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { Delivery } from "../hub/ports/records.ts";
import type { StanzaCounts, XmppLink, XmppStatus } from "../hub/ports/xmpp-link.ts";
import { isRefusal } from "../outcome/refusal.ts";
import type { PubsubError } from "../pubsub/reply.ts";
import { attributes } from "./attributes.ts";
import { ComponentStream, type StreamOptions } from "./component-stream.ts";
import { askConfirmation } from "./confirm.ts";
import { addressesOf, decodeStanza, isAnswer } from "./decode/decode.ts";
import type { Addressed, Incoming } from "./decode/incoming.ts";
import { Door, type DoorOptions } from "./door.ts";
import { errorToXml } from "./encode/stanza-error.ts";
import type { XmppHandlers } from "./handlers.ts";
import { IqCaller } from "./iq-caller.ts";
import { ComponentMessages } from "./messages.ts";
import { Multicast } from "./multicast.ts";
import { NS } from "./namespaces.ts";
import { ComponentPresences } from "./presences.ts";
import { replyTo } from "./reply.ts";
import { ComponentRequests } from "./requests.ts";

/** LIMIT: stanzas being handled at the same time; more requests are asked to wait, more events are not taken in. */
const HANDLED_MAX = 1_000;
/** How often the server is asked whether it is still there, and how long it may take to say so. */
const LIVENESS = { every_ms: 60_000, timeout_ms: 20_000 } as const;

/** What a component needs. */
export interface ComponentOptions extends StreamOptions {
  readonly handlers: XmppHandlers;
  readonly log: Log;
  readonly now: () => Instant;
  readonly newItemId: () => ItemId;
  /** How much each JID may send; without it, everything comes in up to {@link HANDLED_MAX}. */
  readonly rate?: Pick<DoorOptions, "stanzasPerSecond" | "isPeer">;
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
  readonly #multicast: Multicast<Delivery>;
  readonly #messages: ComponentMessages;
  readonly #presences: ComponentPresences;
  readonly #requests: ComponentRequests;
  readonly #door: Door;
  readonly #liveness: NodeJS.Timeout;
  #handled = 0;

  constructor(options: ComponentOptions) {
    this.#options = options;
    this.#stream = new ComponentStream(
      options,
      (stanza) => this.#take(stanza),
      () => {
        this.#caller.dropAll();
        this.#multicast.forget();
      },
    );
    this.#multicast = new Multicast(this.#caller, options.domain, options.log);
    this.#messages = new ComponentMessages(this.#stream, this.#multicast, options.log);
    this.#presences = new ComponentPresences(this.#stream, options.handlers.describeService);
    this.#requests = new ComponentRequests(this.#caller, options.domain, options.log);
    const { log, rate = { stanzasPerSecond: undefined, isPeer: () => false } } = options;
    this.#door = new Door({ ...rate, log });
    this.#liveness = setInterval(() => void this.#checkLiveness(), (options.liveness ?? LIVENESS).every_ms);
  }

  get status(): XmppStatus {
    return this.#stream.status;
  }

  get counts(): StanzaCounts {
    return this.#door.counts;
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

  readonly notify: XmppLink["notify"] = (...args) => this.#messages.notify(...args);
  readonly sendReceipt: XmppLink["sendReceipt"] = (...args) => this.#messages.sendReceipt(...args);
  readonly say: XmppLink["say"] = (...args) => this.#messages.say(...args);
  readonly sendPresence: XmppLink["sendPresence"] = (...args) => this.#presences.send(...args);
  readonly capabilities: XmppLink["capabilities"] = (...args) => this.#requests.capabilities(...args);
  readonly askSparql: XmppLink["askSparql"] = (...args) => this.#requests.askSparql(...args);
  readonly confirm: XmppLink["confirm"] = (...args) =>
    askConfirmation(this.#caller, (xml) => this.#stream.write(xml), ...args);
  readonly discover: XmppLink["discover"] = (...args) => this.#requests.discover(...args);
  readonly discoverItems: XmppLink["discoverItems"] = (...args) => this.#requests.discoverItems(...args);
  readonly subscribe: XmppLink["subscribe"] = (...args) => this.#requests.subscribe(...args);
  readonly unsubscribe: XmppLink["unsubscribe"] = (...args) => this.#requests.unsubscribe(...args);
  readonly affiliation: XmppLink["affiliation"] = (...args) => this.#requests.affiliation(...args);
  readonly publish: XmppLink["publish"] = (...args) => this.#requests.publish(...args);
  readonly retract: XmppLink["retract"] = (...args) => this.#requests.retract(...args);
  readonly items: XmppLink["items"] = (...args) => this.#requests.items(...args);

  #take(stanza: XmlElement): void {
    const { log, domain, now, newItemId } = this.#options;
    const time = now();
    const time_ms = epochMs(time);
    const addressed = addressesOf(stanza);
    if (addressed === undefined || domainOf(addressed.to) !== domain) {
      this.#door.keepOut("malformed", stanza.attrs["from"], time_ms);
      this.#refuse(stanza, addressed === undefined ? "jid-malformed" : "service-unavailable");
      return;
    }
    const { from } = addressed;
    if (isTooDeep(stanza)) {
      this.#door.keepOut("malformed", from, time_ms);
      this.#refuse(stanza, "policy-violation");
      return;
    }
    if (isAnswer(stanza)) {
      // It was asked for, or it is nothing: neither counts for the rate of who sent it.
      this.#caller.take(stanza.attrs["id"] ?? "", from, stanza);
      return;
    }
    const isFull = this.#handled >= HANDLED_MAX;
    if (isFull || (from !== domain && !this.#door.admits(from, time_ms))) {
      // An event without its receipt comes again; who asks is told to wait.
      this.#door.keepOut("limited", from, time_ms);
      this.#refuse(stanza, "resource-constraint");
      return;
    }
    const incoming = decodeStanza(stanza, addressed, { now: time, newItemId });
    if (incoming.kind === "ignored") this.#door.keepOut("ignored", from, time_ms);
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
          await this.#messages.sendReceipt(bareOf(to), from, incoming.receiptWanted);
        }
        return;
      case "bounce":
        if (this.#messages.takeRefusal(from, incoming.id, incoming.condition)) return;
        handlers.receiveBounce(from, incoming.id, incoming.condition);
        return;
      case "pubsub-message":
        await handlers.handlePubsub(incoming.request, from);
        return;
      case "presence":
        return await handlers.receivePresence(incoming.presence);
      case "ignored":
      case "answer":
        return;
      default:
        return await this.#answer(
          stanza,
          addressed,
          await replyTo(incoming, addressed, {
            handlers,
            log: this.#options.log,
            send: (xml) => this.#stream.write(xml),
          }),
        );
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

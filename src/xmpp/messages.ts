import { setImmediate } from "node:timers/promises";
import { escapeText } from "../atom/xml-text.ts";
import { type BareJid, domainOf, type Jid } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { Delivery, OutboundEvent } from "../hub/ports/records.ts";
import type { XmppMessages } from "../hub/ports/xmpp-link.ts";
import type { Refusal } from "../outcome/refusal.ts";
import { attributes } from "./attributes.ts";
import { type ComponentStream, whyNotStanza } from "./component-stream.ts";
import { eventToXml, messageTypeOf, subidsToXml } from "./encode/encode-event.ts";
import { addressesToXml, type Multicast, type MulticastService } from "./multicast.ts";
import { NS } from "./namespaces.ts";

/** How much is written at a time: large enough to be few, small enough for back-pressure to be felt. */
const CHUNK_LENGTH = 64 * 1_024;
/** How many recipients make it worth asking for a multicast service, and using it. */
const MULTICAST_MIN = 3;

/** Writes messages: notifications, receipts, chat. */
export class ComponentMessages implements Omit<XmppMessages, "sendPresence"> {
  readonly #stream: ComponentStream;
  readonly #multicast: Multicast<Delivery>;
  readonly #log: Log;
  #receipts = "";
  #receiptsGone: Promise<void> | undefined;

  constructor(stream: ComponentStream, multicast: Multicast<Delivery>, log: Log) {
    this.#stream = stream;
    this.#multicast = multicast;
    this.#log = log;
  }

  async notify(deliveries: readonly Delivery[]): Promise<undefined | Refusal> {
    const writer = new ChunkWriter(this.#stream);
    for (let at = 0; at < deliveries.length; ) {
      const event = deliveries[at]?.event;
      if (event === undefined) break;
      let end = at + 1;
      while (deliveries[end]?.event.id === event.id) end++;
      const no = await this.#notifyOf(event, deliveries.slice(at, end), writer);
      if (no !== undefined) return no;
      at = end;
    }
    return await writer.end();
  }

  /** Each event is serialised once; a recipient adds only its own address, and the delivery its id. */
  async #notifyOf(
    event: OutboundEvent,
    deliveries: readonly Delivery[],
    writer: ChunkWriter,
  ): Promise<undefined | Refusal> {
    const head = `<message${attributes({ from: event.service, type: messageTypeOf(event.event) })}`;
    const body = this.#checked(eventToXml(event), event.id);
    if (body === undefined) return undefined;
    const { groups, single } = this.#grouped(event, deliveries);
    const alone = [...single];
    for (const { host, service, to } of groups) {
      const inner = addressesToXml(to.map((each) => each.to)) + body;
      if (whyNotStanza(inner) !== undefined) {
        // Long addresses beside a long event: too much for one stanza, and that would cost the stream.
        alone.push(...to);
        continue;
      }
      const id = this.#multicast.begin(host, to);
      const no = await writer.add(`${head}${attributes({ to: service.jid, id })}>${inner}</message>`);
      if (no !== undefined) return no;
    }
    for (const { id, to, subid, wantsReceipt } of alone) {
      const request = wantsReceipt ? `<request xmlns="${NS.receipts}"/>` : "";
      const xml = `${head}${attributes({ to, id: `d${id}` })}>${body}${subidsToXml(subid)}${request}</message>`;
      const no = await writer.add(xml);
      if (no !== undefined) return no;
    }
    return undefined;
  }

  /**
   * Recipients of an event by the multicast service that hands it to them (XEP-0033), and those that get a stanza of
   * their own: hubs, whose receipts name it; who holds several subscriptions; and who is almost alone.
   */
  #grouped(event: OutboundEvent, deliveries: readonly Delivery[]) {
    const groups: { readonly host: string; readonly service: MulticastService; readonly to: readonly Delivery[] }[] =
      [];
    const hasAddresses = event.event.kind === "items" && event.event.replyTo !== undefined;
    if (deliveries.length < MULTICAST_MIN || hasAddresses) return { groups, single: deliveries };
    const single: Delivery[] = [];
    const byHost = new Map<string, Delivery[]>();
    for (const delivery of deliveries) {
      const host = domainOf(delivery.to);
      if (delivery.wantsReceipt || delivery.subid.includes(" ")) single.push(delivery);
      else if (!byHost.get(host)?.push(delivery)) byHost.set(host, [delivery]);
    }
    const byService = new Map<string, { readonly service: MulticastService; readonly to: Delivery[] }>();
    for (const [name, to] of byHost) {
      const found = this.#multicast.serviceFor(name);
      if (found === undefined) single.push(...to);
      else if (!byService.get(found.host)?.to.push(...to)) byService.set(found.host, { service: found.service, to });
    }
    for (const [host, { service, to }] of byService) {
      // A service that has not been used is tried with one stanza first.
      for (let at = 0; at < to.length; at += service.addresses_max) {
        const part = to.slice(at, at + service.addresses_max);
        const isTrusted = at === 0 || this.#multicast.isProven(host);
        if (isTrusted && part.length >= MULTICAST_MIN) groups.push({ host, service, to: part });
        else single.push(...part);
      }
    }
    return { groups, single };
  }

  /** Sends what a multicast service did not take to each recipient; whether that was what came back. */
  takeRefusal(from: Jid, id: string, condition: string): boolean {
    const to = this.#multicast.refused(from, id, condition);
    if (to === undefined) return false;
    void this.notify(to);
    return true;
  }

  /** A malformed or oversized stanza costs the whole stream, so such an event is left out and said. */
  #checked(body: string, event: number): string | undefined {
    const no = whyNotStanza(body);
    if (no === undefined) return body;
    this.#log.error({ event, length: body.length, problem: no.message }, "event-not-sendable");
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

  async say(from: BareJid, to: Jid, body: string, id?: string, replaces?: string): Promise<undefined | Refusal> {
    const head = attributes({ from, to, type: "chat", id });
    const instead = replaces === undefined ? "" : `<replace xmlns="${NS.correction}"${attributes({ id: replaces })}/>`;
    return await this.#stream.write(`<message${head}><body>${escapeText(body)}</body>${instead}</message>`);
  }
}

/** Gathers stanzas into large writes. */
class ChunkWriter {
  readonly #stream: ComponentStream;
  #chunk = "";

  constructor(stream: ComponentStream) {
    this.#stream = stream;
  }

  /** Adds a stanza; resolves when the socket has taken what was too much to hold. */
  add(xml: string): undefined | Promise<undefined | Refusal> {
    this.#chunk += xml;
    return this.#chunk.length < CHUNK_LENGTH ? undefined : this.#flush();
  }

  /** Writes the rest; whether all could be written. */
  async end(): Promise<undefined | Refusal> {
    return this.#chunk === "" ? this.#stream.whyNot() : await this.#flush();
  }

  async #flush(): Promise<undefined | Refusal> {
    const chunk = this.#chunk;
    this.#chunk = "";
    return await this.#stream.flush(chunk);
  }
}

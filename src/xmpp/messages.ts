import { setImmediate } from "node:timers/promises";
import { escapeText } from "../atom/xml-text.ts";
import type { BareJid, Jid } from "../core/jid.ts";
import type { Log } from "../hub/ports/hub-ports.ts";
import type { Delivery } from "../hub/ports/records.ts";
import type { XmppMessages } from "../hub/ports/xmpp-link.ts";
import type { Refusal } from "../outcome/refusal.ts";
import { attributes } from "./attributes.ts";
import { type ComponentStream, whyNotStanza } from "./component-stream.ts";
import { eventToXml, messageTypeOf, subidsToXml } from "./encode-event.ts";
import { NS } from "./namespaces.ts";

/** How much is written at a time: large enough to be few, small enough for back-pressure to be felt. */
const CHUNK_LENGTH = 64 * 1_024;

/** Writes messages: notifications, receipts, chat. */
export class ComponentMessages implements Omit<XmppMessages, "sendPresence"> {
  readonly #stream: ComponentStream;
  readonly #log: Log;
  #receipts = "";
  #receiptsGone: Promise<void> | undefined;

  constructor(stream: ComponentStream, log: Log) {
    this.#stream = stream;
    this.#log = log;
  }

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

  async say(from: BareJid, to: Jid, body: string, id?: string): Promise<undefined | Refusal> {
    const head = attributes({ from, to, type: "chat", id });
    return await this.#stream.write(`<message${head}><body>${escapeText(body)}</body></message>`);
  }
}

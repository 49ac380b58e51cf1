import type { XmlElement } from "../atom/xml-element.ts";
import { bareOf, type Jid } from "../core/jid.ts";
import { type Refusal, type RefusalCode, refuse } from "../outcome/refusal.ts";
import { attributes } from "./attributes.ts";
import { errorOf } from "./encode/stanza-error.ts";

/** LIMIT: how long another server may take to answer a request. */
export const IQ_TIMEOUT_MS = 10_000;
/** LIMIT: requests waiting for an answer. */
const PENDING_MAX = 10_000;

/** How conditions of other servers read here. Refused connections and unknown hosts come as these (DESIGN, Push). */
const CODE_OF: ReadonlyMap<string, RefusalCode> = new Map([
  ["item-not-found", "not-found"],
  ["remote-server-not-found", "remote-unreachable"],
  ["remote-server-timeout", "remote-unreachable"],
  ["service-unavailable", "remote-unreachable"],
  ["recipient-unavailable", "remote-unreachable"],
]);

/** Requests of ours (RFC 6120 §8.2.3) and their answers. */
export class IqCaller {
  readonly #send: (xml: string) => Promise<undefined | Refusal>;
  readonly #pending = new Map<string, { readonly to: Jid; readonly answer: (stanza: XmlElement | Refusal) => void }>();
  #count = 0;

  constructor(send: (xml: string) => Promise<undefined | Refusal>) {
    this.#send = send;
  }

  /** Asks `to` and resolves with the IQ result, or with why there is none; `timeout_ms` may be infinite with a signal. */
  async ask(
    from: Jid,
    to: Jid,
    type: "get" | "set",
    child: string,
    signal?: AbortSignal,
    timeout_ms: number = IQ_TIMEOUT_MS,
  ): Promise<XmlElement | Refusal> {
    if (this.#pending.size >= PENDING_MAX) {
      return refuse("too-many", `There are ${PENDING_MAX} requests without an answer; try again later.`);
    }
    if (signal?.aborted === true) return refuse("timed-out", `The request to ${to} was given up before it was sent.`);
    const id = `q${++this.#count}`;
    const answer = new Promise<XmlElement | Refusal>((resolve) => this.#pending.set(id, { to, answer: resolve }));
    const end = (refusal: Refusal): void => this.#pending.get(id)?.answer(refusal);
    const late = (): void => end(refuse("timed-out", `${to} did not answer within ${timeout_ms / 1_000} seconds.`));
    const timer = timeout_ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(late, timeout_ms);
    const stop = (): void => end(refuse("timed-out", `The request to ${to} was given up.`));
    signal?.addEventListener("abort", stop, { once: true });
    const no = await this.#send(`<iq${attributes({ from, to, id, type })}>${child}</iq>`);
    if (no !== undefined) end(no);
    const result = await answer;
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    this.#pending.delete(id);
    return result;
  }

  /** Takes an answer that came in. One from somebody else than was asked is dropped. */
  take(id: string, from: Jid, stanza: XmlElement): void {
    const asked = this.#pending.get(id);
    // A server may answer for a host that is not there with or without the resource asked.
    if (asked === undefined || (asked.to !== from && bareOf(asked.to) !== bareOf(from))) return;
    if (stanza.attrs["type"] !== "error") {
      asked.answer(stanza);
      return;
    }
    const { condition, pubsub, text } = errorOf(stanza);
    const because = text === undefined ? condition : `${condition}: ${text}`;
    asked.answer(
      refuse(CODE_OF.get(condition) ?? "remote-refused", `${asked.to} answered with ${because}.`, {
        condition,
        ...(pubsub === undefined ? {} : { pubsub }),
      }),
    );
  }

  /** The link is gone: nobody will answer any more. */
  dropAll(): void {
    for (const { to, answer } of this.#pending.values()) {
      answer(refuse("unavailable", `The XMPP server was lost before ${to} answered; try again later.`));
    }
  }
}

import type { QueryAnswer, QueryExplanation, QueryOptions } from "../../hub/ports/queries.ts";
import { type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { type AnswerPart, quadAt, rowAt, sendOptions, type ToQueryWorker } from "./worker-protocol.ts";

/** Where a query stands: not sent, sent but perhaps not read, read by the worker, its answer begun. */
export type QueryStage = "queued" | "sent" | "begun" | "answering";

/** What a query gives, or how it was answered. */
export type IsolatedAnswer = QueryAnswer | { readonly kind: "explanation"; readonly explanation: QueryExplanation };

/**
 * One query of somebody else, as the hub sees it: sent to a worker (to a second one if the first dies of something
 * else), its answer read part by part.
 */
export class IsolatedQuery {
  readonly id: number;
  readonly requester: string | undefined;
  /** What {@link QueryEngine.adHoc} gives. */
  readonly answer: Promise<IsolatedAnswer | Refusal>;
  stage: QueryStage = "queued";
  /** How many workers it was sent to. */
  attempts = 0;
  /** Whether a worker died over it or another one beside it: it then runs beside no other such. */
  isSuspect = false;
  readonly #text: string;
  readonly #options: QueryOptions;
  readonly #explain: boolean;
  #settle: (answer: IsolatedAnswer | Refusal) => void = () => undefined;
  /** Whether who asked has all they will get; the worker may not know yet. */
  #isSettled = false;
  #parts: AnswerPart[] = [];
  #wake: (() => void) | undefined;
  #send: ((message: ToQueryWorker) => void) | undefined;
  #onLeave: () => void = () => undefined;

  constructor(id: number, text: string, options: QueryOptions, explain: boolean) {
    this.id = id;
    this.requester = options.requester;
    this.#text = text;
    this.#explain = explain;
    this.#options = options;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Calls back when who asked goes away. */
  watch(onLeave: () => void): void {
    const { signal } = this.#options;
    this.#onLeave = onLeave;
    if (signal?.aborted === true) onLeave();
    else signal?.addEventListener("abort", onLeave, { once: true });
  }

  unwatch(): void {
    this.#options.signal?.removeEventListener("abort", this.#onLeave);
    this.#send = undefined;
  }

  sendTo(send: (message: ToQueryWorker) => void): void {
    this.stage = "sent";
    this.attempts++;
    this.#send = send;
    send({ kind: "query", id: this.id, text: this.#text, options: sendOptions(this.#options), explain: this.#explain });
  }

  /** Takes it back from a worker that is gone. */
  requeue(): void {
    this.stage = "queued";
    this.#send = undefined;
  }

  cancel(): void {
    this.#send?.({ kind: "cancel", id: this.id });
  }

  /** Ends it for who asked. */
  fail(refusal: Refusal): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    if (this.stage === "answering") {
      // What came before is still read; then the reader is told.
      this.#parts.push({ kind: "part", id: this.id, end: { refusal } });
      this.#wake?.();
    } else this.#settle(refusal);
  }

  /** Takes in a part; true when it was the last. */
  receive(part: AnswerPart): boolean {
    const { head, end } = part;
    if (this.#isSettled) return end !== undefined;
    if (end !== undefined) this.#isSettled = true;
    if (this.stage !== "answering") {
      if (head === undefined) {
        this.#settle(end?.refusal ?? refuse("unavailable", "The query ended without an answer; ask again."));
        return true;
      }
      this.stage = "answering";
      if (head.kind === "boolean" || head.kind === "explanation") this.#settle(end?.refusal ?? head);
      else if (head.kind === "bindings") {
        const rows = this.#read((part, at) => rowAt(part.terms ?? [], at, head.variables));
        this.#settle({ ...head, rows });
      } else this.#settle({ ...head, quads: this.#read((part, at) => quadAt(part.terms ?? [], at)) });
    }
    this.#parts.push(part);
    this.#wake?.();
    return end !== undefined;
  }

  async *#read<T extends Quad | ReadonlyMap<string, Term>>(
    item: (part: AnswerPart, at: number) => T,
  ): AsyncGenerator<T, undefined> {
    let isWhole = false;
    try {
      for (;;) {
        const part = this.#parts.shift();
        if (part === undefined) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
          continue;
        }
        const { rows = 0, end } = part;
        for (let at = 0; at < rows; at++) yield item(part, at);
        if (end === undefined && rows > 0) this.#send?.({ kind: "more", id: this.id });
        if (end === undefined) continue;
        isWhole = true;
        if (end.refusal !== undefined) throw new Refused(end.refusal);
        return;
      }
    } finally {
      // Whoever stops reading stops the query.
      this.#parts = [];
      if (!isWhole) this.#onLeave();
    }
  }
}

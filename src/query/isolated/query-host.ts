import type { QueryAnswer, QueryEngine, QueryOptions } from "../../hub/ports/queries.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import {
  type AnswerHead,
  type AnswerPart,
  type FromQueryWorker,
  PART_CHARACTERS_MAX,
  PART_TERMS_MAX,
  PULSE_MS,
  quadIds,
  receiveOptions,
  rowIds,
  type SentOptions,
  type ToQueryWorker,
  WINDOW_PARTS,
} from "./worker-protocol.ts";

/** The event loop's share that only endless work takes. */
const BUSY_SHARE = 0.9;
/** How long the loop is so busy after all queries ended, before a given-up one is held to go on. */
const STAINED_IDLE_MS = 600;
/** The same while others still run, with as many given-up ones as stand in {@link ABANDONED_MAX}. */
const STAINED_BUSY_MS = 3_000;
/** LIMIT: queries that were given up and may still be going on, beside ones that are waited for. */
const ABANDONED_MAX = 4;

/** What answers in a worker. */
type HostedEngine = Pick<QueryEngine, "adHoc" | "explain">;

/** Sends to the hub; calls back when the message is out of this process. */
type Send = (message: FromQueryWorker, onSent?: () => void) => void;

/** The worker's end of the protocol: runs queries on its own engine and sends their answers in parts. */
export class QueryHost {
  readonly #engine: HostedEngine;
  readonly #send: Send;
  readonly #running = new Map<number, RunningQuery>();
  /** What came while it loads, but for what is said to the queries that run already. */
  #held: ToQueryWorker[] | undefined;
  #pulse: NodeJS.Timeout | undefined;
  /** Queries that were given up since the loop was last seen idle. */
  #abandoned = 0;
  #busySince_ms: number | undefined;
  #utilization = performance.eventLoopUtilization();

  constructor(engine: HostedEngine, send: Send) {
    this.#engine = engine;
    this.#send = send;
  }

  /**
   * Loads what keeps the loop from all else, and tells the hub before and after, so that it is not taken for the doing
   * of a query. Nothing is begun meanwhile: only what is begun already can hide behind it.
   */
  async whileLoading<T>(load: () => Promise<T>): Promise<T> {
    this.#held = [];
    await new Promise<void>((resolve) => this.#send({ kind: "loading" }, resolve));
    try {
      return await load();
    } finally {
      const held = this.#held;
      this.#held = undefined;
      this.#busySince_ms = undefined;
      this.#utilization = performance.eventLoopUtilization();
      this.#send({ kind: "loaded" });
      for (const message of held) this.receive(message);
    }
  }

  receive(message: ToQueryWorker): void {
    if (this.#held !== undefined && !this.#running.has(message.id)) {
      this.#held.push(message);
      return;
    }
    switch (message.kind) {
      case "query":
        return this.#begin(message);
      case "more":
        return this.#running.get(message.id)?.more();
      case "cancel":
        this.#running.get(message.id)?.cancel();
    }
  }

  #begin({ id, text, options, explain }: ToQueryWorker & { readonly kind: "query" }): void {
    this.#send({ kind: "begun", id });
    const query = new RunningQuery(id, this.#send);
    this.#running.set(id, query);
    this.#pulse ??= setInterval(() => this.#beat(), PULSE_MS);
    query.run(this.#engine, text, options, explain).then(
      (wasGivenUp) => this.#end(id, wasGivenUp),
      // Nothing in it throws but a channel that is gone, and with it everything ends.
      () => this.#end(id, true),
    );
  }

  #end(id: number, wasGivenUp: boolean): void {
    this.#running.delete(id);
    if (wasGivenUp) this.#abandoned++;
    if (this.#running.size > 0 || this.#abandoned > 0) return;
    clearInterval(this.#pulse);
    this.#pulse = undefined;
    this.#busySince_ms = undefined;
  }

  #beat(): void {
    this.#send({ kind: "pulse", rss_bytes: process.memoryUsage.rss() });
    const now = performance.eventLoopUtilization();
    const share = performance.eventLoopUtilization(now, this.#utilization).utilization;
    this.#utilization = now;
    if (this.#abandoned === 0 || this.#held !== undefined) return;
    if (share < BUSY_SHARE) {
      this.#abandoned = 0;
      this.#busySince_ms = undefined;
      if (this.#running.size > 0) return;
      clearInterval(this.#pulse);
      this.#pulse = undefined;
      return;
    }
    this.#busySince_ms ??= performance.now();
    const busy_ms = performance.now() - this.#busySince_ms;
    const idle = this.#running.size === 0 && busy_ms > STAINED_IDLE_MS;
    const crowded = this.#abandoned >= ABANDONED_MAX && busy_ms > STAINED_BUSY_MS;
    if (idle || crowded) this.#send({ kind: "stained" });
  }
}

/** One query, from its text to the last part of its answer. */
class RunningQuery {
  readonly #id: number;
  readonly #send: (message: FromQueryWorker) => void;
  readonly #controller = new AbortController();
  #credit = WINDOW_PARTS;
  #wake: (() => void) | undefined;
  #head: AnswerHead | undefined;
  #terms: (string | null)[] = [];
  #rows = 0;
  #characters = 0;
  #flush: NodeJS.Immediate | undefined;

  constructor(id: number, send: (message: FromQueryWorker) => void) {
    this.#id = id;
    this.#send = send;
  }

  more(): void {
    this.#credit++;
    this.#wake?.();
    if (this.#rows > 0) this.#flushSoon();
  }

  cancel(): void {
    this.#controller.abort();
    this.#wake?.();
  }

  /** Runs it; says whether it was given up before its end. */
  async run(engine: HostedEngine, text: string, sent: SentOptions, explain: boolean): Promise<boolean> {
    const options = { ...receiveOptions(sent), signal: this.#controller.signal };
    try {
      if (explain) return this.#end(await this.#explain(engine, text, options));
      const answer = await engine.adHoc(text, options);
      if (answer.kind === "refusal") return this.#end(answer);
      await this.#pass(answer);
      return this.#end(undefined);
    } catch (error) {
      if (error instanceof Refused) return this.#end(error.refusal);
      const reason = error instanceof Error ? error.message : String(error);
      return this.#end(refuse("invalid", `The query could not be answered: ${reason.slice(0, 300)}.`));
    }
  }

  async #explain(engine: HostedEngine, text: string, options: QueryOptions): Promise<Refusal | undefined> {
    const explanation = await engine.explain?.(text, options);
    if (isRefusal(explanation)) return explanation;
    if (explanation === undefined) return refuse("not-implemented", "This engine does not explain its answers.");
    this.#head = { kind: "explanation", explanation };
    return undefined;
  }

  async #pass(answer: QueryAnswer): Promise<void> {
    switch (answer.kind) {
      case "boolean":
        this.#head = answer;
        return;
      case "bindings": {
        const { rows, ...head } = answer;
        this.#begin(head);
        for await (const row of rows) if (!this.#add(rowIds(row, head.variables))) await this.#room();
        return;
      }
      case "quads": {
        const { quads, ...head } = answer;
        this.#begin(head);
        for await (const each of quads) if (!this.#add(quadIds(each))) await this.#room();
      }
    }
  }

  #begin(head: AnswerHead): void {
    this.#head = head;
    this.#flushSoon();
  }

  /** Adds a row; false when the part is full. */
  #add(ids: Iterable<string | null>): boolean {
    for (const id of ids) {
      this.#terms.push(id);
      this.#characters += id?.length ?? 0;
    }
    this.#rows++;
    if (this.#terms.length < PART_TERMS_MAX && this.#rows < PART_TERMS_MAX && this.#characters < PART_CHARACTERS_MAX) {
      this.#flushSoon();
      return true;
    }
    return false;
  }

  /** Sends what is there and waits until the reader has room again. */
  async #room(): Promise<void> {
    while (this.#credit === 0 && !this.#controller.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    this.#flushNow();
  }

  #flushSoon(): void {
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      // A head goes without credit: there is one.
      if (this.#head !== undefined || (this.#rows > 0 && this.#credit > 0)) this.#flushNow();
    });
  }

  #flushNow(end?: AnswerPart["end"]): void {
    clearImmediate(this.#flush);
    this.#flush = undefined;
    const rows = this.#rows === 0 ? {} : { rows: this.#rows, terms: this.#terms };
    const head = this.#head === undefined ? {} : { head: this.#head };
    if (this.#rows > 0) this.#credit--;
    this.#terms = [];
    this.#rows = 0;
    this.#characters = 0;
    this.#head = undefined;
    this.#send({ kind: "part", id: this.#id, ...head, ...rows, ...(end === undefined ? {} : { end }) });
  }

  #end(refusal: Refusal | undefined): boolean {
    this.#flushNow(refusal === undefined ? {} : { refusal });
    return this.#controller.signal.aborted || refusal?.code === "timed-out" || refusal?.code === "too-large";
  }
}

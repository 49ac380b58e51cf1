import { Worker } from "node:worker_threads";
import { scopeBlankNodes } from "../../../src/rdf/blank-node.ts";
import type { Quad } from "../../../src/rdf/term.ts";
import { type Answer, receiveAnswer, type SentAnswer, sendQuad } from "./answer.ts";
import type { Question } from "./answering-thread.ts";
import { BASE, SILENCE_MS, START_MS } from "./bounds.ts";
import { lineOf, type World } from "./random-data.ts";

/** The triples that the requester may see, each once, with blank nodes labelled as the hub does. */
export function dataOf({ anonymous, open, own }: World): readonly Quad[] {
  const scoped = [
    ...scopeBlankNodes(open, `${BASE}open` as typeof BASE),
    ...scopeBlankNodes(anonymous ? [] : own, `${BASE}own` as typeof BASE),
  ];
  return [...new Map(scoped.map((each) => [lineOf(each), each])).values()];
}

/** Somebody in a thread of their own who answers questions one after the other. */
class Answerer {
  readonly #who: string;
  #worker: Worker | undefined;
  #number = 0;
  #settle: ((answer: Answer) => void) | undefined;

  constructor(who: string) {
    this.#who = who;
  }

  async answer(lists: Readonly<Record<string, readonly Quad[]>>, text: string, anonymous = false): Promise<Answer> {
    const patience_ms = this.#worker === undefined ? START_MS : SILENCE_MS;
    const worker = (this.#worker ??= this.#start());
    const number = ++this.#number;
    const sent = Object.fromEntries(Object.entries(lists).map(([name, quads]) => [name, quads.map(sendQuad)]));
    return await new Promise<Answer>((resolve) => {
      const timer = setTimeout(() => {
        this.#settle?.({ kind: "too much", message: `silent for ${patience_ms} ms` });
        void this.stop();
      }, patience_ms);
      this.#settle = (answer) => {
        clearTimeout(timer);
        this.#settle = undefined;
        // What broke may still be at its question.
        if (answer.kind === "error" && answer.broken === true) void this.stop();
        resolve(answer);
      };
      worker.postMessage({ number, lists: sent, text, anonymous } satisfies Question);
    });
  }

  #start(): Worker {
    const worker = new Worker(new URL("./answering-thread.ts", import.meta.url), { workerData: this.#who });
    worker.on("message", ({ number, answer }: { number: number; answer: SentAnswer }) => {
      if (number === this.#number) this.#settle?.(receiveAnswer(answer));
    });
    worker.on("error", (error) => this.#settle?.({ kind: "error", message: error.message, broken: true }));
    return worker;
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}

/** All who answer: the engine under test and its two peers. */
export class Answerers implements AsyncDisposable {
  readonly #engine = new Answerer("engine");
  readonly #comunica = new Answerer("comunica");
  readonly #oxigraph = new Answerer("oxigraph");

  /** The engine under test, on a store that holds more than the requester may see. */
  async byEngine({ anonymous, open, own, hidden, gone }: World, text: string): Promise<Answer> {
    return await this.#engine.answer({ open, own, hidden, gone }, text, anonymous);
  }

  async byComunica(data: readonly Quad[], text: string): Promise<Answer> {
    return await this.#comunica.answer({ data }, text);
  }

  async byOxigraph(data: readonly Quad[], text: string): Promise<Answer> {
    return await this.#oxigraph.answer({ data }, text);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#engine, this.#comunica, this.#oxigraph].map((each) => each.stop()));
  }
}

// A thread that answers random queries: what breaks in it, or never ends, breaks nothing else.
import { parentPort, workerData } from "node:worker_threads";
import type { Quad } from "../../../src/rdf/term.ts";
import { type Answer, receiveQuad, type SentQuad, sendAnswer } from "./answer.ts";

/** One question: a world (for the engine under test) or what can be seen of it (for its peers) as lists of triples. */
export interface Question {
  readonly number: number;
  readonly lists: Readonly<Record<string, readonly SentQuad[]>>;
  readonly text: string;
  /** Whether nobody in particular asks. */
  readonly anonymous: boolean;
}

type Lists = Readonly<Record<string, readonly Quad[]>>;
type Asked = (lists: Lists, text: string, anonymous: boolean) => Promise<Answer> | Answer;

async function load(): Promise<Asked> {
  switch (workerData as string) {
    case "engine": {
      const { askEngine } = await import("./ask-engine.ts");
      return ({ open = [], own = [], hidden = [], gone = [] }, text, anonymous) =>
        askEngine({ anonymous, open, own, hidden, gone }, text);
    }
    case "comunica": {
      const { askComunica } = await import("./ask-comunica.ts");
      return ({ data = [] }, text) => askComunica(data, text);
    }
    default: {
      const { askOxigraph } = await import("./ask-oxigraph.ts");
      return ({ data = [] }, text) => askOxigraph(data, text);
    }
  }
}

let current = -1;
const reply = (number: number, answer: Answer): void => parentPort?.postMessage({ number, answer: sendAnswer(answer) });
process.on("uncaughtException", (error) => reply(current, { kind: "error", message: error.message, broken: true }));

const asked = await load();
parentPort?.on("message", ({ number, lists, text, anonymous }: Question) => {
  current = number;
  const received = Object.fromEntries(Object.entries(lists).map(([name, quads]) => [name, quads.map(receiveQuad)]));
  void Promise.resolve(asked(received, text, anonymous)).then((answer) => reply(number, answer));
});

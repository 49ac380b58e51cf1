import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { Parser } from "n3";
import { type Asked, askRound, type Round, type RoundResult } from "./peer-process.ts";
import { type Answer, type AnyTerm, answerOfBoolean, answerOfRows, answerOfTriples } from "./sparql-answer.ts";
import type { Question } from "./sparql-questions.ts";

/** LIMIT: how long an endpoint may say that it is busy before that is an error. */
const BUSY_MS = 120_000;
const BUSY_WAIT_MS = 500;

interface JsonTerm {
  readonly type: string;
  readonly value: string;
  readonly datatype?: string;
  readonly "xml:lang"?: string;
}

interface JsonResults {
  readonly boolean?: boolean;
  readonly results?: { readonly bindings: readonly Readonly<Record<string, JsonTerm>>[] };
}

/** A SPARQL endpoint that is asked over one kept connection; what is measured ends with the last byte of the answer. */
export class HttpEndpoint implements Asked, Disposable {
  readonly name = "http";
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: URL;
  readonly #questions: ReadonlyMap<string, Question>;

  constructor(url: URL, questions: readonly Question[]) {
    this.#url = url;
    this.#questions = new Map(questions.map((question) => [question.name, question]));
  }

  async ask(round: Round): Promise<RoundResult> {
    const question = this.#questions.get(round.question);
    if (question === undefined) throw new Error(`Expected a question, but got "${round.question}".`);
    return await askRound(question, round, async (text) => {
      const body = await this.#get(text);
      return () => answerOfBody(body, question);
    });
  }

  async #get(text: string): Promise<string> {
    const url = new URL(this.#url);
    url.searchParams.set("query", text);
    const busyUntil = performance.now() + BUSY_MS;
    for (;;) {
      const { status, body } = await this.#request(url);
      if (status === 200) return body;
      if (status !== 503 || performance.now() > busyUntil) throw new Error(`Expected 200, but got ${status}: ${body}`);
      await wait(BUSY_WAIT_MS);
    }
  }

  async #request(url: URL): Promise<{ readonly status: number; readonly body: string }> {
    const accept = "application/sparql-results+json, application/n-triples;q=0.9";
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { agent: this.#agent, headers: { accept } }, resolve).on("error", reject).end();
    });
    let body = "";
    for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
    return { status: response.statusCode ?? 0, body };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

function answerOfBody(body: string, question: Question): Answer {
  if (!body.startsWith("{")) return answerOfTriples(new Parser({ format: "N-Triples" }).parse(body));
  const { boolean, results } = JSON.parse(body) as JsonResults;
  if (boolean !== undefined) return answerOfBoolean(boolean);
  const rows = (results?.bindings ?? []).map((row) =>
    Object.entries(row).map(([name, term]): [string, AnyTerm] => [name, termOf(term)]),
  );
  return answerOfRows(rows, question);
}

function termOf({ type, value, datatype, "xml:lang": language }: JsonTerm): AnyTerm {
  if (type === "uri") return { termType: "NamedNode", value };
  if (type === "bnode") return { termType: "BlankNode", value };
  return {
    termType: "Literal",
    value,
    ...(language === undefined ? {} : { language }),
    ...(datatype === undefined ? {} : { datatype: { value: datatype } }),
  };
}

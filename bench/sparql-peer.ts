// One store in a process of its own that answers the questions of bench/sparql.ts: ours, Oxigraph, or plain Comunica.
import { QueryEngine as Comunica } from "@comunica/query-sparql";
import { Store } from "n3";
import * as oxigraph from "oxigraph";
import type { QueryAnswer } from "../src/hub/ports/queries.ts";
import { isRefusal } from "../src/outcome/refusal.ts";
import { createEngine } from "../src/query/engine.ts";
import type { Iri } from "../src/rdf/iri.ts";
import { writeNTriples } from "../src/rdf/ntriples.ts";
import type { Quad, Term } from "../src/rdf/term.ts";
import { QuadStore } from "../src/storage/triples/quad-store.ts";
import { askRound, type Filled, type Round, type Sent } from "./peer-process.ts";
import { SocialGraph } from "./social-graph.ts";
import { type Answer, type AnyTerm, answerOfBoolean, answerOfRows, answerOfTriples } from "./sparql-answer.ts";
import { type Question, questionsAbout } from "./sparql-questions.ts";

export const PEERS = ["ours", "oxigraph", "comunica"] as const;
export type PeerName = (typeof PEERS)[number];

/** A filled store that answers; what it answers is read whole, and turned into text when the time is taken. */
export interface Peer {
  readonly quads: number;
  ask(text: string): Promise<Given> | Given;
}

/** An answer as a library gives it. */
type Given = boolean | readonly Iterable<readonly [string, AnyTerm]>[] | { readonly triples: readonly OfTriple[] };
type OfTriple = Readonly<Record<"subject" | "predicate" | "object", AnyTerm>>;

const BASE = "https://hub.example/" as Iri;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
/** How many posts are handed to Oxigraph at once. */
const LOAD_DOCUMENTS = 5_000;

/** Fills a store with a graph. */
export function fill(name: PeerName, graph: SocialGraph): Peer {
  switch (name) {
    case "ours":
      return fillOurs(graph);
    case "oxigraph":
      return fillOxigraph(graph);
    case "comunica":
      return fillComunica(graph);
  }
}

function fillOurs(graph: SocialGraph): Peer {
  const store = new QuadStore();
  for (const document of graph.documents()) store.add(document);
  store.advance();
  const engine = createEngine({
    quads: store,
    catalogue: new Map(),
    limits: { timeout_ms: 120_000, rows_max: 1_000_000 },
    log: silent,
  });
  return {
    quads: store.size,
    ask: async (text) => {
      const answer = await engine.adHoc(text, { dataset: {}, baseIri: BASE });
      if (isRefusal(answer)) throw new Error(answer.message);
      return await readWhole(answer);
    },
  };
}

async function readWhole(answer: QueryAnswer): Promise<Given> {
  switch (answer.kind) {
    case "boolean":
      return answer.value;
    case "bindings":
      return await Array.fromAsync(answer.rows);
    case "quads":
      return { triples: await Array.fromAsync(answer.quads) };
  }
}

function fillOxigraph(graph: SocialGraph): Peer {
  const store = new oxigraph.Store();
  let quads: Quad[] = [];
  let documents = 0;
  const load = (): void => {
    store.load(writeNTriples(quads), { format: "application/n-triples", no_transaction: true });
    quads = [];
  };
  for (const document of graph.documents()) {
    quads.push(...document.quads);
    if (++documents % LOAD_DOCUMENTS === 0) load();
  }
  load();
  return {
    quads: store.size,
    ask: (text) => {
      const answer = store.query(text, { base_iri: BASE });
      if (typeof answer === "boolean") return answer;
      if (typeof answer === "string") throw new Error(`Expected rows or quads, but got ${answer.slice(0, 80)}.`);
      const [first] = answer;
      if (first === undefined || first instanceof Map) return answer as Map<string, oxigraph.Term>[];
      return { triples: answer as oxigraph.Quad[] };
    },
  };
}

function fillComunica(graph: SocialGraph): Peer {
  const store = new Store();
  for (const { quads } of graph.documents()) store.addQuads(quads);
  const comunica = new Comunica();
  return {
    quads: store.size,
    ask: async (text) => {
      const result = await comunica.query(text, { sources: [store], baseIRI: BASE, noCache: true });
      if (result.resultType === "boolean") return await result.execute();
      if (result.resultType === "void") throw new Error("Expected a question, but got an update.");
      const found = await Array.fromAsync((await result.execute()) as AsyncIterable<unknown>);
      if (result.resultType === "quads") return { triples: found as Quad[] };
      return found.map((row) =>
        [...(row as Iterable<[Term, Term]>)].map(([{ value }, term]) => [value, term] as const),
      );
    },
  };
}

/** An answer as text. */
export function answerOf(given: Given, question: Question): Answer {
  if (typeof given === "boolean") return answerOfBoolean(given);
  return "triples" in given ? answerOfTriples(given.triples) : answerOfRows(given, question);
}

async function serve(name: PeerName, posts: number): Promise<void> {
  const graph = new SocialGraph(posts);
  const questions = new Map(questionsAbout(graph).map((question) => [question.name, question]));
  const begun = performance.now();
  const peer = fill(name, graph);
  const fill_ms = performance.now() - begun;
  const send = <T>(sent: Sent<T>): unknown => process.send?.(sent);
  process.on("message", (round: Round) => {
    const question = questions.get(round.question);
    if (question === undefined) return send({ error: `Expected a question, but got "${round.question}".` });
    const ask = async (text: string) => {
      const given = await peer.ask(text);
      return () => answerOf(given, question);
    };
    return askRound(question, round, ask).then(
      (result) => send({ result }),
      (error: unknown) =>
        send({ error: `${question.name}: ${error instanceof Error ? error.message : String(error)}` }),
    );
  });
  process.once("disconnect", () => process.exit(0));
  const filled: Filled = { quads: peer.quads, fill_ms, rss_bytes: process.memoryUsage.rss() };
  send({ result: filled });
}

const [name, posts] = process.argv.slice(2);
if (process.send !== undefined && import.meta.filename === process.argv[1]) {
  await serve(PEERS.find((one) => one === name) ?? "ours", Number(posts));
}

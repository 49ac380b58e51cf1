import { QueryEngine } from "@comunica/query-sparql";
import { Store } from "n3";
import { blankNode, type Quad, quad, type Term } from "../../../src/rdf/term.ts";
import type { Answer } from "./answer.ts";
import { BASE, ROWS_MAX, TIME_MS } from "./bounds.ts";

const engine = new QueryEngine();

/** Plain Comunica over an N3 Store of some triples. Some queries it never ends: those are too much. */
export async function askComunica(data: readonly Quad[], text: string): Promise<Answer> {
  const stopping = new AbortController();
  const timer = setTimeout(() => stopping.abort(), TIME_MS);
  const stopped = new Promise<Answer>((resolve) => {
    stopping.signal.addEventListener("abort", () => resolve({ kind: "too much", message: `over ${TIME_MS} ms` }));
  });
  try {
    return await Promise.race([ask(new Store([...data]), text, stopping.signal), stopped]);
  } catch (error) {
    return { kind: "error", message: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(store: Store, text: string, signal: AbortSignal): Promise<Answer> {
  const result = await engine.query(text, { sources: [store], baseIRI: BASE, noCache: true });
  if (result.resultType === "boolean") return { kind: "boolean", value: await result.execute() };
  if (result.resultType === "void") return { kind: "error", message: "an update" };
  const found = (await result.execute()) as unknown as AsyncIterable<unknown> & { destroy(): void };
  signal.addEventListener("abort", () => found.destroy(), { once: true });
  const read: unknown[] = [];
  for await (const each of found) {
    read.push(each);
    if (read.length > ROWS_MAX) break;
  }
  found.destroy();
  if (read.length > ROWS_MAX) return { kind: "too much", message: `over ${ROWS_MAX} rows` };
  if (result.resultType === "quads") {
    const quads = (read as Quad[]).map((each) =>
      quad(inData(each.subject), inData(each.predicate), inData(each.object)),
    );
    return { kind: "quads", quads };
  }
  const rows = (read as Iterable<readonly [{ readonly value: string }, Term]>[]).map(
    (row) => new Map([...row].map(([variable, term]) => [variable.value, inData(term)])),
  );
  return { kind: "rows", rows };
}

/** A term under the label it has in the data; Comunica puts the number of its source in front. */
function inData<T extends Term>(term: T): T {
  return term.termType === "BlankNode" ? (blankNode(term.value.replace(/^bc_\d+_/, "")) as T) : term;
}

import type { Dataset } from "../../../src/hub/ports/queries.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { Refused } from "../../../src/outcome/refused.ts";
import { createEngine } from "../../../src/query/engine.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import type { Answer } from "./answer.ts";
import { BASE, OTHER, REQUESTER, ROWS_MAX, TIME_MS } from "./bounds.ts";
import type { World } from "./random-data.ts";

type Stated = Pick<Document, "graph" | "audience" | "quads">;

/** The documents of a world. */
export function documentsOf({
  open,
  own,
  hidden,
  gone,
}: World): Readonly<Record<"open" | "own" | "hidden" | "gone", Stated>> {
  return {
    open: { graph: `${BASE}open` as Iri, audience: "public", quads: open },
    own: { graph: `${BASE}own` as Iri, audience: { only: REQUESTER }, quads: own },
    hidden: { graph: `${BASE}hidden` as Iri, audience: { only: OTHER }, quads: hidden },
    gone: { graph: `${BASE}gone` as Iri, audience: "public", quads: gone },
  };
}

const quads = new QuadStore();
const engine = createEngine({
  quads,
  catalogue: new Map(),
  limits: { timeout_ms: 4 * TIME_MS, rows_max: 2 * ROWS_MAX },
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
});

/** The engine under test. Its store has had many worlds before: each is taken back after its question. */
export async function askEngine(world: World, text: string): Promise<Answer> {
  const { open, own, hidden, gone } = documentsOf(world);
  for (const each of [gone, open, own, hidden]) quads.add(each);
  quads.remove(gone);
  quads.advance();
  try {
    return await ask(text, world.anonymous ? {} : { private: REQUESTER });
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === "timed-out")
      return { kind: "too much", message: error.message };
    return { kind: "error", message: error instanceof Error ? error.message : String(error) };
  } finally {
    for (const each of [open, own, hidden]) quads.remove(each);
    quads.advance();
  }
}

async function ask(text: string, dataset: Dataset): Promise<Answer> {
  const answer = await engine.adHoc(text, { dataset, baseIri: BASE });
  if (isRefusal(answer)) {
    return { kind: answer.code === "timed-out" ? "too much" : "error", message: answer.message };
  }
  if (answer.kind === "boolean") return answer;
  if (answer.kind === "quads") return { kind: "quads", quads: await Array.fromAsync(answer.quads) };
  return { kind: "rows", variables: answer.variables, rows: await Array.fromAsync(answer.rows) };
}

import { describe, expect, it } from "vitest";
import type { QueryAnswer } from "../../../src/hub/ports/queries.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { createEngine } from "../../../src/query/engine.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNTriples } from "../../../src/rdf/ntriples.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import { keptLog } from "../../storage/sample.ts";

const engine = createEngine({
  quads: new QuadStore(),
  catalogue: new Map(),
  limits: { timeout_ms: 10_000, rows_max: 10 },
  log: keptLog(),
});

async function answerTo(text: string): Promise<QueryAnswer> {
  const answer = await engine.adHoc(text, { dataset: {}, baseIri: "http://hub.example/" as Iri });
  if (isRefusal(answer)) throw new Error(answer.message);
  return answer;
}

/** What an expression comes to; undefined is an error. */
async function valueOf(expression: string): Promise<string | undefined> {
  const answer = await answerTo(`SELECT (${expression} AS ?value) {}`);
  if (answer.kind !== "bindings") throw new Error("Expected rows.");
  const [row] = await Array.fromAsync(answer.rows);
  return row?.get("value")?.value;
}

describe("REPLACE", () => {
  it.each([
    ["puts groups in", "(b)(c)", "[$2$1]", "a[cb]d"],
    ["puts nothing in for a group that the expression does not have", "b", "[$1]", "a[]cd"],
    ["takes a digit after the last group for a digit", "(b)", "[$12]", "a[b2]cd"],
    ["puts the whole match in", "b", "[$0]", "a[b]cd"],
    ["puts a dollar in", "b", "[\\\\$1]", "a[$1]cd"],
  ])("%s", async (_, pattern, replacement, expected) => {
    expect(await valueOf(`REPLACE("abcd", "${pattern}", "${replacement}")`)).toBe(expected);
  });

  it("is an error where the expression matches nothing at all, or is none", async () => {
    expect(await valueOf('REPLACE("abcd", "x*", "-")')).toBeUndefined();
    expect(await valueOf('REPLACE("abcd", "(", "-")')).toBeUndefined();
  });
});

describe("IRI", () => {
  it("resolves against the base", async () => {
    expect(await valueOf('IRI("alice")')).toBe("http://hub.example/alice");
  });

  it.each(["http://far.example/a b", "urn:<x>", "urn:a\\"])("is an error for %s", async (text) => {
    expect(await valueOf(`IRI("${text.replace("\\", "\\\\")}")`)).toBeUndefined();
  });

  it("gives no triple that could not be written", async () => {
    const text =
      'CONSTRUCT { <urn:a> <urn:p> ?good, ?bad } { BIND(IRI("urn:b") AS ?good) BIND(IRI("urn:<b>") AS ?bad) }';
    const answer = await answerTo(text);
    if (answer.kind !== "quads") throw new Error("Expected triples.");
    expect(writeNTriples(await Array.fromAsync(answer.quads))).toBe("<urn:a> <urn:p> <urn:b> .\n");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CommittedDocuments } from "../../../src/hub/ports/records.ts";
import type { StandingAnswer, StandingQueries } from "../../../src/hub/ports/standing.ts";
import { isRefusal, type Refusal } from "../../../src/outcome/refusal.ts";
import { createStandingQueries } from "../../../src/query/standing/standing-queries.ts";
import type { Audience, Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";

const BASE = "http://hub.example/" as Iri;
const ME = "urn:a" as Iri;
const LIMITS = { timeout_ms: 10_000, rows_max: 10_000 };

function must<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Error(value.message);
  return value;
}

/** A query store with standing queries over it, and the answers that were kept of each. */
class Kept {
  readonly store = new QuadStore();
  readonly standing: StandingQueries = createStandingQueries({
    index: this.store.index,
    catalogue: new Map(),
    limits: LIMITS,
  });
  readonly documents = new Map<string, Document>();
  readonly answers = new Map<string, Map<string, StandingAnswer>>();

  async add(id: string, text: string, isPrivate = false): Promise<void> {
    must(this.standing.add(id, { text, base: BASE, dataset: isPrivate ? { private: ME } : {} }));
    this.answers.set(id, new Map(await this.fromScratch(id)));
  }

  async fromScratch(id: string): Promise<ReadonlyMap<string, StandingAnswer>> {
    return must(await this.standing.answers(id, { values: {}, onlyAdds: false }));
  }

  /** Puts, replaces or takes out documents in one commit, and brings the answers up to date. */
  async commit(steps: readonly { readonly graph: string; readonly after?: Document }[]): Promise<readonly string[]> {
    const changes: CommittedDocuments["changes"][number][] = [];
    for (const { graph, after } of steps) {
      const before = this.documents.get(graph);
      if (before !== undefined) this.store.remove(before);
      if (after === undefined) this.documents.delete(graph);
      else {
        this.store.add(after);
        this.documents.set(graph, after);
      }
      changes.push({
        graph: graph as Iri,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      });
    }
    this.store.advance();
    const touched = this.standing.touched(changes);
    for (const [id, seeds] of touched) {
      const kept = this.answers.get(id) ?? new Map<string, StandingAnswer>();
      for (const { values, onlyAdds } of seeds) {
        const found = must(await this.standing.answers(id, { values, onlyAdds }));
        if (!onlyAdds) {
          for (const [key, answer] of kept) {
            const isMeant = Object.entries(values).every(([name, value]) => answer.values[name] === value);
            if (isMeant && !found.has(key)) kept.delete(key);
          }
        }
        for (const [key, answer] of found) kept.set(key, answer);
      }
    }
    return [...touched.keys()];
  }
}

function documentOf(
  graph: string,
  triples: readonly (readonly [string, string, string])[],
  audience: Audience = "public",
): Document {
  const term = (text: string) => (text.startsWith("urn:") ? namedNode(text) : literal(text));
  return {
    graph: graph as Iri,
    kind: "other",
    audience,
    origin: { kind: "own" },
    created: "2026-11-21T06:00:00.000Z",
    received: "2026-11-21T06:00:00.000Z",
    quads: triples.map(([subject, predicate, object]) => quad(namedNode(subject), namedNode(predicate), term(object))),
  };
}

const node = fc.constantFrom("urn:a", "urn:b", "urn:c", "urn:d");
const predicate = fc.constantFrom("urn:p", "urn:q", "urn:r");
const triple = fc.tuple(node, predicate, fc.oneof({ weight: 4, arbitrary: node }, fc.constantFrom("x", "y")));
const step = fc
  .tuple(
    fc.constantFrom("urn:g1", "urn:g2", "urn:g3", "urn:g4", "urn:g5", "urn:g6"),
    fc.option(fc.array(triple, { minLength: 1, maxLength: 3 }), { freq: 4 }),
    fc.nat(3).map((one) => one === 0),
  )
  .map(([graph, triples, isPrivate]) =>
    triples === null ? { graph } : { graph, after: documentOf(graph, triples, isPrivate ? { only: ME } : "public") },
  );
const commits = fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 10 });

const variable = fc.constantFrom("?x", "?y", "?z");
const constant = node.map((iri) => `<${iri}>`);
const place = fc.oneof({ weight: 3, arbitrary: variable }, constant);
const pattern = fc
  .tuple(place, predicate, fc.oneof({ weight: 5, arbitrary: place }, fc.constantFrom('"x"', '"y"')))
  .map(([s, p, o]) => `${s} <${p}> ${o} .`);
const group = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((each) => each.join(" "));
const path = fc
  .tuple(constant, predicate, predicate, fc.constantFrom("*", "+", "?"), variable)
  .map(([s, p, q, many, o]) => `${s} (<${p}>|^<${q}>)${many} ${o} .`);
const condition = fc.tuple(variable, place).map(([one, other]) => `FILTER(${one} != ${other})`);
const clause: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: group },
  { weight: 2, arbitrary: group.map((each) => `OPTIONAL { ${each} }`) },
  { weight: 2, arbitrary: group.map((each) => `MINUS { ${each} }`) },
  { weight: 3, arbitrary: group.map((each) => `FILTER NOT EXISTS { ${each} }`) },
  { weight: 1, arbitrary: group.map((each) => `FILTER EXISTS { ${each} }`) },
  { weight: 2, arbitrary: fc.tuple(group, group).map(([one, other]) => `{ ${one} } UNION { ${other} }`) },
  { weight: 1, arbitrary: fc.tuple(group, group).map(([one, other]) => `{ ${one} OPTIONAL { ${other} } }`) },
  { weight: 1, arbitrary: fc.tuple(group, group).map(([one, other]) => `OPTIONAL { ${one} MINUS { ${other} } }`) },
  {
    weight: 1,
    arbitrary: fc.tuple(group, group).map(([one, other]) => `FILTER NOT EXISTS { ${one} OPTIONAL { ${other} } }`),
  },
  { weight: 1, arbitrary: group.map((each) => `{ SELECT ?x (COUNT(*) AS ?n) { ${each} } GROUP BY ?x }`) },
  { weight: 1, arbitrary: group.map((each) => `{ SELECT DISTINCT ?x { ${each} } }`) },
  { weight: 1, arbitrary: path },
  { weight: 1, arbitrary: condition },
);
/** Queries whose last pattern is told from others' by what stands beside it only. */
const guarded = fc
  .tuple(
    fc.constantFrom(
      (p: string, q: string, c: string, d: string) => `{ ?x <${p}> ${c} } UNION { ?x <${q}> ${d} }`,
      (p: string, q: string, c: string, d: string) => `{ ?x <${p}> ${c} } UNION { ${d} <${q}> ?y . ?x <${p}> ?y }`,
      (p: string, q: string, c: string) => `?x <${p}> ?y . ${c} <${q}> ?y .`,
      (p: string, q: string, c: string) => `?x <${p}> ?y . ?y <${q}> ${c} .`,
      (p: string, q: string, c: string) => `${c} (<${p}>|^<${q}>)* ?x .`,
      (p: string, _: string, c: string) => `?x <${p}>+ ${c} .`,
    ),
    predicate,
    predicate,
    constant,
    constant,
    predicate,
    fc.constantFrom("", "", "FILTER NOT EXISTS { ?y <urn:q> ?x }", "OPTIONAL { ?x <urn:q> ?y }"),
  )
  .map(([shape, p, q, c, d, r, rest]) => `${shape(p, q, c, d)} ?x <${r}> ?z . ${rest}`);
const body = fc.oneof(
  { weight: 1, arbitrary: guarded },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.oneof({ weight: 5, arbitrary: group }, clause), fc.array(clause, { maxLength: 2 }))
      .map(([first, others]) => [first, ...others].join(" ")),
  },
);
const query = fc
  .tuple(
    fc.constantFrom("SELECT ?x", "SELECT ?x ?y ?z", "SELECT DISTINCT ?y", "CONSTRUCT { ?x <urn:made> ?y }"),
    body,
    fc.constantFrom("", "", "", " ORDER BY ?x ?y ?z LIMIT 2"),
  )
  .map(([head, where, tail]) => `${head} WHERE { ${where} }${head.startsWith("CONSTRUCT") ? "" : tail}`);

describe("answers of standing queries", () => {
  it("are, kept commit by commit, those of every query asked from scratch", async () => {
    let read = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(query, fc.boolean()), { minLength: 1, maxLength: 6 }),
        commits,
        fc.array(step, { maxLength: 4 }),
        async (queries, all, beginning) => {
          const kept = new Kept();
          await kept.commit(beginning);
          const texts = new Map<string, string>();
          for (const [place, [text, isPrivate]] of queries.entries()) {
            const id = String(place);
            const dataset = isPrivate ? { private: ME } : {};
            if (isRefusal(kept.standing.add(id, { text, base: BASE, dataset }))) continue;
            await kept.add(id, text, isPrivate);
            texts.set(id, text);
            read++;
          }
          for (const steps of all) {
            await kept.commit(steps);
            for (const [id, text] of texts) {
              const whole = await kept.fromScratch(id);
              const keysOf = (answers: ReadonlyMap<string, unknown> = whole) => [text, ...[...answers.keys()].sort()];
              expect(keysOf(kept.answers.get(id) ?? new Map())).toEqual(keysOf());
            }
          }
        },
      ),
      { numRuns: Number(process.env["STERNA_TEST_RUNS"] ?? 500) },
    );
    expect(read).toBeGreaterThan(100);
  }, 120_000);
});

describe("a UNION in a standing query", () => {
  it("is told from others' only by what each of its sides says of a term", async () => {
    const kept = new Kept();
    await kept.add("both", "SELECT ?x ?y { { ?x <urn:p> <urn:a> } UNION { ?y <urn:q> <urn:b> } ?x <urn:r> ?z }");
    await kept.commit([{ graph: "urn:g1", after: documentOf("urn:g1", [["urn:d", "urn:q", "urn:b"]]) }]);
    // Of whom this is only the second side tells nothing.
    await kept.commit([{ graph: "urn:g2", after: documentOf("urn:g2", [["urn:c", "urn:r", "urn:c"]]) }]);
    expect([...(kept.answers.get("both")?.values() ?? [])].map(({ values }) => values)).toEqual([
      { x: "urn:c", y: "urn:d" },
    ]);
  });
});

describe("a regular expression in a standing query", () => {
  const about = (text: string) => documentOf("urn:g", [["urn:s", "urn:content", text]]);
  const query = (test: string) => `SELECT ?s { ?s <urn:content> ?text FILTER(${test}) }`;
  const endless = 'REGEX(STR(?text), "^urn:(a+)+$")';

  it("is asked of the texts", async () => {
    const kept = new Kept();
    await kept.add("found", query('REGEX(STR(?text), "^urn:(a+)+$")'));
    await kept.commit([{ graph: "urn:g", after: about("urn:aaaa") }]);
    expect([...(kept.answers.get("found") ?? [])]).toHaveLength(1);
  });

  it.each([
    endless,
    `EXISTS { ?s <urn:content> ?o FILTER(${endless}) }`,
    '"x" = REPLACE(STR(?text), "^urn:(a+)+$", "x")',
  ])("does not hold up the hub when it never ends: %s", async (test) => {
    const kept = new Kept();
    await kept.add("endless", query(test));
    await expect(kept.commit([{ graph: "urn:g", after: about(`urn:${"a".repeat(60)}!`) }])).rejects.toThrow(
      "ends within 0.5 seconds",
    );
  });
});

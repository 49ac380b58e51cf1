import fc from "fast-check";
import { Store } from "n3";
import { Store as Oxigraph } from "oxigraph";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GraphStore } from "../../../src/hub/graphs/graph-store.ts";
import { runUpdate } from "../../../src/hub/graphs/run-update.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { writeNQuads } from "../../../src/rdf/ntriples.ts";
import { scratchStore } from "../../conformance/scratch-store.ts";
import { ANONYMOUS, must, openTestHub, type TestHub } from "../test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await openTestHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const BASE = "urn:x:" as Iri;
const graph = fc.constantFrom("<urn:x:g1>", "<urn:x:g2>", "<urn:x:g3>");
const place = fc.oneof(graph, fc.constant(""));
const subject = fc.constantFrom("<urn:x:a>", "<urn:x:b>", "<urn:x:c>");
const predicate = fc.constantFrom("<urn:x:p>", "<urn:x:q>");
const object = fc.oneof(subject, fc.constantFrom("1", '"x"@en'));
const triple = fc.tuple(subject, predicate, object).map((terms) => terms.join(" "));
const variable = fc.constantFrom("?u", "?v");
const pattern = fc
  .tuple(fc.oneof(subject, variable), fc.oneof(predicate, fc.constant("?w")), fc.oneof(object, variable))
  .map((terms) => terms.join(" "));

const inside = (where: string, triples: readonly string[]): string => {
  const text = triples.join(" . ");
  return where === "" ? text : `GRAPH ${where} { ${text} }`;
};
const data = fc
  .tuple(place, fc.array(triple, { minLength: 1, maxLength: 4 }))
  .map(([where, all]) => inside(where, all));
const template = fc
  .tuple(fc.oneof(place, fc.constant("?g")), fc.array(pattern, { minLength: 1, maxLength: 2 }))
  .map(([where, all]) => inside(where, all));
const where = fc
  .array(template, { minLength: 1, maxLength: 2 })
  .map((groups) => groups.map((group) => `{ ${group} }`).join(" "));

const target = fc.oneof(
  graph.map((name) => `GRAPH ${name}`),
  fc.constantFrom("DEFAULT", "NAMED", "ALL"),
);
const end = fc.oneof(graph, fc.constant("DEFAULT"));

const operation = fc.oneof(
  { weight: 4, arbitrary: data.map((quads) => `INSERT DATA { ${quads} }`) },
  data.map((quads) => `DELETE DATA { ${quads} }`),
  template.map((quads) => `DELETE WHERE { ${quads} }`),
  fc
    .tuple(template, template, where)
    .map(([out, into, asked]) => `DELETE { ${out} } INSERT { ${into} } WHERE { ${asked} }`),
  fc
    .tuple(graph, template, template, where)
    .map(([name, out, into, asked]) => `WITH ${name} DELETE { ${out} } INSERT { ${into} } WHERE { ${asked} }`),
  fc
    .tuple(template, graph, graph, where)
    .map(
      ([into, merged, named, asked]) => `INSERT { ${into} } USING ${merged} USING NAMED ${named} WHERE { ${asked} }`,
    ),
  target.map((what) => `CLEAR SILENT ${what}`),
  target.map((what) => `DROP SILENT ${what}`),
  graph.map((name) => `CREATE SILENT GRAPH ${name}`),
  // A graph that is not there is no source to us, as SPARQL has it (§3.2.3), and an empty one to Oxigraph.
  fc
    .tuple(fc.constantFrom("COPY", "MOVE", "ADD"), end, end)
    .map(([how, from, to]) => `${from === "DEFAULT" ? "" : `CREATE SILENT GRAPH ${from} ; `}${how} ${from} TO ${to}`),
);
const requests = fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 });

const lines = (store: Store): readonly string[] =>
  writeNQuads([...store])
    .trim()
    .split("\n")
    .sort();

describe("SPARQL Update", () => {
  it("leaves the same triples as Oxigraph, one operation after the other", async () => {
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        const [peer, mine] = [new Oxigraph(), new Store()];
        const store: GraphStore = scratchStore(mine, BASE);
        for (const operations of all) {
          const text = operations.join(" ;\n");
          peer.update(text, { base_iri: BASE });
          must(await runUpdate(hub.ports, ANONYMOUS, text, { baseIri: BASE }, store));
          const wanted = peer.dump({ format: "application/n-quads" }).trim().split("\n").sort();
          expect([text, ...lines(mine)]).toEqual([text, ...wanted]);
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

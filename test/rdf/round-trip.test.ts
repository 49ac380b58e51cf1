import fc from "fast-check";
import { isomorphic } from "rdf-isomorphic";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { RdfFormat } from "../../src/rdf/format.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf, parseRdfStream } from "../../src/rdf/parse.ts";
import { serializeRdf, serializeRdfStream } from "../../src/rdf/serialize.ts";
import type { Quad } from "../../src/rdf/term.ts";
import { anyQuads, anyTriples } from "./arbitrary.ts";

const baseIri = "https://hub.example/alice/posts/2a3b?x=1" as Iri;
const contextIri = "https://hub.example/context.jsonld" as Iri;

async function read(text: string, format: RdfFormat): Promise<readonly Quad[]> {
  const quads = await parseRdf(text, { format, baseIri: "https://other.example/" as Iri, contextIri });
  if (isRefusal(quads)) throw new Error(`${quads.message}\n${text.slice(0, 2_000)}`);
  return quads;
}

async function* pieces(text: string, size: number): AsyncIterable<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function hasDotSegments(iri: string): boolean {
  return iri.includes("/../");
}

async function* each<T>(items: Iterable<T>): AsyncIterable<T> {
  yield* items;
}

describe("what is written reads back isomorphic", () => {
  it.each(["turtle", "ntriples", "nquads", "trig", "jsonld"] as const)("%s, any triples", async (format) => {
    await fc.assert(
      fc.asyncProperty(anyTriples, fc.boolean(), async (quads, withBase) => {
        const text = await serializeRdf(quads, withBase ? { format, baseIri, contextIri } : { format });
        expect(isomorphic([...(await read(text, format))], quads)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each(["nquads", "trig", "jsonld"] as const)("%s, any quads in named graphs", async (format) => {
    await fc.assert(
      fc.asyncProperty(anyQuads, async (quads) => {
        const text = await serializeRdf(quads, { format, baseIri, contextIri });
        expect(isomorphic([...(await read(text, format))], quads)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("RDF/XML, any triples that XML can carry; the others are refused", async () => {
    let written = 0;
    await fc.assert(
      fc.asyncProperty(anyTriples, async (triples) => {
        // Reading RDF/XML resolves every IRI, and RFC 3986 §5.2.2 takes dot segments out then.
        const quads = triples.filter(({ subject, object }) => ![subject.value, object.value].some(hasDotSegments));
        const text = await serializeRdf(quads, { format: "rdfxml" });
        const carried = quads.every(
          // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot carry.
          ({ object }) => object.termType !== "Literal" || !/[\0-\x08\v\f\x0e-\x1f\ufffe\uffff]/.test(object.value),
        );
        expect(isRefusal(text)).toBe(!carried);
        if (isRefusal(text)) expect(text.code).toBe("not-acceptable");
        else {
          written++;
          expect(isomorphic([...(await read(text, "rdfxml"))], quads)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
    expect(written).toBeGreaterThan(30);
  });

  it.each(["turtle", "ntriples", "nquads"] as const)("%s, written and read as streams cut anywhere", async (format) => {
    await fc.assert(
      fc.asyncProperty(anyTriples, fc.integer({ min: 1, max: 40_000 }), async (quads, size) => {
        let text = "";
        for await (const piece of serializeRdfStream(each(quads), { format, baseIri })) text += piece;
        const back: Quad[] = [];
        for await (const one of parseRdfStream(pieces(text, Math.max(size, text.length / 200)), { format, baseIri })) {
          if (isRefusal(one)) throw new Error(`${one.message}\n${text.slice(0, 2_000)}`);
          back.push(one);
        }
        expect(isomorphic(back, quads)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});

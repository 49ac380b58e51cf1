import { describe, expect, it } from "vitest";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import type { RdfFormat } from "../../src/rdf/format.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf, parseRdfStream, parseTurtle } from "../../src/rdf/parse.ts";
import type { Quad } from "../../src/rdf/term.ts";

const baseIri = "https://hub.example/alice" as Iri;

async function refusalOf(text: string, format: RdfFormat, quads_max?: number): Promise<Refusal> {
  const outcome = await parseRdf(text, quads_max === undefined ? { format, baseIri } : { format, baseIri, quads_max });
  if (!isRefusal(outcome)) throw new Error(`was read as ${outcome.length} quads`);
  return outcome;
}

async function* bytes(...parts: readonly (Uint8Array | string)[]): AsyncIterable<Uint8Array | string> {
  yield* parts;
}

async function readAll(chunks: AsyncIterable<Uint8Array | string>, format: RdfFormat): Promise<(Quad | Refusal)[]> {
  const all: (Quad | Refusal)[] = [];
  for await (const one of parseRdfStream(chunks, { format, baseIri })) all.push(one);
  return all;
}

const RDF_OPEN = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:x='http://x/'>";

describe("a syntax error is refused with its place", () => {
  const cases: readonly (readonly [RdfFormat, string, number, number | undefined])[] = [
    ["turtle", "<a> <b> <c> .\n<a> <b> ] .\n", 2, 9],
    ["turtle", "<a> <b> <c> .\n\n  <a> nope:b <c> .\n", 3, 7],
    ["turtle", '<a> <b> "never\nclosed" .\n', 1, 8],
    ["turtle", '<a> <b> """x\ny""" .\n<a> "b" <c> .', 3, 5],
    ["turtle", "<a> <b> <c>", 1, undefined],
    ["trig", "<g> { <a> <b> <c> .", 1, undefined],
    ["ntriples", "<http://x/a> <http://x/b> <http://x/c> .\n<http://x/a> <b> <http://x/c> .", 2, 14],
    ["nquads", '_:a <http://x/b> "x"@ .', 1, 21],
    ["jsonld", '{\n  "@id": ,\n}', 2, 10],
    ["jsonld", '{ "@id": "x"', 1, 13],
    ["rdfxml", `${RDF_OPEN}\n  <x:a>\n</rdf:RDF>`, 3, undefined],
    ["rdfxml", `${RDF_OPEN}\n  <x:a>\n  </x:a>\n  <rdf:li/>\n</rdf:RDF>`, 4, undefined],
    ["rdfxml", `${RDF_OPEN}\n  <x:a>`, 2, undefined],
    ["rdfxml", "", 1, undefined],
    ["rdfxml", "not xml", 1, undefined],
  ];

  it.each(cases)("%s: %j on line %i, column %s", async (format, text, line, column) => {
    const refusal = await refusalOf(text, format);
    expect(refusal.code).toBe("malformed");
    expect(refusal.detail?.["line"]).toBe(line);
    if (column !== undefined) expect(refusal.detail?.["column"]).toBe(column);
    expect(refusal.message).toMatch(/^Expected .*\.$/s);
    expect(refusal.message).toContain(`line ${line}`);
  });
});

describe("what RDF 1.1 does not have is refused", () => {
  it.each([
    ["a quoted triple", "<a> <b> <<( <a> <b> <c> )>> ."],
    ["a reified triple", "<< <a> <b> <c> >> <d> <e> ."],
    ["an annotation", "<a> <b> <c> {| <d> <e> |} ."],
    ["a base direction", '<a> <b> "x"@en--ltr .'],
    ["an N3 rule", "{ <a> <b> <c> } => { <d> <e> <f> } ."],
    ["an N3 path", "<a>!<b> <c> <d> ."],
    ["a named graph in Turtle", "<g> { <a> <b> <c> }"],
  ])("%s", async (_, text) => {
    expect((await refusalOf(text, "turtle")).code).toBe("malformed");
    expect(isRefusal(parseTurtle(text, baseIri))).toBe(true);
  });
});

describe("unsafe values are refused", () => {
  it.each([
    ["an IRI with an escaped space", "turtle", "<http://x/\\u0020> <b> <c> ."],
    ["an IRI that could close its bracket", "jsonld", '{"@id":"http://x/>","http://x/p":"x"}'],
    ["an IRI of more than 2,048 characters", "turtle", `<http://x/${"a".repeat(2_048)}> <b> <c> .`],
    ["half of a surrogate pair", "jsonld", '{"@id":"http://x/","http://x/p":"\\ud800"}'],
    [
      "a language tag that is none",
      "jsonld",
      '{"@id":"http://x/","http://x/p":{"@value":"x","@language":"not a tag"}}',
    ],
    ["an escape beyond Unicode", "ntriples", '<http://x/> <http://x/> "\\U00110000" .'],
  ] as const)("%s (%s)", async (_, format, text) => {
    expect((await refusalOf(text, format)).code).toBe("malformed");
  });
});

describe("bounds", () => {
  it.each([
    ["turtle", "<a> <b> 1, 2, 3, 4 ."],
    ["nquads", '<a:> <b:> "1" <g:> .\n<a:> <b:> "2" <g:> .\n<a:> <b:> "3" <g:> .\n<a:> <b:> "4" <g:> .\n'],
    ["jsonld", '{"@id":"http://x/","http://x/p":["1","2","3","4"]}'],
    [
      "rdfxml",
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">
       <rdf:Description><x:p>1</x:p><x:p>2</x:p><x:p>3</x:p><x:p>4</x:p></rdf:Description></rdf:RDF>`,
    ],
  ] as const)("refuses more quads than allowed: %s", async (format, text) => {
    const refusal = await refusalOf(text, format, 3);
    expect(refusal.code).toBe("too-large");
    expect(refusal.message).toContain("at most 3");
    expect(isRefusal(await parseRdf(text, { format, baseIri, quads_max: 4 }))).toBe(false);
  });

  it("refuses JSON-LD nested too deep", async () => {
    const deep = `${'{"http://x/p":'.repeat(5_000)}"x"${"}".repeat(5_000)}`;
    expect((await refusalOf(deep, "jsonld")).message).toContain("nested at most");
  });

  it("refuses XML entities that blow a small text up", async () => {
    const text = `<!DOCTYPE r [<!ENTITY big "${"x".repeat(1_000)}">]>
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">
      <rdf:Description><x:p>${"&big;".repeat(100)}</x:p></rdf:Description></rdf:RDF>`;
    expect((await refusalOf(text, "rdfxml")).code).toBe("too-large");
  });

  it("reads XML entities that stand for namespaces, and does not expand entities in entities", async () => {
    const text = `<!DOCTYPE r [<!ENTITY x "http://x/"><!ENTITY y "&x;&x;">]>
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="&x;">
      <rdf:Description rdf:about="&x;a"><x:p>&y;</x:p></rdf:Description></rdf:RDF>`;
    const quads = await parseRdf(text, { format: "rdfxml", baseIri });
    if (isRefusal(quads)) throw new Error(quads.message);
    expect(quads.map(({ subject, object }) => [subject.value, object.value])).toEqual([["http://x/a", "&x;&x;"]]);
  });
});

describe("JSON-LD contexts", () => {
  it.each(["https://www.w3.org/ns/activitystreams", "http://127.0.0.1:1/context", "file:///etc/passwd"])(
    "are never fetched: %s",
    async (context) => {
      const refusal = await refusalOf(JSON.stringify({ "@context": context, name: "x" }), "jsonld");
      expect(refusal.code).toBe("malformed");
      expect(refusal.message).toContain(`<${context}>, which is not fetched`);
    },
  );

  it("are not fetched by @import either", async () => {
    const text = JSON.stringify({ "@context": { "@version": 1.1, "@import": "http://127.0.0.1:1/c" }, name: "x" });
    expect((await refusalOf(text, "jsonld")).message).toContain("not fetched");
  });

  it("are known when they are this hub's own", async () => {
    const contextIri = "https://hub.example/context.jsonld" as Iri;
    const text = JSON.stringify({ "@context": contextIri, id: "https://x.example/", content: "hi" });
    const quads = await parseRdf(text, { format: "jsonld", baseIri, contextIri });
    if (isRefusal(quads)) throw new Error(quads.message);
    expect(quads.map(({ predicate }) => predicate.value)).toEqual(["http://rdfs.org/sioc/ns#content"]);
  });
});

describe("parseRdfStream", () => {
  it("yields what came before a syntax error, then the refusal", async () => {
    const all = await readAll(bytes("<a> <b> <c> .\n<d> <e> <f> .\n", "<g> <h> ]"), "turtle");
    expect(all.length).toBe(3);
    expect(all.slice(0, 2).some(isRefusal)).toBe(false);
    expect(all[2]).toMatchObject({ kind: "refusal", code: "malformed", detail: { line: 3 } });
  });

  it("refuses wrong UTF-8 with the offset of the first wrong byte", async () => {
    const good = Buffer.from('<a> <b> "é🐦" .\n');
    for (const format of ["turtle", "jsonld"] as const) {
      const all = await readAll(
        bytes(good.subarray(0, 11), good.subarray(11), Buffer.from([0x41, 0xff, 0x41])),
        format,
      );
      expect(all.at(-1)).toMatchObject({ kind: "refusal", detail: { byteOffset: good.length + 1 } });
    }
  });

  it.each([1, 2, 3])("refuses a character cut off at the end, given %i of its 4 bytes", async (length) => {
    const start = Buffer.from('<a> <b> <c> .\n<a> <b> "');
    const all = await readAll(bytes(start, Buffer.from("🐦").subarray(0, length)), "turtle");
    expect(all.at(-1)).toMatchObject({ kind: "refusal", detail: { byteOffset: start.length } });
  });

  it("finds a wrong byte behind a character begun in the chunk before", async () => {
    const start = Buffer.from('<a> <b> "');
    const all = await readAll(bytes(start, Buffer.from([0xf0]), Buffer.from([0x9f]), Buffer.from("x")), "turtle");
    expect(all.at(-1)).toMatchObject({ kind: "refusal", detail: { byteOffset: start.length } });
  });

  it("stops with the signal's reason", async () => {
    const controller = new AbortController();
    async function* endless(): AsyncIterable<string> {
      for (;;) yield "<a> <b> <c> .\n";
    }
    const read = async (): Promise<void> => {
      let count = 0;
      for await (const _ of parseRdfStream(endless(), { format: "turtle", baseIri, signal: controller.signal })) {
        if (++count === 10) controller.abort(new Error("enough"));
      }
    };
    await expect(read()).rejects.toThrow("enough");
  });
});

describe("blank nodes", () => {
  it.each([
    ["turtle", "_:a <b> [ <c> _:a ] ."],
    ["nquads", '_:a <b:> "x" .\n'],
    ["jsonld", '{"@id":"_:a","http://x/p":{"@id":"_:b"}}'],
    [
      "rdfxml",
      `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://x/">
       <rdf:Description rdf:nodeID="a"><x:p rdf:parseType="Resource"><x:q>1</x:q></x:p></rdf:Description></rdf:RDF>`,
    ],
  ] as const)("of two %s documents are never the same", async (format, text) => {
    const labels: string[] = [];
    for (const _ of [1, 2]) {
      const quads = await parseRdf(text, { format, baseIri });
      if (isRefusal(quads)) throw new Error(quads.message);
      const own = quads.flatMap(({ subject, object }) => [subject, object]).filter((t) => t.termType === "BlankNode");
      labels.push(...new Set(own.map((t) => t.value)));
    }
    expect(labels.length).toBeGreaterThanOrEqual(2);
    expect(new Set(labels).size).toBe(labels.length);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowToXml } from "../../src/atom/sparql-results-xml.ts";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { escapeText, isXmlText } from "../../src/atom/xml-text.ts";
import type { Jid } from "../../src/core/jid.ts";
import type { SparqlAnswer } from "../../src/hub/ports/xmpp-link.ts";
import { pageOf, type WholeAnswer } from "../../src/hub/queries/xmpp/kept-answers.ts";
import { isRefusal, type Refusal, refuse } from "../../src/outcome/refusal.ts";
import { writeNTriples, writeTerm } from "../../src/rdf/ntriples.ts";
import { blankNode, literal, namedNode, type Quad, quad, type Term } from "../../src/rdf/term.ts";
import { askSparql } from "../../src/xmpp/ask-sparql.ts";
import { decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { sparqlToXml } from "../../src/xmpp/encode/encode-sparql.ts";

const FAR = "far.example" as Jid;
const LIMITS = { bytes_max: 1_000_000, rows_max: 10_000 };
const RESULTS = "http://www.w3.org/2005/sparql-results#";
const BINDING = "http://www.w3.org/2005/09/xmpp-sparql-binding";
const STERNA = "https://w3id.org/sterna#";
const set = (first: string, last: string, index: number, count: number | string) =>
  `<set xmlns="http://jabber.org/protocol/rsm"><first index="${index}">${first}</first><last>${last}</last><count>${count}</count></set>`;
const row = (value: string) => `<result><binding name="a"><literal>${value}</literal></binding></result>`;
const rows = (body: string, more = "", head = '<variable name="a"/>') =>
  `<sparql xmlns="${RESULTS}"><head>${head}</head><results>${body}</results>${more}</sparql>`;
const graph = (turtle: string, more = "") =>
  `<query xmlns="${BINDING}"><turtle xmlns="${STERNA}">${escapeText(turtle)}</turtle>${more}</query>`;

function iq(child: string): XmlElement {
  const parsed = parseXml(`<iq type="get">${child}</iq>`);
  if (isRefusal(parsed)) throw new Error(parsed.message);
  return parsed;
}

/** Asks a service that answers with these, one after the other, and the last one again and again. */
async function answerFrom(
  answers: readonly (string | Refusal)[],
  limits: { readonly bytes_max?: number; readonly rows_max?: number } = {},
): Promise<{ readonly answer: SparqlAnswer | Refusal; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const answer = await askSparql(FAR, { text: "ASK {}", ...LIMITS, ...limits }, async (child) => {
    const next = answers[Math.min(asked.length, answers.length - 1)] ?? "";
    asked.push(child);
    return typeof next === "string" ? iq(next) : next;
  });
  return { answer, asked };
}

const xmlText = fc.string({ unit: "binary" }).filter(isXmlText);
const iri = fc.stringMatching(/^[a-z0-9/#?&=é-]{0,12}$/).map((rest) => namedNode(`urn:x:${rest}`));
/** Few, so that rows and pages share them. */
const node = fc.constantFrom("a", "b0", "c-1").map((label) => blankNode(label));
const typed = fc
  .tuple(
    fc.string({ unit: "binary" }).filter((text) => text.isWellFormed()),
    iri,
  )
  .map(([text, type]) => literal(text, type));
const inXml = fc.oneof(
  iri,
  node,
  xmlText.map((text) => literal(text)),
  fc.tuple(xmlText, fc.constantFrom("en", "de-at", "ar")).map(([text, language]) => literal(text, language)),
  fc.tuple(xmlText, iri).map(([text, type]) => literal(text, type)),
);

/** Asks a service that pages a whole answer as a hub does. */
function pagedBy(whole: WholeAnswer, bytes_max: number): (child: string) => Promise<XmlElement> {
  return async (child) => {
    const addressed = { from: "hub.example" as Jid, to: FAR };
    const incoming = decodeStanza(iq(child), addressed, {
      now: "2026-01-01T00:00:00Z" as never,
      newItemId: () => "x" as never,
    });
    if (incoming.kind !== "sparql" || incoming.question.page === undefined)
      throw new Error("Expected a question for a page.");
    const page = pageOf("id", whole, incoming.question.page, bytes_max);
    if (page === undefined) throw new Error("Expected a place.");
    const { rows: some, part } = page;
    return iq(
      sparqlToXml(
        whole.kind === "quads"
          ? { kind: "quads", rows: some, part }
          : { kind: "bindings", variables: whole.variables, rows: some, part },
      ),
    );
  };
}

/** A row as a text; the order of its cells does not matter. */
const byKey = (row: ReadonlyMap<string, Term>): string =>
  ["a", "b", "c"]
    .map((name) => row.get(name))
    .map((term) => (term === undefined ? "-" : `${term.termType} ${writeTerm(term)}`))
    .join(" ");

describe("an answer over XMPP", () => {
  it("is read row by row as it was written, however its pages are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), inXml), { maxLength: 12 }),
        fc.integer({ min: 1, max: 600 }),
        async (records, bytes_max) => {
          const all = records.map((each) => new Map<string, Term>(Object.entries(each)));
          const variables = ["a", "b", "c"];
          const written = all.map((each) => rowToXml(each, variables) ?? "");
          const ask = pagedBy({ kind: "bindings", variables, rows: written, bytes: 0 }, bytes_max);
          const answer = await askSparql(FAR, { text: "SELECT", ...LIMITS }, ask);
          if (isRefusal(answer) || answer.kind !== "bindings") throw new Error(JSON.stringify(answer));
          expect(answer.variables).toEqual(variables);
          expect(answer.rows.map(byKey)).toEqual(all.map(byKey));
        },
      ),
    );
  });

  it("is read triple by triple, blank nodes shared by pages being the same", async () => {
    const triple = fc.tuple(fc.oneof(iri, node), iri, fc.oneof(iri, node, typed)).map(([s, p, o]) => quad(s, p, o));
    await fc.assert(
      fc.asyncProperty(
        fc.array(triple, { maxLength: 12 }),
        fc.integer({ min: 1, max: 600 }),
        async (all, bytes_max) => {
          const written = all.map((each) => escapeText(writeNTriples([each])));
          const ask = pagedBy({ kind: "quads", variables: [], rows: written, bytes: 0 }, bytes_max);
          const answer = await askSparql(FAR, { text: "CONSTRUCT", ...LIMITS }, ask);
          if (isRefusal(answer) || answer.kind !== "quads") throw new Error(JSON.stringify(answer));
          // Labels may differ, but in the same way everywhere.
          expect(relabelled(answer.quads)).toEqual(relabelled(all));
        },
      ),
    );
  });

  it("is understood from the programs of 2005, and in RDF/XML", async () => {
    const table = rows(row("a tern"));
    for (const framed of [
      `<query xmlns="${BINDING}"><meta/>${table}</query>`,
      `<query-result xmlns="${BINDING}">${table}</query-result>`,
    ]) {
      const { answer } = await answerFrom([framed]);
      expect(answer).toMatchObject({ kind: "bindings", rows: [new Map([["a", literal("a tern")]])] });
    }
    const xml = `<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:p="urn:p:"><rdf:Description rdf:about="urn:s"><p:p>o</p:p></rdf:Description></rdf:RDF>`;
    expect((await answerFrom([xml])).answer).toMatchObject({ kind: "quads", quads: [{ object: { value: "o" } }] });
    expect((await answerFrom([`<sparql xmlns="${RESULTS}"><head/><boolean>false</boolean></sparql>`])).answer).toEqual({
      kind: "boolean",
      value: false,
    });
  });
});

function relabelled(quads: readonly Quad[]): readonly string[] {
  const labels = new Map<string, string>();
  const label = (term: Term) => {
    if (term.termType !== "BlankNode") return JSON.stringify(term);
    if (!labels.has(term.value)) labels.set(term.value, `b${labels.size}`);
    return labels.get(term.value) ?? "";
  };
  return quads.map(({ subject, predicate, object }) => `${label(subject)} ${label(predicate)} ${label(object)}`);
}

describe("an answer that nobody should give", () => {
  const codeOf = async (...given: Parameters<typeof answerFrom>) => {
    const { answer, asked } = await answerFrom(...given);
    return [isRefusal(answer) ? answer.code : answer.kind, asked.length];
  };

  it("is refused, with a sentence that names who gave it", async () => {
    for (const strange of [
      "",
      "<other/>",
      `<sparql xmlns="urn:other"><head/><results/></sparql>`,
      `<sparql xmlns="${RESULTS}"/>`,
      `<sparql xmlns="${RESULTS}"><head/><boolean>perhaps</boolean></sparql>`,
      rows(`<result><binding name="b"><literal>x</literal></binding></result>`),
      rows(`<result><binding name="a"/></result>`),
      rows(`<result><binding name="a"><literal>x</literal><literal>y</literal></binding></result>`),
      rows(
        `<result><binding name="a"><literal>x</literal></binding><binding name="a"><literal>y</literal></binding></result>`,
      ),
      rows(`<result><binding name="a"><uri>not an iri</uri></binding></result>`),
      rows(`<result><binding name="a"><literal datatype="not an iri">x</literal></binding></result>`),
      rows(`<result><binding name="a"><literal xmlns="urn:other">x</literal></binding></result>`),
      rows(`<result><binding name="a"><triple/></binding></result>`),
      graph("<urn:s> <urn:p> ."),
      graph("GRAPH <urn:g> { }"),
    ]) {
      const { answer } = await answerFrom([strange]);
      expect(answer).toMatchObject({ code: "remote-refused", message: expect.stringContaining(FAR) });
    }
  });

  it("is bounded in rows, triples, bytes and pages", async () => {
    const many = row("x").repeat(101);
    expect(await codeOf([rows(many)], { rows_max: 100 })).toEqual(["too-large", 1]);
    const triples = Array.from({ length: 101 }, (_, n) => `<urn:s> <urn:p> ${n} .`).join("\n");
    expect(await codeOf([graph(triples)], { rows_max: 100 })).toEqual(["too-large", 1]);
    expect(await codeOf([rows(row("x".repeat(2_000)))], { bytes_max: 1_000 })).toEqual(["too-large", 1]);
    expect(await codeOf([graph(triples)], { bytes_max: 1_000 })).toEqual(["too-large", 1]);
    expect(await codeOf([rows("<result/>".repeat(200))], { bytes_max: 1_000 })).toEqual(["too-large", 1]);
  });

  it("ends, however long it is said to be", async () => {
    const endless = (n: number) => rows(row(`row ${n}`), set(`x.${n}`, `x.${n}`, n, 999_999));
    const pages = Array.from({ length: 600 }, (_, n) => endless(n));
    expect(await codeOf(pages)).toEqual(["too-large", 500]);
    expect(await codeOf(pages, { rows_max: 10 })).toEqual(["too-large", 11]);
    // Without their places in the list.
    const unplaced = rows(row("x"), `<set xmlns="http://jabber.org/protocol/rsm"><last>x</last></set>`);
    expect(await codeOf([unplaced])).toEqual(["too-large", 500]);
  });

  it("must go on where it stopped, be as long as it said, and keep to its kind", async () => {
    const first = rows(row("x"), set("x.0", "x.0", 0, 3));
    for (const second of [
      first,
      rows(row("x"), set("x.2", "x.2", 2, 3)),
      rows(row("x"), set("x.1", "x.1", 1, 4)),
      rows("", set("x.1", "x.1", 1, 3)),
      rows(row("x"), `<set xmlns="http://jabber.org/protocol/rsm"><first index="1">x.1</first><count>3</count></set>`),
      rows(row("x"), set("x.1", "x.1", 1, 3), '<variable name="a"/><variable name="b"/>'),
      graph("<urn:s> <urn:p> 1 ."),
    ]) {
      expect(await codeOf([first, second])).toEqual(["remote-refused", 2]);
    }
    expect(await codeOf([rows("", set("x.0", "x.0", 0, 0))])).toEqual(["bindings", 1]);
    const triples = graph("<urn:s> <urn:p> 1 .", set("x.0", "x.0", 0, 2));
    expect(await codeOf([triples, rows(row("x"))])).toEqual(["remote-refused", 2]);
  });

  it("may be a no, which says whether to wait, to ask for less, or to leave it", async () => {
    const no = (condition: string) => refuse("remote-refused", `${FAR} answered with ${condition}.`, { condition });
    expect(await codeOf([no("resource-constraint")])).toEqual(["unavailable", 1]);
    expect(await codeOf([no("policy-violation")])).toEqual(["too-large", 1]);
    expect(await codeOf([no("forbidden")])).toEqual(["remote-refused", 1]);
    expect(await codeOf([rows(row("x"), set("x.0", "x.0", 0, 3)), no("item-not-found")])).toEqual([
      "remote-refused",
      2,
    ]);
  });
});

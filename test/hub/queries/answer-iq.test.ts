import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import type { XmlElement } from "../../../src/atom/xml-element.ts";
import { escapeText } from "../../../src/atom/xml-text.ts";
import type { Jid } from "../../../src/core/jid.ts";
import { hubGraphStore } from "../../../src/hub/graphs/own-graphs.ts";
import { writeGraph } from "../../../src/hub/graphs/write-graph.ts";
import { describeService } from "../../../src/hub/pubsub/describe-service.ts";
import { factsIn } from "../../../src/hub/queries/network/hub-descriptions.ts";
import { answerSparql, PAGE_BYTES_MAX } from "../../../src/hub/queries/xmpp/answer-iq.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { parseRdf } from "../../../src/rdf/parse.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
import { decodeStanza } from "../../../src/xmpp/decode/decode.ts";
import { sparqlToXml } from "../../../src/xmpp/encode/encode-sparql.ts";
import { errorToXml } from "../../../src/xmpp/encode/stanza-error.ts";
import { addAccount, type Holder, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const BINDING = "http://www.w3.org/2005/09/xmpp-sparql-binding";
const RESULTS = "http://www.w3.org/2005/sparql-results#";
const RSM = "http://jabber.org/protocol/rsm";
const STERNA = "https://w3id.org/sterna#";
const TEXTS = "SELECT ?text { ?post <http://rdfs.org/sioc/ns#content> ?text } ORDER BY ?text";
const GULL = "gull@people.example/phone";
/** 60 by 60 rows, each with 200 bytes or so, in an order of its own. */
const VALUES = Array.from({ length: 60 }, (_, n) => n + 100).join(" ");
const LARGE = `SELECT ?a ?b ?long { VALUES ?a { ${VALUES} } VALUES ?b { ${VALUES} } BIND("${"x".repeat(40)}" AS ?long) } ORDER BY ?a ?b`;
const LARGE_GRAPH = `CONSTRUCT { [] <urn:p:long-enough-to-count> ?long } { VALUES ?a { ${VALUES} } VALUES ?b { ${VALUES} } BIND(CONCAT(STR(?a), "-", STR(?b), "${"x".repeat(40)}") AS ?long) }`;

let hub: TestHub;
let alice: Holder;
beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: ["gull@people.example"] });
});
afterEach(async () => {
  await hub[Symbol.asyncDispose]();
});

/** Sends an IQ through the codec as it comes from a server, and gives the child of the answer. */
async function send(child: string, { from = "tern@people.example/phone", to = "hub.example", type = "get" } = {}) {
  const iq = must(parseXml(`<iq type="${type}">${child}</iq>`));
  const addressed = { from: from as Jid, to: to as Jid };
  const incoming = decodeStanza(iq, addressed, { now: hub.clock.now(), newItemId: hub.ports.newItemId });
  if (incoming.kind === "refused") return must(parseXml(errorToXml(incoming.error)));
  if (incoming.kind !== "sparql") throw new Error(`Expected a question, but got ${incoming.kind}.`);
  const reply = await answerSparql(hub.ports, incoming.question, addressed.from, addressed.to);
  return must(parseXml(reply.kind === "error" ? errorToXml(reply) : sparqlToXml(reply)));
}

const ask = (text: string, where: Parameters<typeof send>[1] = {}, set?: string): Promise<XmlElement> =>
  send(
    `<query xmlns="${BINDING}">${escapeText(text)}${set === undefined ? "" : `<set xmlns="${RSM}">${set}</set>`}</query>`,
    where,
  );

const rowsOf = (answer: XmlElement): readonly string[] =>
  (answer.getChild("results", RESULTS)?.getChildren("result", RESULTS) ?? []).map((row) =>
    row
      .getChildren("binding")
      .map((each) => each.getChildElements()[0]?.getText() ?? "")
      .join(" "),
  );
const errorOf = (error: XmlElement) => ({
  type: error.attrs["type"],
  condition: error.getChildElements()[0]?.getName(),
  text: error.getChildText("text", "urn:ietf:params:xml:ns:xmpp-stanzas") ?? "",
});
const turtleOf = (answer: XmlElement) => answer.getChild("turtle", STERNA)?.getText() ?? "";
const setOf = (answer: XmlElement) => {
  const set = answer.getChild("set", RSM);
  return {
    first: set?.getChildText("first", RSM) ?? "",
    last: set?.getChildText("last", RSM) ?? "",
    index: Number(set?.getChild("first", RSM)?.attrs["index"]),
    count: Number(set?.getChildText("count", RSM)),
  };
};
const secret = async (text: string) => {
  const graph = "https://hub.example/alice/graphs/diary" as Iri;
  const quads = [quad(namedNode(graph), namedNode("http://rdfs.org/sioc/ns#content"), literal(text))];
  must(await writeGraph(hubGraphStore(hub.ports), alice, graph, quads, { how: "replace" }));
};

describe("SPARQL in an IQ", () => {
  it("is answered with SPARQL Results XML at the domain and at an account, and not at nobody's", async () => {
    await post(hub, alice, "a tern & <b>a gull</b>");
    for (const to of ["hub.example", "alice@hub.example"]) {
      const answer = await ask(TEXTS, { to });
      expect([answer.getName(), answer.getNS()]).toEqual(["sparql", RESULTS]);
      expect(rowsOf(answer)).toEqual(["a tern & <b>a gull</b>"]);
      expect(answer.getChild("set", RSM)).toBeUndefined();
    }
    expect(errorOf(await ask(TEXTS, { to: "nobody@hub.example" }))).toMatchObject({ condition: "item-not-found" });
    expect((await ask("ASK { ?s ?p ?o }")).getChildText("boolean", RESULTS)).toBe("true");
  });

  it("shows a linked JID what its account sees, and strangers and hubs what is public", async () => {
    await secret("dear diary");
    await post(hub, alice, "a tern");
    expect(rowsOf(await ask(TEXTS, { from: GULL }))).toEqual(["a tern", "dear diary"]);
    expect(rowsOf(await ask(TEXTS))).toEqual(["a tern"]);
    const marked = `<query xmlns="${BINDING}">${TEXTS.replaceAll("<", "&lt;")}<asked-by xmlns="${STERNA}">https://far.example/</asked-by></query>`;
    expect(rowsOf(await send(marked, { from: GULL }))).toEqual(["a tern"]);
  });

  it("needs to know the account of a JID that has more than one", async () => {
    await addAccount(hub, "bob", { linkedJids: ["gull@people.example"] });
    expect(errorOf(await ask(TEXTS, { from: GULL }))).toMatchObject({
      condition: "not-acceptable",
      text: expect.stringContaining("alice@hub.example, bob@hub.example"),
    });
    expect(rowsOf(await ask(TEXTS, { from: GULL, to: "bob@hub.example" }))).toEqual([]);
  });

  it("gives graphs as Turtle, and the hub's description without a question", async () => {
    const { iri } = await post(hub, alice, "a tern");
    const answer = await ask(`DESCRIBE <${iri}>`);
    expect([answer.getName(), answer.getNS()]).toEqual(["query", BINDING]);
    const quads = must(await parseRdf(turtleOf(answer), { format: "turtle", baseIri: "urn:x:" as Iri }));
    expect(quads.some(({ subject, object }) => subject.value === iri && object.value === "a tern")).toBe(true);
    const description = must(await parseRdf(turtleOf(await ask(" ")), { format: "turtle", baseIri: "urn:x:" as Iri }));
    expect(factsIn("https://hub.example/", description).accounts).toEqual(new Set([alice.iri]));
    for (const jid of ["hub.example", "alice@hub.example"]) {
      expect(describeService(hub.ports, jid as never)).toMatchObject({ features: expect.arrayContaining([BINDING]) });
    }
  });

  it("says what is wrong with a query, and where", async () => {
    const error = await ask("SELECT ?s\nWHERE { ?s ?p }");
    expect(errorOf(error)).toMatchObject({
      type: "modify",
      condition: "bad-request",
      text: expect.stringContaining("line 2"),
    });
    expect(error.getChild("syntax", STERNA)?.attrs).toMatchObject({ line: "2", column: "15" });
    expect(errorOf(await ask("DELETE WHERE { ?s ?p ?o }"))).toMatchObject({ type: "auth", condition: "forbidden" });
    expect(errorOf(await ask("SELECT * { SERVICE <https://far.example/sparql> { ?s ?p ?o } }"))).toMatchObject({
      condition: "forbidden",
    });
    expect(errorOf(await ask(`SELECT * { ?s ?p "${"x".repeat(100_000)}" }`))).toMatchObject({
      condition: "policy-violation",
      text: expect.stringContaining("100000"),
    });
    expect(errorOf(await ask(TEXTS, { type: "set" }))).toMatchObject({ condition: "not-allowed" });
  });

  it("asks to wait where too much is asked at once, or for too long", async () => {
    const queries = hub.ports.queries as { adHoc: unknown };
    for (const code of ["too-many", "timed-out", "unavailable"]) {
      queries.adHoc = async () => ({ kind: "refusal", code, message: "Not now." });
      expect(errorOf(await ask(TEXTS))).toEqual({ type: "wait", condition: "resource-constraint", text: "Not now." });
    }
  });

  it("tells what XML cannot carry from what it can", async () => {
    await secret("a bell: \u0007");
    expect(errorOf(await ask(TEXTS, { from: GULL }))).toMatchObject({ condition: "not-acceptable" });
    const graph = turtleOf(await ask("CONSTRUCT WHERE { ?s <http://rdfs.org/sioc/ns#content> ?text }", { from: GULL }));
    expect(must(await parseRdf(graph, { format: "turtle", baseIri: "urn:x:" as Iri }))[0]?.object.value).toBe(
      "a bell: \u0007",
    );
  });
});

describe("an answer larger than a stanza", () => {
  it("is refused with the limit to who does not ask for pages", async () => {
    const error = errorOf(await ask(LARGE));
    expect(error).toMatchObject({
      condition: "policy-violation",
      text: expect.stringContaining(String(PAGE_BYTES_MAX)),
    });
    expect(error.text).toContain("http://jabber.org/protocol/rsm");
    // A `set` of another namespace asks for nothing.
    const foreign = `<query xmlns="${BINDING}">${LARGE}<set xmlns="urn:other"><max>5</max></set></query>`;
    expect(errorOf(await send(foreign))).toMatchObject({ condition: "policy-violation" });
  });

  it("comes in pages that fit, are all of it, and stay as they were", async () => {
    await post(hub, alice, "first");
    const rows: string[] = [];
    let pages = 0;
    for (let set = ""; ; pages++) {
      const answer = await ask(LARGE, {}, set);
      expect(Buffer.byteLength(answer.toString())).toBeLessThan(PAGE_BYTES_MAX + 1_000);
      expect(setOf(answer)).toMatchObject({ index: rows.length, count: 3_600 });
      rows.push(...rowsOf(answer));
      if (rows.length >= 3_600) break;
      set = `<after>${setOf(answer).last}</after>`;
    }
    expect(pages).toBeGreaterThan(0);
    expect(rows).toEqual(
      Array.from({ length: 3_600 }, (_, n) => `${100 + Math.floor(n / 60)} ${100 + (n % 60)} ${"x".repeat(40)}`),
    );
  });

  it("can be read from anywhere, and shows what there was at its start", async () => {
    for (const text of ["b", "d", "f"]) await post(hub, alice, text);
    const first = await ask(TEXTS, {}, "<max>2</max>");
    expect([rowsOf(first), setOf(first)]).toMatchObject([["b", "d"], { index: 0, count: 3 }]);
    await post(hub, alice, "a");
    const page = async (set: string) => rowsOf(await ask(TEXTS, {}, set));
    const { first: top, last } = setOf(first);
    expect(await page(`<max>2</max><after>${last}</after>`)).toEqual(["f"]);
    expect(await page(`<max>2</max><before>${last}</before>`)).toEqual(["b"]);
    expect(await page(`<max>1</max><index>1</index>`)).toEqual(["d"]);
    expect(await page(`<max>2</max><before>${top}</before>`)).toEqual([]);
    // A reader that begins again sees what there is now.
    expect(await page("<max>2</max><before/>")).toEqual(["d", "f"]);
    expect(await page("<max>2</max>")).toEqual(["a", "b"]);
    const counted = await ask(TEXTS, {}, "<max>0</max>");
    expect([rowsOf(counted), setOf(counted).count]).toEqual([[], 4]);
  });

  it("belongs to who asked for it, to its question, and to its time", async () => {
    for (const text of ["b", "d", "f"]) await post(hub, alice, text);
    const { last } = setOf(await ask(TEXTS, {}, "<max>1</max>"));
    const next = `<max>1</max><after>${last}</after>`;
    const gone = { type: "cancel", condition: "item-not-found" };
    expect(errorOf(await ask(TEXTS, { from: GULL }, next))).toMatchObject(gone);
    expect(errorOf(await ask(`${TEXTS} LIMIT 5`, {}, next))).toMatchObject(gone);
    for (const row of ["nothing", `${last}9`, "x.0", "…"]) {
      expect(errorOf(await ask(TEXTS, {}, `<after>${row}</after>`))).toMatchObject(gone);
    }
    hub.clock.advance(110_000);
    expect(rowsOf(await ask(TEXTS, { from: "tern@people.example/laptop" }, next))).toEqual(["d"]);
    hub.clock.advance(130_000);
    expect(errorOf(await ask(TEXTS, {}, next))).toMatchObject(gone);
  });

  it("gives way to newer ones, of whom reads many", async () => {
    for (const text of ["b", "d", "f"]) await post(hub, alice, text);
    const lasts: string[] = [];
    for (let n = 0; n < 17; n++) lasts.push(setOf(await ask(TEXTS, {}, "<max>1</max>")).last);
    const [oldest, newer] = await Promise.all(
      lasts.slice(0, 2).map((last) => ask(TEXTS, {}, `<after>${last}</after>`)),
    );
    expect([oldest?.getName(), newer?.getName()]).toEqual(["error", "sparql"]);
  });

  it("pages triples, blank nodes keeping their labels", async () => {
    const texts: string[] = [];
    for (let set = ""; ; ) {
      const answer = await ask(LARGE_GRAPH, {}, set);
      texts.push(turtleOf(answer));
      const { last, index, count } = setOf(answer);
      if (index + turtleOf(answer).split("\n").length - 1 >= count) break;
      set = `<after>${last}</after>`;
    }
    expect(texts.length).toBeGreaterThan(1);
    const quads = must(await parseRdf(texts.join(""), { format: "turtle", baseIri: "urn:x:" as Iri }));
    expect(new Set(quads.map(({ object }) => object.value)).size).toBe(3_600);
    expect(new Set(quads.map(({ subject }) => subject.value)).size).toBe(3_600);
  });

  it("refuses pages that cannot be meant", async () => {
    for (const set of [
      "<max>many</max>",
      "<max>-1</max>",
      "<index>-1</index>",
      "<after>a.1</after><before>a.2</before>",
      `<after>${"a".repeat(300)}</after>`,
    ]) {
      expect(errorOf(await ask(TEXTS, {}, set))).toMatchObject({ condition: "bad-request" });
    }
  });

  it("is refused where one row, or all of it, is larger than anything that is sent", async () => {
    const big = (times: number) =>
      `BIND(CONCAT(${Array.from({ length: times }, () => `"${"x".repeat(9_000)}"`).join(", ")}) AS ?c)`;
    const cell = errorOf(await ask(`SELECT ?d { ${big(10)} BIND(CONCAT(?c, ?c, ?c, ?c, ?c, ?c) AS ?d) }`, {}, ""));
    expect(cell).toMatchObject({ condition: "policy-violation", text: expect.stringContaining("450000") });
    const all = errorOf(await ask(`SELECT ?a ?c { VALUES ?a { ${VALUES} } VALUES ?b { 1 2 } ${big(10)} }`, {}, ""));
    expect(all).toMatchObject({ condition: "policy-violation", text: expect.stringContaining("8388608") });
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NOTES_MAX } from "../../../src/core/note.ts";
import { hubGraphStore } from "../../../src/hub/graphs/own-graphs.ts";
import { writeGraph } from "../../../src/hub/graphs/write-graph.ts";
import { exportQuads } from "../../../src/hub/house/export-documents.ts";
import { importDocuments } from "../../../src/hub/house/import-documents.ts";
import { describeResource } from "../../../src/hub/pages/describe-resource.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { isRefusal, type Refusal } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { parseRdf } from "../../../src/rdf/parse.ts";
import { serializeRdf } from "../../../src/rdf/serialize.ts";
import { namedNode, type Quad } from "../../../src/rdf/term.ts";
import { openStorage } from "../../../src/storage/storage.ts";
import { ANONYMOUS, addAccount, type Holder, live, must, OWNER, openTestHub, post, type TestHub } from "../test-hub.ts";

const BASE = "https://hub.example/";
const PUBLISHED = "<> <https://w3id.org/sterna#audience> <https://w3id.org/sterna#Public> .";

let hub: TestHub;
let alice: Holder;
let bob: Holder;
beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice");
  bob = await addAccount(hub, "bob");
});
afterEach(() => hub[Symbol.asyncDispose]());

const graphOf = (name: string, of = "alice"): Iri => `${BASE}${of}/graphs/${name}` as Iri;

async function put(name: string, turtle: string, by: Holder = alice): Promise<{ readonly created: boolean } | Refusal> {
  const graph = graphOf(name, by.account.name);
  const quads = must(await parseRdf(turtle, { format: "turtle", baseIri: graph }));
  return await writeGraph(hubGraphStore(hub.ports), by, graph, quads, { how: "replace" });
}

/** Writes what one hub exports and reads it into another, as TriG text. */
async function transfer(from: TestHub, by: Requester, into: TestHub, as: Requester): Promise<readonly string[]> {
  const text = await serializeRdf(must(exportQuads(from.ports, by)), { format: "trig" });
  const quads = must(await parseRdf(text, { format: "trig", baseIri: BASE as Iri }));
  return await take(into, as, quads);
}

async function take(into: TestHub, as: Requester, quads: Iterable<Quad>): Promise<readonly string[]> {
  const stream = (async function* () {
    yield* quads;
  })();
  const refused: string[] = [];
  for await (const progress of must(importDocuments(into.ports, as, stream, { source: "test" }))) {
    for (const { subject, message } of progress.refusals) refused.push(`${subject}: ${message}`);
    expect(progress.problem).toBeUndefined();
  }
  return refused;
}

const heads = ({ ports }: TestHub) =>
  [...ports.records.reader.everyDocument()]
    .filter(({ kind }) => kind === "note")
    .map(({ quads, ...head }) => ({ ...head, triples: quads.length }));

describe("a note", () => {
  it("is pushed to nobody and stands in no list of posts", async () => {
    must(
      await put(
        "a",
        `<#1> <http://rdfs.org/sioc/ns#topic> <${BASE}tags/tern> ; <http://rdfs.org/sioc/ns#content> "noted" . ${PUBLISHED}`,
      ),
    );
    const { reader } = hub.ports.records;
    expect(reader.outbox().queued).toBe(0);
    expect(reader.count({ kind: "reference", reference: "topic", target: `${BASE}tags/tern` as Iri })).toBe(0);
    expect(reader.list({ scope: { kind: "text", words: "noted" }, limit: 5 }).documents).toEqual([]);
    expect(isRefusal(await describeResource(hub.ports, ANONYMOUS, `${BASE}tags/tern` as Iri))).toBe(true);
  });

  it("is there again after a restart, for its account alone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sterna-notes-"));
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const open = () => openStorage({ file: join(folder, "hub.db"), log });
    const quads = must(await parseRdf("<urn:s> <urn:p> [] .", { format: "turtle", baseIri: BASE as Iri }));
    const seen: number[][] = [];
    for (const first of [true, false]) {
      await using storage = await open();
      const ports = { ...hub.ports, records: storage.records, quads: storage.quads };
      const store = hubGraphStore(ports);
      if (first) {
        // The account is that of the other hub, which suffices to write.
        must(await writeGraph(store, alice, graphOf("a"), quads, { how: "replace" }));
      }
      const count = (dataset: { private?: Iri }): number =>
        storage.quads.count(namedNode("urn:s"), null, null, dataset);
      seen.push([
        count({ private: alice.iri }),
        count({ private: bob.iri }),
        count({}),
        store.read(alice, graphOf("a"))?.quads.length ?? 0,
      ]);
    }
    rmSync(folder, { recursive: true, force: true });
    expect(seen).toEqual([
      [1, 0, 0, 1],
      [1, 0, 0, 1],
    ]);
  });

  it("is exported with all that the hub has, and restored by its owner as it was", async () => {
    must(await put("secret", '<urn:s> <urn:p> "mine", [] .'));
    must(await put("empty", ""));
    must(await put("open", `<https://example.org/> <urn:p> 1 . ${PUBLISHED}`));
    await using other = await openTestHub();
    expect(await transfer(hub, OWNER, other, OWNER)).toEqual([]);
    expect(heads(other)).toEqual(heads(hub));
    expect(heads(hub).map(({ audience }) => (audience === "public" ? audience : audience.only))).toEqual([
      alice.iri,
      "public",
      alice.iri,
    ]);
  });

  it("is exported and imported by its account, and by no other", async () => {
    must(await put("secret", '<urn:s> <urn:p> "mine" .'));
    await using other = await openTestHub();
    const there = await addAccount(other, "alice");
    const stranger = await addAccount(other, "bob");
    expect(await transfer(hub, alice, other, stranger)).toContainEqual(expect.stringMatching(/graphs\/secret.*owner/));
    expect(heads(other)).toEqual([]);
    const refused = await transfer(hub, alice, other, there);
    expect(refused.filter((line) => line.includes("/graphs/"))).toEqual([]);
    expect(heads(other)).toMatchObject([
      { graph: graphOf("secret"), audience: { only: there.iri }, origin: { kind: "own" } },
    ]);
  });

  it("comes from a named graph of any file, private unless it says otherwise", async () => {
    const trig = `<${graphOf("a")}> { <urn:s> <urn:p> 1 } <${graphOf("b")}> { ${PUBLISHED.replace("<>", `<${graphOf("b")}>`)} }
      <${graphOf("c", "nobody")}> { <urn:s> <urn:p> 1 }`;
    const quads = must(await parseRdf(trig, { format: "trig", baseIri: BASE as Iri }));
    const refused = await take(hub, alice, quads);
    expect(refused).toEqual([expect.stringContaining("nobody")]);
    expect(heads(hub)).toMatchObject([{ audience: { only: alice.iri } }, { audience: "public" }]);
  });

  it("cannot be imported where it could not have been written", async () => {
    const trig = `<${graphOf("a")}> { <${graphOf("a")}> <https://w3id.org/sterna#audience> <https://w3id.org/sterna#Public> .
      <${graphOf("a")}#1> <http://rdfs.org/sioc/ns#has_creator> <${bob.iri}> }`;
    const quads = must(await parseRdf(trig, { format: "trig", baseIri: BASE as Iri }));
    expect(await take(hub, alice, quads)).toEqual([expect.stringContaining("cannot be public")]);
  });

  it("keeps its time of making, and changes its version only when it changes", async () => {
    must(await put("a", "<urn:s> <urn:p> 1 ."));
    const before = live(hub, graphOf("a"));
    hub.clock.advance(1_000);
    must(await put("a", "<urn:s> <urn:p> 1 ."));
    expect(live(hub, graphOf("a")).version).toBe(before.version);
    must(await put("a", "<urn:s> <urn:p> 2 ."));
    const after = live(hub, graphOf("a"));
    expect([after.version, after.document.created]).toEqual([before.version + 1, before.document.created]);
    expect(after.document.modified).toBe(hub.clock.now());
  });

  it(`is one of at most ${NOTES_MAX} of its account`, async () => {
    const { records } = hub.ports;
    const { document } = (must(await put("a", "<urn:s> <urn:p> 1 .")), live(hub, graphOf("a")));
    await records.transact(() => ({
      changes: Array.from({ length: NOTES_MAX - 1 }, (_, n) => ({
        kind: "document-put" as const,
        document: { ...document, graph: graphOf(`n${n}`) },
      })),
      result: undefined,
    }));
    expect(await put("one-more", "<urn:s> <urn:p> 1 .")).toMatchObject({ kind: "refusal", code: "too-large" });
    must(await put("a", "<urn:s> <urn:p> 2 ."));
    must(await put("a", "<urn:s> <urn:p> 1 .", bob));
  });

  it("takes no more room than an account has", async () => {
    const long = "x".repeat(1_000_000);
    for (let n = 0; n < 8; n++) must(await put(`n${n}`, `<urn:s> <urn:p> "${long}" .`));
    expect(await put("n8", `<urn:s> <urn:p> "${long}" .`)).toMatchObject({ kind: "refusal", code: "too-large" });
    must(await put("n0", '<urn:s> <urn:p> "short" .'));
    must(await put("n8", `<urn:s> <urn:p> "${long.slice(0, 300_000)}" .`));
  });
});

describe("pages", () => {
  it("show a note and the list of notes to those who may see them", async () => {
    await post(hub, alice, "Hello");
    must(await put("a", "<urn:s> <urn:p> 1 ."));
    must(await put("b", PUBLISHED));
    const seen = async (by: Requester, iri: string): Promise<number | string> => {
      const found = await describeResource(hub.ports, by, iri as Iri);
      return isRefusal(found) ? found.code : found.quads.length;
    };
    expect([await seen(alice, graphOf("a")), await seen(alice, graphOf("b"))]).toEqual([1, 1]);
    for (const other of [bob, ANONYMOUS, OWNER]) {
      expect([await seen(other, graphOf("a")), await seen(other, graphOf("b"))]).toEqual(["not-found", 1]);
      expect(await seen(other, `${BASE}alice/graphs`)).toBe(5);
    }
    expect(await seen(alice, `${BASE}alice/graphs`)).toBe(10);
  });
});

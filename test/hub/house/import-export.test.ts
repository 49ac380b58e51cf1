import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { exportQuads } from "../../../src/hub/house/export-documents.ts";
import { type ImportProgress, importDocuments } from "../../../src/hub/house/import-documents.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { Refused } from "../../../src/outcome/refused.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { as } from "../../../src/vocab/as.ts";
import { dcterms } from "../../../src/vocab/dcterms.ts";
import { rdf } from "../../../src/vocab/rdf.ts";
import { rdfs } from "../../../src/vocab/rdfs.ts";
import { rev } from "../../../src/vocab/rev.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { sioct } from "../../../src/vocab/sioct.ts";
import { xsd } from "../../../src/vocab/xsd.ts";
import {
  ANONYMOUS,
  addAccount,
  type Holder,
  irisOf,
  live,
  must,
  OWNER,
  openTestHub,
  post,
  type TestHub,
} from "../test-hub.ts";

let hub: TestHub;
let alice: Holder;
let bob: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { displayName: "Alice", bio: "Birds." });
  bob = await addAccount(hub, "bob");
});
afterEach(() => hub[Symbol.asyncDispose]());

async function take(
  into: TestHub,
  by: Requester,
  quads: Iterable<Quad> | AsyncIterable<Quad>,
): Promise<ImportProgress> {
  const stream = (async function* () {
    yield* quads;
  })();
  const refusals: ImportProgress["refusals"][number][] = [];
  let last: ImportProgress | undefined;
  for await (const progress of must(importDocuments(into.ports, by, stream, { source: "test" }))) {
    refusals.push(...progress.refusals);
    last = progress;
  }
  if (last?.done !== true) throw new Error("Expected the last report to say that it is done.");
  return { ...last, refusals };
}

/** Everything the records hold about documents, accounts and items, for comparison. */
function everything({ ports }: TestHub): unknown {
  const { reader } = ports.records;
  const page = { max: 100, order: "creation" } as const;
  const text = ({ subject, predicate, object }: Quad): string => `${subject.value} ${predicate.value} ${object.value}`;
  return {
    documents: [...reader.everyDocument()].map((each) => ({ ...each, quads: each.quads.map(text).sort() })),
    tombstones: [...reader.everyTombstone()],
    accounts: reader.accounts().map((account) => ({ ...account, linkedJids: [] })),
    items: reader.accounts().map(({ jid }) => reader.items(jid, MICROBLOG_NODE, page)),
  };
}

/** A post in plain triples, as a file of somebody's holds it. */
function triples(iri: string, creator: string, text = "From a file", created = "2020-01-01T00:00:00.000Z"): Quad[] {
  const self = namedNode(iri);
  return [
    quad(self, rdf.type, sioct.MicroblogPost),
    quad(self, sioc.content, literal(text)),
    quad(self, dcterms.created, literal(created, xsd.dateTime)),
    quad(self, sioc.has_creator, namedNode(creator)),
  ];
}

const FOREIGN = "https://old.example/p/1";
const FOREIGNER = "https://old.example/carol#account";

describe("an export of the whole hub", () => {
  it("makes an equal hub of an empty one of the same base, and changes nothing the second time", async () => {
    const first = await post(hub, alice, "one #terns");
    const second = await post(hub, alice, "two", first.iri);
    hub.clock.advance(1_000);
    must(await editPost(hub.ports, alice, first.iri, { text: "one, edited", language: "en" }));
    must(await deletePost(hub.ports, alice, (await post(hub, bob, "x").then(() => post(hub, alice, "gone"))).iri));
    must(await followAccount(hub.ports, bob, "alice"));
    await take(hub, OWNER, triples(FOREIGN, FOREIGNER));
    const exported = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    expect(await take(other, OWNER, exported)).toMatchObject({ refused: 0, refusals: [], deleted: 1, unchanged: 0 });
    expect(everything(other)).toEqual(everything(hub));
    expect(live(other, second.iri).document.origin).toEqual({ kind: "own" });
    const documents = [...hub.ports.records.reader.everyDocument()].length;
    const again = await take(other, OWNER, exported);
    expect(again).toMatchObject({ stored: 0, deleted: 0, refused: 0, unchanged: documents + 1 });
    expect(everything(other)).toEqual(everything(hub));
  });

  it("is read back without a refusal, and changes nothing the second time", async () => {
    await post(hub, alice, "one #terns");
    must(await deletePost(hub.ports, alice, (await post(hub, alice, "gone")).iri));
    must(await followAccount(hub.ports, bob, "alice"));
    const exported = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    expect(await take(other, OWNER, exported)).toMatchObject({ refused: 0, refusals: [], deleted: 1, unchanged: 0 });
    expect(everything(other)).toEqual(everything(hub));
    expect(await take(other, OWNER, exported)).toMatchObject({ stored: 0, deleted: 0, refused: 0 });
    expect(everything(other)).toEqual(everything(hub));
  });

  it("lets restored accounts go on as before", async () => {
    await post(hub, alice, "one");
    const exported = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    await take(other, OWNER, exported);
    const account = other.ports.records.reader.account(alice.account.name);
    if (account === undefined) throw new Error("not restored");
    hub.clock.advance(60_000);
    const by = { kind: "account", account, iri: alice.iri } as const;
    expect(await publishPost(other.ports, by, "alice", { text: "two" })).toMatchObject({ version: 1 });
  });

  it("notifies nobody of what is restored", async () => {
    await post(hub, alice, "one");
    await using other = await openTestHub({ clock: hub.clock });
    await take(other, OWNER, must(exportQuads(hub.ports, OWNER)));
    expect(other.ports.records.reader.outbox().queued).toBe(0);
  });

  it("of an account holds what is its own, and nobody else's", async () => {
    const mine = await post(hub, alice, "mine");
    const theirs = await post(hub, bob, "theirs");
    const graphs = new Set([...must(exportQuads(hub.ports, alice))].map((q) => q.graph.value));
    expect([graphs.has(mine.iri), graphs.has(theirs.iri)]).toEqual([true, false]);
    expect(exportQuads(hub.ports, ANONYMOUS)).toMatchObject({ code: "unauthenticated" });
  });
});

describe("an import", () => {
  it("takes in what others wrote, for accounts too", async () => {
    expect(await take(hub, alice, triples(FOREIGN, FOREIGNER))).toMatchObject({ stored: 1, refused: 0 });
    expect(live(hub, FOREIGN as Iri).document).toMatchObject({ kind: "post", origin: { kind: "imported" } });
    expect(await take(hub, alice, triples(FOREIGN, FOREIGNER))).toMatchObject({ stored: 0, unchanged: 1 });
  });

  it("is not for nobody", () => {
    const none = (async function* (): AsyncGenerator<Quad> {})();
    expect(importDocuments(hub.ports, ANONYMOUS, none, { source: "x" })).toMatchObject({ code: "unauthenticated" });
  });

  it("lets no account speak for another one of this hub, wherever the post stands", async () => {
    const progress = await take(hub, alice, triples(FOREIGN, bob.iri));
    expect(progress).toMatchObject({ stored: 0, refused: 1, refusals: [{ subject: FOREIGN }] });
    expect(hub.ports.records.reader.document(FOREIGN as Iri)).toBeUndefined();
    expect(await take(hub, alice, triples(FOREIGN, alice.iri))).toMatchObject({ stored: 1, refused: 0 });
  });

  it("takes the stars of somebody's file for that account's likes, and nobody else's", async () => {
    const starred = [...triples(FOREIGN, FOREIGNER), quad(namedNode(FOREIGN), rev.rating, literal("1", xsd.integer))];
    expect(await take(hub, alice, starred)).toMatchObject({ stored: 2, refused: 0, refusals: [] });
    const likes = [...hub.ports.records.reader.everyDocument({ author: alice.iri })].filter(
      ({ kind }) => kind === "other",
    );
    expect(likes).toHaveLength(1);
    const forged = namedNode(`${hub.ports.identity.base}.well-known/genid/like/x`);
    const [like, actor, object] = [as.Like, namedNode(bob.iri), namedNode(FOREIGN)];
    const said = [quad(forged, rdf.type, like), quad(forged, as.actor, actor), quad(forged, as.object, object)];
    expect(await take(hub, alice, said)).toMatchObject({ stored: 0, refused: 1 });
  });

  it("lets no account write below the hub's own IRIs, not even its own", async () => {
    for (const name of ["alice", "bob"]) {
      const iri = `${hub.ports.identity.base}${name}/posts/imported-1`;
      expect(await take(hub, alice, triples(iri, alice.iri))).toMatchObject({ stored: 0, refused: 1 });
      expect(hub.ports.records.reader.document(iri as Iri)).toBeUndefined();
    }
  });

  it("lets no account delete", async () => {
    const { iri } = await post(hub, alice, "one");
    must(await deletePost(hub.ports, alice, iri));
    const tombstones = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    const by = await addAccount(other, "alice");
    expect(await take(other, by, tombstones)).toMatchObject({ deleted: 0 });
    expect(other.ports.records.reader.document(iri)).toBeUndefined();
  });

  it("does not bring back what was deleted here", async () => {
    const { iri } = await post(hub, alice, "one");
    const before = [...must(exportQuads(hub.ports, OWNER))];
    must(await deletePost(hub.ports, alice, iri));
    await take(hub, OWNER, before);
    expect(hub.ports.records.reader.document(iri)?.kind).toBe("tombstone");
  });

  it("takes a post of a wider class in a named graph", async () => {
    const named = triples(FOREIGN, FOREIGNER).map(({ subject, predicate, object }) =>
      quad(subject, predicate, object.value === sioct.MicroblogPost.value ? sioc.Post : object, namedNode(FOREIGN)),
    );
    expect(await take(hub, OWNER, named)).toMatchObject({ stored: 1, refused: 0 });
    expect(live(hub, FOREIGN as Iri).document.kind).toBe("post");
  });

  it("gives no item to a post that is for one account alone", async () => {
    const { iri } = await post(hub, alice, "one");
    const document = { ...live(hub, iri).document, audience: { only: alice.iri } };
    await hub.ports.records.transact(() => ({ changes: [{ kind: "document-put", document }], result: undefined }));
    const exported = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    await take(other, OWNER, exported);
    expect(live(other, iri).document.audience).toEqual({ only: alice.iri });
    const items = other.ports.records.reader.items(alice.account.jid, MICROBLOG_NODE, { max: 9, order: "creation" });
    expect(items?.items).toEqual([]);
  });

  it("does not put less in the place of a post", async () => {
    await take(hub, OWNER, triples(FOREIGN, FOREIGNER));
    const label = [quad(namedNode(FOREIGN), rdfs.label, literal("a label"))];
    expect(await take(hub, OWNER, label)).toMatchObject({ stored: 0, refused: 1 });
    expect(live(hub, FOREIGN as Iri).document.kind).toBe("post");
  });

  it("stores the good and tells of the bad, one by one", async () => {
    const incomplete = triples("https://old.example/p/2", FOREIGNER).filter((q) => !q.predicate.equals(sioc.content));
    const late = triples("https://old.example/p/3", FOREIGNER, "x", "yesterday");
    const progress = await take(hub, OWNER, [...triples(FOREIGN, FOREIGNER), ...incomplete, ...late]);
    expect(progress).toMatchObject({ stored: 1, refused: 2, read: 11 });
    expect(progress.refusals.map(({ subject }) => subject).sort()).toEqual([
      "https://old.example/p/2",
      "https://old.example/p/3",
    ]);
  });

  it("keeps what was stored when the file breaks off, and says why", async () => {
    const exported = [...must(exportQuads(hub.ports, OWNER))];
    await using other = await openTestHub({ clock: hub.clock });
    const broken = (async function* () {
      yield* exported;
      throw new Refused(refuse("malformed", "Expected a dot in line 7."));
    })();
    const progress = await take(other, OWNER, broken);
    expect(progress.problem).toBe("Expected a dot in line 7.");
    expect(other.ports.records.reader.document(irisOf(hub, alice).profile)?.kind).toBe("live");
  });

  it("takes in more than one batch, each once", async () => {
    const many = Array.from({ length: 450 }, (_, n) => triples(`https://old.example/m/${n}`, FOREIGNER, `post ${n}`));
    expect(await take(hub, OWNER, many.flat())).toMatchObject({ stored: 450, refused: 0, read: 1_800 });
    expect(hub.ports.records.reader.count({ kind: "all", documentKind: "post", origin: "imported" })).toBe(450);
  });
});

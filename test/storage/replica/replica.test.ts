import fc from "fast-check";
import { isomorphic } from "rdf-isomorphic";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordChange } from "../../../src/hub/ports/records.ts";
import { blankNode, literal, namedNode, type Quad, quad } from "../../../src/rdf/term.ts";
import { Replica } from "../../../src/storage/replica/replica.ts";
import type { ReplicaPatch } from "../../../src/storage/replica/replica-patch.ts";
import { openStorage, type Storage } from "../../../src/storage/storage.ts";
import { rdfs } from "../../../src/vocab/rdfs.ts";
import { alice, always, bob, drop, keptLog, post, put, remove, temporaryFolder } from "../sample.ts";

const received = { kind: "received", from: "bob@other.example" } as const;
/** What may happen to a few documents, often to the same one. */
const change = fc
  .record({
    id: fc.constantFrom("a", "b", "c", "d", "e"),
    what: fc.constantFrom("put", "put", "put", "delete", "drop"),
    own: fc.boolean(),
    secret: fc.boolean(),
    text: fc.constantFrom("one", "two"),
    replyTo: fc.option(fc.constantFrom("a", "b", "c"), { nil: undefined }),
    seconds: fc.integer({ min: 0, max: 9 }),
  })
  .map(({ id, what, own, secret, text, replyTo, seconds }): RecordChange => {
    const author = own ? alice : bob;
    const { graph } = post({ id, author });
    if (what === "delete") return remove(graph);
    if (what === "drop") return drop(graph);
    const made = post({
      id,
      author,
      text,
      seconds,
      tag: "tern",
      ...(own ? {} : { origin: received }),
      ...(secret ? { audience: { only: alice } } : {}),
      ...(replyTo === undefined ? {} : { replyOf: post({ id: replyTo, author: bob }).graph }),
    });
    const blank = [quad(namedNode(graph), rdfs.seeAlso, blankNode("b")), quad(blankNode("b"), rdfs.label, literal(id))];
    return put({ ...made, quads: [...made.quads, ...blank] });
  });
const commits = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { maxLength: 5 });

const everything = (storage: Pick<Storage, "quads"> | Replica, dataset: object): Quad[] => [
  ...storage.quads.match(null, null, null, dataset),
];

describe("a copy of the query store", { timeout: 120_000 }, () => {
  let folder: ReturnType<typeof temporaryFolder>;
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => folder.remove());

  it("holds what the original holds, whichever commits its filling has seen and whenever they are told", async () => {
    await fc.assert(
      fc.asyncProperty(commits, commits, commits, commits, fc.boolean(), async (before, told, unseen, after, early) => {
        const place = temporaryFolder();
        try {
          const foreignPosts_max = 2;
          await using storage = await openStorage({ file: place.file, log: keptLog(), foreignPosts_max });
          const commit = async (all: readonly (readonly RecordChange[])[]) => {
            for (const batch of all) await storage.records.transact(always(...batch));
          };
          await commit(before);
          const patches: ReplicaPatch[] = [];
          storage.feed.follow((patch) => patches.push(JSON.parse(JSON.stringify(patch)) as ReplicaPatch));
          // Told, and in the snapshot; then told, and not in it; the copy is told of all of them before the mark.
          await commit(told);
          using replica = new Replica({ file: place.file, foreignPosts_max });
          await commit(unseen);
          for (const patch of patches.splice(0)) replica.apply(patch);
          if (early) replica.caughtUp(storage.feed.sequence);
          await commit(after);
          for (const patch of patches.splice(0)) replica.apply(patch);
          await replica.fill();
          if (!early) {
            expect(replica.isFilled).toBe(false);
            replica.caughtUp(storage.feed.sequence);
          }
          expect(replica.isFilled).toBe(true);
          await commit(told);
          for (const patch of patches.splice(0)) replica.apply(patch);
          expect(replica.quads.size).toBe(storage.quads.size);
          for (const dataset of [{}, { private: alice }]) {
            expect(isomorphic(everything(replica, dataset), everything(storage, dataset))).toBe(true);
          }
          expect(replica.sequence).toBe(storage.feed.sequence);
        } finally {
          place.remove();
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes Patches in their order: the last of an edited post's texts is the one that stays", async () => {
    await using storage = await openStorage({ file: folder.file, log: keptLog() });
    using replica = new Replica({ file: folder.file, foreignPosts_max: 10 });
    replica.caughtUp(storage.feed.sequence);
    storage.feed.follow((patch) => replica.apply(patch));
    await replica.fill();
    for (const text of ["one", "two", "three"]) await storage.records.transact(always(put(post({ id: "a", text }))));
    const texts = everything(replica, {}).filter(({ object }) => object.termType === "Literal");
    expect(texts.map(({ object }) => object.value)).toContain("three");
    expect(texts.map(({ object }) => object.value)).not.toContain("two");
    const { version } = replica.quads;
    await storage.records.transact(always(remove(post({ id: "a" }).graph)));
    expect(replica.quads.size).toBe(0);
    expect(replica.quads.version).toBeGreaterThan(version);
  });

  it("never writes into the store it reads", async () => {
    await using storage = await openStorage({ file: folder.file, log: keptLog() });
    await storage.records.transact(always(put(post({ id: "a" }))));
    using replica = new Replica({ file: folder.file, foreignPosts_max: 10 });
    // A reader in the middle of its filling holds nobody up.
    await storage.records.transact(always(put(post({ id: "b" }))));
    await replica.fill();
    expect(storage.quads.size).toBeGreaterThan(replica.quads.size);
  });
});

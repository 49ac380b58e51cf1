import { describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import type { WatchDesk } from "../../../src/hub/ports/standing.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { listServiceItems } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { startWatches, type WatchLoop } from "../../../src/hub/watches/keep-watches.ts";
import { addWatch, removeWatch, type WatchWish } from "../../../src/hub/watches/manage-watches.ts";
import { watchFeed } from "../../../src/hub/watches/watch-feed.ts";
import { listWatches, readableWatch } from "../../../src/hub/watches/watch-view.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { loadCatalogue } from "../../../src/query/catalogue.ts";
import { createStandingQueries } from "../../../src/query/standing/standing-queries.ts";
import { ANONYMOUS, addAccount, type Holder, must, openTestHub, post, SECOND_MS, type TestHub } from "../test-hub.ts";

const catalogue = await loadCatalogue(new URL("../../../sparql/", import.meta.url));
const LIMITS = { timeout_ms: 10_000, rows_max: 10_000 };

/** A test hub with standing queries, as `wire.ts` ties them. */
async function openHub(): Promise<
  { readonly hub: TestHub; readonly loop: () => WatchLoop; stop(): void; start(): void } & AsyncDisposable
> {
  const opened = await openTestHub();
  const { index } = opened.ports.quads;
  if (index === undefined) throw new Error("Expected an embedded query store.");
  let stop = new AbortController();
  let loop: WatchLoop;
  const start = (): void => {
    const standing = createStandingQueries({ index, catalogue, limits: LIMITS });
    const watches: WatchDesk = {
      standing,
      refresh: (place) => loop.refresh(place),
      listen: (place, listener) => loop.listen(place, listener),
    };
    Object.assign(opened.ports, { watches });
    loop = startWatches(opened.ports, standing, stop.signal);
  };
  start();
  return {
    hub: opened,
    loop: () => loop,
    stop: () => stop.abort(),
    start: () => {
      stop = new AbortController();
      start();
    },
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await loop.settled();
      await opened[Symbol.asyncDispose]();
    },
  };
}

const TERNS = `PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX sterna: <https://w3id.org/sterna#>
  SELECT ?post WHERE { ?post sterna:matches "tern" }`;
const UNANSWERED = `PREFIX sioc: <http://rdfs.org/sioc/ns#>
  SELECT ?post WHERE { ?post sioc:topic <https://hub.example/tags/birds> FILTER NOT EXISTS { ?reply sioc:reply_of ?post } }`;

function answersOf(hub: TestHub, by: Holder, name: string): readonly string[] {
  return watchFeed(hub.ports, must(readableWatch(hub.ports, by, by.account.name, name)), "1").entries.map(
    ({ id }) => id,
  );
}

async function watch(hub: TestHub, by: Holder, wish: WatchWish) {
  return must(await addWatch(hub.ports, by, by.account.name, wish));
}

describe("a standing query", () => {
  it("answers with what was there and tells its subscribers of what comes, changes and goes", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    const before = await post(hub, alice, "A tern.");
    const added = await watch(hub, alice, { name: "terns", query: TERNS, isPublic: true });
    expect(answersOf(hub, alice, "terns")).toEqual([before.iri]);
    const node = added.node as NodeId;
    const reader = "reader@elsewhere.example" as Jid;
    await handlePubsub(hub.ports, { kind: "subscribe", service: added.service as never, node, jid: reader }, reader);
    const told = () =>
      hub.queued
        .flat()
        .filter(({ to, event }) => to === reader && event.node === node)
        .map(({ event }) => event.event);

    const second = await post(hub, alice, "Another tern!");
    await post(hub, alice, "A gull.");
    await loop().settled();
    expect(answersOf(hub, alice, "terns")).toEqual([second.iri, before.iri]);
    const [first] = told().filter(({ kind }) => kind === "items");
    expect(JSON.stringify(first)).toContain("Another tern!");

    hub.clock.advance(SECOND_MS);
    must(await editPost(hub.ports, alice, second.iri, { text: "Another tern, in winter dress." }));
    await loop().settled();
    expect(JSON.stringify(told().at(-1))).toContain("in winter dress");

    must(await editPost(hub.ports, alice, second.iri, { text: "It was a gull." }));
    must(await deletePost(hub.ports, alice, before.iri));
    await loop().settled();
    expect(answersOf(hub, alice, "terns")).toEqual([]);
    expect(told().filter(({ kind }) => kind === "retract")).toHaveLength(2);
  });

  it("takes an answer back when a later post ends it, and gives it again", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    await watch(hub, alice, { name: "unanswered", query: UNANSWERED });
    const asked = await post(hub, alice, "Who knows this one? #birds");
    await loop().settled();
    expect(answersOf(hub, alice, "unanswered")).toEqual([asked.iri]);
    const reply = await post(hub, alice, "An Arctic tern.", asked.iri);
    await loop().settled();
    expect(answersOf(hub, alice, "unanswered")).toEqual([]);
    must(await deletePost(hub.ports, alice, reply.iri));
    await loop().settled();
    expect(answersOf(hub, alice, "unanswered")).toEqual([asked.iri]);
  });

  it("finds after a restart what was posted while nobody looked", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    await watch(hub, alice, { name: "terns", query: TERNS });
    const first = await post(hub, alice, "A tern.");
    await loop().settled();
    running.stop();
    must(await deletePost(hub.ports, alice, first.iri));
    const second = await post(hub, alice, "One more tern.");
    await loop().settled();
    expect(answersOf(hub, alice, "terns")).toHaveLength(1);
    running.start();
    await loop().settled();
    expect(answersOf(hub, alice, "terns")).toEqual([second.iri]);
  });

  it("is for its account alone unless it is public, and may be taken away", async () => {
    await using running = await openHub();
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    const bob = await addAccount(hub, "bob");
    await watch(hub, alice, { name: "terns", query: TERNS });
    await watch(hub, alice, { name: "open", query: TERNS, isPublic: true });
    expect(readableWatch(hub.ports, bob, "alice", "terns")).toMatchObject({ code: "not-found" });
    expect(readableWatch(hub.ports, ANONYMOUS, "alice", "terns")).toMatchObject({ code: "not-found" });
    expect(readableWatch(hub.ports, ANONYMOUS, "alice", "open")).toMatchObject({ name: "open" });
    const listed = listServiceItems(
      hub.ports,
      "hub.example" as BareJid,
      undefined,
      { max: 10, order: "creation" },
      "x@y" as Jid,
    );
    expect("items" in listed && listed.items.flatMap(({ node }) => node ?? [])).toEqual(["watch/alice/open"]);
    expect(await removeWatch(hub.ports, bob, "alice", "terns")).toMatchObject({ kind: "refusal" });
    must(await removeWatch(hub.ports, alice, "alice", "terns"));
    expect(must(listWatches(hub.ports, alice, "alice")).map(({ name }) => name)).toEqual(["open"]);
  });

  it("that is private is for the JIDs linked to its account, as long as they are", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    const { service, node } = await watch(hub, alice, { name: "terns", query: TERNS });
    const jid = "phone@elsewhere.example" as Jid;
    const subscribe = { kind: "subscribe", service: service as BareJid, node: node as NodeId, jid } as const;
    const told = () => hub.queued.flat().filter(({ to, event }) => to === jid && event.event.kind === "items").length;
    const link = async (linkedJids: readonly string[]) =>
      must(await updateAccount(hub.ports, alice, "alice", { linkedJids }));
    expect(await handlePubsub(hub.ports, subscribe, jid)).toMatchObject({ kind: "error" });
    await link([jid]);
    expect(await handlePubsub(hub.ports, subscribe, jid)).toMatchObject({ kind: "subscribed" });
    await post(hub, alice, "A tern.");
    await loop().settled();
    expect(told()).toBe(1);
    await link([]);
    await post(hub, alice, "Another tern.");
    await loop().settled();
    expect(told()).toBe(1);
    expect(await handlePubsub(hub.ports, subscribe, jid)).toMatchObject({ kind: "error" });
  });

  it("keeps its query when another is added at the same time under its name", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    const both = await Promise.all(
      [TERNS, UNANSWERED].map((query) => addWatch(hub.ports, alice, "alice", { name: "one", query })),
    );
    expect(both.filter(isRefusal)).toMatchObject([{ code: "conflict" }]);
    const kept = must(readableWatch(hub.ports, alice, "alice", "one")).query;
    const found = await post(hub, alice, kept === TERNS ? "A tern." : "Who? #birds");
    await loop().settled();
    expect(answersOf(hub, alice, "one")).toEqual([found.iri]);
  });

  it.each([
    ["SELECT * WHERE { ?s ?p ?o }", "too-large"],
    ["SELECT ?s WHERE { ?s <urn:p>* ?o }", "too-large"],
    ["SELECT ?s WHERE { ?s <urn:p> ?o FILTER(?o < NOW()) }", "invalid"],
    ["ASK { ?s <urn:p> ?o }", "invalid"],
    ["SELECT ?s WHERE { GRAPH ?g { ?s <urn:p> ?o } }", "invalid"],
    ["SELECT ?s WHERE {", "malformed"],
  ])("that is %s is refused as %s", async (query, code) => {
    await using running = await openHub();
    const alice = await addAccount(running.hub, "alice");
    const refused = await addWatch(running.hub.ports, alice, "alice", { name: "x", query });
    expect(isRefusal(refused) && refused.code).toBe(code);
    expect(listWatches(running.hub.ports, alice, "alice")).toEqual([]);
  });

  it("of the program's own finds mentions, replies, a topic, a thread and home", async () => {
    await using running = await openHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    const bob = await addAccount(hub, "bob");
    must(await followAccount(hub.ports, alice, "https://hub.example/bob"));
    const mine = await post(hub, alice, "What is this? #birds");
    for (const of of ["mentions", "replies", "home"]) await watch(hub, alice, { name: of, of });
    await watch(hub, alice, { name: "topic", of: "topic", about: "#Birds" });
    await watch(hub, alice, { name: "thread", of: "thread", about: mine.iri });
    expect(hub.ports.records.reader.watches().filter(({ isBroad }) => isBroad)).toEqual([]);
    const reply = await post(hub, bob, "A tern.", mine.iri);
    const deeper = await post(hub, alice, "Thanks!", reply.iri);
    const mention = await post(hub, bob, "Look, @alice #birds");
    await loop().settled();
    const found = (name: string) => [...answersOf(hub, alice, name)].sort();
    expect(found("replies")).toEqual([reply.iri]);
    expect(found("topic")).toEqual([mine.iri, mention.iri].sort());
    expect(found("thread")).toEqual([mine.iri, reply.iri, deeper.iri].sort());
    expect(found("home")).toEqual([mine.iri, reply.iri, deeper.iri, mention.iri].sort());
    expect(found("mentions")).toContain(mention.iri);
    must(await deletePost(hub.ports, bob, reply.iri));
    await loop().settled();
    expect(found("thread")).toEqual([mine.iri]);
    expect(found("replies")).toEqual([]);
  });
});

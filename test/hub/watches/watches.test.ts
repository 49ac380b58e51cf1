import { describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { updateAccount } from "../../../src/hub/accounts/create-account.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { listServiceItems } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import {
  addWatch,
  changeWatch,
  removeWatch,
  WATCHES_MAX,
  type WatchWish,
} from "../../../src/hub/watches/manage-watches.ts";
import { watchChanges } from "../../../src/hub/watches/watch-changes.ts";
import { watchFeed } from "../../../src/hub/watches/watch-feed.ts";
import { listWatches, readableWatch } from "../../../src/hub/watches/watch-view.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { ANONYMOUS, addAccount, HOUR_MS, type Holder, must, post, SECOND_MS, type TestHub } from "../test-hub.ts";
import { openWatchingHub } from "./watching-hub.ts";

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
    await using running = await openWatchingHub();
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
    await using running = await openWatchingHub();
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
    await using running = await openWatchingHub();
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
    await using running = await openWatchingHub();
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
    await using running = await openWatchingHub();
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
    await using running = await openWatchingHub();
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

  it("has at most five thousand answers", async () => {
    await using running = await openWatchingHub();
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    await watch(hub, alice, { name: "terns", query: TERNS });
    const { reader } = hub.ports.records;
    const [terns] = reader.watches();
    if (terns === undefined) throw new Error("Expected a watch.");
    const answers = new Map([["one more", { values: { post: "https://else.example/post" } }]]);
    const changesWith = (count: number) =>
      watchChanges(hub.ports, { ...reader, watchAnswerCount: () => count }, terns, [
        { seed: { values: {}, onlyAdds: true }, answers },
      ]);
    expect(changesWith(4_999).map(({ kind }) => kind)).toContain("watch-answer-put");
    expect(changesWith(5_000)).toMatchObject([
      { kind: "watch-put", watch: { name: "terns", problem: expect.stringContaining("at most 5000 answers") } },
    ]);
  });

  it("that a limit stopped says why, and goes on when its account or, later, the hub tries it again", async () => {
    await using running = await openWatchingHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    await watch(hub, alice, { name: "terns", query: TERNS });
    for (let n = 0; n < 3; n++) await post(hub, alice, `Tern ${n}`);
    await loop().settled();
    running.stop();
    const stoppedAgain = async (): Promise<void> => {
      running.stop();
      running.start({ rows_max: 2 });
      await loop().settled();
    };
    const listed = () => must(listWatches(hub.ports, alice, "alice"))[0];
    await stoppedAgain();
    expect(listed()).toMatchObject({ problem: expect.stringContaining("2"), stopped: hub.clock.now(), answers: 3 });
    expect(await changeWatch(hub.ports, alice, "alice", "terns")).toMatchObject({ code: "too-large" });

    running.stop();
    running.start();
    const started = must(await changeWatch(hub.ports, alice, "alice", "terns"));
    expect(started).toMatchObject({ hadStopped: expect.stringContaining("2"), answers: 3 });
    expect(listed()?.problem).toBeUndefined();

    await stoppedAgain();
    await loop().restartStopped();
    expect(listed()?.problem).toBeDefined();
    hub.clock.advance(HOUR_MS);
    await loop().restartStopped();
    // Tried and put off: the next attempt comes after two hours.
    expect(listed()).toMatchObject({ stopped: hub.clock.now() });
    running.stop();
    running.start();
    hub.clock.advance(HOUR_MS);
    await loop().restartStopped();
    expect(listed()?.problem).toBeDefined();
    hub.clock.advance(HOUR_MS);
    const missed = await post(hub, alice, "A tern that came meanwhile");
    await loop().settled();
    // A start by itself lets nothing go on that was stopped.
    expect(listed()).toMatchObject({ answers: 3 });
    await loop().restartStopped();
    await loop().settled();
    expect(listed()).toMatchObject({ answers: 4 });
    expect(listed()?.problem).toBeUndefined();
    expect(answersOf(hub, alice, "terns")).toContain(missed.iri);
  });

  it("that is given another query retracts what fits no more, and says known answers anew", async () => {
    await using running = await openWatchingHub();
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    await watch(hub, alice, { name: "one", query: TERNS });
    const both = await post(hub, alice, "A tern. #birds");
    const only = await post(hub, alice, "Another tern.");
    await loop().settled();
    expect([...answersOf(hub, alice, "one")].sort()).toEqual([both.iri, only.iri].sort());
    const query = UNANSWERED.replaceAll("?post", "?asked");
    must(await changeWatch(hub.ports, alice, "alice", "one", { query }));
    await loop().settled();
    expect(answersOf(hub, alice, "one")).toEqual([both.iri]);
    const [kept] = hub.ports.records.reader.watchAnswers({ account: alice.account.name, name: "one" });
    expect(kept?.values).toEqual({ asked: both.iri });
    expect(await changeWatch(hub.ports, alice, "alice", "none")).toMatchObject({ code: "not-found" });
    expect(await changeWatch(hub.ports, alice, "alice", "one", { query: "ASK {}" })).toMatchObject({ kind: "refusal" });
  });

  it("tells its subscribers when it ends", async () => {
    await using running = await openWatchingHub();
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    const { service, node } = await watch(hub, alice, { name: "terns", query: TERNS, isPublic: true });
    const jid = "reader@elsewhere.example" as Jid;
    const subscribe = { kind: "subscribe", service: service as BareJid, node: node as NodeId, jid } as const;
    expect(await handlePubsub(hub.ports, subscribe, jid)).toMatchObject({ kind: "subscribed" });
    must(await removeWatch(hub.ports, alice, "alice", "terns"));
    const told = hub.queued.flat().filter(({ to }) => to === jid);
    expect(told.map(({ event }) => event.event.kind)).toContain("delete");
  });

  it.each(["", "a b", "a/b", "ä!", "x".repeat(65), "../up"])("is not made under the name %j", async (name) => {
    await using running = await openWatchingHub();
    const alice = await addAccount(running.hub, "alice");
    const refused = await addWatch(running.hub.ports, alice, "alice", { name, query: TERNS });
    expect(refused).toMatchObject({ code: "invalid" });
  });

  it("is one of a bounded number, and of a bounded length", async () => {
    await using running = await openWatchingHub();
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    for (let n = 0; n < WATCHES_MAX; n++) await watch(hub, alice, { name: `w${n}`, query: TERNS });
    const more = await addWatch(hub.ports, alice, "alice", { name: "more", query: TERNS });
    expect(more).toMatchObject({ code: "too-many" });
    must(await removeWatch(hub.ports, alice, "alice", "w0"));
    const long = TERNS.replace("?post", `?post # ${"x".repeat(2_000_000)}\n`);
    expect(await addWatch(hub.ports, alice, "alice", { name: "long", query: long })).toMatchObject({
      code: "too-large",
    });
    await watch(hub, alice, { name: "more", query: TERNS });
  });

  it.each([
    ["SELECT * WHERE { ?s ?p ?o }", "too-large"],
    ["SELECT ?s WHERE { ?s <urn:p>* ?o }", "too-large"],
    ["SELECT ?s WHERE { ?s <urn:p> ?o FILTER(?o < NOW()) }", "invalid"],
    ["ASK { ?s <urn:p> ?o }", "invalid"],
    ["SELECT ?s WHERE { GRAPH ?g { ?s <urn:p> ?o } }", "invalid"],
    ["SELECT ?s WHERE {", "malformed"],
  ])("that is %s is refused as %s", async (query, code) => {
    await using running = await openWatchingHub();
    const alice = await addAccount(running.hub, "alice");
    const refused = await addWatch(running.hub.ports, alice, "alice", { name: "x", query });
    expect(isRefusal(refused) && refused.code).toBe(code);
    expect(listWatches(running.hub.ports, alice, "alice")).toEqual([]);
  });

  it("of the program's own finds mentions, replies, a topic, a thread and home", async () => {
    await using running = await openWatchingHub();
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

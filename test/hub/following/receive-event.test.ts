import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Entry } from "../../../src/atom/entry.ts";
import { entryFromXml, entryToXml, parseXml } from "../../../src/atom/xml.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { postFromQuads } from "../../../src/core/posts/post.ts";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import type { InboundEvent } from "../../../src/hub/ports/xmpp-link.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { dcterms } from "../../../src/vocab/dcterms.ts";
import { addAccount, irisOf, live, must, post, SECOND_MS } from "../test-hub.ts";
import { follow, openTwoHubs, pushed, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
  hubs.here.asked.length = 0;
});
afterEach(() => hubs[Symbol.asyncDispose]());

const receive = (event: InboundEvent) => receiveEvent(hubs.here.ports, event);
const stored = (graph: Iri) => hubs.here.ports.records.reader.document(graph);
const receivedPosts = () =>
  hubs.here.ports.records.reader.count({ kind: "all", documentKind: "post", origin: "received" });
const refusals = () =>
  hubs.here.logged.filter(({ event }) => event === "item-refused").map(({ detail }) => detail["code"]);

/** The push of a new post of alice's. */
async function pushOf(text: string): Promise<{ readonly iri: Iri; readonly id: ItemId; readonly event: InboundEvent }> {
  const { iri, id } = await post(hubs.there, hubs.alice, text);
  return { iri, id, event: await onlyPush() };
}

async function onlyPush(): Promise<InboundEvent> {
  const [event, ...more] = await pushed(hubs);
  if (event === undefined || more.length > 0) throw new Error(`Expected one push, but got ${more.length + 1}.`);
  return event;
}

/** The same push with another entry in it. */
function forged(event: InboundEvent, forge: (entry: Entry) => Entry, id?: string): InboundEvent {
  const [item] = event.items;
  if (item?.payload === undefined) throw new Error("no payload");
  const payload = must(parseXml(entryToXml(forge(must(entryFromXml(item.payload))))));
  return { ...event, items: [{ ...item, payload, ...(id === undefined ? {} : { id: id as ItemId }) }] };
}

function withoutRdf(entry: Entry): Entry {
  const { rdf, ...rest } = entry;
  if (rdf === undefined) throw new Error("Expected RDF in the entry.");
  return rest;
}

/** An entry whose RDF says something more. */
const saying =
  (...lines: readonly string[]) =>
  (entry: Entry): Entry => ({
    ...entry,
    rdf: { format: "turtle", text: [entry.rdf?.text ?? "", ...lines].join("\n") },
  });

describe("a pushed post", () => {
  it("comes in with its tags, as its author's hub has it", async () => {
    const { iri, event } = await pushOf("The terns are back. #Terns");
    await receive(event);
    const there = live(hubs.there, iri).document;
    const here = live(hubs.here, iri).document;
    expect(here).toMatchObject({
      kind: "post",
      origin: { kind: "received", from: hubs.alice.account.jid },
      author: hubs.alice.iri,
      container: there.container,
      created: there.created,
    });
    const plain = (document: typeof here) =>
      document.quads.map((q) => [q.subject, q.predicate, q.object].map(({ value }) => value).join(" ")).sort();
    expect(plain(here)).toEqual(plain(there));
  });

  it("that comes again changes nothing", async () => {
    const { iri, event } = await pushOf("one");
    await receive(event);
    hubs.clock.advance(SECOND_MS);
    await receive(event);
    expect(live(hubs.here, iri).version).toBe(1);
  });

  it("is replaced by its edit, and not by a late older copy", async () => {
    const { iri, event: first } = await pushOf("one");
    hubs.clock.advance(SECOND_MS);
    must(await editPost(hubs.there.ports, hubs.alice, iri, { text: "two" }));
    const second = await onlyPush();
    await receive(second);
    await receive(first);
    const { document } = live(hubs.here, iri);
    expect(document.quads.find((q) => q.predicate.value === dcterms.modified.value)?.object.value).toBe(
      document.modified,
    );
    expect(document.quads.some((q) => q.object.value === "two")).toBe(true);
  });

  it("goes when it is retracted, and stays gone when a copy comes late", async () => {
    const { iri, event } = await pushOf("one");
    await receive(event);
    must(await deletePost(hubs.there.ports, hubs.alice, iri));
    const retraction = await onlyPush();
    await receive(retraction);
    await receive(event);
    await receive(retraction);
    expect(stored(iri)).toMatchObject({ kind: "tombstone", tombstone: { author: hubs.alice.iri } });
    expect(
      hubs.here.ports.records.reader.count({ kind: "container", container: irisOf(hubs.there, hubs.alice).container }),
    ).toBe(0);
  });

  it("does not come to life when its retraction overtakes it", async () => {
    const { iri, event } = await pushOf("one");
    must(await deletePost(hubs.there.ports, hubs.alice, iri));
    await receive(await onlyPush());
    await receive(event);
    expect(stored(iri)?.kind).toBe("tombstone");
  });
});

describe("authorship of a pushed post", () => {
  const FAR = "https://far.example/alice/posts/";

  it.each([
    [
      "another account's IRI",
      "not-the-author",
      (entry: Entry) => ({ ...entry, id: "https://far.example/carol/posts/000001" }),
      "000001",
    ],
    [
      "an IRI of this hub",
      "not-the-author",
      (entry: Entry) => ({ ...entry, id: "https://hub.example/bob/posts/000001" }),
      "000001",
    ],
    [
      "another post than the item id says",
      "not-the-author",
      (entry: Entry) => ({ ...entry, id: `${FAR}000001` }),
      "000002",
    ],
    [
      "another creator",
      "not-the-author",
      saying("<> <http://rdfs.org/sioc/ns#has_creator> <https://far.example/carol#account> ."),
      undefined,
    ],
    ["no IRI", "invalid", (entry: Entry) => ({ ...entry, id: "tag me" }), undefined],
    [
      "RDF that cannot be read",
      "malformed",
      (entry: Entry): Entry => ({ ...entry, rdf: { format: "turtle", text: "<" } }),
      undefined,
    ],
  ])("is refused for %s", async (_, code, forge, id) => {
    const { event } = await pushOf("one");
    await receive(forged(event, forge, id));
    expect([receivedPosts(), refusals()]).toEqual([0, [code]]);
    // What is refused would be refused again: the sender need not send it again.
    expect(hubs.here.xmpp.receipts).toMatchObject([{ id: event.receiptWanted }]);
  });

  it("needs no RDF: what another program published at the same JID is read as it stands, named by its item", async () => {
    const { iri, event } = await pushOf("one");
    await receive(forged(event, (entry) => ({ ...withoutRdf(entry), id: "tag me" }), undefined));
    const { document } = live(hubs.here, iri);
    expect(document).toMatchObject({ author: hubs.alice.iri, origin: { from: "alice@far.example" } });
    expect(postFromQuads(document.quads, iri)).toMatchObject({ text: "one", creator: hubs.alice.iri });
  });

  it.each([
    ["publisher", { publisher: "mallory@evil.example" }, (entry: Entry) => entry],
    ["author", {}, (entry: Entry) => ({ ...entry, authorUri: "xmpp:mallory@evil.example" })],
  ])("needs the right %s without RDF too", async (_, more, forge) => {
    const { event } = await pushOf("one");
    const told = forged(event, (entry) => forge(withoutRdf(entry)), undefined);
    await receive({ ...told, items: told.items.map((item) => ({ ...item, ...more })) });
    expect([receivedPosts(), refusals()]).toEqual([0, ["not-the-author"]]);
  });

  it("keeps only what is about the post itself", async () => {
    const { iri, event } = await pushOf("one");
    const smuggled = saying(
      `<https://hub.example/bob#me> <http://xmlns.com/foaf/0.1/name> "Mallory" .`,
      `<https://far.example/alice#me> <http://xmlns.com/foaf/0.1/name> "Mallory" .`,
      `<https://far.example/tags/x> <http://www.w3.org/2000/01/rdf-schema#label> "x" .`,
    );
    await receive(forged(event, smuggled));
    expect(new Set(live(hubs.here, iri).document.quads.map((q) => q.subject.value))).toEqual(new Set([iri]));
  });

  it("takes nothing from a service it is not subscribed to, answers, and says so there", async () => {
    const carol = await addAccount(hubs.there, "carol");
    const { iri, event } = await pushOf("one");
    for (const from of [carol.account.jid, "far.example" as BareJid, `${carol.account.jid}/x` as Jid]) {
      await receive({ ...event, from });
    }
    await receive({ ...event, node: "urn:xmpp:other" as NodeId });
    expect([stored(iri), receivedPosts()]).toEqual([undefined, 0]);
    expect(hubs.here.xmpp.receipts).toHaveLength(4);
    expect(hubs.here.xmpp.questions.filter(({ name }) => name === "unsubscribe")).toHaveLength(4);
  });

  it("tells a stranger who goes on pushing only so often, and others all the same", async () => {
    const { event } = await pushOf("one");
    const told = () => hubs.here.xmpp.questions.filter(({ name }) => name === "unsubscribe").length;
    const pushes = async (domain: string, count: number): Promise<number> => {
      const before = told();
      // From another account each time, as one who means it would.
      for (let n = 0; n < count; n++) await receive({ ...event, from: `a${n}@${domain}` as BareJid });
      return told() - before;
    };
    expect(await pushes("stranger.example", 50)).toBe(20);
    expect(await pushes("other.example", 3)).toBe(3);
    hubs.clock.advance(59 * 60 * SECOND_MS);
    expect(await pushes("stranger.example", 5)).toBe(0);
    hubs.clock.advance(60 * SECOND_MS);
    expect(await pushes("stranger.example", 5)).toBe(5);
    expect(hubs.here.xmpp.receipts).toHaveLength(63);
    expect(hubs.here.logged.filter(({ event: name }) => name === "event-unknown")).toHaveLength(28);
  });

  it("remembers only so many strangers", async () => {
    const { event } = await pushOf("one");
    const from = (n: number) => receive({ ...event, from: `a@s${n}.example` as BareJid });
    for (let n = 0; n <= 1_000; n++) await from(n);
    for (let n = 0; n < 30; n++) await from(1_000);
    for (let n = 0; n < 20; n++) await from(0);
    expect(hubs.here.xmpp.questions.filter(({ name }) => name === "unsubscribe")).toHaveLength(1_001 + 19 + 20);
  });

  it("tells how many items were left out for their ids", async () => {
    const { event } = await pushOf("one");
    await receive({ ...event, unnamed: 3 });
    await receive(event);
    expect(hubs.here.logged.filter(({ event: name }) => name === "items-unnamed")).toMatchObject([
      { detail: { from: hubs.alice.account.jid, items: 3 } },
    ]);
  });

  it("retracts no posts but those of the account itself", async () => {
    const own = await post(hubs.here, hubs.bob, "mine");
    const { iri, event } = await pushOf("one");
    await receive(event);
    const retracted = [`../../bob/posts/${own.id}`, own.iri, `../${own.id}`] as string[] as ItemId[];
    await receive({ ...event, items: [], retracted });
    expect([stored(own.iri)?.kind, stored(iri)?.kind]).toEqual(["live", "live"]);
  });
});

describe("what a push tells besides", () => {
  it("shows a gap when the post before it is not here", async () => {
    await pushOf("lost");
    const { event } = await pushOf("next");
    await receive(event);
    expect(hubs.here.asked).toEqual([{ account: hubs.alice.iri, why: "gap" }]);
  });

  it("shows none when the post before it is here, or was deleted", async () => {
    const first = await pushOf("one");
    await receive(first.event);
    await receive((await pushOf("two")).event);
    const third = await pushOf("three");
    await receive({ ...third.event, items: [], retracted: [first.id] });
    await receive(third.event);
    expect(hubs.here.asked).toEqual([]);
  });

  it("shows none when what it names before it is not the account's own", async () => {
    const { iri, event } = await pushOf("one");
    const elsewhere = (entry: Entry): Entry => ({
      ...entry,
      rdf: {
        format: "turtle",
        text: `${(entry.rdf?.text ?? "").replace(/sioc:previous_by_date[^;.]*[;]/, "")}
<${iri}> <http://rdfs.org/sioc/ns#previous_by_date> <https://else.example/posts/1> .`,
      },
    });
    await receive(forged(event, elsewhere));
    expect(stored(iri)?.kind).toBe("live");
    expect(hubs.here.asked).toEqual([]);
  });

  it("shows none while the backfill is still running, which brings the rest", async () => {
    const { reader } = hubs.here.ports.records;
    const upstream = reader.upstream(hubs.alice.iri);
    if (upstream === undefined) throw new Error("not followed");
    const backfill = { done: false, fetched: 0 };
    await hubs.here.ports.records.transact(() => ({
      changes: [{ kind: "upstream-put", upstream: { ...upstream, backfill } }],
      result: undefined,
    }));
    await pushOf("lost");
    await receive((await pushOf("next")).event);
    expect(hubs.here.asked).toEqual([]);
  });

  it("asks for what came without a payload", async () => {
    const { id, iri, event } = await pushOf("one");
    await receive({ ...event, items: [{ id }] });
    expect(stored(iri)).toBeUndefined();
    expect(hubs.here.asked).toEqual([{ account: hubs.alice.iri, why: "header-only" }]);
  });

  it("compares what is there with what is here when the node was emptied", async () => {
    const { iri, event } = await pushOf("one");
    await receive(event);
    await receive({ ...event, items: [], emptied: true });
    // A purge by itself deletes nothing: what is really gone, catching up finds.
    expect(stored(iri)?.kind).toBe("live");
    expect(hubs.here.asked).toEqual([{ account: hubs.alice.iri, why: "gap" }]);
  });

  it("is answered with a receipt only once it is durable", async () => {
    const { iri, event } = await pushOf("one");
    const whenAnswered: unknown[] = [];
    const send = hubs.here.xmpp.sendReceipt.bind(hubs.here.xmpp);
    hubs.here.xmpp.sendReceipt = async (from, to, id) => {
      whenAnswered.push(stored(iri)?.kind, from);
      await send(from, to, id);
    };
    await receive(event);
    expect(whenAnswered).toEqual(["live", "hub.example"]);
    expect(hubs.here.xmpp.receipts).toEqual([{ to: event.from, id: event.receiptWanted }]);
  });

  it("is not answered when nobody asked to", async () => {
    const { iri, event } = await pushOf("one");
    const { receiptWanted: _, ...silent } = event;
    await receive(silent);
    expect([stored(iri)?.kind, hubs.here.xmpp.receipts]).toEqual(["live", []]);
  });

  it("takes several items and retractions in one commit", async () => {
    const first = await pushOf("one");
    await receive(first.event);
    const [second, third] = [await pushOf("two"), await pushOf("three")];
    let commits = 0;
    const stop = hubs.here.ports.records.onCommit(() => commits++);
    await receive({ ...second.event, items: [...second.event.items, ...third.event.items], retracted: [first.id] });
    stop();
    expect(commits).toBe(1);
    expect([first, second, third].map(({ iri }) => stored(iri)?.kind)).toEqual(["tombstone", "live", "live"]);
  });
});

it("keeps posts of two accounts of one hub apart", async () => {
  const carol = await addAccount(hubs.there, "carol");
  const mine = must(await publishPost(hubs.there.ports, carol, "carol", { text: "x" }));
  const { event } = await pushOf("one");
  await receive(forged(event, (entry) => ({ ...entry, id: mine.iri }), mine.id));
  expect([stored(mine.iri), refusals()]).toEqual([undefined, ["not-the-author"]]);
});

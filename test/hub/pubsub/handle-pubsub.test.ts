import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Entry } from "../../../src/atom/entry.ts";
import { entryFromXml, entryToXml, parseXml } from "../../../src/atom/xml.ts";
import { postIri } from "../../../src/core/hub-iris.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { Jid } from "../../../src/core/jid.ts";
import { describeService, listServiceItems } from "../../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { addAccount, type Holder, live, must, openTestHub, post, type TestHub } from "../test-hub.ts";

const LINKED = "alice@jabber.example/phone" as Jid;
const STRANGER = "mallory@far.example/x" as Jid;
const ID = "tag-client-1" as ItemId;

let hub: TestHub;
let alice: Holder;

beforeEach(async () => {
  hub = await openTestHub();
  alice = await addAccount(hub, "alice", { linkedJids: ["alice@jabber.example"] });
});
afterEach(() => hub[Symbol.asyncDispose]());

const ask = (request: PubsubRequest, actor: Jid = LINKED) => handlePubsub(hub.ports, request, actor);
const iri = (id: ItemId = ID) => postIri(hub.ports.identity.base, alice.account.name, id);
const textOf = (id: ItemId = ID) =>
  live(hub, iri(id)).document.quads.find((q) => q.predicate.equals(sioc.content))?.object.value;

/** An entry as a client writes it: no RDF, an id of its own. */
function entry(text: string, more: Partial<Entry> = {}): string {
  const now = hub.clock.now();
  return entryToXml({
    id: "tag:client.example,2026:1",
    title: text,
    published: now,
    updated: now,
    authorName: "A",
    authorUri: "xmpp:alice@jabber.example",
    categories: [],
    links: [],
    ...more,
  });
}

function publish(payload: string, id: ItemId = ID): PubsubRequest {
  const now = hub.clock.now();
  return {
    kind: "publish",
    service: alice.account.jid,
    node: MICROBLOG_NODE,
    item: { id, payload, published: now, updated: now },
  };
}

const retract = (id: ItemId = ID): PubsubRequest => ({
  kind: "retract",
  service: alice.account.jid,
  node: MICROBLOG_NODE,
  id,
  notify: true,
});

describe("publishing by XMPP", () => {
  it("makes a post of a linked JID's entry, under the id it chose, with the RDF inside", async () => {
    expect(await ask(publish(entry("Hello #terns")))).toEqual({ kind: "published", node: MICROBLOG_NODE, id: ID });
    expect(live(hub, iri()).document).toMatchObject({ author: alice.iri, origin: { kind: "own" } });
    const item = hub.ports.records.reader.item(alice.account.jid, MICROBLOG_NODE, ID);
    // Movim and Libervia show an author only where the item's publisher says the same.
    expect(item?.publisher).toBe(alice.account.jid);
    const kept = must(entryFromXml(must(parseXml(item?.payload ?? ""))));
    expect(kept).toMatchObject({
      authorUri: `xmpp:${alice.account.jid}`,
      id: iri(),
      rdf: { format: "turtle" },
      categories: [{ term: "terns" }],
    });
  });

  it("believes nothing that the entry says of its own author, time or RDF", async () => {
    const turtle = `<${iri()}> <http://rdfs.org/sioc/ns#has_creator> <https://far.example/m#account> .`;
    const forged = entry("Hello", {
      authorUri: "xmpp:mallory@far.example",
      published: "2001-01-01T00:00:00.000Z" as Entry["published"],
      rdf: { format: "turtle", text: turtle },
    });
    await ask(publish(forged));
    const { document } = live(hub, iri());
    expect(document.created).toBe(hub.clock.now());
    expect(document.quads.filter((q) => q.predicate.equals(sioc.has_creator)).map((q) => q.object.value)).toEqual([
      alice.iri,
    ]);
  });

  it("edits the post of the same id", async () => {
    await ask(publish(entry("one")));
    hub.clock.advance(1_000);
    expect(await ask(publish(entry("two")))).toMatchObject({ kind: "published" });
    expect([textOf(), live(hub, iri()).version]).toEqual(["two", 2]);
  });

  it("edits a post that came in by another door", async () => {
    const { id } = await post(hub, alice, "by web");
    await ask(publish(entry("by phone"), id));
    expect(textOf(id)).toBe("by phone");
  });

  it("answers the post that the entry answers", async () => {
    const { iri: asked } = await post(hub, alice, "Where?");
    await ask(publish(entry("Here", { inReplyTo: { ref: asked } })));
    const { document } = live(hub, iri());
    expect(document.quads.find((q) => q.predicate.equals(sioc.reply_of))?.object.value).toBe(asked);
  });

  it.each([
    ["no entry", () => `<x xmlns="urn:x"/>`, "bad-request"],
    ["broken XML", () => "<entry", "bad-request"],
    ["an empty entry", () => entry(" "), "bad-request"],
  ])("is refused with %s", async (_, payload, condition) => {
    expect(await ask(publish(payload()))).toMatchObject({ kind: "error", condition, pubsub: "invalid-payload" });
    expect(hub.ports.records.reader.document(iri())).toBeUndefined();
  });

  it("is refused with an id that cannot be one, and with one that was deleted", async () => {
    expect(await ask(publish(entry("x"), "short" as ItemId))).toMatchObject({ condition: "bad-request" });
    await ask(publish(entry("one")));
    await ask(retract());
    expect(await ask(publish(entry("two")))).toMatchObject({ condition: "conflict" });
  });

  it("is forbidden to strangers, who learn nothing of what is there", async () => {
    await ask(publish(entry("one")));
    for (const payload of [entry("two"), "<broken"]) {
      expect(await ask(publish(payload), STRANGER)).toMatchObject({ condition: "forbidden" });
    }
    expect(await ask(retract(), STRANGER)).toMatchObject({ condition: "forbidden" });
    expect(await ask(retract("nothing-there" as ItemId), STRANGER)).toMatchObject({ condition: "forbidden" });
    expect(textOf()).toBe("one");
  });
});

describe("retracting by XMPP", () => {
  it("deletes the post, and says that it is not there the second time", async () => {
    await ask(publish(entry("one")));
    expect(await ask(retract())).toEqual({ kind: "done" });
    expect(hub.ports.records.reader.document(iri())?.kind).toBe("tombstone");
    expect(await ask(retract())).toMatchObject({ condition: "item-not-found" });
    expect(await ask(retract("never-there" as ItemId))).toMatchObject({ condition: "item-not-found" });
  });
});

describe("all other requests", () => {
  it("are committed before they are answered", async () => {
    const request = { kind: "subscribe", service: alice.account.jid, node: MICROBLOG_NODE, jid: STRANGER } as const;
    expect(await ask(request, STRANGER)).toMatchObject({ kind: "subscribed", subscription: { jid: STRANGER } });
    expect(hub.ports.records.reader.subscriptions(alice.account.jid, MICROBLOG_NODE)).toHaveLength(1);
    const items = { kind: "items", ids: [], page: { max: 5, order: "creation" } } as const;
    await post(hub, alice, "one");
    expect(await ask({ ...items, service: alice.account.jid, node: MICROBLOG_NODE }, STRANGER)).toMatchObject({
      page: { count: 1 },
    });
    const other = "urn:other" as NodeId;
    expect(await ask({ ...items, service: alice.account.jid, node: other })).toMatchObject({
      condition: "item-not-found",
    });
    expect(await ask({ ...publish(entry("x")), node: other }, STRANGER)).toMatchObject({
      condition: "item-not-found",
    });
  });
});

describe("what disco tells (XEP-0030)", () => {
  it("names an account's IRI at its JID, which binds the two", () => {
    const info = describeService(hub.ports, alice.account.jid);
    expect(info).toMatchObject({ identities: [{ category: "account" }, { category: "pubsub", type: "pep" }] });
    const fields = "forms" in info ? info.forms[0]?.fields : undefined;
    expect(fields).toContainEqual({ name: "account", type: "text-single", values: [alice.iri] });
  });

  it("lists accounts, nodes and items, the newest first", async () => {
    const page = { max: 10, order: "creation" } as const;
    const list = (jid: string, node?: string) => {
      const found = listServiceItems(hub.ports, jid as typeof alice.account.jid, node, page, STRANGER);
      return "kind" in found ? found.condition : found.items;
    };
    const first = await post(hub, alice, "one");
    const second = await post(hub, alice, "two");
    expect(list("hub.example")).toEqual([{ jid: alice.account.jid, name: "alice" }]);
    expect(list(alice.account.jid)).toMatchObject([
      { node: "http://jabber.org/protocol/nick" },
      { node: MICROBLOG_NODE },
      { node: "urn:xmpp:vcard4" },
    ]);
    expect(list(alice.account.jid, MICROBLOG_NODE)).toMatchObject([{ name: second.id }, { name: first.id }]);
    expect([list("nobody@hub.example"), list(alice.account.jid, "urn:other")]).toEqual([
      "item-not-found",
      "item-not-found",
    ]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { describePostVersion } from "../../../src/hub/pages/describe-post.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { publishPost } from "../../../src/hub/posts/publish-post.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
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
  alice = await addAccount(hub, "alice", { language: "en" });
  bob = await addAccount(hub, "bob");
});
afterEach(() => hub[Symbol.asyncDispose]());

const reader = () => hub.ports.records.reader;
/** What is queued, but for the last post before, which who subscribes is told of (XEP-0060 §6.1.7). */
const due = () =>
  reader()
    .deliveriesDue(hub.clock.now(), 100)
    .filter(({ event: { event } }) => !("delay" in event));
const itemOf = (id: ItemId) => reader().item(alice.account.jid, MICROBLOG_NODE, id);
const valuesOf = (graph: Iri, predicate: { readonly value: string }) =>
  live(hub, graph)
    .document.quads.filter((q) => q.subject.value === graph && q.predicate.value === predicate.value)
    .map((q) => q.object.value);

async function subscribe(...jids: readonly string[]): Promise<void> {
  for (const jid of jids) {
    const request = { kind: "subscribe", service: alice.account.jid, node: MICROBLOG_NODE, jid: jid as Jid } as const;
    expect(await handlePubsub(hub.ports, request, jid as Jid)).toMatchObject({ kind: "subscribed" });
  }
}

const otherRequesters: [string, () => Requester, string][] = [
  ["nobody", () => ANONYMOUS, "unauthenticated"],
  ["another account", () => bob, "forbidden"],
  ["the hub's owner", () => OWNER, "forbidden"],
];

describe("publishing a post", () => {
  it("commits the document, its PubsubItem and a Delivery for each subscriber together", async () => {
    await subscribe("there.example", "carol@far.example/phone");
    const commits: number[] = [];
    hub.ports.records.onCommit(({ changes }) => commits.push(changes.length));
    const { iri, id, created } = await post(hub, alice, "The terns are back. #Terns");
    expect(commits).toEqual([1]);
    // Just as they are to be read from the records: who hands them over need not ask.
    expect(hub.queued).toEqual([due()]);
    expect(live(hub, iri).document).toMatchObject({
      kind: "post",
      audience: "public",
      origin: { kind: "own" },
      author: alice.iri,
      container: irisOf(hub, alice).container,
      created,
    });
    const item = itemOf(id);
    expect(item).toMatchObject({ publisher: alice.account.jid, published: created, updated: created });
    const event = {
      service: alice.account.jid,
      node: MICROBLOG_NODE,
      event: { kind: "items", id, payload: item?.payload },
    };
    // Only a hub, which is a bare domain, answers with a receipt.
    expect(due()).toMatchObject([
      { event, to: "carol@far.example/phone", wantsReceipt: false, attempts: 0 },
      { event, to: "there.example", wantsReceipt: true, attempts: 0 },
    ]);
    expect(due()[0]?.event.id).toBe(due()[1]?.event.id);
  });

  it("names the post before it, whoever else posts in between, and deleted ones no more", async () => {
    const first = await post(hub, alice, "one");
    await post(hub, bob, "not mine");
    const second = await post(hub, alice, "two");
    must(await deletePost(hub.ports, alice, second.iri));
    const third = await post(hub, alice, "three");
    expect(valuesOf(first.iri, sioc.previous_by_date)).toEqual([]);
    expect(valuesOf(third.iri, sioc.previous_by_date)).toEqual([first.iri]);
  });

  it("addresses whom it answers and whom it mentions", async () => {
    const asked = await post(hub, bob, "Where?");
    await addAccount(hub, "carol");
    const answer = await post(hub, alice, "Here, @carol and @nobody", asked.iri);
    expect(valuesOf(answer.iri, sioc.reply_of)).toEqual([asked.iri]);
    expect(valuesOf(answer.iri, sioc.addressed_to).sort()).toEqual([
      bob.iri,
      `${hub.ports.identity.base}carol#account`,
    ]);
  });

  it("refuses an id that is in use, or was", async () => {
    const { iri, id } = await post(hub, alice, "one");
    const again = () => publishPost(hub.ports, alice, "alice", { text: "two" }, { id });
    expect(await again()).toMatchObject({ code: "conflict", message: expect.stringContaining("is in use") });
    must(await deletePost(hub.ports, alice, iri));
    expect(await again()).toMatchObject({ code: "conflict", message: expect.stringContaining("was deleted") });
  });

  it("leaves nothing of a post that is refused", async () => {
    await subscribe("there.example");
    for (const text of ["", "x".repeat(5_001)]) {
      expect(await publishPost(hub.ports, alice, "alice", { text })).toMatchObject({ kind: "refusal" });
    }
    const stranger = { publisher: "mallory@far.example" as BareJid };
    expect(await publishPost(hub.ports, alice, "alice", { text: "x" }, stranger)).toMatchObject({ code: "forbidden" });
    expect(reader().count({ kind: "all", documentKind: "post" })).toBe(0);
    expect([due(), hub.queued]).toEqual([[], []]);
  });

  it.each(otherRequesters)("is not for %s", async (_, by, code) => {
    expect(await publishPost(hub.ports, by(), "alice", { text: "x" })).toMatchObject({ code });
  });
});

describe("editing a post", () => {
  it("keeps the older version, the item's id and when it was first published, and tells the subscribers", async () => {
    const before = await post(hub, alice, "The tern is back.");
    await subscribe("there.example");
    hub.clock.advance(60_000);
    const after = must(await editPost(hub.ports, alice, before.iri, { text: "The terns are back." }));
    expect(after).toEqual({ ...before, version: 2, modified: hub.clock.now() });
    expect(itemOf(before.id)).toMatchObject({ published: before.created, updated: after.modified });
    expect(due()).toMatchObject([{ event: { event: { kind: "items", id: before.id } } }]);
    expect(valuesOf(before.iri, sioc.content)).toEqual(["The terns are back."]);
    const old = must(describePostVersion(hub.ports, ANONYMOUS, before.iri, 1));
    expect(old.posts).toMatchObject([{ version: 1, post: { text: "The tern is back." } }]);
    expect(describePostVersion(hub.ports, ANONYMOUS, before.iri, 3)).toMatchObject({ code: "not-found" });
  });

  it("is newer than what it replaces even within the same millisecond", async () => {
    const { iri, created } = await post(hub, alice, "one");
    const first = must(await editPost(hub.ports, alice, iri, { text: "two" }));
    const second = must(await editPost(hub.ports, alice, iri, { text: "three" }));
    expect([created, first.modified, second.modified]).toEqual(
      [created, first.modified, second.modified].toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1)),
    );
    expect(new Set([created, first.modified, second.modified]).size).toBe(3);
  });

  it("is refused when somebody was faster", async () => {
    const { iri } = await post(hub, alice, "one");
    must(await editPost(hub.ports, alice, iri, { text: "two" }, { ifVersion: 1 }));
    expect(await editPost(hub.ports, alice, iri, { text: "three" }, { ifVersion: 1 })).toMatchObject({
      code: "precondition-failed",
    });
    expect(valuesOf(iri, sioc.content)).toEqual(["two"]);
  });

  it.each(otherRequesters)("is not for %s", async (_, by, code) => {
    const { iri } = await post(hub, alice, "one");
    expect(await editPost(hub.ports, by(), iri, { text: "two" })).toMatchObject({ code });
    expect(await deletePost(hub.ports, by(), iri)).toMatchObject({ code });
    expect(live(hub, iri).version).toBe(1);
  });

  it("knows what is no post", async () => {
    const { profile, container } = irisOf(hub, alice);
    expect(await editPost(hub.ports, alice, profile, { text: "x" })).toMatchObject({ code: "not-found" });
    expect(await editPost(hub.ports, alice, `${container}/none` as Iri, { text: "x" })).toMatchObject({
      code: "not-found",
    });
    expect(await deletePost(hub.ports, alice, profile)).toMatchObject({ code: "not-found" });
  });
});

describe("deleting a post", () => {
  it("leaves a tombstone, takes its item away and queues the retraction", async () => {
    const { iri, id } = await post(hub, alice, "one");
    must(await editPost(hub.ports, alice, iri, { text: "two" }));
    await subscribe("there.example");
    hub.clock.advance(60_000);
    const deleted = hub.clock.now();
    expect(await deletePost(hub.ports, alice, iri)).toEqual({ iri, deleted });
    expect(reader().document(iri)).toMatchObject({ kind: "tombstone", tombstone: { deleted, author: alice.iri } });
    expect(reader().documentVersion(iri, 1)).toBeUndefined();
    expect(itemOf(id)).toBeUndefined();
    expect(due()).toMatchObject([{ event: { event: { kind: "retract", id } }, to: "there.example" }]);
  });

  it("says that it is gone the second time, and when it was deleted", async () => {
    const { iri } = await post(hub, alice, "one");
    const { deleted } = must(await deletePost(hub.ports, alice, iri));
    hub.clock.advance(60_000);
    const gone = { code: "gone", detail: { deleted } };
    expect(await deletePost(hub.ports, alice, iri)).toMatchObject(gone);
    expect(await editPost(hub.ports, alice, iri, { text: "two" })).toMatchObject(gone);
  });

  it("is refused when somebody was faster", async () => {
    const { iri } = await post(hub, alice, "one");
    expect(await deletePost(hub.ports, alice, iri, { ifVersion: 2 })).toMatchObject({ code: "precondition-failed" });
    expect(live(hub, iri).version).toBe(1);
  });
});

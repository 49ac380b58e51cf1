import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/core/account.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import type { CommittedDocuments, Upstream } from "../../src/hub/ports/records.ts";
import { Fault } from "../../src/outcome/fault.ts";
import { refuse } from "../../src/outcome/refusal.ts";
import { writeNTriples } from "../../src/rdf/ntriples.ts";
import { openRecords, type SqliteRecords } from "../../src/storage/records.ts";
import {
  alice,
  always,
  at,
  bob,
  drop,
  item,
  keptLog,
  node,
  nodeId,
  post,
  put,
  remove,
  service,
  temporaryFolder,
} from "./sample.ts";

let folder: ReturnType<typeof temporaryFolder>;
let records: SqliteRecords;
const log = keptLog();

beforeEach(() => {
  folder = temporaryFolder();
  records = openRecords({ file: folder.file, log });
});
afterEach(async () => {
  await records[Symbol.asyncDispose]();
  folder.remove();
});

async function reopen(): Promise<void> {
  await records[Symbol.asyncDispose]();
  records = openRecords({ file: folder.file, log });
}

describe("a decision", () => {
  it("gives back its result after its changes are there", async () => {
    const first = post({ id: "first" });
    expect(await records.transact(always(put(first)))).toBe("done");
    const stored = records.reader.document(first.graph);
    expect(stored).toMatchObject({ kind: "live", version: 1, document: { graph: first.graph, author: alice } });
  });

  it("commits in the same turn of the event loop when it comes alone", async () => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    await records.transact(always(put(post({ id: "alone" }))));
    expect(turned).toBe(false);
  });

  it("sees the changes of the decisions before it in the same batch, text search included", async () => {
    const seen: number[] = [];
    const look = () => {
      seen.push(records.reader.count({ kind: "text", words: "shared" }));
      return { changes: [put(post({ id: `p${seen.length}`, text: "shared words" }))], result: undefined };
    };
    await Promise.all([records.transact(look), records.transact(look), records.transact(look)]);
    expect(seen).toEqual([0, 1, 2]);
  });

  it("that refuses changes nothing and does not touch those beside it", async () => {
    const results = await Promise.all([
      records.transact(always(put(post({ id: "one" })))),
      records.transact(() => refuse("conflict", "Expected nothing, but got this.")),
      records.transact(always(put(post({ id: "two" })))),
    ]);
    expect(results).toEqual(["done", expect.objectContaining({ code: "conflict" }), "done"]);
    expect(records.reader.count({ kind: "all" })).toBe(2);
  });

  it("that throws is undone alone, with everything it had changed before it broke", async () => {
    const boom = new Error("boom");
    const broken = records.transact(() => {
      throw boom;
    });
    const half = records.transact(
      // The item's node does not exist, so the second change fails after the first was made.
      always(put(post({ id: "half", text: "halfway" })), { kind: "item-put", item: item("half-item", 1) }),
    );
    const whole = records.transact(always(put(post({ id: "whole" }))));
    await expect(broken).rejects.toBe(boom);
    await expect(half).rejects.toThrow(Fault);
    expect(await whole).toBe("done");
    expect([...records.reader.everyDocument()].map(({ graph }) => graph)).toEqual([post({ id: "whole" }).graph]);
    expect(records.reader.count({ kind: "text", words: "halfway" })).toBe(0);
  });

  it("is refused with a Fault once the store is closed, while those that waited are committed", async () => {
    const waiting = records.transact(always(put(post({ id: "last" }))));
    await records[Symbol.asyncDispose]();
    expect(await waiting).toBe("done");
    await expect(records.transact(always())).rejects.toThrow("closed");
    records = openRecords({ file: folder.file, log });
    expect(records.reader.count({ kind: "all" })).toBe(1);
  });

  it("waits behind at most a bounded batch: a flood of decisions lets the event loop have its turn", async () => {
    let turns = 0;
    let flooding = true;
    const count = (): void => {
      turns++;
      if (flooding) setImmediate(count);
    };
    setImmediate(count);
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => records.transact(always(put(post({ id: `p${n}` }))))));
    flooding = false;
    expect(turns).toBeGreaterThanOrEqual(7);
    expect(records.reader.count({ kind: "all" })).toBe(2_000);
  });
});

describe("commit listeners", () => {
  it("are told each batch in order, before the promise resolves, with each document before and after", async () => {
    const heard: CommittedDocuments[] = [];
    const stop = records.onCommit((committed) => heard.push(committed));
    await records.transact(always(put(post({ id: "a", text: "old" }))));
    expect(heard).toHaveLength(1);
    await records.transact(
      always(put(post({ id: "a", text: "new" })), put(post({ id: "b" })), drop(post({ id: "b" }).graph)),
    );
    expect(heard.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(heard[1]?.changes).toHaveLength(1);
    const [change] = heard[1]?.changes ?? [];
    expect(writeNTriples(change?.before?.quads ?? [])).toContain('"old"@en');
    expect(writeNTriples(change?.after?.quads ?? [])).toContain('"new"@en');
    stop();
    await records.transact(always(drop(post({ id: "a" }).graph)));
    expect(heard).toHaveLength(2);
  });

  it("are not called for a refusal or a change to anything but documents", async () => {
    let calls = 0;
    records.onCommit(() => calls++);
    await records.transact(always({ kind: "meta-put", key: "k", value: "v" }));
    await records.transact(() => refuse("conflict", "No."));
    expect(calls).toBe(0);
  });

  it("that throw are logged, and neither the commit nor the other listeners suffer", async () => {
    let calls = 0;
    records.onCommit(() => {
      throw new Error("listener");
    });
    records.onCommit(() => calls++);
    expect(await records.transact(always(put(post({ id: "a" }))))).toBe("done");
    expect(calls).toBe(1);
    expect(log.events).toContain("commit-listener-failed");
  });
});

describe("documents", () => {
  it("come back after reopening as they were put", async () => {
    const full = {
      ...post({ id: "full", tag: "tern", replyOf: bob, text: 'Quote " backslash \\ line\nbreak 😀 مرحبا' }),
      origin: { kind: "received", from: "bob@other.example" } as const,
      modified: at(5),
      audience: { only: alice } as const,
    };
    await records.transact(always(put(full)));
    await reopen();
    const stored = records.reader.document(full.graph);
    if (stored?.kind !== "live") throw new Error("not live");
    const { quads, ...head } = stored.document;
    const { quads: expected, ...expectedHead } = full;
    expect(head).toEqual(expectedHead);
    expect(writeNTriples(quads)).toBe(writeNTriples(expected));
    expect(writeNTriples({ ...stored.document }.quads)).toBe(writeNTriples(expected));
  });

  it("leave a tombstone when deleted, nothing when dropped, and count versions on across a deletion", async () => {
    const { graph } = post({ id: "a" });
    const versions = [records.reader.versionOf(graph)];
    const note = () => versions.push(records.reader.versionOf(graph));
    await records.transact(always(put(post({ id: "a" })), put(post({ id: "a", text: "again" }))));
    expect(records.reader.document(graph)).toMatchObject({ version: 2 });
    note();
    await records.transact(always(remove(graph)));
    note();
    expect(records.reader.document(graph)).toEqual({
      kind: "tombstone",
      tombstone: { graph, deleted: at(999), kind: "post", author: alice },
    });
    expect([...records.reader.everyTombstone()]).toHaveLength(1);
    expect([...records.reader.everyTombstone({ author: bob })]).toHaveLength(0);
    await records.transact(always(put(post({ id: "a", text: "risen" }))));
    expect(records.reader.document(graph)).toMatchObject({ kind: "live", version: 3 });
    note();
    await records.transact(always(drop(graph)));
    expect(records.reader.document(graph)).toBeUndefined();
    expect([...records.reader.everyTombstone()]).toEqual([]);
    note();
    expect(versions).toEqual([undefined, 2, undefined, 3, undefined]);
  });

  it("leave a tombstone even when the deletion comes before the document", async () => {
    const { graph } = post({ id: "late" });
    await records.transact(always(remove(graph)));
    expect(records.reader.document(graph)).toMatchObject({ kind: "tombstone" });
  });

  it("keep older versions until they are deleted", async () => {
    const { graph } = post({ id: "a" });
    await records.transact(always(put(post({ id: "a", text: "one" }))));
    await records.transact(always({ kind: "version-kept", graph, version: 1 }, put(post({ id: "a", text: "two" }))));
    const kept = records.reader.documentVersion(graph, 1);
    expect(writeNTriples(kept?.document.quads ?? [])).toContain('"one"@en');
    expect(records.reader.documentVersion(graph, 2)).toBeUndefined();
    await records.transact(always(remove(graph)));
    expect(records.reader.documentVersion(graph, 1)).toBeUndefined();
  });

  it("of others expire once they are old, unless an own document answers them", async () => {
    const from = { kind: "received", from: "bob@other.example" } as const;
    const posts = ["x", "y", "z"].map((id, seconds) => post({ id, seconds, author: bob, origin: from }));
    const [x, y, z] = posts.map(({ graph }) => graph);
    await records.transact(always(...posts.map(put), put(post({ id: "own" }))));
    expect(records.reader.expired(at(2), 10)).toEqual([x, y]);
    expect(records.reader.expired(at(2), 1)).toEqual([x]);
    const answer = post({ id: "answer", ...(x === undefined ? {} : { replyOf: x }) });
    await records.transact(always(put(answer)));
    expect(records.reader.expired(at(100), 10)).toEqual([y, z]);
    await records.transact(always(remove(answer.graph)));
    expect(records.reader.expired(at(100), 10)).toEqual([x, y, z]);
  });

  it("answered before they arrive do not expire either", async () => {
    const foreign = post({ id: "x", author: bob, origin: { kind: "received", from: "b@o.example" } });
    await records.transact(always(put(post({ id: "answer", replyOf: foreign.graph }))));
    await records.transact(always(put(foreign)));
    expect(records.reader.expired(at(100), 10)).toEqual([]);
  });

  it("are read in order of graph IRI, of one author or for one audience on demand", async () => {
    const secret = post({ id: "b", audience: { only: alice } });
    await records.transact(always(put(post({ id: "c" })), put(post({ id: "a", author: bob })), put(secret)));
    const read = (filter?: Parameters<typeof records.reader.everyDocument>[0]) =>
      [...records.reader.everyDocument(filter)].map(({ graph }) => graph);
    expect(read()).toEqual([secret.graph, post({ id: "c" }).graph, post({ id: "a", author: bob }).graph]);
    expect(read({ author: bob })).toEqual([post({ id: "a", author: bob }).graph]);
    expect(read({ author: alice, audience: alice })).toEqual([secret.graph, post({ id: "c" }).graph]);
    expect(read({ author: alice, audience: bob })).toEqual([post({ id: "c" }).graph]);
  });
});

describe("the PubSub state", () => {
  const subscription = {
    service,
    node: nodeId,
    jid: "bob@other.example/phone" as Jid,
    subid: "s1",
    state: "subscribed" as const,
    created: at(1),
  };

  it("holds nodes, affiliations and subscriptions", async () => {
    await records.transact(
      always(
        { kind: "node-put", node },
        { kind: "affiliation-put", service, node: nodeId, jid: service, affiliation: "owner" },
        { kind: "subscription-put", subscription },
      ),
    );
    await reopen();
    const { reader } = records;
    expect(reader.node(service, nodeId)).toEqual(node);
    expect(reader.nodes(service)).toEqual([node]);
    expect(reader.affiliation(service, nodeId, service)).toBe("owner");
    expect(reader.affiliation(service, nodeId, "bob@other.example" as BareJid)).toBe("none");
    expect(reader.subscriptions(service, nodeId)).toEqual([subscription]);
    expect(reader.subscriptionsOf(service, "bob@other.example" as BareJid)).toEqual([subscription]);
    const { jid, subid } = subscription;
    await records.transact(
      always(
        { kind: "subscription-removed", service, node: nodeId, jid, subid },
        { kind: "affiliation-put", service, node: nodeId, jid: service, affiliation: "none" },
      ),
    );
    expect(reader.subscriptions(service, nodeId)).toEqual([]);
    expect(reader.affiliation(service, nodeId, service)).toBe("none");
  });

  it("takes everything with a removed node", async () => {
    await records.transact(
      always(
        { kind: "node-put", node },
        { kind: "subscription-put", subscription },
        { kind: "item-put", item: item("item-1", 1) },
      ),
    );
    await records.transact(always({ kind: "node-removed", service, node: nodeId }, { kind: "node-put", node }));
    expect(records.reader.subscriptions(service, nodeId)).toEqual([]);
    expect(records.reader.item(service, nodeId, "item-1" as ItemId)).toBeUndefined();
  });

  it("pages items by XEP-0059, newest first by publication or modification", async () => {
    const items = [item("item-1", 1, 9), item("item-2", 2), item("item-3", 3), item("item-4", 3), item("item-5", 5)];
    await records.transact(
      always({ kind: "node-put", node }, ...items.map((one) => ({ kind: "item-put" as const, item: one }))),
    );
    const page = (request: Partial<Parameters<typeof records.reader.items>[2]>) => {
      const found = records.reader.items(service, nodeId, { max: 2, order: "creation", ...request });
      return found === undefined
        ? undefined
        : [found.items.map(({ id }) => id.slice(-1)).join(""), found.firstIndex, found.complete];
    };
    expect(page({})).toEqual(["54", 0, false]);
    expect(page({ after: "item-4" as ItemId })).toEqual(["32", 2, false]);
    expect(page({ after: "item-2" as ItemId })).toEqual(["1", 4, true]);
    expect(page({ before: "" })).toEqual(["21", 3, false]);
    expect(page({ before: "item-2" as ItemId })).toEqual(["43", 1, false]);
    expect(page({ before: "item-4" as ItemId })).toEqual(["5", 0, true]);
    expect(page({ order: "modification" })).toEqual(["15", 0, false]);
    expect(page({ after: "item-9" as ItemId })).toBeUndefined();
    expect(page({ max: 0 })).toEqual(["", 0, false]);
    expect(records.reader.items(service, nodeId, { max: 1, order: "creation" })?.count).toBe(5);
    await records.transact(always({ kind: "item-put", item: { ...item("item-2", 2), payload: "<new/>" } }));
    expect(records.reader.item(service, nodeId, "item-2" as ItemId)?.payload).toBe("<new/>");
    await records.transact(always({ kind: "item-removed", service, node: nodeId, id: "item-2" as ItemId }));
    expect(records.reader.items(service, nodeId, { max: 1, order: "creation" })?.count).toBe(4);
  });
});

describe("the Outbox", () => {
  const queue = {
    kind: "notification-queued" as const,
    notification: {
      service,
      node: nodeId,
      event: { kind: "items" as const, id: "item-1" as ItemId, publisher: service, payload: "<entry/>" },
      to: [
        { jid: "other.example" as Jid, subid: "s1" },
        { jid: "carol@third.example" as Jid, subid: "s2" },
      ],
    },
    now: at(10),
    receiptFrom: (jid: Jid) => !jid.includes("@"),
  };

  it("holds one event for all its deliveries, until the last is done", async () => {
    await records.transact(always(queue));
    await reopen();
    const due = records.reader.deliveriesDue(at(10), 10);
    expect(due.map(({ to, wantsReceipt, subid }) => [to, wantsReceipt, subid])).toEqual([
      ["other.example", true, "s1"],
      ["carol@third.example", false, "s2"],
    ]);
    expect(due[0]?.event).toBe(due[1]?.event);
    expect(due[0]?.event.event).toEqual(queue.notification.event);
    expect(records.reader.outbox()).toEqual({ queued: 2, next: at(10) });
    for (const { id } of due) await records.transact(always({ kind: "delivery-done", id }));
    expect(records.reader.outbox()).toEqual({ queued: 0 });
    expect(records.database.get("SELECT count(*) AS count FROM events")).toEqual({ count: 0 });
  });

  it("gives what is due, and never one number twice", async () => {
    await records.transact(always(queue));
    const [first, second] = records.reader.deliveriesDue(at(10), 10);
    if (first === undefined || second === undefined) throw new Error("nothing due");
    await records.transact(
      always(
        { kind: "delivery-deferred", id: first.id, attempts: 1, nextAttempt: at(60) },
        { kind: "delivery-done", id: second.id },
      ),
    );
    expect(records.reader.deliveriesDue(at(59), 10)).toEqual([]);
    expect(records.reader.deliveriesDue(at(60), 10)).toMatchObject([{ id: first.id, attempts: 1 }]);
    await records.transact(always(queue));
    expect(records.reader.delivery(second.id)).toBeUndefined();
    expect(records.reader.deliveriesDue(at(99), 10).map(({ id }) => id)).not.toContain(second.id);
  });
});

describe("accounts, tokens and upstreams", () => {
  const account = {
    name: "alice" as AccountName,
    jid: service,
    displayName: "Alice",
    linkedJids: ["alice@home.example" as BareJid],
    created: at(0),
  };

  it("come back as they were put", async () => {
    const token = {
      hash: "abc",
      holder: { kind: "account" as const, name: account.name },
      label: "cli",
      created: at(1),
    };
    const owner = { hash: "def", holder: { kind: "owner" as const }, label: "owner", created: at(1) };
    const upstream: Upstream = {
      account: bob,
      profile: bob,
      authority: "https://other.example/",
      service: "bob@other.example" as BareJid,
      node: nodeId,
      state: "subscribing",
      backfill: { done: false, fetched: 0 },
      attempts: 0,
      nextAttempt: at(0),
      created: at(0),
    };
    await records.transact(
      always(
        { kind: "account-put", account },
        { kind: "token-put", token },
        { kind: "token-put", token: owner },
        { kind: "upstream-put", upstream },
        { kind: "meta-put", key: "title", value: "Hub" },
      ),
    );
    await reopen();
    const { reader } = records;
    expect(reader.account(account.name)).toEqual(account);
    expect(reader.accounts()).toEqual([account]);
    expect(reader.accountsOfLinkedJid("alice@home.example" as BareJid)).toEqual([account]);
    expect(reader.token("abc")).toEqual(token);
    expect(reader.token("def")).toEqual(owner);
    expect(reader.upstream(bob)).toEqual(upstream);
    expect(reader.upstreamOf(upstream.service, nodeId)).toEqual(upstream);
    expect(reader.upstreams()).toEqual([upstream]);
    expect(reader.meta("title")).toBe("Hub");
    await records.transact(
      always(
        { kind: "account-put", account: { ...account, linkedJids: [] } },
        { kind: "token-removed", hash: "abc" },
        { kind: "upstream-removed", account: bob },
      ),
    );
    expect(reader.accountsOfLinkedJid("alice@home.example" as BareJid)).toEqual([]);
    expect(reader.token("abc")).toBeUndefined();
    expect(reader.upstreams()).toEqual([]);
  });
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { bareOf, type Jid } from "../../../src/core/jid.ts";
import { DECIDERS, decide } from "../../../src/pubsub/decide/decide.ts";
import { PUBSUB_FEATURES } from "../../../src/pubsub/decide/features.ts";
import { MemoryPubsubState } from "../../../src/pubsub/memory-state.ts";
import type { Notification } from "../../../src/pubsub/reply.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import {
  ACCESS_MODELS,
  AFFILIATIONS,
  type Affiliation,
  type NodeConfig,
  type NodeId,
  type PageRequest,
  PUBLISH_MODELS,
  type PubsubChange,
  type PubsubState,
} from "../../../src/pubsub/state.ts";
import { openRecords } from "../../../src/storage/records.ts";
import { at, bob, bobsPhone, itemId, node, nodeId, owner, service } from "../sample.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NODES = [nodeId, "other" as NodeId, "missing" as NodeId];
const JIDS = [owner, bob, bobsPhone, "there.example" as Jid, "mallory@far.example/x" as Jid];

const nodes = fc.constantFrom(...NODES);
const jids = fc.constantFrom(...JIDS);
const number = fc.integer({ min: 1, max: 9 });
const subids = fc.option(fc.constantFrom("s1", "s2", "s3"), { nil: undefined });
const page: fc.Arbitrary<PageRequest> = fc
  .record({
    max: fc.integer({ min: 0, max: 4 }),
    order: fc.constantFrom("creation" as const, "modification" as const),
    place: fc.oneof(
      fc.constant({}),
      number.map((n) => ({ after: itemId(n) })),
      number.map((n) => ({ before: itemId(n) })),
      fc.constant({ before: "" as const }),
    ),
  })
  .map(({ max, order, place }) => ({ max, order, ...place }));

/** Forms as somebody might fill them in, some of them wrongly. */
const field = fc.constantFrom(
  { name: "pubsub#access_model", values: ["authorize"] },
  { name: "pubsub#access_model", values: ["whitelist"] },
  { name: "pubsub#access_model", values: ["open"] },
  { name: "pubsub#access_model", values: ["closed"] },
  { name: "pubsub#max_items", values: ["2"] },
  { name: "pubsub#max_items", values: ["max"] },
  { name: "pubsub#item_expire", values: ["3"] },
  { name: "pubsub#persist_items", values: ["0"] },
  { name: "pubsub#deliver_payloads", values: ["maybe"] },
  { name: "pubsub#notify_sub", values: ["1"] },
  { name: "pubsub#notify_config", values: ["true"] },
  { name: "pubsub#send_last_published_item", values: ["on_sub"] },
  { name: "pubsub#publish_node_full", values: ["retract-oldest"] },
  { name: "pubsub#deliver", values: ["0"] },
  { name: "pubsub#include_body", values: ["1"] },
  { name: "pubsub#expire", values: ["2026-01-01T00:00:00Z"] },
  { name: "pubsub#digest", values: ["1"] },
  { name: "", values: [] },
);
const form = fc.record({ cancelled: fc.constant(false), fields: fc.array(field, { maxLength: 3 }) });
const maybeForm = fc.option(form, { nil: undefined });

/** Requests as they are without what is undefined. */
function without<T extends object>(request: T): T {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as T;
}

const ownerRequests: fc.Arbitrary<PubsubRequest> = fc
  .oneof(
    fc
      .record({ node: fc.option(nodes, { nil: undefined }), config: maybeForm })
      .map((own) => ({ kind: "create", ...own })),
    fc.record({ node: nodes, form: maybeForm }).map((own) => ({ kind: "configure", ...own })),
    fc.constant({ kind: "default-configuration" }),
    fc
      .record({ node: nodes, redirect: fc.constantFrom(undefined, "xmpp:there.example?;node=x") })
      .map((own) => ({ kind: "delete", ...own })),
    nodes.map((node) => ({ kind: "purge", node })),
    fc
      .record({ node: nodes, jid: jids, subid: subids, allow: fc.boolean() })
      .map((own) => ({ kind: "authorize", ...own })),
    fc.option(nodes, { nil: undefined }).map((node) => ({ kind: "pending", node, session: "s" })),
    fc
      .record({
        node: nodes,
        changes: fc.option(
          fc.array(
            fc
              .record({
                jid: jids,
                subid: subids,
                state: fc.constantFrom(undefined, "none", "subscribed", "pending", "?"),
              })
              .map(without),
            { minLength: 1, maxLength: 3 },
          ),
          { nil: undefined },
        ),
      })
      .map((own) => ({ kind: "node-subscriptions", ...own })),
    fc
      .record({
        node: nodes,
        changes: fc.option(
          fc.array(fc.record({ jid: jids.map(bareOf), affiliation: fc.constantFrom(...AFFILIATIONS, "king") }), {
            minLength: 1,
            maxLength: 3,
          }),
          { nil: undefined },
        ),
      })
      .map((own) => ({ kind: "node-affiliations", ...own })),
  )
  .map((own) => without({ service, ...own }) as PubsubRequest);

const requests: fc.Arbitrary<PubsubRequest> = fc.oneof(
  { weight: 2, arbitrary: ownerRequests },
  fc
    .record({ node: nodes, jid: jids, subid: subids, form: maybeForm })
    .map((own) => without({ kind: "options" as const, service, ...own }) as PubsubRequest),
  fc.constant({ kind: "default-options" as const, service }),
  fc
    .record({ node: nodes, jid: jids, options: maybeForm })
    .map((own) => without({ kind: "subscribe" as const, service, ...own }) as PubsubRequest),
  fc.record({ node: nodes, jid: jids, subid: subids }).map(({ subid, ...own }) => ({
    kind: "unsubscribe" as const,
    service,
    ...own,
    ...(subid === undefined ? {} : { subid }),
  })),
  nodes.map((id) => ({ kind: "subscriptions" as const, service, node: id })),
  fc.constant({ kind: "affiliations" as const, service }),
  fc
    .record({ node: nodes, ids: fc.array(number.map(itemId), { maxLength: 2 }), page })
    .map((own) => ({ kind: "items" as const, service, ...own })),
  fc.record({ node: nodes, n: number, published: number, updated: number, options: maybeForm }).map((own) => ({
    kind: "publish" as const,
    service,
    node: own.node,
    ...(own.options === undefined ? {} : { options: own.options }),
    item: { id: itemId(own.n), payload: "<e/>", published: at(own.published), updated: at(own.updated) },
  })),
  fc
    .record({ node: nodes, id: number.map(itemId), notify: fc.boolean() })
    .map((own) => ({ kind: "retract" as const, service, ...own })),
);

const config = fc.record({
  accessModel: fc.constantFrom(...ACCESS_MODELS),
  publishModel: fc.constantFrom(...PUBLISH_MODELS),
  deliverPayloads: fc.boolean(),
  notifyRetract: fc.boolean(),
  persistItems: fc.boolean(),
  maxItems: fc.integer({ min: 1, max: 4 }),
});
const affiliations = fc.array(fc.record({ jid: jids, affiliation: fc.constantFrom(...AFFILIATIONS) }), {
  maxLength: 3,
});
const scenario = fc.record({
  config,
  affiliations,
  asked: fc.array(fc.record({ request: requests, actor: jids }), { maxLength: 40 }),
});

interface Setting {
  readonly config: NodeConfig;
  readonly affiliations: readonly { readonly jid: Jid; readonly affiliation: Affiliation }[];
}

/** The changes that set a scenario up. */
function setUp({ config: chosen, affiliations: given }: Setting): readonly PubsubChange[] {
  return [
    ...NODES.slice(0, 2).map((id) => ({ kind: "node-put" as const, node: { ...node(chosen), id } })),
    { kind: "affiliation-put" as const, service, node: nodeId, jid: owner, affiliation: "owner" as const },
    ...given.map(({ jid, affiliation }) => ({
      kind: "affiliation-put" as const,
      service,
      node: nodeId,
      jid: bareOf(jid),
      affiliation,
    })),
  ];
}

/** Kinds of requests that change nothing. */
const READING = new Set(["items", "subscriptions", "affiliations", "default-options", "default-configuration"]);
/** Kinds that are everybody's, whatever they are to the node: what is their own. */
const OWN = new Set(["subscriptions", "affiliations", "unsubscribe", "options", "default-options"]);
const OWNERS = new Set(["configure", "delete", "purge", "authorize", "node-subscriptions", "node-affiliations"]);

it("never throws, tells only whom it concerns, and lets no outcast read or write", () => {
  fc.assert(
    fc.property(scenario, ({ asked, ...setting }) => {
      const state = new MemoryPubsubState();
      for (const change of setUp(setting)) state.apply(change);
      for (const [turn, { request, actor }] of asked.entries()) {
        const before = request.node === undefined ? "none" : state.affiliation(service, request.node, bareOf(actor));
        const owned = new Set(
          state
            .nodes(service)
            .map(({ id }) => id)
            .filter((id) => ownersOf(state, id).length > 0),
        );
        const present = request.node !== undefined && state.node(service, request.node) !== undefined;
        const decision = decide(state, request, { actor, now: at(100 + turn), subid: `s${turn}` });
        if (decision.kind === "error") continue;
        if (!OWN.has(request.kind)) expect(before).not.toBe("outcast");
        if (OWNERS.has(request.kind)) expect(before).toBe("owner");
        if (present && request.kind === "create") expect.fail("a node was made where there is one");
        for (const notification of decision.notifications) checkTold(state, notification);
        // Reading changes nothing, and nobody but the asker is subscribed or unsubscribed, unless by an owner.
        if (READING.has(request.kind)) expect(decision.changes).toEqual([]);
        for (const change of decision.changes) {
          if (before !== "owner" && change.kind === "subscription-put") {
            expect(bareOf(change.subscription.jid)).toBe(bareOf(actor));
          }
          if (before !== "owner" && change.kind === "subscription-removed") {
            expect(bareOf(change.jid)).toBe(bareOf(actor));
          }
          state.apply(change);
        }
        for (const { id, config: now } of state.nodes(service)) {
          // A node that has an owner keeps one.
          if (owned.has(id)) expect(ownersOf(state, id).length).toBeGreaterThan(0);
          const since = now.itemExpire_s === undefined ? {} : { since: at(100 + turn - now.itemExpire_s) };
          const { count = 0 } = state.items(service, id, { max: 0, order: "creation", ...since }) ?? {};
          expect(count).toBeLessThanOrEqual(now.maxItems ?? Number.POSITIVE_INFINITY);
        }
      }
    }),
    { numRuns: 300 },
  );
});

const ownersOf = (state: PubsubState, id: NodeId) =>
  state.affiliations(service, id).filter(({ affiliation }) => affiliation === "owner");

/** Who is told of what is in the state as it was before the changes. */
function checkTold(state: PubsubState, { node: told, event, to }: Notification): void {
  const jids = to.map(({ jid }) => jid);
  expect(new Set(jids).size).toBe(jids.length);
  const config = state.node(service, told)?.config;
  if (event.kind === "subscription" || event.kind === "affiliation" || event.kind === "authorization") return;
  if (config?.deliverPayloads === false) expect(event).not.toHaveProperty("payload");
  const subscriptions = state.subscriptions(service, told);
  for (const { jid, subid } of to) {
    // Who has just been admitted is told of the last item.
    if (event.kind === "items" && event.delay !== undefined) continue;
    for (const one of subid.split(" ")) {
      const own = subscriptions.find((each) => each.jid === jid && each.subid === one);
      expect(own?.options?.deliver).not.toBe(false);
      if (event.kind !== "delete") expect(own?.state).toBe("subscribed");
    }
  }
}

function walk(state: PubsubState, order: PageRequest["order"], max: number, backwards: boolean): readonly string[] {
  const found: string[] = [];
  let place: Pick<PageRequest, "after" | "before"> = backwards ? { before: "" } : {};
  for (;;) {
    const got = state.items(service, nodeId, { max, order, ...place });
    if (got === undefined) throw new Error("Expected a page after an item that is there.");
    const ids = got.items.map(({ id }) => id);
    if (backwards) found.unshift(...ids);
    else found.push(...ids);
    const edge = backwards ? ids[0] : ids.at(-1);
    if (got.complete || edge === undefined) return found;
    place = backwards ? { before: edge } : { after: edge };
  }
}

it("pages, forwards and backwards, make up the whole list", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ n: number, published: number, updated: number }), { maxLength: 15 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom("creation" as const, "modification" as const),
      (published, max, order) => {
        const state = new MemoryPubsubState();
        for (const change of setUp({ config: { ...node().config, maxItems: 99 }, affiliations: [] }))
          state.apply(change);
        for (const { n, published: first, updated } of published) {
          const item = { id: itemId(n), payload: "<e/>", published: at(first), updated: at(updated) };
          const request = { kind: "publish", service, node: nodeId, item } as const;
          const decision = decide(state, request, { actor: owner, now: at(50), subid: "" });
          if (decision.kind === "decision") for (const change of decision.changes) state.apply(change);
        }
        const whole = state.items(service, nodeId, { max: 99, order })?.items.map(({ id }) => id);
        expect(walk(state, order, max, false)).toEqual(whole);
        expect(walk(state, order, max, true)).toEqual(whole);
        expect(whole).toHaveLength(new Set(published.map(({ n }) => n)).size);
      },
    ),
  );
});

it("decides the same over the records as in memory, step by step", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ asked, ...setting }) => {
      const memory = new MemoryPubsubState();
      await using records = openRecords({ file: ":memory:", log });
      for (const change of setUp(setting)) memory.apply(change);
      await records.transact(() => ({ changes: setUp(setting), result: undefined }));
      for (const [turn, { request, actor }] of asked.entries()) {
        const context = { actor, now: at(100 + turn), subid: `s${turn}` };
        const expected = decide(memory, request, context);
        const got = await records.transact((reader) => {
          const result = decide(reader, request, context);
          return { changes: result.kind === "error" ? [] : result.changes, result };
        });
        expect(got).toEqual(expected);
        if (expected.kind === "decision") for (const change of expected.changes) memory.apply(change);
      }
      for (const id of NODES.slice(0, 2)) {
        expect(records.reader.subscriptions(service, id)).toEqual(memory.subscriptions(service, id));
        for (const order of ["creation", "modification"] as const) {
          expect(records.reader.items(service, id, { max: 99, order })).toEqual(
            memory.items(service, id, { max: 99, order }),
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

it("advertises features for what it handles, and handles every kind of request that it advertises", () => {
  const state = new MemoryPubsubState();
  for (const change of setUp({ config: { ...node().config, maxItems: 9 }, affiliations: [] })) state.apply(change);
  const bare = "http://jabber.org/protocol/pubsub#";
  const needing: Readonly<Record<keyof typeof DECIDERS, string | undefined>> = {
    subscribe: `${bare}subscribe`,
    unsubscribe: undefined,
    options: `${bare}subscription-options`,
    "default-options": `${bare}retrieve-default-sub`,
    create: `${bare}create-nodes`,
    configure: `${bare}config-node`,
    "default-configuration": `${bare}retrieve-default`,
    delete: `${bare}delete-nodes`,
    purge: `${bare}purge-nodes`,
    authorize: undefined,
    pending: `${bare}get-pending`,
    "node-subscriptions": `${bare}manage-subscriptions`,
    "node-affiliations": `${bare}modify-affiliations`,
    subscriptions: `${bare}retrieve-subscriptions`,
    affiliations: `${bare}retrieve-affiliations`,
    items: `${bare}retrieve-items`,
    publish: `${bare}publish`,
    retract: `${bare}retract-items`,
  };
  for (const feature of Object.values(needing)) if (feature !== undefined) expect(PUBSUB_FEATURES).toContain(feature);
  expect(Object.keys(DECIDERS).sort()).toEqual(Object.keys(needing).sort());
  const asked = fc.sample(requests, { numRuns: 500, seed: 1 });
  expect(new Set(asked.map(({ kind }) => kind))).toEqual(new Set(Object.keys(needing)));
  for (const request of asked) {
    const decision = decide(state, request, { actor: owner, now: at(1), subid: "s" });
    // Nothing advertised is answered with "not implemented" on an ordinary node.
    expect(decision).not.toMatchObject({ condition: "feature-not-implemented" });
  }
});

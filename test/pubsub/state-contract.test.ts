import fc from "fast-check";
import { expect, it } from "vitest";
import { type BareJid, bareOf, type Jid } from "../../src/core/jid.ts";
import { MemoryPubsubState } from "../../src/pubsub/memory-state.ts";
import {
  AFFILIATIONS,
  type NodeId,
  type PageRequest,
  type PubsubChange,
  type PubsubState,
} from "../../src/pubsub/state.ts";
import { openRecords } from "../../src/storage/records.ts";
import { at, bob, item, itemId, node, nodeId, service } from "./sample.ts";

const OTHER = "other" as NodeId;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

const nodes = fc.constantFrom(nodeId, OTHER);
const number = fc.integer({ min: 1, max: 8 });
const jids = fc.constantFrom(bob, `${bob}/phone` as Jid, "there.example" as Jid);

const changes: fc.Arbitrary<PubsubChange> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ n: number, of: nodes, published: number, updated: number }).map(putItem) },
  fc.record({ id: number.map(itemId), node: nodes }).map((at) => ({ kind: "item-removed" as const, service, ...at })),
  fc
    .record({
      jid: jids,
      node: nodes,
      subid: fc.constantFrom("a", "b"),
      created: number.map(at),
      state: fc.constantFrom("subscribed" as const, "pending" as const),
      more: fc.constantFrom({}, { options: { deliver: false, expire: at(9) } }, { options: { includeBody: true } }),
    })
    .map(({ more, ...own }) => ({
      kind: "subscription-put" as const,
      subscription: { service, ...own, ...more },
    })),
  fc
    .record({ jid: jids, node: nodes, subid: fc.constantFrom("a", "b") })
    .map((own) => ({ kind: "subscription-removed" as const, service, ...own })),
  fc
    .record({ node: nodes, jid: jids.map(bareOf), affiliation: fc.constantFrom(...AFFILIATIONS) })
    .map((own) => ({ kind: "affiliation-put" as const, service, ...own })),
  {
    weight: 1,
    // A node that goes comes back empty.
    arbitrary: fc
      .record({ node: nodes, redirect: fc.constantFrom({}, { redirect: "xmpp:there.example?;node=n" }) })
      .map(({ node: id, redirect }) => ({ kind: "node-removed" as const, service, node: id, ...redirect })),
  },
  { weight: 1, arbitrary: nodes.map((id) => ({ kind: "items-removed" as const, service, node: id })) },
  fc
    .record({ jid: jids.map(bareOf), groups: fc.constantFrom([], ["friends"], ["friends", "family"]) })
    .map((own) => ({ kind: "contact-put" as const, service, ...own })),
  jids.map((jid) => ({ kind: "contact-removed" as const, service, jid: bareOf(jid) })),
);

function putItem(wish: {
  readonly n: number;
  readonly of: NodeId;
  readonly published: number;
  readonly updated: number;
}) {
  const { n, of, published, updated } = wish;
  return { kind: "item-put" as const, item: item(n, { node: of, published: at(published), updated: at(updated) }) };
}

const page: fc.Arbitrary<PageRequest> = fc
  .record({
    max: fc.integer({ min: 0, max: 5 }),
    order: fc.constantFrom("creation" as const, "modification" as const),
    way: fc.constantFrom({}, { oldestFirst: true as const }),
    until: fc.oneof(
      fc.constant({}),
      number.map((n) => ({ until: at(n) })),
    ),
    since: fc.oneof(
      fc.constant({}),
      number.map((n) => ({ since: at(n) })),
    ),
    place: fc.oneof(
      fc.constant({}),
      number.map((n) => ({ after: itemId(n) })),
      number.map((n) => ({ before: itemId(n) })),
      fc.constant({ before: "" as const }),
    ),
  })
  .map(({ max, order, place, since, until, way }) => ({ max, order, ...place, ...since, ...until, ...way }));

const everything = (state: PubsubState, pages: readonly PageRequest[]): unknown => ({
  nodes: state.nodes(service),
  affiliations: [nodeId, OTHER].map((id) => [state.affiliation(service, id, bob), state.affiliations(service, id)]),
  affiliationsOf: [bob, "there.example" as BareJid].map((jid) => state.affiliationsOf(service, jid)),
  redirects: [nodeId, OTHER].map((id) => state.redirect(service, id)),
  contacts: [bob, "there.example" as BareJid].map((jid) => state.contact(service, jid)),
  subscriptions: [nodeId, OTHER].map((id) => state.subscriptions(service, id)),
  own: state.subscriptionsOf(service, bob),
  items: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => state.item(service, nodeId, itemId(n))),
  pages: pages.map((each) => state.items(service, nodeId, each)),
});

it("is the same in memory, where tests run, and in the records, where hubs run", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(changes, { maxLength: 30 }), fc.array(page, { maxLength: 6 }), async (list, pages) => {
      const memory = new MemoryPubsubState();
      await using records = openRecords({ file: ":memory:", log });
      const create = [nodeId, OTHER].map((id) => ({
        kind: "node-put" as const,
        node: { ...node(), id, creator: bob },
      }));
      // The last thing to happen may be that a node goes, and says where to.
      const all = [...create, ...list].flatMap((change, place) =>
        change.kind === "node-removed" && place < list.length + 1
          ? [change, ...create.filter((made) => made.node.id === change.node)]
          : [change],
      );
      for (const change of all) memory.apply(change);
      await records.transact(() => ({ changes: all, result: undefined }));
      expect(everything(records.reader, pages)).toEqual(everything(memory, pages));
    }),
    { numRuns: 60 },
  );
});

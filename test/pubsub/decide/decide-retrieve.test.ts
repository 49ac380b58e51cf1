import { describe, expect, it } from "vitest";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { PubsubDecision } from "../../../src/pubsub/reply.ts";
import type { Affiliation, NodeConfig, NodeId, PageRequest } from "../../../src/pubsub/state.ts";
import { at, bob, item, itemId, items, nodeId, owner, Service, service, subscribe } from "../sample.ts";

function shown(decision: PubsubDecision) {
  if (decision.kind === "error" || decision.reply.kind !== "items") throw new Error("no items");
  const { page } = decision.reply;
  return { ids: page.items.map(({ id }) => id), index: page.firstIndex, count: page.count, complete: page.complete };
}

const ids = (...numbers: readonly number[]): readonly ItemId[] => numbers.map(itemId);

describe("reading items (XEP-0060 §6.5)", () => {
  // Published in the order 1 to 5; then 2 was changed.
  const five = (): Service =>
    new Service().hold(...[1, 2, 3, 4, 5].map((n) => item(n, n === 2 ? { updated: at(9) } : {})));
  const page = (wanted: Partial<PageRequest>) =>
    shown(
      five().ask({ kind: "items", service, node: nodeId, ids: [], page: { max: 2, order: "creation", ...wanted } }),
    );

  it.each([
    ["the first page is the newest", {}, { ids: ids(5, 4), index: 0, count: 5, complete: false }],
    ["after (XEP-0059 §2.2)", { after: itemId(4) }, { ids: ids(3, 2), index: 2, count: 5, complete: false }],
    ["the end of the list", { after: itemId(2) }, { ids: ids(1), index: 4, count: 5, complete: true }],
    ["after the last", { after: itemId(1) }, { ids: [], index: 0, count: 5, complete: true }],
    ["before (§2.3)", { before: itemId(2) }, { ids: ids(4, 3), index: 1, count: 5, complete: false }],
    ["before, to the beginning", { before: itemId(4) }, { ids: ids(5), index: 0, count: 5, complete: true }],
    ["the last page (§2.5)", { before: "" as const }, { ids: ids(2, 1), index: 3, count: 5, complete: false }],
    ["only the count (§2.7)", { max: 0 }, { ids: [], index: 0, count: 5, complete: false }],
    [
      "by modification (XEP-0413 §4.2)",
      { order: "modification" as const },
      { ids: ids(2, 5), index: 0, count: 5, complete: false },
    ],
    ["all of them", { max: 10 }, { ids: ids(5, 4, 3, 2, 1), index: 0, count: 5, complete: true }],
  ])("pages: %s", (_, wanted, expected) => {
    expect(page(wanted)).toEqual(expected);
  });

  it.each(["after", "before"] as const)("says that the item named by %s is not there (XEP-0059 §2.2)", (place) => {
    const request = { max: 2, order: "creation", [place]: itemId(99) } as const;
    expect(five().ask({ kind: "items", service, node: nodeId, ids: [], page: request })).toMatchObject({
      condition: "item-not-found",
    });
  });

  it("gives items by id, in the order asked for and without those that are not there (§6.5.8, §6.5.9.12)", () => {
    expect(shown(five().ask(items(itemId(2), itemId(99), itemId(4)))).ids).toEqual(ids(2, 4));
    expect(shown(five().ask(items(itemId(99)))).ids).toEqual([]);
  });

  it("gives no items of a node that has none (§6.5.7)", () => {
    expect(shown(new Service().ask(items()))).toEqual({ ids: [], index: 0, count: 0, complete: true });
  });

  const refusals: [string, Partial<NodeConfig>, Affiliation, object][] = [
    ["an outcast (§6.5.9.10)", {}, "outcast", { condition: "forbidden" }],
    ["a stranger at a whitelist (§6.5.9.8)", { accessModel: "whitelist" }, "none", { pubsub: "closed-node" }],
    [
      "a stranger where presence is shared first (§6.5.9.6)",
      { accessModel: "presence" },
      "none",
      { pubsub: "presence-subscription-required" },
    ],
    [
      "a stranger outside the roster groups (§6.5.9.7)",
      { accessModel: "roster" },
      "none",
      { pubsub: "not-in-roster-group" },
    ],
    ["one who was not let in (§6.5.9.3)", { accessModel: "authorize" }, "none", { pubsub: "not-subscribed" }],
    [
      "anybody where items are not kept (§6.5.9.4)",
      { persistItems: false },
      "none",
      { condition: "feature-not-implemented", pubsub: "unsupported", feature: "persistent-items" },
    ],
  ];
  it.each(refusals)("refuses %s", (_, config, affiliation, outcome) => {
    const asked = new Service(config).affiliate(bob, affiliation).hold(item(1));
    expect(asked.ask(items())).toMatchObject({ kind: "error", ...outcome });
    expect(asked.ask(items(itemId(1)))).toMatchObject({ kind: "error", ...outcome });
  });

  it("shows a pending subscriber nothing, and a subscriber all, where the owner decides", () => {
    const asked = new Service({ accessModel: "authorize" }).hold(item(1));
    asked.ask(subscribe());
    expect(asked.ask(items())).toMatchObject({ pubsub: "not-subscribed" });
    const [own] = asked.state.subscriptionsOf(service, bob);
    if (own === undefined) throw new Error("not pending");
    asked.state.apply({ kind: "subscription-put", subscription: { ...own, state: "subscribed" } });
    expect(shown(asked.ask(items())).ids).toEqual(ids(1));
  });

  it("knows no such node (§6.5.9.11)", () => {
    const request = { ...items(), node: "other" as NodeId };
    expect(new Service().ask(request)).toMatchObject({ condition: "item-not-found" });
  });
});

describe("what an entity has (XEP-0060 §5.6, §5.7)", () => {
  it("lists its own subscriptions and nobody else's", () => {
    const asked = new Service();
    asked.ask(subscribe());
    asked.ask(subscribe(owner), owner);
    expect(asked.ask({ kind: "subscriptions", service })).toMatchObject({
      reply: { subscriptions: [{ node: nodeId, jid: bob }] },
    });
    expect(asked.ask({ kind: "subscriptions", service, node: "other" as NodeId })).toMatchObject({
      reply: { node: "other", subscriptions: [] },
    });
  });

  it("lists its own affiliations, `none` left out", () => {
    const asked = new Service();
    expect(asked.ask({ kind: "affiliations", service })).toMatchObject({ reply: { affiliations: [] } });
    asked.affiliate(bob, "publisher");
    expect(asked.ask({ kind: "affiliations", service })).toMatchObject({
      reply: { affiliations: [{ node: nodeId, affiliation: "publisher" }] },
    });
    expect(asked.ask({ kind: "affiliations", service, node: "other" as NodeId })).toMatchObject({
      reply: { affiliations: [] },
    });
  });
});

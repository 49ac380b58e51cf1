import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Affiliation, NodeConfig, NodeId } from "../../../src/pubsub/state.ts";
import { at, bob, item, itemId, nodeId, owner, publish, retract, Service, service, subscribe } from "../sample.ts";

const held = (asked: Service) => asked.state.items(service, nodeId, { max: 99, order: "creation" })?.items ?? [];

describe("publishing (XEP-0060 §7.1)", () => {
  it("keeps the item and tells each subscriber, naming the publisher (§7.1.2)", () => {
    const asked = new Service();
    asked.ask(subscribe());
    const event = { kind: "items", id: itemId(1), publisher: owner, payload: `<e xmlns="urn:e">at 1</e>` };
    expect(asked.ask(publish(1), owner)).toMatchObject({
      reply: { kind: "published", node: nodeId, id: itemId(1) },
      notifications: [{ service, node: nodeId, event, to: [{ jid: bob, subid: "s1" }] }],
    });
    expect(held(asked)).toEqual([item(1, { payload: event.payload })]);
  });

  it("replaces an item of the same id, which keeps the time it was first published", () => {
    const asked = new Service();
    asked.ask(publish(1, 5), owner);
    asked.ask(publish(1, 8), owner);
    expect(held(asked)).toMatchObject([{ published: at(5), updated: at(8), payload: `<e xmlns="urn:e">at 8</e>` }]);
  });

  it("tells nobody when nobody is subscribed, and none who is only pending", () => {
    const asked = new Service({ accessModel: "authorize" });
    asked.ask(subscribe());
    expect(asked.ask(publish(1), owner)).toMatchObject({ notifications: [] });
  });

  it("tells without the payload where payloads are not delivered (§7.1.2.2)", () => {
    const asked = new Service({ deliverPayloads: false });
    asked.ask(subscribe());
    const decision = asked.ask(publish(1), owner);
    expect(decision.kind === "decision" && decision.notifications[0]?.event).toEqual({
      kind: "items",
      id: itemId(1),
      publisher: owner,
    });
  });

  it("tells and keeps nothing where items are not kept", () => {
    const asked = new Service({ persistItems: false });
    asked.ask(subscribe());
    expect(asked.ask(publish(1), owner)).toMatchObject({ changes: [], notifications: [{}] });
  });

  const rows: [Partial<NodeConfig>, Affiliation, boolean, boolean][] = [
    [{ publishModel: "publishers" }, "none", true, false],
    [{ publishModel: "publishers" }, "member", true, false],
    [{ publishModel: "publishers" }, "publisher", false, true],
    [{ publishModel: "publishers" }, "publish-only", false, true],
    [{ publishModel: "publishers" }, "owner", false, true],
    [{ publishModel: "subscribers" }, "none", false, false],
    [{ publishModel: "subscribers" }, "none", true, true],
    [{ publishModel: "open" }, "none", false, true],
    [{ publishModel: "open" }, "outcast", false, false],
  ];
  it.each(rows)("where %o, %s (subscribed: %s): %s (§7.1.3.1)", (config, affiliation, subscribed, allowed) => {
    const asked = new Service(config);
    if (subscribed) asked.ask(subscribe());
    asked.affiliate(bob, affiliation);
    expect(asked.ask(publish(1)).kind).toBe(allowed ? "decision" : "error");
    expect(held(asked)).toHaveLength(allowed ? 1 : 0);
  });

  it("lets strangers replace only their own items where everybody may publish", () => {
    const asked = new Service({ publishModel: "open" }).hold(item(1));
    expect(asked.ask(publish(1, 9))).toEqual({ kind: "error", condition: "forbidden" });
    asked.ask(publish(2));
    expect(asked.ask(publish(2, 9))).toMatchObject({ kind: "decision" });
    expect(asked.ask(publish(2, 10), owner)).toMatchObject({ kind: "decision" });
  });

  it("knows no such node (§7.1.3.3)", () => {
    expect(new Service().ask({ ...publish(1), node: "other" as NodeId }, owner)).toMatchObject({
      condition: "item-not-found",
    });
  });

  it("never keeps more than max_items, and always the newest published", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 12 }),
        (maxItems, order) => {
          const asked = new Service({ maxItems });
          for (const [turn, n] of order.entries()) {
            asked.ask(publish(n, turn + 1), owner);
            expect(held(asked)[0]?.id).toBe(itemId(n));
          }
          const kept = order.slice(-maxItems).reverse().map(itemId);
          expect(held(asked).map(({ id }) => id)).toEqual(kept);
        },
      ),
    );
  });

  it("keeps the item just published even when it bears an older time", () => {
    const asked = new Service({ maxItems: 1 });
    asked.ask(publish(1, 50), owner);
    asked.ask(publish(2, 40), owner);
    expect(held(asked).map(({ id }) => id)).toEqual([itemId(2)]);
  });
});

describe("retracting (XEP-0060 §7.2)", () => {
  const subscribed = (config: Partial<NodeConfig> = {}): Service => {
    const asked = new Service(config).hold(item(1));
    asked.ask(subscribe());
    return asked;
  };

  it("takes the item away and tells the subscribers (§7.2.2)", () => {
    const asked = subscribed();
    expect(asked.ask(retract(1), owner)).toMatchObject({
      reply: { kind: "done" },
      notifications: [{ event: { kind: "retract", id: itemId(1) }, to: [{ jid: bob }] }],
    });
    expect(held(asked)).toEqual([]);
  });

  it("tells, where the node is silent about it, only when asked to", () => {
    expect(subscribed({ notifyRetract: false }).ask(retract(1), owner)).toMatchObject({ notifications: [] });
    expect(subscribed({ notifyRetract: false }).ask(retract(1, true), owner)).toMatchObject({ notifications: [{}] });
  });

  it("is refused to others (§7.2.3.1), and allowed to the item's own publisher", () => {
    const asked = subscribed();
    expect(asked.ask(retract(1))).toEqual({ kind: "error", condition: "forbidden" });
    asked.hold(item(2, { publisher: bob }));
    expect(asked.ask(retract(2))).toMatchObject({ reply: { kind: "done" } });
    asked.hold(item(3, { publisher: bob })).affiliate(bob, "outcast");
    expect(asked.ask(retract(3))).toEqual({ kind: "error", condition: "forbidden" });
  });

  it("does not tell a stranger which items there are", () => {
    expect(subscribed().ask(retract(99))).toEqual({ kind: "error", condition: "forbidden" });
  });

  it.each([
    ["there is no such item (§7.2.3.2)", {}, retract(99), { condition: "item-not-found" }],
    ["there is no such node (§7.2.3.2)", {}, { ...retract(1), node: "n" as NodeId }, { condition: "item-not-found" }],
    [
      "items are not kept (§7.2.3.5)",
      { persistItems: false },
      retract(1),
      { condition: "feature-not-implemented", pubsub: "unsupported", feature: "persistent-items" },
    ],
  ])("is refused when %s", (_, config, request, outcome) => {
    expect(subscribed(config).ask(request, owner)).toEqual({ kind: "error", ...outcome });
  });
});

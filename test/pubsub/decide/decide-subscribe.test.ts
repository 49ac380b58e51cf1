import { describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import { SUBSCRIPTIONS_PER_JID_MAX } from "../../../src/pubsub/decide/decide-subscribe.ts";
import type { Affiliation, NodeConfig, NodeId } from "../../../src/pubsub/state.ts";
import { bob, bobsPhone, nodeId, Service, service, subscribe, unsubscribe } from "../sample.ts";

describe("subscribing (XEP-0060 §6.1)", () => {
  it("subscribes the bare JID, with a subid", () => {
    const asked = new Service();
    expect(asked.ask(subscribe())).toMatchObject({
      reply: { kind: "subscribed", subscription: { jid: bob, subid: "s1", state: "subscribed" } },
      notifications: [],
    });
    expect(asked.state.subscriptions(service, nodeId)).toHaveLength(1);
  });

  it("answers a second time with the first subscription and changes nothing (§6.1.6)", () => {
    const asked = new Service();
    asked.ask(subscribe());
    expect(asked.ask(subscribe())).toMatchObject({ changes: [], reply: { subscription: { subid: "s1" } } });
  });

  it("takes a full JID as a subscription of its own", () => {
    const asked = new Service();
    asked.ask(subscribe());
    expect(asked.ask(subscribe(bobsPhone))).toMatchObject({ reply: { subscription: { jid: bobsPhone, subid: "s2" } } });
  });

  it("refuses to subscribe somebody else (§6.1.3.1)", () => {
    expect(new Service().ask(subscribe("mallory@far.example" as BareJid))).toEqual({
      kind: "error",
      condition: "bad-request",
      pubsub: "invalid-jid",
    });
  });

  it("knows no such node (§6.1.3.12)", () => {
    expect(new Service().ask({ kind: "subscribe", service, node: "other" as NodeId, jid: bob })).toMatchObject({
      condition: "item-not-found",
    });
  });

  const rows: [string, Partial<NodeConfig>, Affiliation, object][] = [
    ["an outcast (§6.1.3.8)", {}, "outcast", { condition: "forbidden" }],
    ["one who may only publish (§4.1)", {}, "publish-only", { condition: "forbidden" }],
    ["a stranger at a whitelist (§6.1.3.4)", { accessModel: "whitelist" }, "none", { pubsub: "closed-node" }],
    [
      "a stranger where presence is shared first (§6.1.3.2)",
      { accessModel: "presence" },
      "none",
      { condition: "not-authorized", pubsub: "presence-subscription-required" },
    ],
    [
      "a stranger outside the roster groups (§6.1.3.3)",
      { accessModel: "roster" },
      "none",
      { condition: "not-authorized", pubsub: "not-in-roster-group" },
    ],
  ];
  it.each(rows)("refuses %s", (_, config, affiliation, outcome) => {
    const asked = new Service(config).affiliate(bob, affiliation);
    expect(asked.ask(subscribe())).toMatchObject({ kind: "error", ...outcome });
    expect(asked.state.subscriptions(service, nodeId)).toEqual([]);
  });

  it.each(["whitelist", "presence", "roster", "authorize"] as const)("lets a member in where access is %s", (model) => {
    const asked = new Service({ accessModel: model }).affiliate(bob, "member");
    expect(asked.ask(subscribe())).toMatchObject({ reply: { subscription: { state: "subscribed" } } });
  });

  it("waits for approval where the owner decides (§6.1.4), and says so when asked again (§6.1.3.7)", () => {
    const asked = new Service({ accessModel: "authorize" });
    expect(asked.ask(subscribe())).toMatchObject({ reply: { subscription: { state: "pending" } } });
    expect(asked.ask(subscribe())).toMatchObject({ condition: "not-authorized", pubsub: "pending-subscription" });
  });

  it("refuses more subscriptions of one JID than its bound (§6.1.3.9)", () => {
    const asked = new Service();
    const resource = (n: number): Jid => `${bob}/${n}` as Jid;
    for (let n = 0; n < SUBSCRIPTIONS_PER_JID_MAX; n++) {
      expect(asked.ask(subscribe(resource(n)))).toMatchObject({ kind: "decision" });
    }
    expect(asked.ask(subscribe(resource(99)))).toMatchObject({ pubsub: "too-many-subscriptions" });
    expect(asked.ask(subscribe(resource(0)))).toMatchObject({ kind: "decision" });
  });
});

describe("unsubscribing (XEP-0060 §6.2)", () => {
  it("ends the subscription, with or without its subid", () => {
    for (const subid of [undefined, "s1"]) {
      const asked = new Service();
      asked.ask(subscribe());
      expect(asked.ask(unsubscribe(bob, subid))).toMatchObject({
        reply: { kind: "unsubscribed", jid: bob, subid: "s1" },
      });
      expect(asked.state.subscriptions(service, nodeId)).toEqual([]);
    }
  });

  it("says that there is no subscription (§6.2.3.2)", () => {
    expect(new Service().ask(unsubscribe())).toMatchObject({
      condition: "unexpected-request",
      pubsub: "not-subscribed",
    });
  });

  it("leaves the subscription alone when the subid is another one (§6.2.3.5)", () => {
    const asked = new Service();
    asked.ask(subscribe());
    expect(asked.ask(unsubscribe(bob, "other"))).toMatchObject({
      condition: "not-acceptable",
      pubsub: "invalid-subid",
    });
    expect(asked.state.subscriptions(service, nodeId)).toHaveLength(1);
  });

  it("asks which one is meant when there are two (§6.2.3.1)", () => {
    const asked = new Service();
    asked.ask(subscribe());
    const [first] = asked.state.subscriptions(service, nodeId);
    if (first === undefined) throw new Error("not subscribed");
    asked.state.apply({ kind: "subscription-put", subscription: { ...first, subid: "more" } });
    expect(asked.ask(unsubscribe())).toMatchObject({ condition: "bad-request", pubsub: "subid-required" });
    asked.ask(unsubscribe(bob, "more"));
    expect(asked.state.subscriptions(service, nodeId)).toEqual([first]);
  });

  it("ends nobody else's subscription (§6.2.3.3)", () => {
    const asked = new Service();
    asked.ask(subscribe());
    expect(asked.ask(unsubscribe(), "mallory@far.example/x" as Jid)).toEqual({ kind: "error", condition: "forbidden" });
    expect(asked.state.subscriptions(service, nodeId)).toHaveLength(1);
  });

  it("knows no such node (§6.2.3.4)", () => {
    const request = { kind: "unsubscribe", service, node: "other" as NodeId, jid: bob } as const;
    expect(new Service().ask(request)).toMatchObject({ condition: "item-not-found" });
  });
});

import { describe, expect, it } from "vitest";
import type { BareJid, Jid } from "../../../src/core/jid.ts";
import type { PubsubDecision } from "../../../src/pubsub/reply.ts";
import type { PubsubRequest } from "../../../src/pubsub/request.ts";
import type { SubmittedForm } from "../../../src/pubsub/settings/form.ts";
import { configForm, configWith, NODE_SETTINGS } from "../../../src/pubsub/settings/node-settings.ts";
import type { Affiliation, NodeConfig } from "../../../src/pubsub/state.ts";
import {
  at,
  bob,
  bobsPhone,
  item,
  itemId,
  items,
  node,
  nodeId,
  owner,
  publish,
  Service,
  service,
  subscribe,
} from "../sample.ts";

const carol = "carol@far.example" as BareJid;
const target = { service, node: nodeId } as const;
const form = (fields: Readonly<Record<string, string | readonly string[]>>): SubmittedForm => ({
  cancelled: false,
  fields: Object.entries(fields).map(([name, value]) => ({
    name: `pubsub#${name}`,
    values: typeof value === "string" ? [value] : value,
  })),
});
const configure = (fields: Parameters<typeof form>[0]): PubsubRequest => ({
  kind: "configure",
  ...target,
  form: form(fields),
});
const affiliate = (jid: BareJid, affiliation: Affiliation): PubsubRequest => ({
  kind: "node-affiliations",
  ...target,
  changes: [{ jid, affiliation }],
});
const asking = (jid: Jid, options: Parameters<typeof form>[0]): PubsubRequest => ({
  ...target,
  kind: "subscribe",
  jid,
  options: form(options),
});
const told = (decision: PubsubDecision) =>
  decision.kind === "error"
    ? []
    : decision.notifications.flatMap(({ event, to }) => to.map(({ jid }) => [event.kind, jid]));
const states = (asked: Service) => asked.state.subscriptions(service, nodeId).map(({ jid, state }) => [jid, state]);

describe("configuring (XEP-0060 §8.2)", () => {
  it("leaves what the form does not name as it is (XEP-0004 §3.2), and a cancelled form everything", () => {
    const asked = new Service({ title: "Before", maxItems: 7 });
    asked.ask(configure({ description: "After" }), owner);
    expect(asked.state.node(service, nodeId)?.config).toMatchObject({
      title: "Before",
      maxItems: 7,
      description: "After",
    });
    const before = asked.state.node(service, nodeId);
    asked.ask({ kind: "configure", ...target, form: { ...form({ title: "x" }), cancelled: true } }, owner);
    expect(asked.state.node(service, nodeId)).toBe(before);
  });

  it.each<[Parameters<typeof form>[0], Partial<NodeConfig>]>([
    [{ max_items: "max" }, {}],
    [{ max_items: "-1" }, {}],
    [
      { max_items: "3", item_expire: "60" },
      { maxItems: 3, itemExpire_s: 60 },
    ],
    [{ contact: ["A@B.c", "a@b.c"] }, { contact: ["a@b.c"] }],
    [{ access_model: "roster", roster_groups_allowed: ["friends", "family"] }, { rosterGroups: ["friends", "family"] }],
    [{ body_xslt: "http://x/y.xslt", "x-own": "1" }, {}],
    [{ node_type: "leaf", purge_offline: "0" }, {}],
    [{ presence_based_delivery: "1" }, { presenceBased: true }],
  ])("takes %j", (fields, wanted) => {
    const asked = new Service({ maxItems: 9 });
    expect(asked.ask(configure(fields), owner)).toMatchObject({ reply: { kind: "done" } });
    const { config } = asked.state.node(service, nodeId) ?? node();
    expect(config).toMatchObject(wanted);
    if (["max", "-1"].includes(String(fields["max_items"]))) expect(config.maxItems).toBeUndefined();
  });

  it.each<[Parameters<typeof form>[0], object]>([
    [{ access_model: "everybody" }, { condition: "not-acceptable", pubsub: "unsupported-access-model" }],
    [{ max_items: "0" }, { condition: "not-acceptable" }],
    [{ max_items: "1e3" }, { condition: "not-acceptable" }],
    [{ max_items: ["1", "2"] }, { condition: "not-acceptable" }],
    [{ notify_delete: "yes" }, { condition: "not-acceptable" }],
    [{ contact: ["nobody@@"] }, { condition: "not-acceptable" }],
    [{ title: "x".repeat(2_001) }, { condition: "not-acceptable" }],
    [{ node_type: "collection" }, { condition: "feature-not-implemented", feature: "collections" }],
  ])("refuses %j, and changes nothing", (fields, wanted) => {
    const asked = new Service();
    const before = asked.state.node(service, nodeId);
    expect(asked.ask(configure(fields), owner)).toMatchObject({ kind: "error", ...wanted });
    expect(asked.state.node(service, nodeId)).toBe(before);
  });

  it("shows what it was told, whatever that was", () => {
    const wanted = { title: "T", access_model: "whitelist", max_items: "12", notify_sub: "1", language: "sv" };
    const config = configWith(node().config, form(wanted));
    if ("kind" in config) throw new Error(config.condition);
    const shown = configForm(config, false).fields;
    for (const [name, value] of Object.entries(wanted)) {
      expect(shown).toContainEqual({ name: `pubsub#${name}`, values: [value] });
    }
    expect(configForm(config, true).fields.map(({ name }) => name)).toEqual(
      NODE_SETTINGS.map(({ name }) => `pubsub#${name}`),
    );
  });

  it("takes out the oldest items beyond a new bound, and all where none are kept", () => {
    const asked = new Service().hold(item(1), item(2), item(3));
    asked.ask(configure({ max_items: "2" }), owner);
    expect(asked.state.items(service, nodeId, { max: 9, order: "creation" })?.items.map(({ id }) => id)).toEqual([
      itemId(3),
      itemId(2),
    ]);
    asked.ask(configure({ persist_items: "0" }), owner);
    expect(asked.state.items(service, nodeId, { max: 9, order: "creation" })?.count).toBe(0);
  });

  it("lets go who is not let in any longer, and lets in who need not be asked about any longer", () => {
    const asked = new Service({ accessModel: "authorize" });
    asked.ask(subscribe(), bobsPhone);
    expect(states(asked)).toEqual([[bob, "pending"]]);
    expect(told(asked.ask(configure({ access_model: "open" }), owner))).toEqual([["subscription", bob]]);
    expect(states(asked)).toEqual([[bob, "subscribed"]]);
    asked.ask(configure({ access_model: "authorize" }), owner);
    expect(states(asked)).toEqual([[bob, "subscribed"]]);
    expect(told(asked.ask(configure({ access_model: "whitelist" }), owner))).toEqual([["subscription", bob]]);
    expect(states(asked)).toEqual([]);
  });
});

describe("affiliating (XEP-0060 §8.9)", () => {
  it("lets an outcast's subscriptions go, and admits whom it makes a member", () => {
    const asked = new Service({ accessModel: "authorize" });
    asked.ask(subscribe(), bobsPhone);
    expect(told(asked.ask(affiliate(bob, "member"), owner))).toEqual([
      ["affiliation", bob],
      ["subscription", bob],
    ]);
    expect(states(asked)).toEqual([[bob, "subscribed"]]);
    asked.ask(affiliate(bob, "outcast"), owner);
    expect(states(asked)).toEqual([]);
    expect(asked.ask(subscribe(), bobsPhone)).toMatchObject({ condition: "forbidden" });
  });

  it("keeps one owner, whoever of them asks, and does the rest", () => {
    const asked = new Service().affiliate(bob, "owner");
    const changes = [
      { jid: owner, affiliation: "none" },
      { jid: bob, affiliation: "member" },
      { jid: carol, affiliation: "publisher" },
    ];
    const decision = asked.ask({ kind: "node-affiliations", ...target, changes }, bob);
    const unchanged = { kind: "node-affiliations", node: nodeId, affiliations: [{ jid: bob, affiliation: "owner" }] };
    expect(decision).toMatchObject({ reply: { condition: "not-acceptable", unchanged } });
    expect(asked.state.affiliations(service, nodeId)).toEqual([
      { jid: bob, affiliation: "owner" },
      { jid: carol, affiliation: "publisher" },
    ]);
  });

  it("hands a node over, old owner out and new one in, in one request", () => {
    const asked = new Service();
    const changes = [
      { jid: owner, affiliation: "none" },
      { jid: bob, affiliation: "owner" },
    ];
    expect(asked.ask({ kind: "node-affiliations", ...target, changes }, owner)).toMatchObject({
      reply: { kind: "done" },
    });
    expect(asked.state.affiliations(service, nodeId)).toEqual([{ jid: bob, affiliation: "owner" }]);
  });

  it.each([
    ["the same JID twice", [bob, bob], "bad-request"],
    ["what is no affiliation", [carol], "not-acceptable"],
  ])("refuses %s", (_, jids, condition) => {
    const changes = jids.map((jid) => ({ jid, affiliation: "king" }));
    const decision = new Service().ask({ kind: "node-affiliations", ...target, changes }, owner);
    expect(decision.kind === "error" ? decision : decision.reply).toMatchObject({ condition });
  });
});

describe("several subscriptions of one JID (XEP-0060 §6.1.6)", () => {
  it("come from asking with other options; the same again is the same one", () => {
    const asked = new Service();
    const first = asked.ask(subscribe(), bobsPhone);
    expect(asked.ask(subscribe(), bobsPhone)).toMatchObject({
      reply: first.kind === "decision" ? first.reply : {},
      changes: [],
    });
    expect(asked.ask(asking(bob, { deliver: "1" }), bobsPhone)).toMatchObject({ changes: [] });
    expect(asked.ask(asking(bob, { include_body: "1" }), bobsPhone)).toMatchObject({ changes: [{}] });
    expect(asked.ask(asking(bob, { include_body: "1" }), bobsPhone)).toMatchObject({ changes: [] });
    expect(asked.state.subscriptions(service, nodeId)).toHaveLength(2);
  });

  it("are told once, with all their subids, and not where nothing is to be sent", () => {
    const asked = new Service();
    const until = "2026-01-01T00:00:00Z";
    asked.ask(subscribe(), bobsPhone);
    asked.ask(asking(bob, { expire: until }), bobsPhone);
    asked.ask(asking(bob, { deliver: "0" }), bobsPhone);
    asked.ask(asking(bob, { include_body: "true" }), bobsPhone);
    const decision = asked.ask(publish(1), owner);
    if (decision.kind === "error") throw new Error(decision.condition);
    expect(decision.notifications.map(({ event, to }) => [event, to])).toMatchObject([
      [{ kind: "items" }, [{ jid: bob, subid: "s1 s2" }]],
      [{ kind: "items", body: true }, [{ jid: bob, subid: "s4" }]],
    ]);
  });
});

describe("options of a subscription (XEP-0060 §6.3)", () => {
  it("are as they were set, and as they are by default where they were set back", () => {
    const asked = new Service();
    asked.ask(subscribe(), bobsPhone);
    const set = (fields: Parameters<typeof form>[0]): PubsubRequest => ({
      kind: "options",
      ...target,
      jid: bob,
      form: form(fields),
    });
    asked.ask(set({ deliver: "0", "show-values": ["chat", "away"] }), bobsPhone);
    const shown = asked.ask({ kind: "options", ...target, jid: bob }, bobsPhone);
    expect(shown).toMatchObject({
      reply: { form: { formType: "http://jabber.org/protocol/pubsub#subscribe_options" } },
    });
    expect(asked.state.subscriptions(service, nodeId)[0]?.options).toEqual({
      deliver: false,
      showValues: ["away", "chat"],
    });
    asked.ask(set({ deliver: "1", "show-values": ["away", "chat", "dnd", "online", "xa"] }), bobsPhone);
    expect(asked.state.subscriptions(service, nodeId)[0]).not.toHaveProperty("options");
  });

  it.each<Parameters<typeof form>[0]>([
    { digest: "1" },
    { expire: "presence" },
    { expire: "1970-01-01T00:00:01Z" },
    { "show-values": "asleep" },
    { subscription_type: "nodes" },
  ])("cannot be %j", (fields) => {
    const asked = new Service();
    asked.ask(subscribe(), bobsPhone);
    const request = { kind: "options", ...target, jid: bob, form: form(fields) } as const;
    expect(asked.ask(request, bobsPhone)).toMatchObject({ condition: "bad-request", pubsub: "invalid-options" });
  });

  it("offer no digests, and take the word that none are wanted, however often", () => {
    const asked = new Service();
    asked.ask(subscribe(), bobsPhone);
    const own = { kind: "options", ...target, jid: bob } as const;
    const shown = asked.ask(own, bobsPhone);
    expect(JSON.stringify(shown)).not.toContain("digest");
    const fields = { digest: "0", digest_frequency: "86400000" };
    expect(asked.ask({ ...own, form: form(fields) }, bobsPhone)).toMatchObject({ reply: { kind: "done" } });
    expect(asked.state.subscriptions(service, nodeId)[0]).not.toHaveProperty("options");
  });

  it("end the subscription when the lease runs out (§12.18)", () => {
    const asked = new Service();
    const subscription = { ...target, jid: bob, subid: "x", state: "subscribed", created: at(0) } as const;
    asked.state.apply({ kind: "subscription-put", subscription: { ...subscription, options: { expire: at(999) } } });
    expect(told(asked.ask(publish(1), owner))).toEqual([]);
    expect(asked.ask({ kind: "unsubscribe", ...target, jid: bob }, bobsPhone)).toMatchObject({
      pubsub: "not-subscribed",
    });
    asked.state.apply({ kind: "subscription-put", subscription: { ...subscription, options: { expire: at(1_001) } } });
    expect(told(asked.ask(publish(2), owner))).toEqual([["items", bob]]);
  });
});

describe("what is published where (XEP-0060 §7.1.3, §16.4.4)", () => {
  it("is told of without an item where neither items nor payloads are kept", () => {
    const asked = new Service({ persistItems: false, deliverPayloads: false });
    asked.ask(subscribe(), bobsPhone);
    expect(told(asked.ask({ kind: "publish", ...target }, owner))).toEqual([["touch", bob]]);
    expect(asked.ask(publish(1), owner)).toMatchObject({ pubsub: "item-forbidden" });
  });

  it("pushes the oldest out quietly, or with word of it, or is refused, as the node says", () => {
    const full = (nodeFull: NonNullable<NodeConfig["nodeFull"]>) => {
      const asked = new Service({ maxItems: 1, nodeFull }).hold(item(1));
      asked.ask(subscribe(), bobsPhone);
      return asked.ask(publish(2), owner);
    };
    expect(told(full("discard-oldest"))).toEqual([["items", bob]]);
    expect(told(full("retract-oldest"))).toEqual([
      ["items", bob],
      ["retract", bob],
    ]);
    expect(full("reject")).toMatchObject({ condition: "conflict", pubsub: "node-full" });
  });

  it("is not there any longer when it has expired", () => {
    // It is the 1,000th second.
    const asked = new Service({ itemExpire_s: 100 }).hold(item(1, { updated: at(900) }), item(2, { updated: at(901) }));
    expect(asked.ask(items(), bobsPhone)).toMatchObject({ reply: { page: { count: 1, items: [{ id: itemId(2) }] } } });
    expect(asked.ask(items(itemId(1)), bobsPhone)).toMatchObject({ reply: { page: { items: [] } } });
    asked.ask(publish(3, 1_000), owner);
    expect(asked.state.item(service, nodeId, itemId(1))).toBeUndefined();
  });

  it("is told with whom to answer where the node says so", () => {
    const asked = new Service({ itemReply: "owner" }).affiliate(carol, "owner");
    asked.ask(subscribe(), bobsPhone);
    const decision = asked.ask(publish(1), owner);
    expect(decision).toMatchObject({ notifications: [{ event: { replyTo: [owner, carol] } }] });
    const usual = new Service({ itemReply: "publisher" });
    usual.ask(subscribe(), bobsPhone);
    const told = usual.ask(publish(1), owner);
    expect(told).toHaveProperty("notifications.0.event.publisher", owner);
    expect(told).not.toHaveProperty("notifications.0.event.replyTo");
  });
});

describe("subscriptions, page by page (XEP-0059)", () => {
  const page = (more: object): PubsubRequest => ({
    kind: "node-subscriptions",
    ...target,
    page: { max: 2, order: "creation", ...more },
  });
  const full = () => {
    const asked = new Service();
    for (let n = 1; n <= 5; n++) asked.ask(subscribe(`bob@far.example/${n}` as Jid), bobsPhone);
    return asked;
  };
  const got = (decision: PubsubDecision) => {
    if (decision.kind === "error") return decision.condition;
    return decision.reply.kind === "node-subscriptions"
      ? [
          decision.reply.subscriptions.map(({ subid }) => subid),
          decision.reply.page?.firstIndex,
          decision.reply.page?.count,
        ]
      : decision.reply.kind;
  };

  it.each<[object, unknown]>([
    [{}, [["s1", "s2"], 0, 5]],
    [{ after: "s2" }, [["s3", "s4"], 2, 5]],
    [{ after: "s4" }, [["s5"], 4, 5]],
    [{ after: "s5" }, [[], 5, 5]],
    [{ before: "" }, [["s4", "s5"], 3, 5]],
    [{ before: "s4" }, [["s2", "s3"], 1, 5]],
    [{ before: "s2" }, [["s1"], 0, 5]],
    [{ max: 0 }, [[], 0, 5]],
    [{ after: "s9" }, "item-not-found"],
  ])("%j", (more, wanted) => {
    expect(got(full().ask(page(more), owner))).toEqual(wanted);
  });

  it("are the asker's own, where they ask for theirs", () => {
    const asked = full();
    asked.ask(subscribe(carol), carol);
    const own = { kind: "subscriptions", service, page: { max: 1, order: "creation" } } as const;
    expect(asked.ask(own, bobsPhone)).toMatchObject({
      reply: { subscriptions: [{ jid: "bob@far.example/1" }], page: { count: 5 } },
    });
    expect(asked.ask(own, carol)).toMatchObject({ reply: { subscriptions: [{ jid: carol }], page: { count: 1 } } });
  });
});

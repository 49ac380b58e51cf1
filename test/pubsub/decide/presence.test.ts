import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { type BareJid, bareOf, type Jid } from "../../../src/core/jid.ts";
import { decideContactGone } from "../../../src/pubsub/decide/decide-presence.ts";
import { MemoryPubsubState } from "../../../src/pubsub/memory-state.ts";
import { itemEvent, lastItemsOnPresence, notify } from "../../../src/pubsub/notify.ts";
import {
  ACCESS_MODELS,
  type NodeConfig,
  type NodeId,
  type PresenceView,
  type PubsubItem,
  type PubsubNode,
  SHOW_VALUES,
  type Show,
  type SubscriptionOptions,
} from "../../../src/pubsub/state.ts";

const service = "alice@hub.example" as BareJid;
const id = "urn:xmpp:microblog:0" as NodeId;
const BOB = "bob@far.example" as BareJid;
const PHONE = `${BOB}/phone` as Jid;
const DESK = `${BOB}/desk` as Jid;
const HUB = "far.example" as BareJid;
const now = instantOf(1_000_000);

let state: MemoryPubsubState;
let node: PubsubNode;
/** Each resource's show, and the nodes it wants to be told of. */
let there: Map<Jid, { readonly show: Show; readonly wants: readonly string[] }>;

function configure(config: Partial<NodeConfig>): void {
  node = {
    service,
    id,
    created: now,
    config: {
      accessModel: "open",
      publishModel: "publishers",
      deliverPayloads: true,
      notifyRetract: true,
      persistItems: true,
      ...config,
    },
  };
  state.apply({ kind: "node-put", node });
}

const item: PubsubItem = {
  service,
  node: id,
  id: "an-item" as ItemId,
  publisher: service,
  payload: "<x/>",
  published: now,
  updated: now,
};

beforeEach(() => {
  state = new MemoryPubsubState();
  there = new Map();
  const presence: PresenceView = {
    shown: (_, jid) => {
      const own = [...there].filter(([resource]) => bareOf(resource) === jid);
      return own.length === 0 ? undefined : own.map(([resource, { show }]) => ({ jid: resource, show }));
    },
    interested: (_, wanted) => [...there].filter(([, { wants }]) => wants.includes(wanted)).map(([jid]) => jid),
  };
  state.presence = presence;
  configure({});
  state.apply({ kind: "item-put", item });
});

function subscribe(jid: Jid, options?: SubscriptionOptions): void {
  const one = { service, node: id, jid, subid: `s-${jid}`, state: "subscribed", created: now } as const;
  state.apply({ kind: "subscription-put", subscription: { ...one, ...(options === undefined ? {} : { options }) } });
}

const told = (): readonly Jid[] =>
  notify(state, node, itemEvent(state, node, item), now).flatMap(({ to }) => to.map(({ jid }) => jid));
const lastTold = (jid: Jid, isNew = true): readonly Jid[] =>
  lastItemsOnPresence(state, service, jid, { nodes: new Set(there.get(jid)?.wants), isNew, now }).flatMap(({ to }) =>
    to.map((each) => each.jid),
  );

describe("who is told of an item without having subscribed (XEP-0163 §4.3)", () => {
  it("is every resource that wants to be, and no other", () => {
    there.set(PHONE, { show: "online", wants: [id] });
    there.set(DESK, { show: "online", wants: ["urn:other"] });
    expect(told()).toEqual([PHONE]);
  });

  it.each(ACCESS_MODELS)("is asked whether they may: %s", (accessModel) => {
    configure({ accessModel, rosterGroups: ["friends"] });
    there.set(PHONE, { show: "online", wants: [id] });
    expect(told()).toEqual(accessModel === "open" ? [PHONE] : []);
    state.apply({ kind: "contact-put", service, jid: BOB, groups: ["friends"] });
    expect(told()).toEqual(["open", "presence", "roster"].includes(accessModel) ? [PHONE] : []);
    state.apply({ kind: "affiliation-put", service, node: id, jid: BOB, affiliation: "member" });
    expect(told()).toEqual([PHONE]);
    state.apply({ kind: "affiliation-put", service, node: id, jid: BOB, affiliation: "outcast" });
    expect(told()).toEqual([]);
  });

  it("is nobody where the node sends no notifications", () => {
    configure({ deliverNotifications: false });
    there.set(PHONE, { show: "online", wants: [id] });
    expect(told()).toEqual([]);
  });

  it("is told once where the person, or that resource, has subscribed", () => {
    there.set(PHONE, { show: "online", wants: [id] });
    there.set(DESK, { show: "online", wants: [id] });
    subscribe(DESK);
    expect(told()).toEqual([DESK, PHONE]);
    subscribe(BOB);
    expect(told()).toEqual([BOB, DESK]);
  });

  it("is not told against what the person has said about its subscription", () => {
    there.set(PHONE, { show: "online", wants: [id] });
    subscribe(BOB, { deliver: false });
    expect(told()).toEqual([]);
  });
});

describe("show-values (XEP-0060 §12.1, §16.4.2)", () => {
  it("tell a subscriber in one of these presences only", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHOW_VALUES), fc.subarray([...SHOW_VALUES]), (show, showValues) => {
        there = new Map([[PHONE, { show, wants: [] }]]);
        subscribe(BOB, { showValues });
        expect(told()).toEqual(showValues.includes(show) ? [BOB] : []);
      }),
    );
  });

  it("mean the presence of the one resource that subscribed", () => {
    there.set(PHONE, { show: "away", wants: [] });
    there.set(DESK, { show: "chat", wants: [] });
    subscribe(PHONE, { showValues: ["chat"] });
    expect(told()).toEqual([]);
    subscribe(DESK, { showValues: ["chat"] });
    expect(told()).toEqual([DESK]);
  });

  it("keep nothing from somebody of whom nothing was heard, nor from a server", () => {
    subscribe(BOB, { showValues: ["chat"] });
    subscribe(HUB, { showValues: ["chat"] });
    expect(told()).toEqual([BOB, HUB]);
  });
});

describe("presence-based delivery (XEP-0060 §16.4.4)", () => {
  beforeEach(() => configure({ presenceBased: true }));

  it("tells only who is known to be there, and servers", () => {
    subscribe(BOB);
    subscribe(HUB);
    expect(told()).toEqual([HUB]);
    there.set(PHONE, { show: "xa", wants: [] });
    expect(told()).toEqual([BOB, HUB]);
  });
});

describe("the last item, told to a resource that has come (XEP-0060 §12.11, XEP-0163 §4.3.4)", () => {
  it.each([
    ["never", []],
    ["on_sub", []],
    ["on_sub_and_presence", [PHONE]],
  ] as const)("is as the node says: %s", (sendLast, wanted) => {
    configure({ sendLast });
    there.set(PHONE, { show: "online", wants: [id] });
    expect(lastTold(PHONE)).toEqual(wanted);
    subscribe(BOB);
    expect(lastTold(PHONE)).toEqual(wanted);
  });

  it("has the time it was published (XEP-0203), and is the last one", () => {
    configure({ sendLast: "on_sub_and_presence" });
    const later = instantOf(2_000_000);
    state.apply({
      kind: "item-put",
      item: { ...item, id: "another-item" as ItemId, published: later, updated: later },
    });
    there.set(PHONE, { show: "online", wants: [id] });
    const [notification] = lastItemsOnPresence(state, service, PHONE, {
      nodes: new Set([id]),
      isNew: true,
      now: later,
    });
    expect(notification?.event).toMatchObject({ kind: "items", id: "another-item", delay: later });
  });

  it("is not told again to a subscriber whose resource was there before", () => {
    configure({ sendLast: "on_sub_and_presence" });
    subscribe(BOB);
    there.set(PHONE, { show: "online", wants: [] });
    expect([lastTold(PHONE, true), lastTold(PHONE, false)]).toEqual([[PHONE], []]);
  });

  it("is told to nobody who may not read it", () => {
    configure({ sendLast: "on_sub_and_presence", accessModel: "whitelist" });
    there.set(PHONE, { show: "online", wants: [id] });
    expect(lastTold(PHONE)).toEqual([]);
  });
});

describe("a contact who has gone (XEP-0163 §8)", () => {
  it.each(ACCESS_MODELS)("loses the subscriptions that only contacts may have: %s", (accessModel) => {
    configure({ accessModel });
    subscribe(BOB);
    const { changes, notifications } = decideContactGone(state, service, BOB);
    const ends = accessModel === "presence" || accessModel === "roster";
    expect(changes.map(({ kind }) => kind)).toEqual(["contact-removed", ...(ends ? ["subscription-removed"] : [])]);
    expect(notifications.map(({ event }) => event)).toMatchObject(
      ends ? [{ kind: "subscription", state: "none" }] : [],
    );
  });

  it("keeps those it has by an affiliation", () => {
    configure({ accessModel: "presence" });
    subscribe(BOB);
    state.apply({ kind: "affiliation-put", service, node: id, jid: BOB, affiliation: "member" });
    expect(decideContactGone(state, service, BOB).changes).toHaveLength(1);
  });
});

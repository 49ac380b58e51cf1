import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryToXml } from "../../src/atom/xml.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import type { InboundEvent } from "../../src/hub/ports/xmpp-link.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { MICROBLOG_NODE, microblogNode } from "../../src/pubsub/configuration.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import { MemoryPubsubState } from "../../src/pubsub/memory-state.ts";
import type { Notification, PubsubReply } from "../../src/pubsub/reply.ts";
import type { PubsubRequest } from "../../src/pubsub/request.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import type { XmppHandlers } from "../../src/xmpp/handlers.ts";
import { startTestProsody, type TestProsody, testProsody } from "../support/prosody.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const ALICE = "alice@here.localhost" as BareJid;
const THERE = "there.localhost" as BareJid;

/** A PubSub service of one account: the core over a state in memory, behind a component. */
class MemoryService {
  readonly state = new MemoryPubsubState();
  readonly receipts: string[] = [];
  component: XmppComponent | undefined;
  #clock = 0;
  #deliveries = 0;
  #waiting: (() => void)[] = [];

  constructor() {
    this.state.apply({ kind: "node-put", node: microblogNode(ALICE, "Alice", instantOf(0)) });
    this.state.apply({
      kind: "affiliation-put",
      service: ALICE,
      node: MICROBLOG_NODE,
      jid: ALICE,
      affiliation: "owner",
    });
  }

  readonly handlers: XmppHandlers = {
    handlePubsub: async (request, actor) => await this.decide(request, actor),
    receiveEvent: async () => undefined,
    runAdHoc: async () => ({ kind: "cancelled", session: "s" }),
    receiveChat: async () => false,
    receiveReceipt: (_, id) => {
      this.receipts.push(id);
      for (const resolve of this.#waiting.splice(0)) resolve();
    },
    receiveBounce: () => undefined,
    describeService: () => ({ kind: "error", condition: "item-not-found" }),
    listServiceItems: () => ({ kind: "error", condition: "item-not-found" }),
    answerSparql: async () => ({ kind: "boolean", value: true }),
    receivePresence: async () => undefined,
    vcard: () => undefined,
  };

  async decide(request: PubsubRequest, actor: Jid) {
    const decision = decide(this.state, request, { actor, now: instantOf(++this.#clock), subid: `s${this.#clock}` });
    if (decision.kind === "error") return decision;
    for (const change of decision.changes) this.state.apply(change);
    for (const notification of decision.notifications) await this.#notify(notification);
    return decision.reply;
  }

  async post(n: number, length = 20): Promise<PubsubReply> {
    const time = instantOf(Date.UTC(2026, 10, 21) + n * 1_000);
    const entry = {
      id: `https://here/alice/posts/post-${n}`,
      title: `Post ${n}`,
      published: time,
      updated: time,
      authorName: "Alice",
      authorUri: `xmpp:${ALICE}`,
      text: `Post ${n} ${"é".repeat(length)}`,
      categories: [],
      links: [],
    };
    const item = { id: `post-${n}` as ItemId, payload: entryToXml(entry), published: time, updated: time };
    const reply = await this.decide({ kind: "publish", service: ALICE, node: MICROBLOG_NODE, item }, ALICE);
    if (reply.kind === "error") throw new Error(reply.condition);
    return reply;
  }

  async #notify({ to: all, ...event }: Notification): Promise<void> {
    // Nobody is linked to the account who would be told of its subscribers.
    const to = all.filter(({ jid }) => jid !== ALICE);
    if (to.length === 0) return;
    const id = ++this.#deliveries;
    const now = instantOf(0);
    const deliveries = to.map(({ jid, subid }) => ({
      id,
      event: { ...event, id },
      to: jid,
      subid,
      wantsReceipt: true,
      attempts: 0,
      nextAttempt: now,
      created: now,
    }));
    const no = await this.component?.notify(deliveries);
    if (isRefusal(no)) throw new Error(no.message);
  }

  async receipt(id: string): Promise<void> {
    while (!this.receipts.includes(id)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/** A subscriber that tells the sender what it took in. */
class Follower {
  readonly events: InboundEvent[] = [];
  component: XmppComponent | undefined;
  readonly #service: MemoryService;

  constructor(service: MemoryService) {
    this.#service = service;
  }

  readonly handlers = (): XmppHandlers => ({
    ...this.#service.handlers,
    handlePubsub: async () => ({ kind: "error", condition: "service-unavailable" }),
    receiveEvent: async (event) => {
      this.events.push(event);
      if (event.receiptWanted !== undefined) await this.component?.sendReceipt(THERE, event.from, event.receiptWanted);
    },
  });
}

async function online(component: XmppComponent): Promise<void> {
  while (component.status.kind !== "online") {
    await new Promise<void>((resolve) => {
      const stop = component.onStatus(() => {
        stop();
        resolve();
      });
    });
  }
}

describe.skipIf((await testProsody()) === undefined)("a PubSub service over a real Prosody", () => {
  let prosody: TestProsody;
  const alice = new MemoryService();
  const follower = new Follower(alice);
  let there: XmppComponent;

  beforeAll(async () => {
    prosody = await startTestProsody({
      components: ["here.localhost", THERE].map((domain) => ({ domain, secret: "s" })),
    });
    const connect = (domain: string, handlers: XmppHandlers): XmppComponent =>
      connectComponent({
        service: prosody.service,
        domain: domain as BareJid,
        secret: "s",
        handlers,
        log,
        now: () => instantOf(Date.now()),
        newItemId: () => "made-here" as ItemId,
      });
    alice.component = connect("here.localhost", alice.handlers);
    there = follower.component = connect(THERE, follower.handlers());
    await Promise.all([online(alice.component), online(there)]);
  });
  afterAll(async () => {
    await alice.component?.[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
    await prosody[Symbol.asyncDispose]();
  });

  const page = async (more: object = {}) => {
    const answer = await there.items(ALICE, MICROBLOG_NODE, { page: { max: 4, order: "creation", ...more } });
    if (isRefusal(answer)) throw new Error(answer.message);
    return answer;
  };

  it("is subscribed to once, however often it is asked", async () => {
    const first = await there.subscribe(ALICE, MICROBLOG_NODE);
    expect(first).toMatchObject({ state: "subscribed" });
    expect(await there.subscribe(ALICE, MICROBLOG_NODE)).toEqual(first);
    expect(alice.state.subscriptions(ALICE, MICROBLOG_NODE)).toHaveLength(1);
  });

  it("tells of a post, naming its publisher, and learns that it was taken in", async () => {
    await alice.post(1);
    await alice.receipt("d1");
    expect(follower.events).toMatchObject([
      { from: ALICE, to: THERE, node: MICROBLOG_NODE, items: [{ id: "post-1", publisher: ALICE }], retracted: [] },
    ]);
  });

  it("tells of a retraction", async () => {
    await alice.post(2);
    const request = {
      kind: "retract",
      service: ALICE,
      node: MICROBLOG_NODE,
      id: "post-2" as ItemId,
      notify: true,
    } as const;
    await alice.decide(request, ALICE);
    await alice.receipt("d3");
    expect(follower.events.at(-1)).toMatchObject({ items: [], retracted: ["post-2"] });
  });

  it("is paged from the newest to the oldest, each item once", async () => {
    for (let n = 3; n <= 11; n++) await alice.post(n);
    const seen: string[] = [];
    for (let after: ItemId | undefined; ; ) {
      const { items, complete, count } = await page(after === undefined ? {} : { after });
      expect(count).toBe(10);
      seen.push(...items.map(({ id }) => id));
      after = items.at(-1)?.id;
      if (complete) break;
    }
    expect(seen).toEqual([11, 10, 9, 8, 7, 6, 5, 4, 3, 1].map((n) => `post-${n}`));
  });

  it("is paged to its end also where posts are so long that fewer fit than were asked for", async () => {
    for (let n = 12; n <= 15; n++) await alice.post(n, 60_000);
    const first = await page();
    expect(first.items.length).toBeLessThan(4);
    expect(first.complete).toBe(false);
    const after = first.items.at(-1)?.id;
    const second = await page({ after });
    expect([...first.items, ...second.items].map(({ id }) => id).slice(0, 4)).toEqual(
      [15, 14, 13, 12].map((n) => `post-${n}`),
    );
  });

  it("gives all that is asked for by id, in as many answers as that takes", async () => {
    const ids = [15, 99, 14, 13, 12, 1].map((n) => `post-${n}` as ItemId);
    const answer = await there.items(ALICE, MICROBLOG_NODE, { ids });
    if (isRefusal(answer)) throw new Error(answer.message);
    expect(new Set(answer.items.map(({ id }) => id))).toEqual(new Set(ids.filter((id) => id !== "post-99")));
  });

  it("does not know an item to go on after that was deleted", async () => {
    const answer = await there.items(ALICE, MICROBLOG_NODE, {
      page: { max: 4, order: "creation", after: "post-2" as ItemId },
    });
    expect(answer).toMatchObject({ code: "not-found" });
  });

  it("is left once, however often it is left", async () => {
    expect(await there.unsubscribe(ALICE, MICROBLOG_NODE, undefined)).toBeUndefined();
    expect(await there.unsubscribe(ALICE, MICROBLOG_NODE, undefined)).toBeUndefined();
    expect(alice.state.subscriptions(ALICE, MICROBLOG_NODE)).toEqual([]);
    expect(await there.unsubscribe(ALICE, "other" as typeof MICROBLOG_NODE, undefined)).toMatchObject({
      code: "not-found",
    });
  });
});

import { describe, expect, it } from "vitest";
import type { ItemId } from "../../../../src/core/item-id.ts";
import { createHookSender } from "../../../../src/feeds/hook-sender.ts";
import { hubStatus } from "../../../../src/hub/house/hub-status.ts";
import type { RecordChange } from "../../../../src/hub/ports/records.ts";
import type { WatchAnswer } from "../../../../src/hub/ports/standing.ts";
import type { WatchHook } from "../../../../src/hub/ports/watch-hooks.ts";
import { deletePost } from "../../../../src/hub/posts/delete-post.ts";
import { editPost } from "../../../../src/hub/posts/edit-post.ts";
import { HOOK_BODY_BYTES_MAX, HOOK_EVENTS_MAX, hookChanges } from "../../../../src/hub/watches/hooks/hook-events.ts";
import { addHook, HOOKS_OF_WATCH_MAX, removeHook } from "../../../../src/hub/watches/hooks/manage-hooks.ts";
import { addWatch, removeWatch } from "../../../../src/hub/watches/manage-watches.ts";
import { listWatches } from "../../../../src/hub/watches/watch-view.ts";
import { HookReceiver, type ReceivedHook } from "../../../support/hook-receiver.ts";
import { addAccount, DAY_MS, HOUR_MS, type Holder, must, post, SECOND_MS } from "../../test-hub.ts";
import { openWatchingHub, type WatchingHub } from "../watching-hub.ts";

const TERNS = `PREFIX sterna: <https://w3id.org/sterna#> SELECT ?post WHERE { ?post sterna:matches "tern" }`;
const AT = { account: "alice", name: "terns" };
const sender = createHookSender({ allowPrivate: true, userAgent: "Sterna" });

/** A hub with one watch of alice that tells a receiver of its answers. */
async function openHooked(): Promise<WatchingHub & { readonly alice: Holder; readonly receiver: HookReceiver }> {
  const receiver = await HookReceiver.open();
  const running = await openWatchingHub(sender);
  const alice = await addAccount(running.hub, "alice");
  must(await addWatch(running.hub.ports, alice, "alice", { name: "terns", query: TERNS }));
  receiver.secret = must(await addHook(running.hub.ports, alice, AT, { url: receiver.url })).secret;
  return {
    ...running,
    alice,
    receiver,
    [Symbol.asyncDispose]: async () => {
      await running[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
    },
  };
}

function hookOf({ hub }: WatchingHub): WatchHook | undefined {
  return hub.ports.records.reader.hooks()[0];
}

function viewOf({ hub, alice }: WatchingHub & { readonly alice: Holder }) {
  return must(listWatches(hub.ports, alice, "alice"))[0]?.hooks?.[0];
}

describe("a webhook", () => {
  it("is told in order what comes, changes and goes, signed, each under an id of its own", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    const first = await post(hub, alice, "A tern.");
    await loop().settled();
    hub.clock.advance(SECOND_MS);
    must(await editPost(hub.ports, alice, first.iri, { text: "A tern in winter." }));
    await loop().settled();
    await post(hub, alice, "A gull.");
    must(await deletePost(hub.ports, alice, first.iri));
    await loop().settled();
    expect(receiver.received.map(({ body }) => body.type)).toEqual([
      "answer.added",
      "answer.changed",
      "answer.retracted",
    ]);
    const [added, changed, retracted] = receiver.received;
    expect(added?.body.data).toMatchObject({
      watch: "https://hub.example/alice/watches/terns",
      name: "terns",
      values: { post: first.iri },
      post: { text: "A tern." },
    });
    expect(changed?.body.data).toMatchObject({ post: { text: "A tern in winter." } });
    expect(retracted?.body.data).toMatchObject({ item: added?.body.data.item, values: { post: first.iri } });
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(3);
    expect(receiver.complaints).toEqual([]);
    expect(viewOf(hooked)).toMatchObject({ queued: 0, last: { outcome: "It was taken (204)." } });
    expect(JSON.stringify(viewOf(hooked))).not.toContain(hookOf(hooked)?.secret);
  });

  it("that fails gets the same message later and later, and what follows only after it", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => 500;
    await post(hub, alice, "Tern one");
    await post(hub, alice, "Tern two");
    await loop().settled();
    expect(receiver.received).toHaveLength(1);
    const since = hub.clock.now();
    expect(viewOf(hooked)).toMatchObject({
      queued: 2,
      failingSince: since,
      last: { outcome: expect.stringContaining("500") },
    });
    const status = must(hubStatus(hub.ports, alice)).watches;
    const failing = [{ watch: "alice/terns", to: new URL(receiver.url).origin, since, queued: 2 }];
    expect(status).toMatchObject({ kept: 1, stopped: [], webhooks: 1, failing });
    expect(JSON.stringify(status)).not.toContain("/hook");
    const bob = await addAccount(hub, "bob");
    expect(must(hubStatus(hub.ports, bob)).watches).toMatchObject({ kept: 0, webhooks: 0, failing: [] });
    const waits = [5, 30, 300, 1_800, 7_200, 18_000, 18_000];
    for (const [n, wait_s] of waits.entries()) {
      hub.clock.advance((wait_s - 1) * SECOND_MS);
      loop().wakeHooks();
      await loop().settled();
      expect(receiver.received).toHaveLength(n + 1);
      hub.clock.advance(SECOND_MS);
      loop().wakeHooks();
      await loop().settled();
      expect(receiver.received).toHaveLength(n + 2);
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(1);
    expect(viewOf(hooked)?.failingSince).toBe(since);
    const times = receiver.received.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    receiver.answer = () => 200;
    hub.clock.advance(18_000 * SECOND_MS);
    loop().wakeHooks();
    await loop().settled();
    expect(receiver.received.slice(-2).map(({ body }) => body.data["post"])).toMatchObject([
      { text: "Tern one" },
      { text: "Tern two" },
    ]);
    expect(viewOf(hooked)).toMatchObject({ queued: 0 });
    expect(viewOf(hooked)?.failingSince).toBeUndefined();
  });

  it("is put off as long as it asks for, up to a bound", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => (response) => void response.writeHead(429, { "retry-after": "3600" }).end();
    await post(hub, alice, "A tern");
    await loop().settled();
    hub.clock.advance(HOUR_MS - SECOND_MS);
    loop().wakeHooks();
    await loop().settled();
    expect(receiver.received).toHaveLength(1);
    receiver.answer = () => (response) => void response.writeHead(503, { "retry-after": "99999999" }).end();
    hub.clock.advance(SECOND_MS);
    loop().wakeHooks();
    await loop().settled();
    expect(receiver.received).toHaveLength(2);
    hub.clock.advance(5 * HOUR_MS);
    loop().wakeHooks();
    await loop().settled();
    expect(receiver.received).toHaveLength(3);
  });

  it("that is gone is removed; one that redirects is not followed", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => (response) => void response.writeHead(307, { location: receiver.url }).end();
    await post(hub, alice, "A tern");
    await loop().settled();
    expect(receiver.received).toHaveLength(1);
    expect(viewOf(hooked)?.last?.outcome).toContain("redirects are not followed");
    receiver.answer = () => 410;
    hub.clock.advance(5 * SECOND_MS);
    loop().wakeHooks();
    await loop().settled();
    expect(hub.ports.records.reader.hooks()).toEqual([]);
    expect(hub.ports.records.reader.nextHook()).toBeUndefined();
  });

  it("that answers without end has taken the message all the same", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => (response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    };
    await post(hub, alice, "A tern");
    await loop().settled();
    expect(viewOf(hooked)).toMatchObject({ queued: 0, last: { outcome: "It was taken (200)." } });
  });

  it("loses the oldest when too much or for too long has waited, and is told how many", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => 500;
    const hook = hookOf(hooked);
    if (hook === undefined) throw new Error("Expected a hook.");
    const created = hub.clock.now();
    const body = JSON.stringify({ type: "answer.added", data: { item: "old", values: {} } });
    must(
      await hub.ports.records.transact(() => ({
        changes: Array.from({ length: HOOK_EVENTS_MAX }, () => ({
          kind: "hook-event-queued" as const,
          id: hook.id,
          created,
          body,
        })),
        result: true,
      })),
    );
    await post(hub, alice, "A tern");
    await post(hub, alice, "Another tern");
    await loop().settled();
    expect(viewOf(hooked)).toMatchObject({ queued: HOOK_EVENTS_MAX, dropped: 2 });
    receiver.answer = () => 200;
    hub.clock.advance(3 * DAY_MS);
    const late = await post(hub, alice, "A late tern");
    loop().wakeHooks();
    await loop().settled();
    expect(receiver.received.at(-1)).toMatchObject({
      dropped: expect.any(Number),
      body: { data: { values: { post: late.iri } } },
    });
    const told = receiver.received.find(({ dropped }) => dropped > 2);
    expect(told?.dropped).toBe(HOOK_EVENTS_MAX + 2);
    expect(viewOf(hooked)).toMatchObject({ queued: 0, dropped: 0 });
  });

  it("gets what was queued when the hub stopped, after its start", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    receiver.answer = () => (response) => response.destroy();
    await post(hub, alice, "A tern");
    await loop().settled();
    hooked.stop();
    receiver.answer = () => 204;
    hub.clock.advance(5 * SECOND_MS);
    hooked.start();
    await loop().settled();
    const [before, after] = receiver.received;
    expect(receiver.received).toHaveLength(2);
    expect(after?.id).toBe(before?.id);
    expect(after?.raw).toBe(before?.raw);
  });

  it("is told the values alone of an answer that is too large, or only its name", async () => {
    await using hooked = await openHooked();
    const { ports } = hooked.hub;
    const { reader } = ports.records;
    const found = reader.watch({ account: hooked.alice.account.name, name: "terns" });
    if (found === undefined) throw new Error("Expected a watch.");
    const long = "x".repeat(HOOK_BODY_BYTES_MAX);
    const item = "i1" as ItemId;
    const bodyOf = (answer: WatchAnswer): unknown => {
      const changes = hookChanges(ports, reader, found, () => [{ type: "answer.added", answer }]);
      const [queued] = changes.filter(({ kind }) => kind === "hook-event-queued");
      const { body } = queued as Extract<RecordChange, { kind: "hook-event-queued" }>;
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(HOOK_BODY_BYTES_MAX);
      return (JSON.parse(body) as ReceivedHook["body"]).data;
    };
    const values = { post: "urn:x" };
    expect(bodyOf({ item, values, triples: "<urn:a> <urn:b> <urn:c> ." })).toMatchObject({
      values,
      triples: expect.any(String),
    });
    expect(bodyOf({ item, values, triples: long })).toMatchObject({ item, values, isShortened: true });
    const nameOnly = bodyOf({ item, values: { post: `"${long}"` } });
    expect(nameOnly).toMatchObject({ item, isShortened: true });
    expect(nameOnly).not.toHaveProperty("values");
  });

  it("ends with its watch, and by its address or id", async () => {
    await using hooked = await openHooked();
    const { hub, alice, receiver } = hooked;
    const { ports } = hub;
    expect(await removeHook(ports, alice, AT, "http://other.example/")).toMatchObject({ code: "not-found" });
    must(await removeHook(ports, alice, AT, receiver.url));
    const { id } = must(await addHook(ports, alice, AT, { url: receiver.url }));
    must(await removeHook(ports, alice, AT, id));
    must(await addHook(ports, alice, AT, { url: receiver.url }));
    must(await removeWatch(ports, alice, "alice", "terns"));
    expect(ports.records.reader.hooks()).toEqual([]);
  });

  it("has its secret renewed by the same address, and takes a given one", async () => {
    await using hooked = await openHooked();
    const { hub, loop, alice, receiver } = hooked;
    const secret = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;
    const renewed = must(await addHook(hub.ports, alice, AT, { url: receiver.url, secret }));
    expect(renewed.secret).toBe(secret);
    expect(hub.ports.records.reader.hooks()).toHaveLength(1);
    receiver.secret = secret;
    await post(hub, alice, "A tern");
    await loop().settled();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.complaints).toEqual([]);
    for (const bad of ["", "short", "whsec_", "whsec_!!", `whsec_${"A".repeat(200)}`]) {
      const refused = await addHook(hub.ports, alice, AT, { url: receiver.url, secret: bad });
      expect(refused).toMatchObject({ code: "invalid" });
    }
  });

  it("is one of a few, of the account's own watches", async () => {
    await using hooked = await openHooked();
    const { hub, alice } = hooked;
    const bob = await addAccount(hub, "bob");
    const url = "https://bot.example/";
    expect(await addHook(hub.ports, bob, AT, { url })).toMatchObject({ code: "forbidden" });
    expect(await addHook(hub.ports, { kind: "anonymous" }, AT, { url })).toMatchObject({ code: "unauthenticated" });
    expect(await addHook(hub.ports, alice, { ...AT, name: "none" }, { url })).toMatchObject({ code: "not-found" });
    for (let n = 1; n < HOOKS_OF_WATCH_MAX; n++) must(await addHook(hub.ports, alice, AT, { url: `${url}${n}` }));
    expect(await addHook(hub.ports, alice, AT, { url })).toMatchObject({ code: "too-many" });
  });
});

describe("a public hub", () => {
  it.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://0x7f.1/",
    "http://2130706433/",
    "http://10.0.0.1:8080/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00::1]/",
  ])("has no webhook at %s", async (url) => {
    await using running = await openWatchingHub(createHookSender({ allowPrivate: false, userAgent: "Sterna" }));
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    must(await addWatch(hub.ports, alice, "alice", { name: "terns", query: TERNS }));
    expect(await addHook(hub.ports, alice, AT, { url })).toMatchObject({ code: "forbidden" });
  });

  it.each([
    "ftp://bot.example/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "https://me:pw@bot.example/",
    "bot",
    `https://bot.example/${"x".repeat(3_000)}`,
  ])("has no webhook at %s", async (url) => {
    await using running = await openWatchingHub(createHookSender({ allowPrivate: false, userAgent: "Sterna" }));
    const { hub } = running;
    const alice = await addAccount(hub, "alice");
    must(await addWatch(hub.ports, alice, "alice", { name: "terns", query: TERNS }));
    expect(await addHook(hub.ports, alice, AT, { url })).toMatchObject({ code: "invalid" });
  });

  it("sends nothing to a name that leads to a private address", async () => {
    await using receiver = await HookReceiver.open();
    await using running = await openWatchingHub(createHookSender({ allowPrivate: false, userAgent: "Sterna" }));
    const { hub, loop } = running;
    const alice = await addAccount(hub, "alice");
    must(await addWatch(hub.ports, alice, "alice", { name: "terns", query: TERNS }));
    must(await addHook(hub.ports, alice, AT, { url: receiver.url.replace("127.0.0.1", "localhost") }));
    await post(hub, alice, "A tern");
    await loop().settled();
    expect(receiver.received).toEqual([]);
    expect(viewOf({ ...running, alice })?.last?.outcome).toContain("private address");
  });
});

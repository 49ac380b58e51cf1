import { describe, expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { Door } from "../../src/xmpp/door.ts";
import type { XmppHandlers } from "../../src/xmpp/handlers.ts";
import { startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const HUB = "hub.example" as BareJid;

function admitted(door: Door, from: string, at_ms: number, times: number): number {
  return Array.from({ length: times }, () => door.admits(from as Jid, at_ms)).filter(Boolean).length;
}

describe("the door", () => {
  it("lets a JID in four seconds' worth at once, whatever its resources, then as many a second", () => {
    const door = new Door({ stanzasPerSecond: 5, isPeer: () => false, log });
    expect(admitted(door, "mallory@far.example/a", 0, 15) + admitted(door, "mallory@far.example/b", 0, 15)).toBe(20);
    expect(admitted(door, "mallory@far.example/c", 1_000, 15)).toBe(5);
    expect(admitted(door, "alice@far.example", 1_000, 1)).toBe(1);
  });

  it("lets all JIDs of a domain together in ten times as often, and no more", () => {
    const door = new Door({ stanzasPerSecond: 5, isPeer: () => false, log });
    const each = Array.from({ length: 50 }, (_, n) => admitted(door, `bot${n}@far.example`, 0, 20));
    expect(each.reduce((a, b) => a + b)).toBe(200);
    expect(admitted(door, "alice@near.example", 0, 1)).toBe(1);
  });

  it("does not let one JID use up what the others of its domain have", () => {
    const door = new Door({ stanzasPerSecond: 5, isPeer: () => false, log });
    admitted(door, "mallory@far.example", 0, 10_000);
    expect(admitted(door, "alice@far.example", 0, 20)).toBe(20);
  });

  it("lets in a hundred times as often who is followed or follows, and asks so only where it matters", () => {
    const asked: string[] = [];
    const isPeer = (domain: string) => asked.push(domain) > 0 && domain === "friend.example";
    const door = new Door({ stanzasPerSecond: 5, isPeer, log });
    expect(admitted(door, "friend.example", 0, 20)).toBe(20);
    expect(asked).toEqual([]);
    expect(admitted(door, "friend.example", 0, 10_000)).toBe(2_000);
    expect(admitted(door, "far.example", 0, 10_000)).toBe(20);
    expect(asked).toEqual(["friend.example", "far.example"]);
    door.admits("far.example" as Jid, 70_000);
    admitted(door, "far.example", 70_000, 100);
    expect(asked).toHaveLength(3);
  });

  it("says in the log what it keeps out, and not each time", () => {
    const said: unknown[] = [];
    const door = new Door({
      stanzasPerSecond: 1,
      isPeer: () => false,
      log: { ...log, warn: (fields: object) => said.push(fields) },
    });
    for (let n = 0; n < 1_000; n++) door.keepOut("limited", "far.example", n);
    expect(door.counts).toEqual({ limited: 1_000, malformed: 0, ignored: 0 });
    expect(said).toHaveLength(1);
    door.keepOut("malformed", undefined, 20_000);
    expect(said).toHaveLength(2);
  });
});

async function online(component: XmppComponent): Promise<void> {
  if (component.status.kind === "online") return;
  await new Promise<void>((resolve) => {
    const stop = component.onStatus((status) => {
      if (status.kind !== "online") return;
      stop();
      resolve();
    });
  });
}

function connect(service: string, handlers: Partial<XmppHandlers>): XmppComponent {
  return connectComponent({
    service,
    domain: HUB,
    secret: "s",
    handlers: { ...SILENT_HANDLERS, ...handlers },
    log,
    // The clock stands still, so nothing is gained while the machine is slow.
    now: () => instantOf(0),
    newItemId: () => "made-here" as ItemId,
    rate: { stanzasPerSecond: 5, isPeer: () => false },
  });
}

const question = (from: string, id: string) =>
  `<iq type='get' id='${id}' from='${from}' to='${HUB}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`;

describe("the component, where one JID sends too much", () => {
  it("asks it to wait, drops its messages and presence with a count, and answers everybody else", async () => {
    await using server = await startFakeXmppServer(HUB);
    const [talked, present]: [string[], string[]] = [[], []];
    await using component = connect(server.service, {
      receiveChat: async ({ from }) => talked.push(from) < 0,
      receivePresence: async ({ from }) => void present.push(from),
    });
    await online(component);
    const mallory = "mallory@far.example/x";
    const flood = Array.from({ length: 500 }, (_, n) => question(mallory, `m${n}`)).join("");
    server.send(flood);
    server.send(question("alice@far.example/phone", "a1"));
    server.send(`<message type='chat' from='${mallory}' to='${HUB}'><body>x</body></message>`.repeat(10));
    server.send(`<presence from='${mallory}' to='${HUB}'/>`.repeat(10));
    server.send(`<message type='chat' from='alice@far.example' to='${HUB}'><body>x</body></message>`);
    const heard = await server.heard();
    const answered = heard.filter(({ attrs }) => attrs["to"] === mallory);
    expect(answered).toHaveLength(500);
    expect(new Set(answered.map(({ attrs }) => attrs["id"])).size).toBe(500);
    expect(answered.filter(({ attrs }) => attrs["type"] === "result")).toHaveLength(20);
    const refused = answered.find(({ attrs }) => attrs["type"] === "error")?.getChild("error");
    expect(refused?.attrs["type"]).toBe("wait");
    expect(refused?.getChild("resource-constraint", "urn:ietf:params:xml:ns:xmpp-stanzas")).toBeDefined();
    expect(heard.find(({ attrs }) => attrs["id"] === "a1")?.attrs["type"]).toBe("result");
    expect([talked, present]).toEqual([["alice@far.example"], []]);
    expect(component.counts).toEqual({ limited: 500, malformed: 0, ignored: 0 });
  });

  it("takes answers to its own questions from whoever sends too much", async () => {
    await using server = await startFakeXmppServer(HUB);
    await using component = connect(server.service, {});
    await online(component);
    server.send(Array.from({ length: 50 }, (_, n) => question("far.example", `m${n}`)).join(""));
    const found = component.discover("far.example" as Jid);
    const asked = (await server.heard()).find(({ attrs }) => attrs["type"] === "get");
    const query = "<query xmlns='http://jabber.org/protocol/disco#info'><feature var='f'/></query>";
    server.send(`<iq type='result' id='${asked?.attrs["id"]}' from='far.example' to='${HUB}'>${query}</iq>`);
    expect(await found).toMatchObject({ features: ["f"] });
  });
});

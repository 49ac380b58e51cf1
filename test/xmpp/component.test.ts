import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import type { Delivery } from "../../src/hub/ports/records.ts";
import type { InboundEvent, InboundPresence } from "../../src/hub/ports/xmpp-link.ts";
import type { PubsubError, PubsubReply } from "../../src/pubsub/reply.ts";
import type { PubsubRequest } from "../../src/pubsub/request.ts";
import type { NodeId } from "../../src/pubsub/state.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import type { XmppHandlers } from "../../src/xmpp/handlers.ts";
import { freePort } from "../support/free-port.ts";
import { startTestProsody, type TestProsody, testProsody } from "../support/prosody.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NODE = "urn:xmpp:microblog:0" as NodeId;
const ALICE = "alice@here.localhost" as BareJid;

/** What a component was asked and told, and how it answers. */
class Recorder {
  readonly requests: [PubsubRequest, Jid][] = [];
  readonly events: InboundEvent[] = [];
  readonly presences: InboundPresence[] = [];
  readonly receipts: [Jid, string][] = [];
  readonly bounces: [Jid, string, string][] = [];
  answer: (request: PubsubRequest) => PubsubReply | PubsubError = () => ({ kind: "done" });
  #waiting: (() => void)[] = [];

  readonly handlers: XmppHandlers = {
    handlePubsub: async (request, actor) => {
      this.requests.push([request, actor]);
      return this.answer(request);
    },
    receiveEvent: async (event) => {
      this.events.push(event);
      this.#tell();
    },
    runAdHoc: async () => ({ kind: "cancelled", session: "s" }),
    receiveChat: async () => false,
    receiveReceipt: (from, id) => {
      this.receipts.push([from, id]);
      this.#tell();
    },
    receiveBounce: (from, id, condition) => {
      this.bounces.push([from, id, condition]);
      this.#tell();
    },
    describeService: (jid, node) =>
      node === "nowhere"
        ? { kind: "error", condition: "item-not-found" }
        : {
            identities: [{ category: "pubsub", type: "service", name: `<${jid}>` }],
            features: ["a", "b"],
            forms: [{ formType: "urn:form", fields: [{ name: "account", values: ["https://x/?a&b"] }] }],
          },
    listServiceItems: (jid, node, page) => ({
      items: node === undefined ? [{ jid, node: "n" }] : [{ jid, name: `after ${page.after ?? "nothing"}` }],
      firstIndex: 3,
      count: 17,
    }),
    answerSparql: async () => ({ kind: "boolean", value: true }),
    receivePresence: async (presence) => {
      this.presences.push(presence);
      this.#tell();
    },
    vcard: (jid) => ({ name: "A & B", url: "https://x/", jid }),
  };

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

function connect(
  service: string,
  domain: string,
  secret: string,
  recorder: Recorder,
  liveness?: { readonly every_ms: number; readonly timeout_ms: number },
): XmppComponent {
  return connectComponent({
    service,
    domain: domain as BareJid,
    secret,
    handlers: recorder.handlers,
    log,
    now: () => instantOf(Date.now()),
    newItemId: () => "made-here" as ItemId,
    ...(liveness === undefined ? {} : { liveness }),
  });
}

/** A way to a server that can stop passing anything on, as a frozen machine does, without closing. */
async function startProxy(port: number) {
  const sockets = new Set<Socket>();
  let frozen = false;
  const server = createServer((inner) => {
    const outer = connectSocket(port, "127.0.0.1");
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(one);
      one.on("data", (data) => frozen || other.write(data));
      one.on("close", () => other.destroy());
      one.on("error", () => other.destroy());
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    service: `xmpp://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function listen(socket: Socket) {
  let text = "";
  let tell = (): void => undefined;
  socket.on("data", (chunk: string) => {
    text += chunk;
    tell();
  });
  return {
    until: async (condition: (text: string) => boolean): Promise<string> => {
      while (!condition(text)) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
      return text;
    },
  };
}

/** Lets a bare socket in as a component (XEP-0114 §3), to write what no component of ours would. */
async function rawHandshake(socket: Socket, heard: ReturnType<typeof listen>, domain: string, secret: string) {
  const streams = "http://etherx.jabber.org/streams";
  socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='${streams}' to='${domain}'>`);
  const opened = await heard.until((text) => /<stream:stream[^>]*>/.test(text));
  const id = /<stream:stream[^>]*\bid=['"]([^'"]+)/.exec(opened)?.[1] ?? "";
  const digest = createHash("sha1").update(`${id}${secret}`).digest("hex");
  socket.write(`<handshake>${digest}</handshake>`);
  await heard.until((text) => /<handshake\s*\/>|<\/handshake>/.test(text));
}

async function reaches(component: XmppComponent, what: (component: XmppComponent) => boolean): Promise<void> {
  if (what(component)) return;
  await new Promise<void>((resolve) => {
    const stop = component.onStatus(() => {
      if (!what(component)) return;
      stop();
      resolve();
    });
  });
}

const online = (component: XmppComponent): boolean => component.status.kind === "online";
const troubled = (component: XmppComponent): boolean =>
  component.status.kind === "connecting" && component.status.problem !== undefined;

function delivery(id: number, payload: string, more: Partial<Delivery> = {}): Delivery {
  const now = instantOf(0);
  return {
    id,
    event: {
      id,
      service: ALICE,
      node: NODE,
      event: { kind: "items", id: "abcdef" as ItemId, publisher: ALICE, payload },
    },
    to: "there.localhost" as Jid,
    subid: "",
    wantsReceipt: true,
    attempts: 0,
    nextAttempt: now,
    created: now,
    ...more,
  };
}

describe.skipIf((await testProsody()) === undefined)("the component, over a real Prosody", () => {
  let prosody: TestProsody;
  const [ours, theirs] = [new Recorder(), new Recorder()];
  let here: XmppComponent;
  let there: XmppComponent;

  beforeAll(async () => {
    prosody = await startTestProsody({
      components: ["here", "there", "third", "raw"].map((name) => ({ domain: `${name}.localhost`, secret: "s" })),
    });
    here = connect(prosody.service, "here.localhost", "s", ours);
    there = connect(prosody.service, "there.localhost", "s", theirs);
    await Promise.all([reaches(here, online), reaches(there, online)]);
  });
  afterAll(async () => {
    await here[Symbol.asyncDispose]();
    await there[Symbol.asyncDispose]();
    await prosody[Symbol.asyncDispose]();
  });

  it("publishes and retracts as an account, and gives the other side's refusal", async () => {
    const bob = "bob@there.localhost" as BareJid;
    const item = {
      id: "a-comment" as ItemId,
      payload: '<entry xmlns="http://www.w3.org/2005/Atom"><title>♥</title></entry>',
    };
    expect(await there.publish(bob, ALICE, NODE, item)).toBeUndefined();
    expect(ours.requests.at(-1)).toMatchObject([
      { kind: "publish", service: ALICE, node: NODE, item: { id: item.id } },
      bob,
    ]);
    expect(await there.retract(bob, ALICE, NODE, item.id)).toBeUndefined();
    expect(ours.requests.at(-1)).toMatchObject([{ kind: "retract", id: item.id, notify: true }, bob]);
    ours.answer = () => ({ kind: "error", condition: "item-not-found" });
    expect(await there.publish(bob, ALICE, NODE, item)).toMatchObject({ code: "not-found" });
    expect(await there.publish(bob, ALICE, NODE, { ...item, payload: "<e>\u0001</e>" })).toMatchObject({
      kind: "refusal",
    });
    ours.answer = () => ({ kind: "done" });
  });

  it("asks disco#info and reads its forms", async () => {
    expect(await there.discover(ALICE)).toEqual({
      identities: [{ category: "pubsub", type: "service", name: "<alice@here.localhost>" }],
      features: ["a", "b", "urn:xmpp:ping", "urn:xmpp:receipts", "urn:xmpp:mam:2", "http://jabber.org/protocol/caps"],
      forms: [{ formType: "urn:form", fields: [{ name: "account", values: ["https://x/?a&b"] }] }],
    });
    expect(await there.discover(ALICE, "nowhere")).toMatchObject({ code: "not-found" });
  });

  it("asks disco#items by page", async () => {
    const page = { max: 10, after: "abcdef" as ItemId, order: "creation" } as const;
    expect(await there.discoverItems(ALICE, NODE, page)).toEqual({
      items: [{ jid: ALICE, name: "after abcdef" }],
      count: 17,
      last: "after abcdef",
      complete: false,
    });
  });

  it("subscribes as the hub itself", async () => {
    ours.answer = (request) =>
      request.kind === "subscribe"
        ? {
            kind: "subscribed",
            subscription: {
              service: request.service,
              node: request.node,
              jid: request.jid,
              subid: "sub1",
              state: "subscribed",
              created: instantOf(0),
            },
          }
        : { kind: "done" };
    expect(await there.subscribe(ALICE, NODE)).toEqual({ state: "subscribed", subid: "sub1" });
    expect(ours.requests.at(-1)).toEqual([
      { kind: "subscribe", service: ALICE, node: NODE, jid: "there.localhost" },
      "there.localhost",
    ]);
  });

  it("reads items with their payloads and the count", async () => {
    ours.answer = () => ({
      kind: "items",
      node: NODE,
      paged: true,
      page: {
        items: [
          {
            service: ALICE,
            node: NODE,
            id: "abcdef" as ItemId,
            publisher: ALICE,
            payload: `<e xmlns="urn:e">ü</e>`,
            published: instantOf(0),
            updated: instantOf(0),
          },
        ],
        firstIndex: 0,
        count: 41,
        complete: true,
      },
    });
    const answer = await there.items(ALICE, NODE, { page: { max: 1, order: "modification" } });
    expect(answer).toMatchObject({ count: 41, items: [{ id: "abcdef", publisher: ALICE }] });
    expect(ours.requests.at(-1)?.[0]).toMatchObject({ page: { max: 1, order: "modification" } });
  });

  it("gets the condition of a refusal", async () => {
    ours.answer = () => ({ kind: "error", condition: "forbidden", text: "No & no." });
    expect(await there.subscribe(ALICE, NODE)).toMatchObject({
      code: "remote-refused",
      detail: { condition: "forbidden" },
    });
  });

  it("answers even when the hub breaks", async () => {
    ours.answer = () => {
      throw new Error("broken");
    };
    expect(await there.subscribe(ALICE, NODE)).toMatchObject({ detail: { condition: "internal-server-error" } });
  });

  it("says when a host is not there", async () => {
    const answer = await there.discover("nobody.nowhere.localhost" as Jid);
    expect(answer).toMatchObject({
      kind: "refusal",
      message: expect.stringContaining("nobody.nowhere.localhost answered"),
    });
  });

  it("notifies, and is told that it was taken in", async () => {
    expect(await here.notify([delivery(7, `<e xmlns="urn:e">ü &amp; 🐦</e>`)])).toBeUndefined();
    await theirs.until(() => theirs.events.length > 0);
    const event = theirs.events.at(-1);
    expect(event).toMatchObject({
      from: ALICE,
      node: NODE,
      receiptWanted: "d7",
      items: [{ id: "abcdef", publisher: ALICE }],
    });
    expect(event?.items[0]?.payload?.getText()).toBe("ü & 🐦");
    await there.sendReceipt("there.localhost" as BareJid, ALICE, "d7");
    await ours.until(() => ours.receipts.length > 0);
    expect(ours.receipts).toEqual([["there.localhost", "d7"]]);
  });

  it("keeps characters whole across packets", async () => {
    const text = "🐦é".repeat(40_000);
    theirs.events.length = 0;
    await here.notify([delivery(8, `<e xmlns="urn:e">${text}</e>`)]);
    await theirs.until(() => theirs.events.length > 0);
    expect(theirs.events[0]?.items[0]?.payload?.getText()).toBe(text);
  });

  it("leaves out what would cost the stream, and delivers the rest", async () => {
    theirs.events.length = 0;
    expect(
      await here.notify([
        delivery(9, "<e>\u0000</e>"),
        delivery(10, `<e>${"x".repeat(500_000)}</e>`),
        delivery(11, "<e/>"),
      ]),
    ).toBeUndefined();
    await theirs.until(() => theirs.events.length > 0);
    expect(theirs.events.map(({ receiptWanted }) => receiptWanted)).toEqual(["d11"]);
    expect(here.status.kind).toBe("online");
  });

  it("stays up whatever others nest", async () => {
    theirs.events.length = 0;
    const deep = "<e>".repeat(20_000) + "</e>".repeat(20_000);
    await here.notify([delivery(21, deep), delivery(22, "<e/>")]);
    await theirs.until(() => theirs.events.length > 0);
    expect(theirs.events.map(({ receiptWanted }) => receiptWanted)).toEqual(["d22"]);
    expect(there.status.kind).toBe("online");
  });

  it("reads long text in the time of one pass", async () => {
    theirs.events.length = 0;
    const before = process.cpuUsage();
    await here.notify(Array.from({ length: 8 }, (_, n) => delivery(100 + n, `<e>${"x".repeat(450_000)}</e>`)));
    await theirs.until(() => theirs.events.length === 8);
    const { user, system } = process.cpuUsage(before);
    // About 100 ms; a parser that looks for the end of the text anew at each character takes 1,000.
    expect((user + system) / 1_000).toBeLessThan(600);
  });

  it("is told of bounces", async () => {
    await here.notify([delivery(12, "<e/>", { to: "nobody.nowhere.localhost" as Jid })]);
    await ours.until(() => ours.bounces.length > 0);
    expect(ours.bounces[0]?.slice(0, 2)).toEqual(["nobody.nowhere.localhost", "d12"]);
  });

  it("comes back after the server was restarted", async () => {
    await prosody.down();
    await reaches(here, (component) => component.status.kind !== "online");
    expect(await here.notify([delivery(13, "<e/>")])).toMatchObject({ code: "unavailable" });
    await prosody.up();
    await Promise.all([reaches(here, online), reaches(there, online)]);
    theirs.events.length = 0;
    await here.notify([delivery(14, "<e/>")]);
    await theirs.until(() => theirs.events.length > 0);
  });

  it("notices a server that no longer answers, and comes back when it does", async () => {
    await using proxy = await startProxy(Number(new URL(prosody.service).port));
    await using third = connect(proxy.service, "third.localhost", "s", new Recorder(), {
      every_ms: 50,
      timeout_ms: 500,
    });
    await reaches(third, online);
    proxy.freeze();
    await reaches(third, troubled);
    expect(third.status).toMatchObject({ problem: expect.stringContaining("did not answer within 0.5 seconds") });
    proxy.thaw();
    await reaches(third, online);
  });

  it("answers a request from an address that cannot be read, and stays up", async () => {
    const raw = connectSocket(prosody.componentPort, "127.0.0.1").setEncoding("utf8");
    const heard = listen(raw);
    await rawHandshake(raw, heard, "raw.localhost", "s");
    const ask = `<query xmlns='http://jabber.org/protocol/disco#info'/>`;
    raw.write(`<iq type='get' id='odd' from='a_b?c@raw.localhost' to='alice@here.localhost'>${ask}</iq>`);
    raw.write(`<iq type='get' id='two' from='raw.localhost' to='here.localhost'>${ask}${ask}</iq>`);
    raw.write(`<iq type='set' id='own' from='raw.localhost' to='here.localhost'><constructor xmlns='urn:x'/></iq>`);
    const deep = "<e>".repeat(5_000) + "</e>".repeat(5_000);
    raw.write(`<iq type='set' id='deep' from='raw.localhost' to='here.localhost'><q xmlns='urn:x'>${deep}</q></iq>`);
    for (const id of ["odd", "two", "own", "deep"]) {
      await heard.until((text) => new RegExp(`<iq [^>]*id=['"]${id}['"]`).test(text));
    }
    raw.destroy();
    expect(here.status.kind).toBe("online");
  });

  it("shows a card, answers a ping, and hands presence to the hub", async () => {
    const raw = connectSocket(prosody.componentPort, "127.0.0.1").setEncoding("utf8");
    const heard = listen(raw);
    await rawHandshake(raw, heard, "raw.localhost", "s");
    const get = (id: string, child: string): string =>
      `<iq type='get' id='${id}' from='raw.localhost' to='${ALICE}'>${child}</iq>`;
    raw.write(`<presence type='subscribe' from='raw.localhost' to='${ALICE}'/>`);
    const heardHere = ours.until(() => ours.presences.some(({ type }) => type === "subscribe"));
    raw.write(get("card", "<vCard xmlns='vcard-temp'/>") + get("ping", "<ping xmlns='urn:xmpp:ping'/>"));
    const text = await heard.until((each) => /id=['"]ping['"]/.test(each));
    raw.destroy();
    expect(text).toContain("<FN>A &amp; B</FN>");
    await heardHere;
    expect(text.match(/<iq [^>]*id=['"]ping['"][^>]*>/g)).toEqual([expect.stringMatching(/type=['"]result['"]/)]);
  });

  it("says that the secret is wrong", async () => {
    await using wrong = connect(prosody.service, "here.localhost", "not the secret", new Recorder());
    await reaches(wrong, troubled);
    expect(wrong.status).toMatchObject({ problem: expect.stringContaining("secret") });
  });

  it("says that the server has no such component", async () => {
    await using strange = connect(prosody.service, "strange.localhost", "s", new Recorder());
    await reaches(strange, troubled);
    expect(strange.status).toMatchObject({ problem: expect.stringMatching(/component|secret/) });
  });
});

describe("the component", () => {
  it("says that the server cannot be reached", async () => {
    await using alone = connect(`xmpp://127.0.0.1:${await freePort()}`, "here.localhost", "s", new Recorder());
    await reaches(alone, troubled);
    expect(alone.status).toMatchObject({ problem: expect.stringContaining("cannot be reached") });
    expect(await alone.discover(ALICE)).toMatchObject({ code: "unavailable" });
  });

  it.each(["nonsense", "http://127.0.0.1:1", "xmpp://"])("says that %s is no server", async (service) => {
    await using lost = connect(service, "here.localhost", "s", new Recorder());
    await reaches(lost, troubled);
    expect(lost.status).toMatchObject({ problem: expect.stringMatching(/failed|cannot be reached/) });
  });

  it("gives up a server that takes the connection and says nothing, at once when it is told to stop", async () => {
    const server = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const waiting = connect(`xmpp://127.0.0.1:${port}`, "here.localhost", "s", new Recorder());
    const [socket] = (await once(server, "connection")) as [Socket];
    await waiting[Symbol.asyncDispose]();
    expect(waiting.status).toMatchObject({ kind: "off" });
    socket.destroy();
    server.close();
  });
});

import { afterEach, beforeEach, expect, it } from "vitest";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { runAdHoc } from "../../src/hub/chat/ad-hoc.ts";
import { talk } from "../../src/hub/chat/talk.ts";
import { receiveEvent } from "../../src/hub/following/receive-event.ts";
import { receivePresence } from "../../src/hub/people/receive-presence.ts";
import type { HubPorts } from "../../src/hub/ports/hub-ports.ts";
import { describeService, listServiceItems } from "../../src/hub/pubsub/describe-service.ts";
import { handlePubsub } from "../../src/hub/pubsub/handle-pubsub.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { addAccount, openTestHub, type TestHub } from "../hub/test-hub.ts";
import { type FakeXmppServer, startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const HUB = "hub.example";
const ALICE = `alice@${HUB}`;
const BOT = "bot@far.example/x";

let server: FakeXmppServer;
let hub: TestHub;
let component: XmppComponent;

beforeEach(async () => {
  server = await startFakeXmppServer(HUB);
  hub = await openTestHub();
  await addAccount(hub, "alice", { linkedJids: ["bot@far.example"] });
  component = connectComponent({
    service: server.service,
    domain: HUB as BareJid,
    secret: "s",
    log: hub.ports.log,
    now: hub.ports.now,
    newItemId: hub.ports.newItemId,
    handlers: {
      ...SILENT_HANDLERS,
      handlePubsub: (request, actor) => handlePubsub(ports, request, actor),
      receiveEvent: (event) => receiveEvent(ports, event),
      runAdHoc: (step, from, to) => runAdHoc(ports, step, from, to),
      receiveChat: (message) => talk(ports, message),
      describeService: (jid, node) => describeService(ports, jid, node),
      listServiceItems: (jid, node, page, actor) => listServiceItems(ports, jid, node, page, actor),
      receivePresence: (presence) => receivePresence(ports, presence),
    },
  });
  const ports: HubPorts = { ...hub.ports, xmpp: component };
  await new Promise<void>((resolve) => {
    const stop = component.onStatus(({ kind }) => {
      if (kind !== "online") return;
      stop();
      resolve();
    });
  });
});
afterEach(async () => {
  await component[Symbol.asyncDispose]();
  await hub[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

/** How bots answer whatever they get: with the same, or with an error to it, or with a receipt and the wish for one. */
const BOTS: Readonly<Record<string, (stanza: XmlElement) => string>> = {
  "gives back what it gets": (stanza) => back(stanza, {}),
  "answers with an error": (stanza) => back(stanza, { type: "error" }),
  "asks for a receipt of each": (stanza) => back(stanza, {}, "<request xmlns='urn:xmpp:receipts'/>"),
  "says hello to everything": (stanza) =>
    `<message type='chat' id='h${Math.random()}' from='${BOT}' to='${stanza.attrs["from"]}'><body>Hello ${Math.random()}</body></message>`,
  "asks to be let in, each time": (stanza) =>
    `<presence type='subscribe' from='bot@far.example' to='${stanza.attrs["from"]}'/>`,
  // Who asks without end is answered without end, at the rate of the door.
  "asks what it is that talks": (stanza) =>
    stanza.name === "iq"
      ? back(stanza, {})
      : `<iq type='get' id='q' from='${BOT}' to='${stanza.attrs["from"]}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
};

function back(stanza: XmlElement, attrs: Readonly<Record<string, string>>, more = ""): string {
  Object.assign(stanza.attrs, { from: stanza.attrs["to"] ?? BOT, to: stanza.attrs["from"], ...attrs });
  return stanza
    .toString()
    .replace(
      /(?:\/>|<\/(\w+)>)$/,
      (_, name: string | undefined) => `${name === undefined ? ">" : ""}${more}</${name ?? stanza.name}>`,
    );
}

const BEGINNINGS = [
  `<message type='chat' id='c' from='${BOT}' to='${ALICE}'><body>help</body><request xmlns='urn:xmpp:receipts'/></message>`,
  `<message type='chat' id='s' from='stranger@far.example/x' to='${ALICE}'><body>hi</body></message>`,
  `<message type='chat' id='d' from='far.example' to='${HUB}'><body>hi</body></message>`,
  `<message type='error' id='e' from='${BOT}' to='${ALICE}'><error type='cancel'/></message>`,
  `<iq type='error' id='e' from='${BOT}' to='${ALICE}'><error type='cancel'/></iq>`,
  `<iq type='result' id='e' from='${BOT}' to='${ALICE}'/>`,
  `<message id='r' from='${BOT}' to='${ALICE}'><received xmlns='urn:xmpp:receipts' id='x'/><request xmlns='urn:xmpp:receipts'/></message>`,
  `<presence type='error' from='${BOT}' to='${ALICE}'><error type='cancel'/></presence>`,
  ...["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "unavailable"].map(
    (type) => `<presence type='${type}' from='bot@far.example' to='${ALICE}'/>`,
  ),
  `<presence from='${BOT}' to='${ALICE}'><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='n' ver='v'/></presence>`,
  `<iq type='get' id='q' from='${BOT}' to='${ALICE}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>`,
  `<iq type='set' id='q' from='${BOT}' to='${ALICE}'><nothing xmlns='urn:nothing'/></iq>`,
];
/** LIMIT: what two may say to each other about one thing. */
const ROUNDS_MAX = 40;

it.each(Object.keys(BOTS))("falls silent before a bot that %s, whatever it began with", async (name) => {
  const said: [beginning: string, rounds: number][] = [];
  for (const beginning of BEGINNINGS) {
    // Nobody is told twice in a minute what was told before.
    hub.clock.advance(60_000);
    server.send(beginning);
    let rounds = 0;
    for (let heard = await server.heard(); heard.length > 0 && rounds < ROUNDS_MAX; heard = await server.heard()) {
      rounds++;
      // Its own answers to questions are the bot's to give.
      for (const stanza of heard) server.send(BOTS[name]?.(stanza) ?? "");
    }
    said.push([beginning.slice(0, 80), rounds]);
  }
  expect(said.filter(([, rounds]) => rounds >= ROUNDS_MAX)).toEqual([]);
});

it("never answers an error or an answer, and no receipt with a receipt", async () => {
  for (const xml of BEGINNINGS.filter((each) => /type='(?:error|result)'|<received/.test(each))) server.send(xml);
  expect((await server.heard()).map(String)).toEqual([]);
});

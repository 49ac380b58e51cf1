import { afterEach, beforeEach, expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import type { Delivery } from "../../src/hub/ports/records.ts";
import type { NodeId } from "../../src/pubsub/state.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { type FakeXmppServer, startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const DOMAIN = "hub.far.example" as BareJid;
const SERVER = "far.example";
const ADDRESS = "http://jabber.org/protocol/address";
/** What Prosody takes from a component. */
const STANZA_BYTES_MAX = 512 * 1_024;

let server: FakeXmppServer;
let component: XmppComponent;

beforeEach(async () => {
  server = await startFakeXmppServer(DOMAIN);
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const now = () => instantOf(Date.now());
  const newItemId = () => "made-here" as ItemId;
  const options = { service: server.service, domain: DOMAIN, secret: "s", handlers: SILENT_HANDLERS, log, now };
  component = connectComponent({ ...options, newItemId });
  if (component.status.kind !== "online") {
    await new Promise<void>((resolve) => {
      component.onStatus((status) => status.kind === "online" && resolve());
    });
  }
});
afterEach(async () => {
  await component[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

let events = 0;
function deliveriesTo(jids: readonly string[], payload: string): readonly Delivery[] {
  const id = ++events;
  const told = { kind: "items", id: "one" as ItemId, publisher: "a@hub.far.example" as BareJid, payload } as const;
  const event = { id, service: "a@hub.far.example" as BareJid, node: "news" as NodeId, event: told };
  const time = instantOf(0);
  const common = { event, subid: "", wantsReceipt: false, attempts: 0, nextAttempt: time, created: time };
  return jids.map((jid, at) => ({ ...common, id: id * 1_000 + at, to: jid as Jid }));
}

/** Answers what the component asks about the server: that it multicasts. */
async function answerDisco(): Promise<void> {
  for (const asked of await server.heard()) {
    if (asked.attrs["to"] !== SERVER) continue;
    const answer = `<query xmlns='http://jabber.org/protocol/disco#info'><feature var='${ADDRESS}'/></query>`;
    server.send(`<iq type='result' id='${asked.attrs["id"]}' from='${SERVER}' to='${DOMAIN}'>${answer}</iq>`);
  }
  await server.heard();
}

it("multicasts no stanza that is too large with all its addresses: each then gets one of their own", async () => {
  const readers = Array.from({ length: 20 }, (_, at) => `reader${at}@people.example`);
  for (let tried = 0; tried < 3; tried++) {
    await component.notify(deliveriesTo(readers, "<a/>"));
    await answerDisco();
  }
  await component.notify(deliveriesTo(readers, "<a/>"));
  const [one, ...more] = await server.heard();
  expect([one?.attrs["to"], more]).toEqual([SERVER, []]);
  expect(one?.getChild("addresses", ADDRESS)?.getChildElements()).toHaveLength(20);

  const far = readers.slice(0, 3).map((jid) => `${jid}/${"x".repeat(1_000)}`);
  await component.notify(deliveriesTo(far, `<a>${"é".repeat(249_000)}</a>`));
  const told = await server.heard();
  expect(told.map(({ attrs }) => attrs["to"])).toEqual(far);
  for (const stanza of told) expect(Buffer.byteLength(stanza.toString())).toBeLessThan(STANZA_BYTES_MAX);
});

it("takes a multicast stanza for refused by the service that got it alone, and then tells each singly", async () => {
  const readers = Array.from({ length: 20 }, (_, at) => `reader${at}@people.example`);
  const refused = (id: string | undefined, from: string): void => {
    const error = "<error type='cancel'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    server.send(`<message type='error' id='${id}' from='${from}' to='${DOMAIN}'>${error}</message>`);
  };
  for (let tried = 0; tried < 3; tried++) {
    await component.notify(deliveriesTo(readers, "<a/>"));
    await answerDisco();
  }
  await component.notify(deliveriesTo(readers, "<a/>"));
  const [one] = await server.heard();
  const id = one?.attrs["id"];
  expect(one?.getChild("addresses", ADDRESS)).toBeDefined();
  refused(id, "mallory@evil.example");
  expect(await server.heard()).toEqual([]);
  refused(id, SERVER);
  const told = (await server.heard()).filter((stanza) => stanza.getName() === "message");
  expect(told.map(({ attrs }) => attrs["to"])).toEqual(readers);
});

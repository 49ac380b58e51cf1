import { expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { Jid } from "../../src/core/jid.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { hamlet, musings, parse, Shakespeare, SOLILOQUY, service } from "../pubsub/example-service.ts";

const MALLORY = "mallory@far.example/x" as Jid;
const NOW = instantOf(Date.UTC(2026, 0, 1));
const ENTRY = "<entry xmlns='http://www.w3.org/2005/Atom'><title>Forged</title></entry>";

/** What the service decides of a request as it comes from the wire, and what it then holds. */
function asked(state: Shakespeare["state"], action: string, from: string = MALLORY) {
  const stanza = parse(
    `<iq type='set' id='i' from='${from}' to='${service}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${action}</pubsub></iq>`,
  );
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  const incoming = decodeStanza(stanza, addressed, { now: NOW, newItemId: () => SOLILOQUY });
  if (incoming.kind === "refused") return incoming.error;
  if (incoming.kind !== "pubsub") throw new Error(incoming.kind);
  const decision = decide(state, incoming.request, { actor: addressed.from, now: NOW, subid: "s" });
  if (decision.kind === "decision") for (const change of decision.changes) state.apply(change);
  return decision;
}

const open = () => new Shakespeare({ publishModel: "open" }).keep(SOLILOQUY);

it("names as publisher who sent the item, whatever the item says", () => {
  const { state } = open();
  asked(state, `<publish node='${musings}'><item id='forged' publisher='${hamlet}'>${ENTRY}</item></publish>`);
  const made = state.items(service, musings, { max: 9, order: "creation" })?.items.find(({ id }) => id !== SOLILOQUY);
  expect(made).toMatchObject({ id: "forged", publisher: "mallory@far.example" });
});

it("lets nobody replace or retract an item that somebody else published", () => {
  const { state } = open();
  const item = `<item id='${SOLILOQUY}' publisher='${hamlet}'>${ENTRY}</item>`;
  const before = state.item(service, musings, SOLILOQUY);
  expect(asked(state, `<publish node='${musings}'>${item}</publish>`)).toMatchObject({ condition: "forbidden" });
  expect(asked(state, `<retract node='${musings}'>${item}</retract>`)).toMatchObject({ condition: "forbidden" });
  expect(state.item(service, musings, SOLILOQUY)).toEqual(before);
  // Its publisher may.
  expect(asked(state, `<publish node='${musings}'>${item}</publish>`, hamlet)).toMatchObject({ kind: "decision" });
});

it.each([
  ["subscribe", `<subscribe node='${musings}' jid='${hamlet}'/>`, { condition: "bad-request", pubsub: "invalid-jid" }],
  ["unsubscribe", `<unsubscribe node='${musings}' jid='${hamlet}'/>`, { condition: "forbidden" }],
  [
    "set options of",
    `<options node='${musings}' jid='${hamlet}'><x xmlns='jabber:x:data' type='submit'/></options>`,
    { condition: "forbidden" },
  ],
])("lets nobody %s a JID that is not the sender's", (_, action, error) => {
  const { state } = open().subscribe(hamlet, { subid: "a" });
  expect(asked(state, action)).toMatchObject({ kind: "error", ...error });
  expect(state.subscriptionsOf(service, hamlet)).toHaveLength(1);
});

it.each([
  ["larger than the node takes", 200, { payloadBytes_max: 100 }],
  ["larger than the service takes", 100_000, {}],
])("takes no payload %s (XEP-0060 §7.1.3.5)", (_, length, config) => {
  const { state } = new Shakespeare({ publishModel: "open", ...config });
  const big = `<e xmlns='urn:e'>${"x".repeat(length)}</e>`;
  const error = { condition: "not-acceptable", pubsub: "payload-too-big" };
  expect(asked(state, `<publish node='${musings}'><item>${big}</item></publish>`)).toMatchObject(error);
  expect(state.items(service, musings, { max: 9, order: "creation" })?.items).toEqual([]);
});

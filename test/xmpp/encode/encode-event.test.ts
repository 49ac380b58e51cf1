import { expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import { instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import type { BareJid } from "../../../src/core/jid.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import type { NotifiedEvent } from "../../../src/pubsub/reply.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";
import { eventToXml, messageTypeOf, subidsToXml } from "../../../src/xmpp/encode/encode-event.ts";

const node = "news & more" as NodeId;
const owner = "alice@hub.example" as BareJid;
const ATOM = "http://www.w3.org/2005/Atom";
const item = { kind: "items", id: "item-1" as ItemId, publisher: owner } as const;

function message(event: NotifiedEvent) {
  const root = parseXml(`<message>${eventToXml({ node, event })}</message>`);
  if (isRefusal(root)) throw new Error(root.message);
  return root;
}

it("names the publisher always, whom to answer, and since when an item is there", () => {
  const told = message({ ...item, payload: "<a/>", replyTo: [owner], delay: instantOf(0) });
  const row = told.getChild("event")?.getChild("items")?.getChild("item");
  expect(row?.attrs).toEqual({ id: "item-1", publisher: owner });
  expect(told.getChild("delay", "urn:xmpp:delay")?.attrs["stamp"]).toBe("1970-01-01T00:00:00.000Z");
  const [address] = told.getChild("addresses", "http://jabber.org/protocol/address")?.getChildElements() ?? [];
  expect(address?.attrs).toEqual({ type: "replyto", jid: owner });
});

it.each<[string, NotifiedEvent, string]>([
  [
    "the text of an entry",
    { ...item, payload: `<entry xmlns="${ATOM}"><title>T</title><content>a &lt; b</content></entry>`, body: true },
    "a < b",
  ],
  [
    "its title, where it has no text",
    { ...item, payload: `<entry xmlns="${ATOM}"><title>T</title></entry>`, body: true },
    "T",
  ],
  [
    "that there is news, where it cannot be read",
    { ...item, payload: "<note>x</note>", body: true },
    `Something new at ${node}`,
  ],
  ["what befell the node", { kind: "purge", body: true }, `Everything was taken out of ${node}`],
])("has a text to read for who wants one: %s", (_, event, text) => {
  expect(message(event).getChildText("body")).toBe(text);
});

it("has none for others", () => {
  expect(message({ ...item, payload: "<a/>" }).getChild("body")).toBeUndefined();
});

it("is a headline, unless the node or what is told is not", () => {
  expect(messageTypeOf(item)).toBe("headline");
  expect(messageTypeOf({ ...item, normal: true })).toBeUndefined();
  expect(messageTypeOf({ kind: "authorization", jid: owner, subid: "1" })).toBeUndefined();
});

it("says which subscriptions are meant where there are several (XEP-0131)", () => {
  expect(subidsToXml("one")).toBe("");
  const headers = parseXml(subidsToXml("one two"));
  if (isRefusal(headers)) throw new Error(headers.message);
  expect(headers.getChildElements().map((each) => [each.attrs["name"], each.getText()])).toEqual([
    ["SubID", "one"],
    ["SubID", "two"],
  ]);
});

it("says when a lease is almost over, as the example of XEP-0060 §12.18 does", () => {
  const [jid, subid] = ["francisco@denmark.lit" as BareJid, "ba49252aaa4f5d320c24d3766f0bdcade78c78d3"];
  const expiry = instantOf(Date.UTC(2006, 1, 28, 23, 59, 59));
  const told = message({ kind: "subscription", jid, subid, state: "subscribed", expiry });
  const row = told.getChild("event", "http://jabber.org/protocol/pubsub#event")?.getChild("subscription");
  expect(row?.attrs).toEqual({ expiry: "2006-02-28T23:59:59.000Z", jid, node, subid, subscription: "subscribed" });
});

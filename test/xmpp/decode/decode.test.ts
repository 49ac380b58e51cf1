import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import { instantOf } from "../../../src/core/instant.ts";
import type { ItemId } from "../../../src/core/item-id.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { addressesOf, decodeStanza } from "../../../src/xmpp/decode/decode.ts";
import type { Incoming } from "../../../src/xmpp/decode/incoming.ts";

const PUBSUB = "http://jabber.org/protocol/pubsub";
const context = { now: instantOf(0), newItemId: () => "made-here" as ItemId };

function decode(xml: string): Incoming {
  const stanza = parseXml(xml);
  if (isRefusal(stanza)) throw new Error(stanza.message);
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  return decodeStanza(stanza, addressed, context);
}

const iq = (type: string, child: string): string =>
  `<iq from="bob@far.example/pda" to="alice@hub.example" id="1" type="${type}">${child}</iq>`;
const pubsub = (type: string, child: string, more = ""): Incoming =>
  decode(iq(type, `<pubsub xmlns="${PUBSUB}">${child}${more}</pubsub>`));
const refused = (condition: string, named?: string) => ({
  kind: "refused",
  error: { condition, ...(named === undefined ? {} : { pubsub: named }) },
});

describe("decoding a PubSub request", () => {
  it("reads subscribe (XEP-0060 §6.1.1)", () => {
    expect(pubsub("set", `<subscribe node="n" jid="bob@far.example"/>`)).toEqual({
      kind: "pubsub",
      request: { kind: "subscribe", service: "alice@hub.example", node: "n", jid: "bob@far.example" },
    });
  });

  it("reads that everybody may know of a subscription (XEP-0465 §4.1)", () => {
    const known = `<subscribe node="n" jid="bob@far.example"><public xmlns="urn:xmpp:pps:0"/></subscribe>`;
    expect(pubsub("set", known)).toMatchObject({ request: { kind: "subscribe", public: true } });
    expect(pubsub("set", known.replace("pps:0", "pps:1"))).not.toHaveProperty("request.public");
  });

  it("reads unsubscribe with its subid (§6.2.1)", () => {
    expect(pubsub("set", `<unsubscribe node="n" jid="bob@far.example" subid="s"/>`)).toMatchObject({
      request: { kind: "unsubscribe", subid: "s" },
    });
  });

  it("reads items with a page and an order (§6.5, XEP-0059, XEP-0413)", () => {
    const set = `<set xmlns="http://jabber.org/protocol/rsm"><max>10</max><after>abcdef</after></set>`;
    const order = `<order xmlns="urn:xmpp:order-by:1" by="modification" desc="true"/>`;
    expect(pubsub("get", `<items node="n"/>`, set + order)).toMatchObject({
      request: { kind: "items", ids: [], page: { max: 10, after: "abcdef", order: "modification" } },
    });
  });

  it("reads items by id (§6.5.8)", () => {
    expect(pubsub("get", `<items node="n"><item id="abcdef"/></items>`)).toMatchObject({
      request: { ids: ["abcdef"] },
    });
  });

  it.each([
    ["max_items", `max_items="3"`, 3],
    ["COMPAT: -1 of older Libervia", `max_items="-1"`, 250],
    ["a number over the bound", `max_items="99999"`, 250],
  ])("reads the size of a page from %s", (_, attribute, max) => {
    expect(pubsub("get", `<items node="n" ${attribute}/>`)).toMatchObject({ request: { page: { max } } });
  });

  it("does not do a page by its index (XEP-0059 §2.6), and says so", () => {
    const more = `<set xmlns="http://jabber.org/protocol/rsm"><index>9</index></set>`;
    expect(pubsub("get", `<items node="n"/>`, more)).toMatchObject(refused("feature-not-implemented"));
  });

  it("reads a wish for the oldest first (XEP-0413)", () => {
    const more = `<order xmlns="urn:xmpp:order-by:1" by="creation" desc="false"/>`;
    expect(pubsub("get", `<items node="n"/>`, more)).toMatchObject({ request: { page: { oldestFirst: true } } });
  });

  const archive = (inner: string, type = "set", more = `node="n"`) =>
    decode(iq(type, `<query xmlns="urn:xmpp:mam:2" queryid="q" ${more}>${inner}</query>`));
  const filter = (...fields: readonly (readonly [string, string])[]) =>
    `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:xmpp:mam:2</value></field>${fields
      .map(([name, value]) => `<field var="${name}"><value>${value}</value></field>`)
      .join("")}</x>`;

  it("reads a question to a node's archive as one for its items in order (XEP-0313 §4, XEP-0442)", () => {
    const set = `<set xmlns="http://jabber.org/protocol/rsm"><max>5</max><after>abcdef</after></set>`;
    const times = filter(["start", "2026-01-01T00:00:00Z"], ["end", "2026-01-02T00:00:00+01:00"]);
    expect(archive(times + set)).toMatchObject({
      kind: "archive",
      queryid: "q",
      request: {
        kind: "items",
        node: "n",
        page: {
          max: 5,
          after: "abcdef",
          order: "modification",
          oldestFirst: true,
          // From the start on: what was published a millisecond before is out.
          since: "2025-12-31T23:59:59.999Z",
          until: "2026-01-01T23:00:00.000Z",
        },
      },
    });
    expect(archive("", "get")).toMatchObject({ kind: "archive-form" });
  });

  it.each([
    ["of no node", archive("", "set", ""), "feature-not-implemented"],
    ["by a field it does not know", archive(filter(["with", "a@b.c"])), "feature-not-implemented"],
    ["by a time that is none", archive(filter(["start", "yesterday"])), "bad-request"],
    ["by no form", archive(`<x xmlns="jabber:x:data" type="form"/>`), "bad-request"],
  ])("does not search an archive %s", (_, incoming, condition) => {
    expect(incoming).toMatchObject({ kind: "refused", error: { condition } });
  });

  it("asks for the last page with an empty before (XEP-0059 §2.5)", () => {
    const set = `<set xmlns="http://jabber.org/protocol/rsm"><max>5</max><before/></set>`;
    expect(pubsub("get", `<items node="n"/>`, set)).toMatchObject({ request: { page: { before: "" } } });
  });

  it("reads publish, with an id made here where none came (§7.1.1, §12.8)", () => {
    const payload = `<entry xmlns="http://www.w3.org/2005/Atom"><title>x</title></entry>`;
    expect(pubsub("set", `<publish node="n"><item>${payload}</item></publish>`)).toMatchObject({
      request: { kind: "publish", item: { id: "made-here", payload } },
    });
  });

  it("reads retract with its wish to notify (§7.2.1)", () => {
    expect(pubsub("set", `<retract node="n" notify="true"><item id="abcdef"/></retract>`)).toMatchObject({
      request: { kind: "retract", id: "abcdef", notify: true },
    });
  });

  it.each([
    ["no action", "set", "", refused("bad-request")],
    ["no node (§6.1.3)", "set", `<subscribe jid="bob@far.example"/>`, refused("bad-request", "nodeid-required")],
    ["a JID that is none", "set", `<subscribe node="n" jid="@"/>`, refused("bad-request", "invalid-jid")],
    [
      "two payloads (§7.1.3.6)",
      "set",
      `<publish node="n"><item><a/><b/></item></publish>`,
      refused("bad-request", "invalid-payload"),
    ],
    [
      "two items",
      "set",
      `<publish node="n"><item><a/></item><item><a/></item></publish>`,
      refused("not-allowed", "max-items-exceeded"),
    ],
    [
      "an item id with a control character",
      "set",
      `<publish node="n"><item id="a&#x85;b"><a/></item></publish>`,
      refused("not-acceptable"),
    ],
    ["retract without an item (§7.2.3.4)", "set", `<retract node="n"/>`, refused("bad-request", "item-required")],
    ["retract without a node (§7.2.3.3)", "set", `<retract/>`, refused("bad-request", "nodeid-required")],
    [
      "a payload over the bound (§7.1.3.5)",
      "set",
      `<publish node="n"><item><a>${"x".repeat(100_000)}</a></item></publish>`,
      refused("not-acceptable", "payload-too-big"),
    ],
    [
      "more ids than are answered",
      "get",
      `<items node="n">${`<item id="abcdef"/>`.repeat(251)}</items>`,
      refused("policy-violation"),
    ],
    ["ids that no item can have", "get", `<items node="n"><item id=""/></items>`, refused("item-not-found")],
    ["an item without an id", "get", `<items node="n"><item/></items>`, refused("bad-request")],
    ["what every object has, and no protocol", "set", `<constructor node="n"/>`, refused("feature-not-implemented")],
    ["a page size that is no number", "get", `<items node="n" max_items="many"/>`, refused("bad-request")],
    ["a collection", "set", `<create node="n" type="collection"/>`, refused("feature-not-implemented", "unsupported")],
    ["an action of the wrong type", "get", `<subscribe node="n" jid="a@b.c"/>`, refused("bad-request")],
    [
      "options that are no form",
      "set",
      `<subscribe node="n" jid="a@b.c"/><options/>`,
      refused("bad-request", "invalid-options"),
    ],
    ["options of nobody (§6.3.4.3)", "get", `<options node="n"/>`, refused("bad-request", "jid-required")],
    [
      "a configuration that is no form",
      "set",
      `<create node="n"/><configure><x xmlns="jabber:x:data" type="form"/></configure>`,
      refused("bad-request"),
    ],
  ])("refuses %s", (_, type, child, outcome) => {
    expect(pubsub(type, child)).toMatchObject(outcome);
  });
});

describe("decoding other stanzas", () => {
  it.each([
    ["an unknown request", iq("get", `<query xmlns="urn:unknown"/>`), refused("service-unavailable")],
    ["a request without a child", iq("get", ""), refused("bad-request")],
    ["a request of no type", iq("nonsense", `<a/>`), refused("bad-request")],
    [
      "owner requests",
      iq("get", `<pubsub xmlns="${PUBSUB}#owner"><configure node="n"/></pubsub>`),
      { kind: "pubsub", request: { kind: "configure", node: "n" } },
    ],
    [
      "owner requests without a node (§8.2.3.3)",
      iq("get", `<pubsub xmlns="${PUBSUB}#owner"><configure/></pubsub>`),
      refused("bad-request", "nodeid-required"),
    ],
    [
      "a deletion that leads nowhere",
      iq("set", `<pubsub xmlns="${PUBSUB}#owner"><delete node="n"><redirect uri="https://x/"/></delete></pubsub>`),
      refused("bad-request"),
    ],
    [
      "a command that is not there (XEP-0050 §4.4)",
      iq("set", `<command xmlns="http://jabber.org/protocol/commands" node="rm"/>`),
      refused("item-not-found"),
    ],
    [
      "disco#info",
      iq("get", `<query xmlns="http://jabber.org/protocol/disco#info" node="n"/>`),
      { kind: "disco-info", node: "n" },
    ],
    ["disco#items", iq("get", `<query xmlns="http://jabber.org/protocol/disco#items"/>`), { kind: "disco-items" }],
    ["a result", iq("result", ""), { kind: "answer", id: "1" }],
    ["presence", `<presence from="a@b.c" to="d.e"/>`, { kind: "presence", presence: { type: "available" } }],
    [
      "a wish to see presence",
      `<presence from="a@b.c" to="d.e/x" type="subscribe"/>`,
      { kind: "presence", presence: { type: "subscribe", to: "d.e" } },
    ],
    ["chat", `<message from="a@b.c" to="d.e"><body>hi</body></message>`, { kind: "chat" }],
  ])("knows %s", (_, xml, outcome) => {
    expect(decode(xml)).toMatchObject(outcome);
  });

  it("reads an event with items, retractions and the wish for a receipt", () => {
    const event = `<event xmlns="${PUBSUB}#event"><items node="n"><item id="abcdef" publisher="a@b.c"><x xmlns="y"/></item><retract id="ghijkl"/><item id="bad id"/><item id="short"/><retract id="x"/></items></event>`;
    const xml = `<message from="a@b.c" to="d.e" id="d7">${event}<request xmlns="urn:xmpp:receipts"/></message>`;
    expect(decode(xml)).toMatchObject({
      kind: "event",
      event: {
        node: "n",
        items: [{ id: "abcdef", publisher: "a@b.c" }],
        retracted: ["ghijkl"],
        unnamed: 3,
        receiptWanted: "d7",
      },
    });
  });

  it.each(["purge", "delete"])("reads that a node was emptied (%s), and the wish for a receipt", (what) => {
    const event = `<event xmlns="${PUBSUB}#event"><${what} node="n"/></event>`;
    const xml = `<message from="a@b.c" to="d.e" id="d7">${event}<request xmlns="urn:xmpp:receipts"/></message>`;
    const wanted = { node: "n", items: [], retracted: [], emptied: true, receiptWanted: "d7" };
    expect(decode(xml)).toMatchObject({ kind: "event", event: wanted });
  });

  const authorization = (type: string, fields: Readonly<Record<string, string>>) =>
    decode(
      `<message from="a@b.c" to="d.e"><x xmlns="jabber:x:data" type="${type}"><field var="FORM_TYPE"><value>${PUBSUB}#subscribe_authorization</value></field>${Object.entries(
        fields,
      )
        .map(([name, value]) => `<field var="pubsub#${name}"><value>${value}</value></field>`)
        .join("")}</x></message>`,
    );

  it("reads an owner's answer to a request for a subscription (§8.6)", () => {
    const fields = { node: "n", subscriber_jid: "Bob@far.example", subid: "s", allow: "1" };
    expect(authorization("submit", fields)).toEqual({
      kind: "pubsub-message",
      request: { kind: "authorize", service: "d.e", node: "n", jid: "bob@far.example", subid: "s", allow: true },
    });
    for (const broken of [{ allow: "perhaps" }, { subscriber_jid: "@" }, { node: "" }]) {
      expect(authorization("submit", { ...fields, ...broken })).toMatchObject({ kind: "ignored" });
    }
    expect(authorization("cancel", fields)).toMatchObject({ kind: "ignored" });
  });

  it("says nothing of items left out when there are none", () => {
    const event = `<event xmlns="${PUBSUB}#event"><items node="n"><item id="abcdef"/></items></event>`;
    expect(decode(`<message from="a@b.c" to="d.e">${event}</message>`)).not.toHaveProperty("event.unnamed");
  });

  it("wants no receipt for an event that is too long to be read whole", () => {
    const event = `<event xmlns="${PUBSUB}#event"><items node="n">${`<item id="abcdef"/>`.repeat(300)}</items></event>`;
    const xml = `<message from="a@b.c" to="d.e" id="d7">${event}<request xmlns="urn:xmpp:receipts"/></message>`;
    const incoming = decode(xml);
    expect(incoming.kind === "event" && incoming.event.items).toHaveLength(250);
    expect(incoming).not.toHaveProperty("event.receiptWanted");
  });

  it("reads a receipt and a bounce", () => {
    expect(decode(`<message from="a@b.c" to="d.e"><received xmlns="urn:xmpp:receipts" id="d7"/></message>`)).toEqual({
      kind: "receipt",
      id: "d7",
    });
    const error = `<error type="cancel"><remote-server-not-found xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`;
    expect(decode(`<message from="a@b.c" to="d.e" id="d7" type="error">${error}</message>`)).toEqual({
      kind: "bounce",
      id: "d7",
      condition: "remote-server-not-found",
    });
  });

  it("never throws, whatever stands where", () => {
    const name = fc.constantFrom(
      "iq",
      "message",
      "presence",
      "pubsub",
      "items",
      "item",
      "publish",
      "subscribe",
      "event",
      "set",
      "max",
      "constructor",
      "query",
      "x",
    );
    const ns = fc.constantFrom(
      "",
      PUBSUB,
      `${PUBSUB}#event`,
      "http://jabber.org/protocol/rsm",
      "http://jabber.org/protocol/disco#info",
      "urn:xmpp:receipts",
    );
    const attribute = fc.constantFrom(
      "",
      ` node="n"`,
      ` node=""`,
      ` jid="a@b.c"`,
      ` jid="/"`,
      ` type="set"`,
      ` type="get"`,
      ` type="error"`,
      ` id="abcdef"`,
      ` max_items="9"`,
    );
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc
        .tuple(
          name,
          ns,
          attribute,
          fc.oneof({ maxDepth: 4, depthIdentifier: "x" }, fc.constant([]), fc.array(tie("tree"), { maxLength: 3 })),
        )
        .map(
          ([tag, space, more, children]) =>
            `<${tag}${space === "" ? "" : ` xmlns="${space}"`}${more}>${children.join("")}</${tag}>`,
        ),
    }));
    fc.assert(
      fc.property(
        fc.constantFrom("iq", "message", "presence"),
        fc.constantFrom("get", "set", "error", "headline"),
        fc.array(tree, { maxLength: 3 }),
        (tag, type, children) => {
          expect(decode(`<${tag} from="a@b.c" to="d.e" type="${type}">${children.join("")}</${tag}>`).kind).toBeTypeOf(
            "string",
          );
        },
      ),
    );
  });
});

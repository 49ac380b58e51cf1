import { describe, expect, it } from "vitest";
import { parseXml } from "../../../src/atom/xml.ts";
import { instantOf } from "../../../src/core/instant.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { addressesOf, decodeStanza } from "../../../src/xmpp/decode/decode.ts";

function decode(inner: string, type = "chat", id = "m1") {
  const stanza = parseXml(
    `<message from="bob@far.example/pda" to="alice@hub.example" id="${id}" type="${type}">${inner}</message>`,
  );
  if (isRefusal(stanza)) throw new Error(stanza.message);
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  return decodeStanza(stanza, addressed, { now: instantOf(0), newItemId: () => "x" as never });
}

const BODY = "<body>Hello</body>";

describe("decoding a chat message", () => {
  it.each(["chat", "normal"])("reads the body of type %s", (type) => {
    expect(decode(BODY, type)).toEqual({
      kind: "chat",
      message: { from: "bob@far.example/pda", to: "alice@hub.example", body: "Hello" },
    });
  });

  it("keeps markup in the body as text", () => {
    expect(decode("<body>&lt;b&gt; &amp;</body>")).toMatchObject({ message: { body: "<b> &" } });
  });

  it("reads the wish for a receipt (XEP-0184)", () => {
    expect(decode(`${BODY}<request xmlns="urn:xmpp:receipts"/>`)).toMatchObject({ kind: "chat", receiptWanted: "m1" });
  });

  it("reads what a message answers, without the quote for other programs (XEP-0461, XEP-0428)", () => {
    const quoted = `<body>&gt; 🐦🐦\nWhere?</body><reply xmlns="urn:xmpp:reply:0" to="a@b" id="https://hub.example/p"/>
      <fallback xmlns="urn:xmpp:fallback:0" for="urn:xmpp:reply:0"><body start="0" end="5"/></fallback>`;
    expect(decode(quoted)).toMatchObject({ message: { body: "Where?", answers: "https://hub.example/p" } });
  });

  it.each([
    ["<encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl'/>", "encrypted"],
    ["<encrypted xmlns='eu.siacs.conversations.axolotl'/>", "encrypted"],
    ["<x xmlns='jabber:x:encrypted'>…</x>", "encrypted"],
    ["<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>", "correction"],
  ])("says that %s is not to be posted", (child, unusable) => {
    expect(decode(BODY + child)).toMatchObject({ message: { unusable } });
  });

  it.each(["groupchat", "headline", "mistyped"])("ignores type %s", (type) => {
    expect(decode(BODY, type)).toMatchObject({ kind: "ignored" });
  });

  it("takes an error for a bounce, never for talk", () => {
    expect(decode(`${BODY}<error type="cancel"/>`, "error")).toMatchObject({ kind: "bounce" });
  });

  it.each([
    "",
    "<body/>",
    "<body>  \n </body>",
    "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
    `${BODY}<delay xmlns='urn:xmpp:delay' stamp='2020-01-01T00:00:00Z'/>`,
    `${BODY}<x xmlns='jabber:x:delay' stamp='20200101T00:00:00'/>`,
    `${BODY}<sent xmlns='urn:xmpp:carbons:2'/>`,
    `${BODY}<forwarded xmlns='urn:xmpp:forward:0'/>`,
    `${BODY}<x xmlns='jabber:x:conference' jid='room@muc.example'/>`,
    `${BODY}<event xmlns='http://jabber.org/protocol/pubsub#event'/>`,
    "<body xmlns='urn:other'>Hello</body>",
  ])("ignores %s", (inner) => {
    expect(decode(inner)).toMatchObject({ kind: "ignored" });
  });
});

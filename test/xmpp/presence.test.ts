import { describe, expect, it } from "vitest";
import { parseXml } from "../../src/atom/xml.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { DiscoInfo } from "../../src/pubsub/disco.ts";
import { askedVer, capsOf, checkedInfo, wholeInfo } from "../../src/xmpp/capabilities.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { discoInfoOf } from "../../src/xmpp/decode/disco.ts";
import { discoInfoToXml } from "../../src/xmpp/encode/encode.ts";
import { presenceToXml } from "../../src/xmpp/presences.ts";

const CAPS = "http://jabber.org/protocol/caps";
const VER = "QgayPKawpkPSDYmwT/WM94uAlu0=";
const [from, to] = ["alice@hub.example" as BareJid, "bob@far.example" as BareJid];

function parse(xml: string) {
  const element = parseXml(xml);
  if (isRefusal(element)) throw new Error(element.message);
  return element;
}

function decode(more: string, inner = "") {
  const stanza = parse(`<presence from="Bob@far.example/pda" to="alice@hub.example/x"${more}>${inner}</presence>`);
  const addressed = addressesOf(stanza);
  if (addressed === undefined) throw new Error("no addresses");
  return decodeStanza(stanza, addressed, { now: instantOf(0), newItemId: () => "made-here" as ItemId });
}
const caps = (attributes: string): string => `<c xmlns="${CAPS}" ${attributes}/>`;

describe("presence that comes in (RFC 6121 §4.7)", () => {
  it("is of an address of ours without its resource, and says what the program can do (XEP-0115)", () => {
    expect(decode("", `<show>away</show>${caps(`hash="sha-1" node="http://x/" ver="${VER}"`)}`)).toEqual({
      kind: "presence",
      presence: {
        from: "bob@far.example/pda",
        to: "alice@hub.example",
        type: "available",
        show: "away",
        caps: { hash: "sha-1", node: "http://x/", ver: VER },
      },
    });
  });

  it.each(["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "unavailable", "error"])(
    "is known by its type: %s, and then says nothing of a program",
    (type) => {
      const read = decode(` type="${type}"`, caps(`hash="sha-1" node="http://x/" ver="${VER}"`));
      expect(read).toMatchObject({ kind: "presence", presence: { type } });
      expect(JSON.stringify(read)).not.toContain("caps");
    },
  );

  it("is passed over when its type is none", () => {
    expect(decode(` type="invisible"`)).toMatchObject({ kind: "ignored" });
  });

  it.each(["sleeping", "online", ""])("is online when it shows what cannot be shown: %j", (show) => {
    expect(decode("", `<show>${show}</show>`)).toMatchObject({ presence: { show: "online" } });
  });

  it.each([
    ["without a node", `hash="sha-1" ver="${VER}"`],
    ["without a hash's value", `hash="sha-1" node="http://x/"`],
    ["with a node without end", `hash="sha-1" node="http://x/${"x".repeat(600)}" ver="${VER}"`],
    ["with a value without end", `hash="sha-1" node="http://x/" ver="${"A".repeat(300)}"`],
  ])("says nothing of its program %s", (_, attributes) => {
    expect(JSON.stringify(decode("", caps(attributes)))).not.toContain("caps");
  });
});

const info: DiscoInfo = {
  identities: [{ category: "client", type: "pc", name: "Exodus 0.9.1" }],
  features: [CAPS, "disco#info", "disco#items", "muc"].map((name) =>
    name === CAPS ? CAPS : `http://jabber.org/protocol/${name}`,
  ),
  forms: [],
};

describe("what a program says it can do (XEP-0115 §5.4)", () => {
  it("is believed when it has the hash that was said", () => {
    expect(checkedInfo(info, { hash: "sha-1", node: "n", ver: VER })).toBe(info);
  });

  it.each<[string, DiscoInfo]>([
    ["has another hash", { ...info, features: [...info.features, "urn:xmpp:microblog:0+notify"] }],
    ["is ill-formed", { ...info, features: [...info.features, CAPS] }],
  ])("is refused when it %s", (_, lying) => {
    expect(checkedInfo(lying, { hash: "sha-1", node: "n", ver: VER })).toMatchObject({ code: "remote-refused" });
  });

  it("is good for one alone when the algorithm is not known", () => {
    expect(checkedInfo(info, { hash: "md2", node: "n", ver: "x" })).toBe(info);
  });

  it("ignores a form whose type is not hidden", () => {
    const form = (type: string) =>
      `<x xmlns="jabber:x:data" type="result"><field var="FORM_TYPE" type="${type}"><value>urn:f</value></field></x>`;
    const read = (type: string) =>
      discoInfoOf(parse(`<iq><query xmlns="http://jabber.org/protocol/disco#info">${form(type)}</query></iq>`));
    expect([read("hidden").forms, read("text-single").forms]).toMatchObject([
      [{ formType: "urn:f" }],
      [{ formType: "" }],
    ]);
  });
});

describe("what we say we can do", () => {
  const ours: DiscoInfo = {
    identities: [{ category: "pubsub", type: "pep", name: "A & Ω" }],
    features: ["b", "a", "b"],
    forms: [{ formType: "urn:form", fields: [{ name: "account", values: ["https://x/?a&b"] }] }],
  };

  it("has the hash of what we answer when asked", () => {
    const said = capsOf(ours);
    if (said === undefined) throw new Error("There is no hash.");
    const answered = discoInfoOf(parse(`<iq>${discoInfoToXml(wholeInfo(ours), `${said.node}#${said.ver}`)}</iq>`));
    expect(isRefusal(checkedInfo(answered, said))).toBe(false);
    expect(askedVer(`${said.node}#${said.ver}`)).toBe(said.ver);
    expect([askedVer("urn:other#x"), askedVer(undefined)]).toEqual([undefined, undefined]);
  });

  it("stands in presence with the picture's hash (XEP-0153), and nowhere but where we are there", () => {
    const said = { hash: "sha-1", node: "https://w3id.org/sterna", ver: VER };
    const there = presenceToXml({ from, to, type: "available", photo: "abc" }, said);
    expect(there).toBe(
      `<presence from="${from}" to="${to}"><c xmlns="${CAPS}" hash="sha-1" node="https://w3id.org/sterna" ver="${VER}"/><x xmlns="vcard-temp:x:update"><photo>abc</photo></x></presence>`,
    );
    expect(presenceToXml({ from, to, type: "subscribed" }, said)).toBe(
      `<presence from="${from}" to="${to}" type="subscribed"/>`,
    );
  });

  it("comes with a name where we ask (XEP-0172 §4.1), escaped", () => {
    expect(presenceToXml({ from, to, type: "subscribe", nick: "A & B" })).toContain(">A &amp; B</nick>");
    expect(presenceToXml({ from, to, type: "subscribe", nick: "A\u0001B" })).toContain(">A\uFFFDB</nick>");
  });
});

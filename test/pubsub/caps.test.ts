import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capsText, notifiedNodes } from "../../src/pubsub/caps.ts";
import type { DiscoInfo } from "../../src/pubsub/disco.ts";

const CAPS = "http://jabber.org/protocol/caps";
const DISCO = "http://jabber.org/protocol/disco";
const FEATURES = [CAPS, `${DISCO}#info`, `${DISCO}#items`, "http://jabber.org/protocol/muc"];
const sha1 = (text = "") => createHash("sha1").update(text).digest("base64");

const exodus: DiscoInfo = {
  identities: [{ category: "client", type: "pc", name: "Exodus 0.9.1" }],
  features: FEATURES,
  forms: [],
};
const psi: DiscoInfo = {
  identities: [
    { category: "client", type: "pc", lang: "en", name: "Psi 0.11" },
    { category: "client", type: "pc", lang: "el", name: "Ψ 0.11" },
  ],
  features: FEATURES,
  forms: [
    {
      formType: "urn:xmpp:dataforms:softwareinfo",
      fields: [
        { name: "ip_version", values: ["ipv6", "ipv4"] },
        { name: "os", values: ["Mac"] },
        { name: "software_version", values: ["0.11"] },
        { name: "os_version", values: ["10.5.1"] },
        { name: "software", values: ["Psi"] },
      ],
    },
  ],
};

describe("the verification string of capabilities (XEP-0115)", () => {
  it("is that of the simple example (§5.2)", () => {
    expect(capsText(exodus)).toBe(`client/pc//Exodus 0.9.1<${FEATURES.map((each) => `${each}<`).join("")}`);
    expect(sha1(capsText(exodus))).toBe("QgayPKawpkPSDYmwT/WM94uAlu0=");
  });

  it("is that of the complex example, with languages and a form (§5.3)", () => {
    expect(sha1(capsText(psi))).toBe("q07IKJEyjvHSyhy//CH0CxmKi8w=");
  });

  it("does not depend on the order in which an entity answers", () => {
    const shuffled = fc.shuffledSubarray([...psi.features], { minLength: psi.features.length });
    fc.assert(
      fc.property(shuffled, (features) => {
        const identities = psi.identities.toReversed();
        expect(capsText({ ...psi, features, identities })).toBe(capsText(psi));
      }),
    );
  });

  it("sorts by octets, where other characters than those of the first plane come last", () => {
    expect(capsText({ identities: [], forms: [], features: ["\u{1F426}", "\uFF5E", "z"] })).toBe("z<\uFF5E<\u{1F426}<");
  });

  it.each<[string, Partial<DiscoInfo>]>([
    ["an identity twice", { identities: [...exodus.identities, ...exodus.identities] }],
    ["a feature twice", { features: [...FEATURES, CAPS] }],
    ["two forms of one type", { forms: [...psi.forms, ...psi.forms] }],
    ["the delimiter in a feature", { features: ["a<b"] }],
    ["the delimiter in a value", { forms: [{ formType: "f", fields: [{ name: "n", values: ["x<y"] }] }] }],
    ["more features than anybody has", { features: Array.from({ length: 501 }, (_, at) => `f${at}`) }],
  ])("is none with %s (§5.4, §8.2)", (_, wrong) => {
    expect(capsText({ ...exodus, ...wrong })).toBeUndefined();
  });

  it("passes over forms without a type (§5.4)", () => {
    expect(capsText({ ...exodus, forms: [{ formType: "", fields: [] }] })).toBe(capsText(exodus));
  });
});

describe("what an entity wants to be told of (XEP-0163 §4.3.2)", () => {
  it("is what its features name with +notify", () => {
    expect([
      ...notifiedNodes({ features: ["a", "urn:xmpp:microblog:0+notify", "n+notify+notify", "+notifying"] }),
    ]).toEqual(["urn:xmpp:microblog:0", "n+notify"]);
  });
});

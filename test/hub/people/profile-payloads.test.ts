import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PictureId } from "../../../src/core/picture.ts";
import {
  avatarDataFromXml,
  avatarDataToXml,
  avatarMetadataFromXml,
  avatarMetadataToXml,
  nickFromXml,
  nickToXml,
  vcard4FromXml,
} from "../../../src/hub/people/profile-payloads.ts";

const ID = "111f4b3c50d7b0df729d299bc6f8e9ef9066971f" as PictureId;

describe("a name (XEP-0172)", () => {
  it("comes back as it went, without white space around", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        // Control characters cannot stand in XML.
        fc.pre(!/\p{Cc}/u.test(name));
        expect(nickFromXml(nickToXml(name))).toBe(name.trim());
      }),
    );
  });

  it.each(["<nick xmlns='urn:x'>A</nick>", "<name xmlns='http://jabber.org/protocol/nick'/>", "<nick"])(
    "is refused in %s",
    (xml) => {
      expect(nickFromXml(xml)).toMatchObject({ code: expect.stringMatching(/malformed|invalid/) });
    },
  );
});

describe("a picture's bytes (XEP-0084 §4.1)", () => {
  it("come back as they went, with line feeds or without", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (bytes) => {
        const base64 = Buffer.from(bytes).toString("base64");
        expect(avatarDataFromXml(avatarDataToXml(base64))).toEqual(bytes);
        expect(avatarDataFromXml(avatarDataToXml(base64.replaceAll(/(.{8})/g, "$1\n ")))).toEqual(bytes);
      }),
    );
  });

  it.each([
    ["nothing", "", "malformed"],
    ["another alphabet", "_-_-", "malformed"],
    ["a part of it", "QUJ", "malformed"],
    ["more than there may be", "A".repeat(360_000), "too-large"],
  ])("are refused: %s", (_, base64, code) => {
    expect(avatarDataFromXml(avatarDataToXml(base64))).toMatchObject({ code });
  });
});

describe("what is told of a picture (XEP-0084 §4.2)", () => {
  it("comes back as it went", () => {
    const facts = { type: "image/png", bytes: 12_345, width: 64, height: 64 } as const;
    const url = "https://hub.example/alice/avatar?a&b";
    expect(avatarMetadataFromXml(avatarMetadataToXml({ id: ID, url, ...facts }))).toEqual([
      { id: ID, type: "image/png", url },
    ]);
  });

  it("says that there is none any more, by saying nothing", () => {
    expect(avatarMetadataFromXml(avatarMetadataToXml())).toEqual([]);
  });

  it("names those of known types only, and addresses of the web only", () => {
    const info = (more: string) => `<info bytes="1" id="${ID}" ${more}/>`;
    const infos = [info('type="image/mng"'), info('type="image/gif" url="javascript:alert(1)"')];
    expect(avatarMetadataFromXml(`<metadata xmlns="urn:xmpp:avatar:metadata">${infos.join("")}</metadata>`)).toEqual([
      { id: ID, type: "image/gif" },
    ]);
  });

  it("is refused where it names nothing that can be a picture", () => {
    const xml = `<metadata xmlns="urn:xmpp:avatar:metadata"><info id="../../etc" type="image/png"/></metadata>`;
    expect(avatarMetadataFromXml(xml)).toMatchObject({ code: "malformed" });
  });
});

describe("a card (XEP-0292, RFC 6351)", () => {
  it("gives what a profile has, and leaves out what it does not say", () => {
    const xml = `<vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"><fn><text> Peter Saint-André </text></fn><n><surname>X</surname></n><url><uri>https://stpeter.im/</uri></url><note><text/></note></vcard>`;
    expect(vcard4FromXml(xml)).toEqual({ displayName: "Peter Saint-André", homepage: "https://stpeter.im/" });
  });

  it("is refused where it is none", () => {
    expect(vcard4FromXml(`<vCard xmlns="vcard-temp"/>`)).toMatchObject({ code: "malformed" });
  });
});

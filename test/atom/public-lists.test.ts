import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listedFromXml, listedToXml, publicSubscriptionToXml } from "../../src/atom/public-lists.ts";
import { parse } from "../pubsub/example-service.ts";

const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 60 })
  .filter((each) => each.trim() === each && each.isWellFormed() && !/[\p{Cc}\uFFFE\uFFFF]/u.test(each));

describe("an entry of a public list", () => {
  it("comes back from XML as it was, in both forms", () => {
    fc.assert(
      fc.property(text, text, text, (jid, node, title) => {
        expect(listedFromXml(parse(listedToXml({ jid, node, title })))).toEqual({ jid, node, title });
        expect(listedFromXml(parse(publicSubscriptionToXml({ jid, node, title })))).toEqual({ jid, node });
      }),
    );
  });

  it.each([
    ["its node is missing", "<subscription xmlns='urn:xmpp:pubsub:subscription:0' server='a.b'/>"],
    ["its server is missing", "<subscription xmlns='urn:xmpp:pubsub:subscription:0' node='n'/>"],
    [
      "its server is called by the other form's name",
      "<subscription xmlns='urn:xmpp:pubsub:subscription:0' jid='a.b' node='n'/>",
    ],
    ["it is in no known namespace", "<subscription xmlns='http://jabber.org/protocol/pubsub' server='a.b' node='n'/>"],
  ])("is none when %s", (_, xml) => {
    expect(listedFromXml(parse(xml))).toBeUndefined();
  });

  it("is read in the namespace that Movim wrote before", () => {
    const xml =
      "<subscription xmlns='urn:xmpp:pubsub:subscription' server='a.b' node='n'><title> </title></subscription>";
    expect(listedFromXml(parse(xml))).toEqual({ jid: "a.b", node: "n" });
  });
});

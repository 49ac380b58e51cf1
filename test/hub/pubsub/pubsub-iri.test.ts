import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BareJid } from "../../../src/core/jid.ts";
import { pubsubIri, readPubsubIri } from "../../../src/hub/pubsub/pubsub-iri.ts";
import type { NodeId } from "../../../src/pubsub/state.ts";

const NODE = "urn:xmpp:microblog:0";
const JID = "alice@hub.example";

describe("an xmpp: address (XEP-0147, XEP-0060 §12.22, RFC 5122)", () => {
  it.each<[string, object]>([
    [`xmpp:${JID}`, { jid: JID }],
    [`XMPP:${JID}`, { jid: JID }],
    [`xmpp:${JID}?;node=${NODE}`, { jid: JID, node: NODE }],
    [`xmpp:${JID}?;node=urn%3Axmpp%3Amicroblog%3A0`, { jid: JID, node: NODE }],
    [`xmpp:${JID}?node=${NODE}`, { jid: JID, node: NODE }],
    [`xmpp:${JID}?;node=${NODE};item=abc%20def`, { jid: JID, node: NODE, item: "abc def" }],
    [`xmpp:${JID}?pubsub;action=subscribe;node=${NODE}`, { jid: JID, node: NODE }],
    [`xmpp:${JID}?pubsub;node=${NODE};action=retrieve;item=x`, { jid: JID, node: NODE, item: "x" }],
    [`xmpp:${JID}?;node=http://jabber.org/?x#y`, { jid: JID, node: "http://jabber.org/?x#y" }],
    [`xmpp:${JID}?follow`, { jid: JID }],
    [`xmpp:${JID}?subscribe`, { jid: JID }],
    [`xmpp:${JID}?roster;name=Alice;group=Birds`, { jid: JID }],
    [`xmpp:${JID}/phone?message`, { jid: JID }],
    [`xmpp://me@home.example/${JID}?;node=${NODE}`, { jid: JID, node: NODE }],
    ["xmpp:nasty!%23$%25()*+,-.;=%3F%5B%5D@example.com", { jid: "nasty!#$%()*+,-.;=?[]@example.com" }],
    ["xmpp:%C3%BCnal@hub.example", { jid: "ünal@hub.example" }],
    ["xmpp:ünal@hub.example", { jid: "ünal@hub.example" }],
  ])("is read: %s", (text, parts) => {
    expect(readPubsubIri(text)).toEqual(parts);
  });

  it.each(["https://hub.example/alice", "alice@hub.example", "xmpp:a@b?;node=%ZZ", "xmpp:%E0%A4%A@b", "xmpp:"])(
    "is none: %s",
    (text) => {
      expect(readPubsubIri(text)).toBeUndefined();
    },
  );

  it("comes back as it was written", () => {
    const id = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" }).filter((text) => !/\p{C}/u.test(text));
    fc.assert(
      fc.property(id, id, (node, item) => {
        expect(readPubsubIri(pubsubIri(JID as BareJid, node as NodeId, item))).toEqual({ jid: JID, node, item });
      }),
    );
  });
});

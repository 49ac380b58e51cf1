import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import type { PubsubReply } from "../../src/pubsub/reply.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { commandToXml, replyToXml } from "../../src/xmpp/encode/encode.ts";
import { errorToXml } from "../../src/xmpp/encode/stanza-error.ts";
import {
  example,
  francisco,
  hamlet,
  messagesOf,
  musings,
  namesOf,
  parse,
  Shakespeare,
  SOLILOQUY,
  service,
} from "../pubsub/example-service.ts";

/** Every stanza of the examples that somebody sends to a service. */
const REQUESTS = ["0060", "0163", "0277", "0472", "0059", "0050", "0030"]
  .flatMap(namesOf)
  .map(example)
  .filter((xml) => {
    const root = parseXml(xml);
    if (isRefusal(root) || !["iq", "message", "presence"].includes(root.getName())) return false;
    return !["result", "error"].includes(root.attrs["type"] ?? "");
  });

/** One way to break an element. */
type Breaking = (element: XmlElement) => void;

const TEXTS = [
  "",
  " ",
  "@",
  "a@b/c",
  "x".repeat(2_000),
  "\u202e",
  "-1",
  "max",
  "__proto__",
  "constructor",
  "é@ü.example",
  "&<>\"'",
];
const NAMES = [
  "node",
  "jid",
  "subid",
  "id",
  "type",
  "var",
  "subscription",
  "affiliation",
  "action",
  "uri",
  "from",
  "to",
];
const ELEMENTS = ["item", "x", "field", "value", "publish", "options", "configure", "set", "redirect", "pubsub"];
const NAMESPACES = [
  "http://jabber.org/protocol/pubsub",
  "http://jabber.org/protocol/pubsub#owner",
  "http://jabber.org/protocol/pubsub#event",
  "jabber:x:data",
  "http://jabber.org/protocol/commands",
  "urn:nothing",
  "",
];

const breaking: fc.Arbitrary<Breaking> = fc.oneof(
  fc.record({ name: fc.constantFrom(...NAMES), value: fc.oneof(fc.constantFrom(...TEXTS), fc.string()) }).map(
    ({ name, value }): Breaking =>
      (element) => {
        element.attrs[name] = value;
      },
  ),
  fc.constantFrom(...NAMES).map(
    (name): Breaking =>
      (element) => {
        delete element.attrs[name];
      },
  ),
  fc.constantFrom(...NAMESPACES).map(
    (xmlns): Breaking =>
      (element) => {
        element.attrs["xmlns"] = xmlns;
      },
  ),
  fc.constantFrom(...ELEMENTS).map(
    (name): Breaking =>
      (element) => {
        element.name = name;
      },
  ),
  fc.constant<Breaking>((element) => {
    element.children = [];
  }),
  fc.constant<Breaking>((element) => {
    element.children.push(...element.children);
  }),
  fc.constantFrom(...TEXTS).map(
    (text): Breaking =>
      (element) => {
        element.children = [text];
      },
  ),
);

const broken = fc
  .record({
    xml: fc.constantFrom(...REQUESTS),
    edits: fc.array(fc.record({ at: fc.nat({ max: 40 }), edit: breaking }), { minLength: 1, maxLength: 4 }),
  })
  .map(({ xml, edits }) => {
    const root = parse(xml);
    // Sent by the node's owner, to the service of the node, unless broken just there.
    root.attrs["from"] = "hamlet@denmark.lit/elsinore";
    root.attrs["to"] = service;
    for (const { at, edit } of edits) {
      const all = everyElement(root);
      const chosen = all[at % all.length];
      if (chosen !== undefined) edit(chosen);
    }
    return root;
  });

function everyElement(element: XmlElement): readonly XmlElement[] {
  return [element, ...element.getChildElements().flatMap(everyElement)].slice(0, 500);
}

function sample(): Shakespeare {
  return new Shakespeare({ sendLast: "on_sub", notifySub: true, notifyConfig: true, itemReply: "owner" })
    .keep(SOLILOQUY)
    .subscribe(francisco, { subid: "a" })
    .subscribe(francisco, { subid: "b", options: { includeBody: true } })
    .subscribe("horatio@denmark.lit" as BareJid, { subid: "c", state: "pending" });
}

const NOW = instantOf(Date.UTC(2026, 0, 1));
const context = { now: NOW, newItemId: () => SOLILOQUY };

/** What the service would write: an answer and messages. */
function written(stanza: XmlElement, asked: Shakespeare): readonly string[] {
  const addressed = addressesOf(stanza);
  if (addressed === undefined) return [];
  const incoming = decodeStanza(stanza, addressed, context);
  switch (incoming.kind) {
    case "refused":
      return [errorToXml(incoming.error)];
    case "command-cancelled":
      return [commandToXml(incoming.node, incoming.session, "canceled")];
    case "pubsub":
    case "pubsub-message": {
      const { request } = incoming;
      const decision = decide(asked.state, request, { actor: addressed.from, now: NOW, subid: "s" });
      if (decision.kind === "error") return [errorToXml(decision)];
      for (const change of decision.changes) asked.state.apply(change);
      const { reply } = decision;
      const answer = reply.kind === "error" ? errorToXml(reply) : replyToXml(reply satisfies PubsubReply, request);
      return [answer, ...decision.notifications.flatMap(messagesOf)];
    }
    default:
      return [];
  }
}

describe("stanzas broken in any place", () => {
  it("are answered by a condition or passed over, and what is written is well-formed", () => {
    fc.assert(
      fc.property(fc.array(broken, { minLength: 1, maxLength: 5 }), (stanzas) => {
        const asked = sample();
        for (const stanza of stanzas) {
          for (const xml of written(stanza, asked)) {
            // Payloads that a test made up may hold what XML cannot; such are refused before they are sent.
            if (/[\p{Cc}\uFFFE\uFFFF]/u.test(xml.replaceAll(/[\t\n\r]/g, ""))) continue;
            expect(isRefusal(parseXml(`<all xmlns="jabber:component:accept">${xml}</all>`))).toBe(false);
          }
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it("change nothing that is not the sender's, whoever the sender says to be in them", () => {
    fc.assert(
      fc.property(broken, (stanza) => {
        const asked = sample();
        stanza.attrs["from"] = "mallory@far.example/x";
        stanza.attrs["to"] = service;
        written(stanza, asked);
        expect(asked.state.node(service, musings)).toEqual(sample().state.node(service, musings));
        expect(asked.state.affiliations(service, musings)).toEqual([{ jid: hamlet, affiliation: "owner" }]);
        expect(asked.state.item(service, musings, SOLILOQUY)?.publisher).toBe(hamlet);
        expect(asked.state.subscriptionsOf(service, francisco)).toHaveLength(2);
      }),
      { numRuns: 1_500 },
    );
  });
});

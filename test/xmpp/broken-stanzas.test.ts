import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isTooDeep } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { Jid } from "../../src/core/jid.ts";
import { decide } from "../../src/pubsub/decide/decide.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { addressesOf, decodeStanza } from "../../src/xmpp/decode/decode.ts";
import { francisco, Shakespeare, SOLILOQUY, service } from "../pubsub/example-service.ts";
import { type FakeXmppServer, startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { brokenStanzas, SENDER, STANZAS } from "./broken-stanzas.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const NOW = instantOf(Date.UTC(2026, 0, 1));
const STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas";

const nameOf = (xml: string, n: number): string => `${n} ${xml.replaceAll(/\s+/g, " ").slice(0, 100)}`;

const rows = STANZAS.map((xml, n) => [nameOf(xml, n), xml] as const);

describe("a stanza broken in each place", () => {
  it.each(rows)("is read without a throw: %s", (_, xml) => {
    for (const [what, stanza] of brokenStanzas(xml, service)) {
      const addressed = addressesOf(stanza);
      if (addressed === undefined) throw new Error(`${what}: the addresses are not broken`);
      if (isTooDeep(stanza)) continue;
      const incoming = decodeStanza(stanza, addressed, { now: NOW, newItemId: () => SOLILOQUY });
      const isRequest = stanza.getName() === "iq" && !["result", "error"].includes(stanza.attrs["type"] ?? "");
      const isAnswered = ![
        "event",
        "receipt",
        "bounce",
        "chat",
        "presence",
        "ignored",
        "answer",
        "pubsub-message",
      ].includes(incoming.kind);
      expect([what, isAnswered]).toEqual([what, isRequest]);
    }
  });
});

describe("the component, sent stanzas broken in each place", () => {
  let server: FakeXmppServer;
  let component: XmppComponent;
  let asked = new Shakespeare();
  const faults: unknown[] = [];

  beforeAll(async () => {
    server = await startFakeXmppServer(service);
    const log = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object, event: string) => void faults.push([event, fields]),
    };
    component = connectComponent({
      service: server.service,
      domain: service,
      secret: "s",
      log,
      now: () => NOW,
      newItemId: () => SOLILOQUY,
      handlers: {
        ...SILENT_HANDLERS,
        handlePubsub: async (request, actor: Jid) => {
          const decision = decide(asked.state, request, { actor, now: NOW, subid: "s" });
          if (decision.kind === "error") return decision;
          for (const change of decision.changes) asked.state.apply(change);
          return decision.reply;
        },
        receiveChat: async () => false,
      },
    });
    await new Promise<void>((resolve) => {
      const stop = component.onStatus(({ kind }) => {
        if (kind !== "online") return;
        stop();
        resolve();
      });
    });
  });
  afterAll(async () => {
    await component[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it.each(rows)("answers each request once, by its id, and nothing else: %s", async (_, xml) => {
    const wanted = new Map<string, readonly [what: string, stanza: XmlElement]>();
    let n = 0;
    for (const [what, stanza] of brokenStanzas(xml, service)) {
      if (n % 50 === 0) asked = new Shakespeare().keep(SOLILOQUY).subscribe(francisco, { subid: "a" });
      const from = `${SENDER}/${++n}`;
      stanza.attrs["from"] = from;
      wanted.set(from, [what, stanza]);
      server.send(stanza.toString());
    }
    // What an archive holds comes in messages before the answer (XEP-0313 §4.2).
    const answered = (await server.heard()).filter((each) => each.getChild("result", "urn:xmpp:mam:2") === undefined);
    const heard = Map.groupBy(answered, ({ attrs }) => attrs["to"] ?? "");
    for (const [from, [what, stanza]] of wanted) {
      const answers = heard.get(from) ?? [];
      const isRequest = stanza.getName() === "iq" && !["result", "error"].includes(stanza.attrs["type"] ?? "");
      expect([what, from, answers.length]).toEqual([what, from, isRequest ? 1 : 0]);
      const [answer] = answers;
      if (answer === undefined) continue;
      expect([what, answer.getName(), answer.attrs["from"], answer.attrs["id"]]).toEqual([
        what,
        "iq",
        service,
        stanza.attrs["id"] ?? "",
      ]);
      if (answer.attrs["type"] === "result") continue;
      expect([what, answer.attrs["type"]]).toEqual([what, "error"]);
      const condition = answer
        .getChild("error")
        ?.getChildElements()
        .find((child) => child.getNS() === STANZA_ERRORS);
      expect([what, condition === undefined]).toEqual([what, false]);
    }
    expect(faults).toEqual([]);
    expect([...heard.keys()].filter((to) => !wanted.has(to))).toEqual([]);
    expect(server.streams).toBe(1);
  });
});

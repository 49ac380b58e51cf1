import { expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const HUB = "hub.example" as BareJid;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** What no server passes on (RFC 6120 §11.1), were one to do so; each within a message to the hub. */
const ATTACKS: readonly (readonly [what: string, xml: string])[] = [
  [
    "a document type",
    "<!DOCTYPE a [<!ENTITY x 'y'>]><message from='far.example' to='hub.example'><body>&x;</body></message>",
  ],
  ["an entity of nobody's", "<message from='far.example' to='hub.example'><body>&lol;</body></message>"],
  ["a comment", "<message from='far.example' to='hub.example'><!-- x --><body>x</body></message>"],
  ["a processing instruction", "<message from='far.example' to='hub.example'><?pi x?><body>x</body></message>"],
  ["a control character", "<message from='far.example' to='hub.example'><body>\u0001</body></message>"],
  ["a reference to no character", "<message from='far.example' to='hub.example'><body>&#0;</body></message>"],
  ["tags that do not pair", "<message from='far.example' to='hub.example'><body>x</message></body>"],
  ["a stanza without a namespace", "<message xmlns='' from='far.example' to='hub.example'/>"],
  [
    "a second stream",
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='t'>",
  ],
  ["a stream that ends and goes on", "</stream:stream><message from='far.example' to='hub.example'/>"],
  ["text between stanzas", "hello <b>there</b>"],
  [
    "attributes named like what objects have",
    "<message __proto__='x' constructor='y' from='far.example' to='hub.example'/>",
  ],
  ["a tag of a million characters", `<${"m".repeat(1_000_000)}/>`],
  ["200,000 empty elements", `<message from='far.example' to='hub.example'>${"<a/>".repeat(200_000)}</message>`],
  [
    "a stanza 20,000 levels deep",
    `<message from='far.example' to='hub.example'>${"<a>".repeat(20_000)}${"</a>".repeat(20_000)}</message>`,
  ],
];

async function online(component: XmppComponent): Promise<void> {
  if (component.status.kind === "online") return;
  await new Promise<void>((resolve) => {
    const stop = component.onStatus(({ kind }) => {
      if (kind !== "online") return;
      stop();
      resolve();
    });
  });
}

it.each(ATTACKS)(
  "a component answers after %s, on the same stream or on a new one",
  { timeout: 120_000 },
  async (_, xml) => {
    await using server = await startFakeXmppServer(HUB);
    const faults: unknown[] = [];
    await using component = connectComponent({
      service: server.service,
      domain: HUB,
      secret: "s",
      log: { ...log, error: (fields: object) => void faults.push(fields) },
      now: () => instantOf(0),
      newItemId: () => "made-here" as ItemId,
      handlers: SILENT_HANDLERS,
      // What swallows everything that comes after is noticed by its silence.
      liveness: { every_ms: 500, timeout_ms: 2_000 },
    });
    await online(component);
    server.send(xml);
    // Whatever comes back is written by the hub as XML, else this throws.
    await server.heard();
    expect(component.status.kind).toBe("online");
    expect(faults).toEqual([]);
  },
);

import { afterAll, beforeAll, expect, it } from "vitest";
import { instantOf } from "../../src/core/instant.ts";
import type { ItemId } from "../../src/core/item-id.ts";
import type { BareJid } from "../../src/core/jid.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { describeNeeding } from "../support/needing.ts";
import { startTestProsody, type TestProsody } from "../support/prosody.ts";
import { SILENT_HANDLERS } from "../xmpp/silent-handlers.ts";
import { RawComponent } from "./raw-component.ts";

const HUB = "hub.localhost" as BareJid;
const EVIL = "evil.localhost";
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const chat = (body: string, from = `mallory@${EVIL}`): string =>
  `<message type='chat' from='${from}' to='${HUB}'>${body}</message>`;

/** What the server must not pass on (RFC 6120 §11.1, §8.1.2.2): it ends the stream of who says it. */
const ENDED: readonly (readonly [what: string, xml: string])[] = [
  ["a document type", "<!DOCTYPE a [<!ENTITY x 'y'>]>"],
  ["an entity of nobody's", chat("<body>&lol;</body>")],
  ["a comment", chat("<body><!-- x -->said</body>")],
  ["a processing instruction", chat("<body><?pi x?>said</body>")],
  ["a control character", chat("<body>\u0001</body>")],
  ["a reference to a control character", chat("<body>&#1;</body>")],
  ["tags that do not pair", "<message><body></message>"],
  ["an attribute twice", `<message to='${HUB}' to='${HUB}'/>`],
  ["a prefix of nobody's", chat("<x:body>said</x:body>")],
];

await describeNeeding(["prosody"], "XML that is none, on a real stream", () => {
  let prosody: TestProsody;
  let hub: XmppComponent;
  const said: (readonly [from: string, body: string])[] = [];

  beforeAll(async () => {
    prosody = await startTestProsody({ components: [HUB, EVIL].map((domain) => ({ domain, secret: "s" })) });
    hub = connectComponent({
      service: prosody.service,
      domain: HUB,
      secret: "s",
      log,
      now: () => instantOf(0),
      newItemId: () => "made-here" as ItemId,
      handlers: { ...SILENT_HANDLERS, receiveChat: async ({ from, body }) => said.push([from, body]) < 0 },
    });
    await new Promise<void>((resolve) => hub.onStatus(({ kind }) => kind === "online" && resolve()));
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await prosody[Symbol.asyncDispose]();
  });

  /** Asks the hub something, which it answers after all that came before. */
  const asks = async (by: RawComponent): Promise<void> => {
    by.say(`<iq type='get' id='last' from='${EVIL}' to='${HUB}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await by.hears(/<iq[^>]*id=['"]last['"]/);
  };

  it.each(ENDED)("goes no further than the server: %s", async (_, xml) => {
    await using evil = await RawComponent.open(prosody.componentPort, EVIL, "s");
    const before = said.length;
    evil.say(xml);
    await evil.hears(/<stream:error>.*<\/stream:error>|<\/stream:stream>/s);
    await using other = await RawComponent.open(prosody.componentPort, EVIL, "s");
    await asks(other);
    expect([said.length, hub.status.kind]).toEqual([before, "online"]);
  });

  it.each([
    ["somebody at the hub", `alice@${HUB}`],
    ["the hub", HUB],
    ["somebody of another server", "alice@else.example"],
    ["nobody", ""],
  ])("comes from whom the server says: not from %s", async (_, from) => {
    await using evil = await RawComponent.open(prosody.componentPort, EVIL, "s");
    const before = said.length;
    evil.say(chat("<body>Forged</body>", from));
    // Prosody ends such a stream, or leaves the stanza out.
    await using other = await RawComponent.open(prosody.componentPort, EVIL, "s").catch(() => evil);
    other.say(chat("<body>Meant</body>"));
    await asks(other);
    expect(said.slice(before)).toEqual([[`mallory@${EVIL}`, "Meant"]]);
  });
});

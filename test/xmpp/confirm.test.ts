import { describe, expect, it } from "vitest";
import { parseXml } from "../../src/atom/xml.ts";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import { askConfirmation, decodeConfirmation } from "../../src/xmpp/confirm.ts";
import { IqCaller } from "../../src/xmpp/iq-caller.ts";

const HUB = "hub.example" as BareJid;
const FULL = "juliet@capulet.example/balcony" as Jid;
const REQUEST = {
  id: "A1B2C3",
  method: "POST",
  url: "https://hub.example/api/logins",
  thread: "t",
  words: "Is it & you?",
};
const CONFIRM = `<confirm xmlns="http://jabber.org/protocol/http-auth" id="A1B2C3" method="POST" url="https://hub.example/api/logins"/>`;
const DENIED = `<error type="auth"><not-authorized xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`;

function parse(xml: string): XmlElement {
  const element = parseXml(xml);
  if (isRefusal(element)) throw new Error(element.message);
  return element;
}

/** Asks, and has the IQ answered; what was sent and what came of it. */
async function ask(to: string, answer: string | undefined, from: Jid = FULL, signal = new AbortController().signal) {
  const sent: string[] = [];
  const send = async (xml: string): Promise<Refusal | undefined> => {
    sent.push(xml);
    const id = /^<iq[^>]* id="([^"]+)"/.exec(xml)?.[1];
    if (id !== undefined && answer !== undefined) setImmediate(() => caller.take(id, from, parse(answer)));
    return undefined;
  };
  const caller = new IqCaller(send);
  return { sent, came: await askConfirmation(caller, send, HUB, to as Jid, REQUEST, signal) };
}

describe("asking whether a request over HTTP is somebody's (XEP-0070 §4.5)", () => {
  it("asks a client by IQ, and takes its result or its no", async () => {
    const { sent, came } = await ask(FULL, `<iq type="result"/>`);
    expect(came).toBe("granted");
    expect(sent).toEqual([
      expect.stringMatching(/^<iq from="hub\.example" to="juliet@capulet\.example\/balcony".*type="get">/),
    ]);
    expect(sent[0]).toContain(CONFIRM);
    expect((await ask(FULL, `<iq type="error">${CONFIRM}${DENIED}</iq>`)).came).toBe("denied");
  });

  it("asks a bare JID, and a client that does not know how, by a message with words and a thread", async () => {
    const unknown = `<iq type="error"><error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></iq>`;
    for (const [to, answer] of [
      ["juliet@capulet.example", undefined],
      [FULL, unknown],
    ] as const) {
      const { sent, came } = await ask(to, answer);
      expect(came).toBe("asked");
      const message = parse(sent.at(-1) ?? "");
      expect(message.attrs).toMatchObject({ type: "normal", to });
      expect(message.toString()).toContain("<thread>t</thread><body>Is it &amp; you?</body>");
      expect(message.toString()).toContain(CONFIRM);
    }
  });

  it("takes no answer of somebody else, and ends with its signal", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const { came } = await ask(FULL, `<iq type="result"/>`, "romeo@montague.example/x" as Jid, stop.signal);
    expect(came).toMatchObject({ code: "timed-out" });
  });
});

describe("reading the answer that comes as a message (XEP-0070 §4.6)", () => {
  const read = (type: string, inner: string) => decodeConfirmation(parse(`<message type="${type}">${inner}</message>`));

  it("tells a confirmation from a denial, with the thread", () => {
    expect(read("normal", `<thread>t</thread>${CONFIRM}`)).toEqual({ id: "A1B2C3", granted: true, thread: "t" });
    expect(read("error", CONFIRM + DENIED)).toEqual({ id: "A1B2C3", granted: false });
  });

  it.each([
    [
      "what the server sends back undelivered",
      "error",
      `${CONFIRM}<error type="cancel"><service-unavailable xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`,
    ],
    ["an error that says nothing", "error", CONFIRM],
    ["one without an id", "normal", `<confirm xmlns="http://jabber.org/protocol/http-auth"/>`],
    ["one with an endless id", "normal", CONFIRM.replace("A1B2C3", "A".repeat(5_000))],
    ["another namespace", "normal", CONFIRM.replace("http-auth", "http-auth-2")],
    ["one inside something forwarded", "normal", `<forwarded xmlns="urn:xmpp:forward:0">${CONFIRM}</forwarded>`],
  ])("is not taken from %s", (_, type, inner) => {
    expect(read(type, inner)).toBeUndefined();
  });
});

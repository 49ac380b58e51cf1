import { afterEach, beforeEach, expect, it } from "vitest";
import type { XmlElement } from "../../src/atom/xml-element.ts";
import { escapeText } from "../../src/atom/xml-text.ts";
import { instantOf } from "../../src/core/instant.ts";
import type { BareJid, Jid } from "../../src/core/jid.ts";
import type { SparqlAnswer } from "../../src/hub/ports/xmpp-link.ts";
import type { Refusal } from "../../src/outcome/refusal.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { connectComponent, type XmppComponent } from "../../src/xmpp/component.ts";
import { type FakeXmppServer, startFakeXmppServer } from "../support/fake-xmpp-server.ts";
import { SILENT_HANDLERS } from "./silent-handlers.ts";

const HERE = "here.example" as BareJid;
const FAR = "far.example" as Jid;
const BINDING = "http://www.w3.org/2005/09/xmpp-sparql-binding";
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let stack: AsyncDisposableStack;
let server: FakeXmppServer;
let component: XmppComponent;
beforeEach(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(await startFakeXmppServer(HERE));
  component = stack.use(
    connectComponent({
      service: server.service,
      domain: HERE,
      secret: "tern",
      handlers: SILENT_HANDLERS,
      log,
      now: () => instantOf(Date.now()),
      newItemId: () => "made-here" as never,
    }),
  );
  await server.heard();
});
afterEach(() => stack.disposeAsync());

/** Asks, and gives the IQ that was sent for it. */
async function ask(signal?: AbortSignal): Promise<[iq: XmlElement, answer: Promise<SparqlAnswer | Refusal>]> {
  const question = {
    text: "SELECT ?a { ?a ?b <urn:x:&> }",
    bytes_max: 1_000,
    rows_max: 10,
    askedBy: "https://here.example/" as Iri,
  };
  const answer = component.askSparql(FAR, question, signal);
  const [iq, more] = (await server.heard()).filter((each) => each.getName() === "iq");
  if (iq === undefined || more !== undefined) throw new Error("Expected one question.");
  return [iq, answer];
}

const reply = (iq: XmlElement, child: string, { from = "far.example", type = "result" } = {}): void =>
  server.send(`<iq type='${type}' id='${iq.attrs["id"]}' from='${from}' to='${HERE}'>${child}</iq>`);
const table = (value: string) =>
  `<sparql xmlns='http://www.w3.org/2005/sparql-results#'><head><variable name='a'/></head><results><result><binding name='a'><literal>${escapeText(value)}</literal></binding></result></results></sparql>`;
const no = (condition: string) =>
  `<error type='cancel'><${condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>`;

it("asks from the hub's own domain, marked, and takes the answer of nobody else", async () => {
  const [iq, answer] = await ask();
  expect(iq.attrs).toMatchObject({ type: "get", from: HERE, to: FAR });
  const query = iq.getChild("query", BINDING);
  expect(query?.getText()).toBe("SELECT ?a { ?a ?b <urn:x:&> }");
  expect(query?.getChildText("asked-by", "https://w3id.org/sterna#")).toBe("https://here.example/");
  reply(iq, table("forged"), { from: "evil.example" });
  reply(iq, table("true"));
  expect(await answer).toMatchObject({
    kind: "bindings",
    rows: [new Map([["a", expect.objectContaining({ value: "true" })]])],
  });
});

it("tells hubs that are not there from those that say no, and from those that ask to wait", async () => {
  for (const [condition, code] of [
    ["remote-server-not-found", "remote-unreachable"],
    ["service-unavailable", "remote-unreachable"],
    ["resource-constraint", "unavailable"],
    ["policy-violation", "too-large"],
    ["bad-request", "remote-refused"],
    ["forbidden", "remote-refused"],
  ] as const) {
    const [iq, answer] = await ask();
    reply(iq, no(condition), { type: "error" });
    expect(await answer).toMatchObject({ code, detail: { condition } });
  }
});

it("stays up after giant cells and answers that are none, and gives up when told to", async () => {
  const [first, giant] = await ask();
  reply(first, table("x".repeat(400_000)));
  expect(await giant).toMatchObject({ code: "too-large" });
  const [second, none] = await ask();
  reply(second, "");
  expect(await none).toMatchObject({ code: "remote-refused" });
  const stop = new AbortController();
  const [, late] = await ask(stop.signal);
  stop.abort();
  expect(await late).toMatchObject({ code: "timed-out" });
  expect(server.streams).toBe(1);
});

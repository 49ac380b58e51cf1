import { expect, it } from "vitest";
import { startTestEjabberd } from "../support/ejabberd.ts";
import { describeNeeding } from "../support/needing.ts";
import { eventually, HubProcess } from "./hub-process.ts";
import { RawComponent } from "./raw-component.ts";

const SECRET = "tern";
const HUB = "hub.localhost";
const PEOPLE = "people.localhost";
const READERS = 45;

/** A notification as a reader got it. */
interface Told {
  readonly to: string;
  readonly id: string;
  readonly xml: string;
}

/** A hub on an ejabberd with these multicast options, and 45 people and a hub of one other component as subscribers. */
async function openReaders(multicast?: string) {
  await using stack = new AsyncDisposableStack();
  const components = [HUB, PEOPLE].map((domain) => ({ domain, secret: SECRET }));
  const server = stack.use(await startTestEjabberd({ components, ...(multicast === undefined ? {} : { multicast }) }));
  const xmpp = { service: server.serviceOf(HUB), domain: HUB, secret: SECRET };
  const hub = stack.use(await HubProcess.start({ xmpp }));
  const alice = await hub.account("alice");
  const people = stack.use(await RawComponent.open(Number(new URL(server.serviceOf(PEOPLE)).port), PEOPLE, SECRET));
  const jids = [...Array.from({ length: READERS }, (_, n) => `reader${n}@${PEOPLE}`), PEOPLE];
  for (const [n, jid] of jids.entries()) {
    people.say(
      `<iq from='${jid}' to='${alice.jid}' type='set' id='s${n}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>` +
        `<subscribe node='urn:xmpp:microblog:0' jid='${jid}'/></pubsub></iq>`,
    );
    await people.hears(new RegExp(`<iq[^>]*\\bid=['"]s${n}['"]`));
  }
  const all = stack.move();
  return {
    /** Posts and waits until everybody has been told; gives what each was told, in its order. */
    async post(text: string): Promise<readonly Told[]> {
      await alice.post(text);
      let told: readonly Told[] = [];
      await eventually(`all are told of "${text}"`, async () => {
        told = messages(people.heard).filter(({ xml }) => xml.includes(text));
        return new Set(told.map(({ to }) => to)).size === jids.length;
      });
      return told;
    },
    hub,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function messages(heard: string): readonly Told[] {
  return [...heard.matchAll(/<message\b[^>]*>[^]*?<\/message>/g)].map(([xml]) => ({
    xml,
    to: /\bto=['"]([^'"]+)/.exec(xml)?.[1] ?? "",
    id: /^<message[^>]*\bid=['"]([^'"]+)/.exec(xml)?.[1] ?? "",
  }));
}

/** Posts until people are told by multicast. */
async function untilMulticast(readers: Awaited<ReturnType<typeof openReaders>>): Promise<readonly Told[]> {
  for (let n = 0; n < 20; n++) {
    const told = await readers.post(`first things first ${n}.`);
    if (told.filter(({ id }) => id.startsWith("m")).length === READERS) return told;
  }
  throw new Error("Nothing was multicast.");
}

await describeNeeding(["ejabberd"], "a hub on a server that multicasts (XEP-0033)", () => {
  it("tells people twenty at a time, each once and none of the others, and hubs by a stanza that names their receipt", async () => {
    await using readers = await openReaders();
    const told = await untilMulticast(readers);
    expect(told).toHaveLength(READERS + 1);
    const stanzas = Map.groupBy(told, ({ id }) => id);
    expect([...stanzas.values()].map((each) => each.length).sort((a, b) => a - b)).toEqual([1, 5, 20, 20]);
    const [toHub] = told.filter(({ to }) => to === PEOPLE);
    expect(toHub?.id).toMatch(/^d\d+$/);
    expect(toHub?.xml).toContain("urn:xmpp:receipts");
    for (const { to, xml } of told) {
      expect(xml.match(/reader\d+@/g) ?? []).toEqual(to === PEOPLE ? [] : [`${to.split("@")[0]}@`]);
      expect(xml.includes("urn:xmpp:receipts")).toBe(to === PEOPLE);
    }
  });

  it("takes as many addresses as the service says", async () => {
    await using readers = await openReaders("{ limits: { remote: { message: 100 } } }");
    const told = await untilMulticast(readers);
    expect(new Set(told.map(({ id }) => id)).size).toBe(2);
  });

  it("tells each by a stanza of its own where the service refuses, and nobody twice", async () => {
    await using readers = await openReaders("{ access: none }");
    for (let n = 0; n < 5; n++) {
      const told = await readers.post(`refused all the same ${n}.`);
      expect(told).toHaveLength(READERS + 1);
      expect(told.every(({ id }) => id.startsWith("d"))).toBe(true);
    }
    expect(readers.hub.output).toContain("multicast-refused");
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestProsody, type TestProsody } from "../support/prosody.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { RawClient } from "./raw-client.ts";

const SECRET = "tern";
const DOMAINS = ["here.localhost", "there.localhost", "yonder.localhost"] as const;
const JULIET = "juliet@people.localhost";

describe("a thread over three hubs and a client, over a real Prosody", () => {
  const closing = new AsyncDisposableStack();
  let prosody: TestProsody;
  let here: HubProcess;
  let there: HubProcess;
  let yonder: HubProcess;
  let juliet: RawClient;
  let alice: TestAccount;
  let bob: TestAccount;
  let carol: TestAccount;
  let dora: TestAccount;
  let about: string;
  let node: string;

  beforeAll(async () => {
    const components = DOMAINS.map((domain) => ({ domain, secret: SECRET }));
    prosody = closing.use(await startTestProsody({ components, accounts: [{ jid: JULIET, password: "ternary" }] }));
    const start = async (domain: string): Promise<HubProcess> => {
      const xmpp = { service: prosody.service, domain, secret: SECRET };
      return closing.use(await HubProcess.start({ xmpp }));
    };
    here = await start(DOMAINS[0]);
    there = await start(DOMAINS[1]);
    yonder = await start(DOMAINS[2]);
    juliet = closing.use(await RawClient.open(prosody.c2sPort, JULIET, "ternary"));
    alice = await there.account("alice", { displayName: "Alice" });
    dora = await there.account("dora", { displayName: "Dora" });
    bob = await here.account("bob", { displayName: "Bob" });
    carol = await yonder.account("carol", { displayName: "Carol" });
    // Bob follows Alice and nobody else.
    await bob.follow(alice.jid);
    await carol.follow(alice.jid);
    about = await alice.post("Who saw the terns?");
    node = `urn:xmpp:microblog:0:comments/${about.slice(about.lastIndexOf("/") + 1)}`;
    const hasIt = async (hub: HubProcess): Promise<boolean> =>
      (await hub.select(`SELECT ?p { <${about}> ?p ?o }`)).length > 0;
    await eventually("the post at both", async () => (await hasIt(here)) && (await hasIt(yonder)));
  });
  afterAll(() => closing.disposeAsync());

  /** Who answers what at a hub, as far down as the thread goes. */
  async function thread(hub: HubProcess): Promise<readonly string[]> {
    const rows = await hub.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#>
       SELECT ?who ?text { ?post sioc:reply_of+ <${about}> ; sioc:has_creator ?who ; sioc:content ?text }`,
    );
    return rows.map(({ who, text }) => `${text} (${who})`).toSorted();
  }

  /** The same at every hub, in the end. */
  async function allHave(what: string, expected: readonly string[]): Promise<void> {
    const wanted = JSON.stringify(expected.toSorted());
    for (const hub of [here, there, yonder]) {
      await eventually(`${what} at ${hub.base}`, async () => JSON.stringify(await thread(hub)) === wanted);
    }
  }

  it("is the same at all: answers of a client, of a hub that follows, and of the same hub", async () => {
    const now = new Date().toISOString();
    const entry = `<entry xmlns='http://www.w3.org/2005/Atom'><title>I did!</title><author><uri>xmpp:${JULIET}</uri></author><published>${now}</published><updated>${now}</updated></entry>`;
    expect(await juliet.publish(alice.jid, node, "juliets-comment", entry)).toContain("result");
    const far = await carol.post("From far away", { replyTo: about });
    const near = await dora.post("Here they are", { replyTo: about });
    await bob.post("Where?", { replyTo: about });
    const by = {
      carol: `${yonder.base}carol#account`,
      dora: `${there.base}dora#account`,
      bob: `${here.base}bob#account`,
    };
    await allHave("the thread", [
      `I did! (xmpp:${JULIET})`,
      `From far away (${by.carol})`,
      `Here they are (${by.dora})`,
      `Where? (${by.bob})`,
    ]);
    const items = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/></pubsub>`;
    const read = await juliet.ask("get", alice.jid, items);
    for (const text of ["I did!", "From far away", "Here they are", "Where?"])
      expect(read).toContain(`>${text}</title>`);
    await carol.edit(far, "From further away");
    await dora.remove(near);
    await juliet.ask(
      "set",
      alice.jid,
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='${node}' notify='true'><item id='juliets-comment'/></retract></pubsub>`,
    );
    await allHave("what is left", [`From further away (${by.carol})`, `Where? (${by.bob})`]);
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { serverEvents } from "../../src/cli/event-stream.ts";
import { describeWithStoreInside } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { RawComponent } from "./raw-component.ts";

const SECRET = "tern";
const READER = "bob@people.localhost";

await describeWithStoreInside(["prosody"], "a standing query of a hub", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: TestAccount;
  let people: RawComponent;

  beforeAll(async () => {
    const domains = ["here.localhost", "people.localhost"];
    const components = domains.map((domain) => ({ domain, secret: SECRET }));
    const prosody = stack.use(await startTestProsody({ components }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    hub = stack.use(await HubProcess.start({ xmpp }));
    alice = await hub.account("alice");
    people = stack.use(await RawComponent.open(prosody.componentPort, "people.localhost", SECRET));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  it("tells its subscribers over XMPP, its feed and its page's events what comes and goes, across restarts", async () => {
    const wish = { name: "terns", of: "topic", about: "#terns", audience: "public" };
    const added = await hub.call("POST", "alice/watches", alice.token, wish);
    expect(added).toMatchObject({ service: "here.localhost", node: "watch/alice/terns", answers: 0 });
    const feed = async (): Promise<string> => await (await fetch(`${hub.base}alice/watches/terns`)).text();
    people.say(
      `<iq type='set' id='s1' from='${READER}' to='here.localhost'><pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='watch/alice/terns' jid='${READER}'/></pubsub></iq>`,
    );
    await people.hears(/subscription=['"]subscribed['"]/);
    const events = await fetch(`${hub.base}alice/watches/terns`, { headers: { accept: "text/event-stream" } });
    const coming = serverEvents(events.body as unknown as AsyncIterable<Uint8Array>);

    const iri = await alice.post("A pole-to-pole traveller. #terns");
    const [message] = await people.hears(
      /<message(?:(?!<\/message>).)*node=['"]watch\/alice\/terns['"](?:(?!<\/message>).)*pole-to-pole.*?<\/message>/s,
    );
    const item = /<item [^>]*id=['"]([^'"]+)/.exec(message)?.[1] ?? "";
    const told = await coming.next();
    expect(told.value).toMatchObject({ event: "answer" });
    expect(JSON.parse(told.value?.data ?? "")).toMatchObject({ item, values: { post: iri }, post: { iri } });
    expect(await feed()).toContain(`<id>${iri}</id>`);

    await hub.end("SIGKILL");
    await hub.up();
    expect(await feed()).toContain(`<id>${iri}</id>`);
    await hub.call("DELETE", iri.slice(hub.base.length), alice.token);
    await people.hears(new RegExp(`<retract [^>]*id=['"]${item}['"]`));
    expect(await feed()).not.toContain("<entry");

    await hub.call("DELETE", "alice/watches/terns", alice.token);
    expect((await fetch(`${hub.base}alice/watches/terns`)).status).toBe(404);
  });

  it("keeps to itself what is not public, and bounds how many are about everything", async () => {
    const query = "SELECT ?s ?o WHERE { ?s <http://purl.org/dc/terms/created> ?o }";
    for (let n = 0; n < 5; n++) await hub.call("POST", "alice/watches", alice.token, { name: `all${n}`, query });
    await expect(hub.call("POST", "alice/watches", alice.token, { name: "more", query })).rejects.toThrow(/at most 5/);
    expect((await fetch(`${hub.base}alice/watches/all0`)).status).toBe(404);
    expect((await fetch(`${hub.base}alice/watches`)).status).toBe(401);
    const { watches } = await hub.call("GET", "alice/watches", alice.token);
    expect(watches).toHaveLength(5);
  });
});

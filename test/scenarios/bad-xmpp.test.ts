import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { RawComponent } from "./raw-component.ts";

const SECRET = "tern";
const NODE = "urn:xmpp:microblog:0";
const ATOM = "http://www.w3.org/2005/Atom";
const STERNA = "https://w3id.org/sterna#";

await describeNeeding(["prosody"], "a hub and an XMPP server that do not come together", () => {
  it("says that the secret is wrong, and serves HTTP all the same", async () => {
    await using prosody = await startTestProsody({ components: [{ domain: "here.localhost", secret: SECRET }] });
    const xmpp = { XMPP_SERVICE: prosody.service, XMPP_DOMAIN: "here.localhost", XMPP_SECRET: "wr0ng-s3cret" };
    await using hub = await HubProcess.start({ env: { STERNA_XMPP: "external", ...xmpp } });
    const problem = await xmppProblem(hub);
    expect(problem).toMatch(/does not accept the secret for here\.localhost.*XMPP_SECRET/);
    expect(`${problem}${hub.output}`).not.toContain("wr0ng-s3cret");
    await worksWithout(hub);
  });

  it("says that the server does not have its domain", async () => {
    await using prosody = await startTestProsody({ components: [{ domain: "here.localhost", secret: SECRET }] });
    const xmpp = { XMPP_SERVICE: prosody.service, XMPP_DOMAIN: "elsewhere.localhost", XMPP_SECRET: SECRET };
    await using hub = await HubProcess.start({ env: { STERNA_XMPP: "external", ...xmpp } });
    expect(await xmppProblem(hub)).toMatch(/no component elsewhere\.localhost.*XMPP_DOMAIN/);
    await worksWithout(hub);
  });

  it("says that there is no server, serves HTTP all the same, and is online once there is one", async () => {
    await using prosody = await startTestProsody({ components: [{ domain: "here.localhost", secret: SECRET }] });
    await prosody.down();
    const xmpp = { XMPP_SERVICE: prosody.service, XMPP_DOMAIN: "here.localhost", XMPP_SECRET: SECRET };
    await using hub = await HubProcess.start({ env: { STERNA_XMPP: "external", ...xmpp } });
    expect(await xmppProblem(hub)).toMatch(/cannot be reached \(ECONNREFUSED\).*XMPP_SERVICE/);
    await worksWithout(hub);
    await prosody.up();
    await eventually("XMPP online", async () => (await hub.health()).xmpp === "online");
  });
});

/** Why the hub has no XMPP, as its owner reads it. */
async function xmppProblem(hub: HubProcess): Promise<string> {
  const token = await hub.ownerToken();
  let problem = "";
  await eventually("a problem in the status", async () => {
    const { xmpp } = (await hub.call("GET", "api/status", token)) as { xmpp: { problem?: string; reason?: string } };
    problem = xmpp.problem ?? xmpp.reason ?? "";
    return problem !== "";
  });
  return problem;
}

async function worksWithout(hub: HubProcess): Promise<void> {
  expect(await hub.health()).toMatchObject({ status: "ok" });
  const alice = await hub.account("alice");
  const iri = await alice.post("Without XMPP");
  expect((await hub.posts(alice.iri)).get(iri)).toBe("Without XMPP");
}

/** What a forged or broken entry is made of. */
interface EntryParts {
  readonly item: string;
  readonly iri: string;
  readonly creator: string;
  readonly text?: string;
  readonly turtle?: string;
  readonly atomId?: string;
}

function entryXml({ item, iri, creator, text = "Forged", turtle, atomId = iri }: EntryParts): string {
  const about =
    turtle ??
    `<${iri}> a <http://rdfs.org/sioc/ns#Post>, <http://rdfs.org/sioc/types#MicroblogPost> ; <http://rdfs.org/sioc/ns#content> "${text}" ; <http://rdfs.org/sioc/ns#has_creator> <${creator}> ; <http://purl.org/dc/terms/created> "2026-11-21T08:00:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .`;
  const escaped = about.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<item id='${item}'><entry xmlns='${ATOM}'><title type='text'>${text}</title><id>${atomId}</id><published>2026-11-21T08:00:00.000Z</published><updated>2026-11-21T08:00:00.000Z</updated><content type='text'>${text}</content><turtle xmlns='${STERNA}'>${escaped}</turtle></entry></item>`;
}

await describeNeeding(["prosody"], "a hub that is sent nonsense over XMPP", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: TestAccount;
  let bob: { readonly iri: string; readonly posts: string };
  let base = "";
  /** The hub that `hub` follows an account of, turned hostile: the same domain, saying what it likes. */
  let hostile: RawComponent;
  /** Somebody else on the server, whom the hub never heard of. */
  let stranger: RawComponent;
  let legitimate = "";

  beforeAll(async () => {
    const domains = ["here.localhost", "there.localhost", "stranger.localhost"];
    const prosody = stack.use(
      await startTestProsody({ components: domains.map((domain) => ({ domain, secret: SECRET })) }),
    );
    const start = async (domain: string): Promise<HubProcess> =>
      await HubProcess.start({ xmpp: { service: prosody.service, domain, secret: SECRET } });
    hub = stack.use(await start("here.localhost"));
    alice = await hub.account("alice", { linkedJids: ["alice@stranger.localhost"] });
    const there = stack.use(await start("there.localhost"));
    const bobThere = await there.account("bob");
    legitimate = await bobThere.post("Really by Bob");
    await alice.follow(bobThere.iri);
    await eventually("Bob's post", async () => (await hub.posts(bobThere.iri)).has(legitimate));
    base = there.base;
    bob = { iri: bobThere.iri, posts: `${base}bob/posts/` };
    await there.end("SIGTERM");
    hostile = stack.use(await RawComponent.open(prosody.componentPort, "there.localhost", SECRET));
    stranger = stack.use(await RawComponent.open(prosody.componentPort, "stranger.localhost", SECRET));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  let sent = 0;
  /** Sends an event and resolves when the hub says that it is done with it. */
  const push = async (by: RawComponent, from: string, inner: string): Promise<void> => {
    const id = `forged-${++sent}`;
    by.say(
      `<message from='${from}' to='here.localhost' id='${id}' type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='${NODE}'>${inner}</items></event><request xmlns='urn:xmpp:receipts'/></message>`,
    );
    await by.hears(new RegExp(`<received[^>]*id=['"]${id}['"]`));
  };
  const everything = async (): Promise<string> => {
    const rows = await hub.select("SELECT ?s ?p ?o { ?s ?p ?o }");
    return rows
      .map(({ s, p, o }) => `${s} ${p} ${o}`)
      .sort()
      .join("\n");
  };
  const goesOn = async (): Promise<void> => {
    expect(await hub.health()).toMatchObject({ status: "ok", xmpp: "online" });
    const next = await alice.post("The next post");
    expect((await hub.posts(alice.iri)).has(next)).toBe(true);
    await alice.remove(next);
  };

  it("takes an entry of the account it follows, as a proof that the forged ones below could have come", async () => {
    const iri = `${bob.posts}3real00000000`;
    await push(
      hostile,
      "bob@there.localhost",
      entryXml({ item: "3real00000000", iri, creator: bob.iri, text: "True" }),
    );
    expect((await hub.posts(bob.iri)).get(iri)).toBe("True");
  });

  it.each([
    ["another creator", () => ({ item: "3forgedf1", iri: `${bob.posts}3forgedf1`, creator: alice.iri })],
    [
      "two creators",
      () => ({ item: "3forgedf2", iri: `${bob.posts}3forgedf2`, creator: `${bob.iri}>, <${alice.iri}` }),
    ],
    ["a post of this hub", () => ({ item: "3forgedf3", iri: `${hub.base}alice/posts/3forgedf3`, creator: alice.iri })],
    ["a post somewhere else", () => ({ item: "3forgedf4", iri: "https://else.example/p/3forgedf4", creator: bob.iri })],
    [
      "a post of another account there",
      () => ({ item: "3forgedf5", iri: `${base}carol/posts/3forgedf5`, creator: bob.iri }),
    ],
    ["another post than the item", () => ({ item: "3forgedf6", iri: `${bob.posts}3forgedf6x`, creator: bob.iri })],
    [
      "RDF about another post than the entry",
      () => ({
        item: "3forgedf7",
        iri: `${hub.base}alice/posts/3forgedf7`,
        atomId: `${bob.posts}3forgedf7`,
        creator: alice.iri,
      }),
    ],
    [
      "RDF that is not Turtle",
      () => ({ item: "3forgedf8", iri: `${bob.posts}3forgedf8`, creator: bob.iri, turtle: "<a> <b" }),
    ],
    ["no RDF at all", () => ({ item: "3forgedf9", iri: `${bob.posts}3forgedf9`, creator: bob.iri, turtle: "" })],
    [
      "a post without its parts",
      () => ({
        item: "3forgedfa",
        iri: `${bob.posts}3forgedfa`,
        creator: bob.iri,
        turtle: `<${bob.posts}3fa> <http://rdfs.org/sioc/ns#has_creator> <${bob.iri}> .`,
      }),
    ],
  ])("does not take %s from an account it follows", async (_, parts: () => EntryParts) => {
    const before = await everything();
    const refused = (): number => hub.output.split("item-refused").length;
    const refusedBefore = refused();
    await push(hostile, "bob@there.localhost", entryXml(parts()));
    expect(await everything()).toBe(before);
    await eventually("the refusal in the log", async () => refused() > refusedBefore);
    await goesOn();
  });

  it("leaves out of a true entry what it says about others", async () => {
    const iri = `${bob.posts}3mixed0000000`;
    const said = `<${iri}> a <http://rdfs.org/sioc/ns#Post>, <http://rdfs.org/sioc/types#MicroblogPost> ; <http://rdfs.org/sioc/ns#content> "Mixed" ; <http://rdfs.org/sioc/ns#has_creator> <${bob.iri}> ; <http://purl.org/dc/terms/created> "2026-11-21T08:01:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .
      <${alice.iri}> <http://xmlns.com/foaf/0.1/name> "Mallory" . <https://else.example/> <http://purl.org/dc/terms/title> "Mine" .`;
    await push(
      hostile,
      "bob@there.localhost",
      entryXml({ item: "3mixed0000000", iri, creator: bob.iri, turtle: said }),
    );
    expect((await hub.posts(bob.iri)).get(iri)).toBe("Mixed");
    expect(await everything()).not.toMatch(/Mallory|else\.example/);
  });

  it.each([
    ["an XML that is no entry", "<item id='3forgedg1'><nonsense xmlns='urn:x'/></item>"],
    [
      "an entry without a time",
      `<item id='3forgedg2'><entry xmlns='${ATOM}'><title>x</title><id>urn:x</id></entry></item>`,
    ],
    [
      "an entry with a time that is none",
      `<item id='3forgedg3'><entry xmlns='${ATOM}'><updated>soon</updated></entry></item>`,
    ],
    ["an item without an id", `<item><entry xmlns='${ATOM}'/></item>`],
    ["the retraction of a post that never was", "<retract id='3never00000000'/>"],
  ])("takes no harm of %s", async (_, inner) => {
    const before = await hub.posts(bob.iri);
    await push(hostile, "bob@there.localhost", inner);
    expect(await hub.posts(bob.iri)).toEqual(before);
    await goesOn();
  });

  it.each([
    [
      "a stranger",
      "somebody@stranger.localhost",
      () => ({ item: "3forgedh1", iri: `${bob.posts}3forgedh1`, creator: bob.iri }),
    ],
    [
      "a stranger, about us",
      "somebody@stranger.localhost",
      () => ({ item: "3forgedh2", iri: `${hub.base}alice/posts/3forgedh2`, creator: alice.iri }),
    ],
    [
      "the author's own other JID",
      "alice@stranger.localhost",
      () => ({ item: "3forgedh3", iri: `${hub.base}alice/posts/3forgedh3`, creator: alice.iri }),
    ],
  ])("takes no event of %s, whom it is not subscribed to", async (_, from, parts: () => EntryParts) => {
    const before = await everything();
    await push(stranger, from, entryXml(parts()));
    expect(await everything()).toBe(before);
    await goesOn();
  });

  it("takes no retraction of somebody whom it is not subscribed to", async () => {
    const own = await alice.post("Nobody else deletes this");
    const id = own.slice(own.lastIndexOf("/") + 1);
    await push(stranger, "somebody@stranger.localhost", `<retract id='${id}'/>`);
    await push(hostile, "bob@there.localhost", `<retract id='${id}'/>`);
    expect((await hub.posts(alice.iri)).has(own)).toBe(true);
    expect((await hub.posts(bob.iri)).has(legitimate)).toBe(true);
    await goesOn();
  });

  const publish = async (from: string, inner: string): Promise<string> => {
    const id = `publish-${++sent}`;
    stranger.say(
      `<iq type='set' from='${from}' to='alice@here.localhost' id='${id}'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='${NODE}'>${inner}</publish></pubsub></iq>`,
    );
    const [answer] = await stranger.hears(new RegExp(`<iq[^>]*\\bid=['"]${id}['"](?:[^>]*/>|.*?</iq>)`, "s"));
    return answer;
  };

  it("publishes what the author's linked JID sends, as a proof that the broken ones below could be", async () => {
    const answer = await publish(
      "alice@stranger.localhost",
      `<item><entry xmlns='${ATOM}'><title>By XMPP</title><updated>2026-11-21T08:00:00Z</updated></entry></item>`,
    );
    expect(answer).toMatch(/type=['"]result/);
    expect([...(await hub.posts(alice.iri)).values()]).toContain("By XMPP");
  });

  it.each([
    ["no entry", "alice@stranger.localhost", "<item><nonsense xmlns='urn:x'/></item>", /bad-request|invalid-payload/],
    ["nothing", "alice@stranger.localhost", "", /item-required|bad-request/],
    [
      "an entry without a text",
      "alice@stranger.localhost",
      `<item><entry xmlns='${ATOM}'><title/><updated>2026-11-21T08:00:00Z</updated></entry></item>`,
      /<text[^>]*>[^<]*Expected/,
    ],
    [
      "an entry that is too long",
      "alice@stranger.localhost",
      `<item><entry xmlns='${ATOM}'><title>${"a".repeat(5_001)}</title><updated>2026-11-21T08:00:00Z</updated></entry></item>`,
      /<text[^>]*>[^<]*5,?000/,
    ],
    [
      "what somebody else wants alice to say",
      "mallory@stranger.localhost",
      `<item><entry xmlns='${ATOM}'><title>Hi</title><updated>2026-11-21T08:00:00Z</updated></entry></item>`,
      /forbidden/,
    ],
  ])("answers with an error when a component publishes %s", async (_, from, inner, wanted) => {
    const before = await hub.posts(alice.iri);
    const answer = await publish(from, inner);
    expect(answer).toMatch(/type=['"]error/);
    expect(answer).toMatch(wanted);
    expect(await hub.posts(alice.iri)).toEqual(before);
    await goesOn();
  });

  it("is not touched by a component whose XML is broken off", async () => {
    stranger.say(`<iq type='set' from='alice@stranger.localhost' to='alice@here.localhost' id='x'><pubsub <<`);
    // The server ends the stream of who broke it (RFC 6120 §4.9.3.13).
    expect(await stranger.hears(/not-well-formed|<\/stream:stream>/)).not.toBeNull();
    await goesOn();
  });
});

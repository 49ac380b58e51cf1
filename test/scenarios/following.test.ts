import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sameEntries, type TestAccount } from "./hub-process.ts";
import { startTwoHubs, startTwoHubsOnEjabberd } from "./two-hubs.ts";

describe.each([
  { server: "Prosody", start: () => startTwoHubs() },
  { server: "ejabberd", start: startTwoHubsOnEjabberd },
])("following an account on another hub, over a real $server", ({ start }) => {
  let hubs: Awaited<ReturnType<typeof start>>;
  let alice: TestAccount;
  let bob: TestAccount;

  beforeAll(async () => {
    hubs = await start();
    alice = await hubs.here.account("alice", { displayName: "Alice" });
    bob = await hubs.there.account("bob", { displayName: "Bob" });
  });
  afterAll(async () => {
    await hubs[Symbol.asyncDispose]();
  });

  const equal = async (what: string): Promise<void> => {
    await eventually(what, async () => {
      const [own, taken] = await Promise.all([hubs.here.posts(alice.iri), hubs.there.posts(alice.iri)]);
      return sameEntries(own, taken);
    });
  };

  it("fetches what was there before the follow", async () => {
    for (let n = 1; n <= 5; n++) await alice.post(`An older post, number ${n}`);
    const followed = await bob.follow(alice.jid);
    expect(followed).toMatchObject({ account: alice.iri, jid: alice.jid, state: "subscribed" });
    await equal("the backfill");
    expect((await hubs.there.posts(alice.iri)).size).toBe(5);
  });

  it("gets each new post pushed, with its RDF", async () => {
    const iri = await alice.post("Terns fly from pole to pole #birds", { language: "en" });
    await eventually("the push", async () => (await hubs.there.posts(alice.iri)).has(iri));
    const [row] = await hubs.there.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT (LANG(?text) AS ?lang) ?topic { <${iri}> sioc:content ?text ; sioc:topic ?topic }`,
    );
    expect(row).toEqual({ lang: "en", topic: `${hubs.here.base}tags/birds` });
  });

  it("sees edits and deletes", async () => {
    const edited = await alice.post("Speling");
    const deleted = await alice.post("Not meant to stay");
    await equal("both posts");
    await alice.edit(edited, "Spelling");
    await alice.remove(deleted);
    await equal("the edit and the delete");
    const posts = await hubs.there.posts(alice.iri);
    expect(posts.get(edited)).toBe("Spelling");
    expect(posts.has(deleted)).toBe(false);
  });

  it("answers one question about both hubs' people", async () => {
    const question = await alice.post("Who likes terns?");
    await eventually("the question", async () => (await hubs.there.posts(alice.iri)).has(question));
    const answer = await bob.post("I do", { replyTo: question });
    const rows = await hubs.there.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?asker ?answerer { ?answer sioc:reply_of ?question ; sioc:has_creator ?answerer . ?question sioc:has_creator ?asker FILTER(?answer = <${answer}>) }`,
    );
    expect(rows).toEqual([{ asker: alice.iri, answerer: bob.iri }]);
  });

  it.each([
    ["its account IRI", () => alice.iri],
    ["its page address", () => alice.iri.replace("#account", "")],
    ["name@domain", () => alice.jid],
    ["an xmpp: URI", () => `xmpp:${alice.jid}?;node=urn:xmpp:microblog:0`],
    ["WebFinger on its host", () => `alice@${new URL(hubs.here.base).host}`],
  ])("finds the account by %s", async (_, target) => {
    expect(await bob.follow(target())).toMatchObject({ account: alice.iri, state: "subscribed" });
  });

  it("subscribes once for all its followers, and ends that with the last", async () => {
    const carol = await hubs.there.account("carol");
    await carol.follow(alice.iri);
    const subscribed = async (): Promise<number> => {
      const list = (await hubs.here.call("GET", "alice/followers")) as unknown as readonly { jid: string }[];
      return list.filter(({ jid }) => jid === "there.localhost").length;
    };
    expect(await subscribed()).toBe(1);
    await hubs.there.call("DELETE", `carol/following?target=${encodeURIComponent(alice.iri)}`, carol.token);
    expect(await subscribed()).toBe(1);
    await hubs.there.call("DELETE", `bob/following?target=${encodeURIComponent(alice.iri)}`, bob.token);
    await eventually("the end of the subscription", async () => (await subscribed()) === 0);
  });
});

import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestXmppServer, XMPP_SERVERS } from "../support/xmpp-server.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { SlixmppClient } from "./slixmpp-client.ts";

const HUB = "here.localhost";
const SECRET = "tern";
const MICROBLOG = "urn:xmpp:microblog:0";
const PREFIXES =
  "PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX as: <https://www.w3.org/ns/activitystreams#> PREFIX foaf: <http://xmlns.com/foaf/0.1/>";

/** Alice's own JID, linked to her account here. */
const CAROL = { jid: "carol@people.localhost", password: "sea" };
/** Somebody without an account here. */
const BOB = { jid: "bob@people.localhost", password: "sky" };

function entry(title: string, more = ""): string {
  return `<entry xmlns='http://www.w3.org/2005/Atom'><title>${title}</title><updated>${new Date().toISOString()}</updated>${more}</entry>`;
}

for (const server of XMPP_SERVERS) {
  await describeNeeding([server, "slixmpp"], `people with slixmpp, on ${server}`, () => {
    const stack = new AsyncDisposableStack();
    let hub: HubProcess;
    let alice: TestAccount;
    let carol: SlixmppClient;
    let bob: SlixmppClient;

    beforeAll(async () => {
      const components = [{ domain: HUB, secret: SECRET }];
      const xmpp = stack.use(await startTestXmppServer(server, { components, accounts: [CAROL, BOB] }));
      const service = xmpp.serviceOf(HUB);
      hub = stack.use(await HubProcess.start({ xmpp: { service, domain: HUB, secret: SECRET } }));
      alice = await hub.account("alice", { linkedJids: [CAROL.jid] });
      const [carols, bobs] = await Promise.all(
        [CAROL, BOB].map(({ jid, password }) => SlixmppClient.open(xmpp.c2sPort, jid, password)),
      );
      if (carols === undefined || bobs === undefined) throw new Error("Expected two clients.");
      carol = stack.use(carols);
      bob = stack.use(bobs);
    });
    afterAll(async () => {
      await stack.disposeAsync();
    });

    const select = (pattern: string) => hub.select(`${PREFIXES} SELECT * { ${pattern} }`);

    it("discover the hub, an account and its nodes", async () => {
      const { done: service } = await bob.ask("discover", { to: HUB });
      expect(service).toMatchObject({ identities: expect.arrayContaining(["pubsub/service"]) });
      const { done: account } = await bob.ask("discover", { to: alice.jid });
      expect(account).toMatchObject({
        identities: ["account/registered", "pubsub/pep"],
        features: expect.arrayContaining([
          "http://jabber.org/protocol/pubsub#publish",
          "http://jabber.org/protocol/pubsub#subscribe",
          "http://jabber.org/protocol/pubsub#access-authorize",
        ]),
      });
      const { done: nodes } = await bob.ask("list", { to: alice.jid });
      expect(nodes).toContainEqual(expect.objectContaining({ to: alice.jid, node: MICROBLOG }));
      const { done: node } = await bob.ask("discover", { to: alice.jid, node: MICROBLOG });
      expect(node).toMatchObject({ identities: ["pubsub/leaf"] });
    });

    it("follow an account, and hear what its person publishes, edits and retracts with a client", async () => {
      const at = { to: alice.jid, node: MICROBLOG };
      expect(await bob.ask("subscribe", at)).toMatchObject({ done: { state: "subscribed" } });
      const publish = (text: string) =>
        carol.ask("publish", { ...at, item: "carols-post", payload: entry(text, "<category term='terns'/>") });
      expect(await publish("The terns are back")).toEqual({ done: "carols-post" });
      const news = { event: "published", by: alice.jid, node: MICROBLOG, item: "carols-post" };
      // Who published it is the account, as the entry's author is: else people's clients take it for forged.
      expect(await bob.hears(news)).toMatchObject({
        publisher: alice.jid,
        text: { title: "The terns are back" },
      });
      const iri = `${hub.base}alice/posts/carols-post`;
      expect(await select(`<${iri}> sioc:has_creator ?who ; sioc:topic ?topic`)).toEqual([
        { who: alice.iri, topic: `${hub.base}tags/terns` },
      ]);
      expect(await publish("The terns are back, all of them")).toEqual({ done: "carols-post" });
      expect(await bob.hears(news)).toMatchObject({ text: { title: "The terns are back, all of them" } });
      expect(await bob.ask("retract", { ...at, item: "carols-post" })).toMatchObject({
        no: { condition: "forbidden" },
      });
      expect(await carol.ask("retract", { ...at, item: "carols-post" })).toEqual({ done: null });
      await bob.hears({ event: "retracted", by: alice.jid, item: "carols-post" });
      expect(await hub.posts(alice.iri)).toEqual(new Map());
      expect(await bob.ask("publish", { ...at, payload: entry("Forged") })).toMatchObject({
        no: { condition: "forbidden" },
      });
      expect(await bob.ask("unsubscribe", at)).toEqual({ done: null });
    });

    it("page through older posts", async () => {
      const posted: string[] = [];
      for (let n = 0; n < 25; n++) posted.unshift((await alice.post(`Older ${n}`)).split("/").at(-1) ?? "");
      expect(await bob.ask("page", { to: alice.jid, node: MICROBLOG, size: 10 })).toEqual({
        done: [posted.slice(0, 10), posted.slice(10, 20), posted.slice(20)],
      });
    });

    it("comment, like, and take a like back", async () => {
      const iri = await alice.post("Who saw the terns?");
      const at = { to: alice.jid, node: `${MICROBLOG}:comments/${iri.split("/").at(-1)}` };
      expect(await bob.ask("subscribe", at)).toMatchObject({ done: { state: "subscribed" } });
      expect(await bob.ask("publish", { ...at, item: "bobs-comment", payload: entry("I did!") })).toEqual({
        done: "bobs-comment",
      });
      expect(await bob.hears({ event: "published", item: "bobs-comment" })).toMatchObject({ publisher: BOB.jid });
      expect(await select(`?answer sioc:reply_of <${iri}> ; sioc:has_creator ?who ; sioc:content ?text`)).toMatchObject(
        [{ who: `xmpp:${BOB.jid}`, text: "I did!" }],
      );
      const likes = () => select(`?like a as:Like ; as:object <${iri}> ; as:actor ?who`);
      expect(await bob.ask("publish", { ...at, item: "bobs-like", payload: entry("♥") })).toEqual({
        done: "bobs-like",
      });
      expect(await likes()).toMatchObject([{ who: `xmpp:${BOB.jid}` }]);
      expect(await bob.ask("retract", { ...at, item: "bobs-like" })).toEqual({ done: null });
      expect(await likes()).toEqual([]);
      await alice.post("Thank you, Bob", { replyTo: iri });
      expect(await bob.hears({ event: "published", by: alice.jid, node: at.node, publisher: alice.jid })).toMatchObject(
        {
          text: { title: "Thank you, Bob" },
        },
      );
    });

    it("make a node, approve and deny who asks, configure, purge and delete it", async () => {
      const at = { to: HUB, node: "urn:example:news" };
      const config = { access_model: "authorize", title: "News", notify_config: "1", notify_delete: "1" };
      expect(await bob.ask("create", { ...at, config })).toMatchObject({ no: { condition: "forbidden" } });
      expect(await carol.ask("create", { ...at, config })).toEqual({ done: null });
      expect(await bob.ask("items", at)).toMatchObject({
        no: { condition: "not-authorized", pubsub: "not-subscribed" },
      });

      const ask = async (): Promise<void> => {
        expect(await bob.ask("subscribe", at)).toMatchObject({ done: { state: "pending" } });
        await carol.hears({ event: "asked", node: at.node, who: BOB.jid });
        expect(await carol.ask("pending", { to: HUB })).toEqual({ done: [at.node] });
      };
      await ask();
      await carol.ask("decide", { node: at.node, who: BOB.jid, allow: "false" });
      await bob.hears({ event: "subscription", node: at.node, state: "none" });
      expect(await carol.ask("subscribers", at)).toEqual({ done: {} });
      await ask();
      await carol.ask("decide", { node: at.node, who: BOB.jid, allow: "true" });
      await bob.hears({ event: "subscription", node: at.node, state: "subscribed" });
      expect(await carol.ask("subscribers", at)).toEqual({ done: { [BOB.jid]: "subscribed" } });

      expect(await carol.ask("publish", { ...at, item: "news-1", payload: entry("One") })).toEqual({ done: "news-1" });
      expect(await bob.hears({ event: "published", node: at.node })).toMatchObject({ item: "news-1" });
      expect(await bob.ask("items", at)).toMatchObject({ done: [{ item: "news-1", text: { title: "One" } }] });
      const unmet = { ...at, payload: entry("Two"), options: { access_model: "open" } };
      expect(await carol.ask("publish", unmet)).toMatchObject({ no: { condition: "conflict" } });

      expect(await carol.ask("configure", { ...at, config: { title: "Old news" } })).toEqual({ done: null });
      await bob.hears({ event: "configuration", node: at.node });
      expect(await carol.ask("configuration", at)).toMatchObject({
        done: { "pubsub#title": "Old news", "pubsub#access_model": "authorize" },
      });
      expect(await carol.ask("affiliate", { ...at, who: BOB.jid, affiliation: "publisher" })).toEqual({ done: null });
      expect(await bob.ask("publish", { ...at, item: "bobs-news", payload: entry("Three") })).toEqual({
        done: "bobs-news",
      });

      expect(await carol.ask("purge", at)).toEqual({ done: null });
      await bob.hears({ event: "purge", node: at.node });
      expect(await bob.ask("items", at)).toEqual({ done: [] });
      expect(await carol.ask("delete", at)).toEqual({ done: null });
      await bob.hears({ event: "delete", node: at.node });
      expect(await bob.ask("subscribe", at)).toMatchObject({ no: { condition: "item-not-found" } });
    });

    it("post by a command, when it is their account", async () => {
      expect(await bob.ask("commands", { to: HUB })).not.toMatchObject({
        done: expect.arrayContaining(["sterna:post"]),
      });
      expect(await carol.ask("commands", { to: HUB })).toMatchObject({ done: expect.arrayContaining(["sterna:post"]) });
      expect(await carol.ask("run", { to: HUB, command: "sterna:post", text: "By command" })).toMatchObject({
        done: { status: "completed" },
      });
      expect([...(await hub.posts(alice.iri)).values()]).toContain("By command");
    });
  });
}

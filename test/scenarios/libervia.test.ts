import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestXmppServer, XMPP_SERVERS } from "../support/xmpp-server.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { LiberviaClient } from "./libervia-client.ts";

const HUB = "here.localhost";
const SECRET = "tern";
const MICROBLOG = "urn:xmpp:microblog:0";

/** Alice's own JID, linked to her account here. */
const CAROL = { jid: "carol@people.localhost", password: "sea" };
/** Somebody without an account here. */
const BOB = { jid: "bob@people.localhost", password: "sky" };

// Most of the time goes into starting the command line, which takes one core.
const SIDE_BY_SIDE = { concurrent: true } as const;
const IN_ORDER = { concurrent: false } as const;

/** A post as Libervia understands it. */
type Blog = Readonly<Record<string, unknown>>;

for (const server of XMPP_SERVERS) {
  await describeNeeding(
    [server, "libervia", "dbus"],
    `people with Libervia (but for an await that its XEP-0376 forgets), on ${server}`,
    () => {
      const stack = new AsyncDisposableStack();
      let hub: HubProcess;
      let alice: TestAccount;
      let libervia: LiberviaClient;

      beforeAll(async () => {
        const components = [{ domain: HUB, secret: SECRET }];
        const xmpp = stack.use(await startTestXmppServer(server, { components, accounts: [CAROL, BOB] }));
        const service = xmpp.serviceOf(HUB);
        hub = stack.use(await HubProcess.start({ xmpp: { service, domain: HUB, secret: SECRET } }));
        alice = await hub.account("alice", { linkedJids: [CAROL.jid] });
        libervia = stack.use(await LiberviaClient.open(xmpp.c2sPort, [CAROL, BOB]));
      });
      afterAll(async () => {
        await stack.disposeAsync();
      });

      const at = (node = MICROBLOG, service = alice.jid) => ["-s", service, "-n", node];
      const as = (who: "bob" | "carol", verb: string, ...parameters: readonly string[]) =>
        libervia.run([...verb.split(" "), ...parameters, "-p", who]);
      /** From the service: what Libervia has kept is not what is tested. */
      const blog = async (node?: string): Promise<readonly Blog[]> => {
        const [posts] = JSON.parse(await as("bob", "blog get", ...at(node), "-C", "-O", "json")) as [readonly Blog[]];
        return posts;
      };
      const write = (who: "bob" | "carol", text: string, ...parameters: readonly string[]) =>
        libervia.run(["blog", "set", ...parameters, "-p", who], text);

      it("discover the hub", IN_ORDER, async () => {
        const found = await as("bob", "info disco", HUB);
        expect(found).toContain("http://jabber.org/protocol/pubsub#publish");
        // From the form of the hub's own facts.
        expect(found).toContain(`${hub.base}sparql`);
      });

      it("read a post: its author is believed, its tags and its comments are found", IN_ORDER, async () => {
        const iri = await alice.post("The terns are back #terns");
        const id = iri.split("/").at(-1) ?? "";
        const comments = [{ service: alice.jid, node: `${MICROBLOG}:comments/${id}` }];
        const [post] = await blog();
        expect(post).toMatchObject({
          id,
          atom_id: iri,
          content: "The terns are back #terns",
          tags: ["terns"],
          comments,
        });
        expect(post).toMatchObject({ author_jid: alice.jid, author_jid_verified: true });
        await alice.remove(iri);
      });

      it("subscribe, are pushed what is posted from then on, and unsubscribe", IN_ORDER, async () => {
        const pushed = await libervia.hook("bob", alice.jid, MICROBLOG);
        await alice.remove(await alice.post("Before anybody asked for it"));
        await as("bob", "pubsub subscribe", ...at());
        const followers = async () => JSON.stringify(await hub.call("GET", "alice/followers"));
        expect(await followers()).toContain(BOB.jid);
        expect(await as("bob", "pubsub subscriptions", ...at())).toContain(MICROBLOG);
        const iri = await alice.post("The terns are here #terns");
        await eventually("the push", async () => (await pushed()).includes("The terns are here"));
        expect(await pushed()).toContain(iri);
        expect(await pushed()).not.toContain("Before anybody asked for it");
        await as("bob", "pubsub unsubscribe", ...at());
        expect(await followers()).not.toContain(BOB.jid);
        await alice.remove(iri);
      });

      it("publish to their account, edit and retract", IN_ORDER, async () => {
        await write("carol", "A tern flew over", ...at(), "-i", "carols-post", "-t", "terns", "-C");
        const [post] = await blog();
        expect(post).toMatchObject({ id: "carols-post", author_jid: alice.jid, author_jid_verified: true });
        expect(post).toMatchObject({ tags: ["terns"] });
        const iri = `${hub.base}alice/posts/carols-post`;
        expect([...(await hub.posts(alice.iri)).keys()]).toEqual([iri]);
        await write("carol", "Two terns flew over", ...at(), "-i", "carols-post");
        expect((await hub.posts(alice.iri)).get(iri)).toBe("Two terns flew over");
        await expect(write("bob", "Forged", ...at())).rejects.toThrow(/forbidden/);
        await as("carol", "pubsub delete", ...at(), "-i", "carols-post", "-f");
        expect(await hub.posts(alice.iri)).toEqual(new Map());
      });

      it("comment, like, and take a like back", IN_ORDER, async () => {
        const iri = await alice.post("Who saw the terns?");
        const node = `${MICROBLOG}:comments/${iri.split("/").at(-1)}`;
        await write("bob", "I did!", ...at(node), "-i", "bobs-comment");
        await write("bob", "♥", ...at(node), "-i", "bobs-like");
        const says = (pattern: string) =>
          hub.select(
            `PREFIX as: <https://www.w3.org/ns/activitystreams#> SELECT * { ?says as:object <${iri}> ; ${pattern} }`,
          );
        const likes = async () => (await says("a as:Like ; as:actor ?who")).map(({ who }) => who);
        expect(await likes()).toEqual([`xmpp:${BOB.jid}`]);
        expect([...(await hub.posts(`xmpp:${BOB.jid}`)).values()]).toEqual(["I did!"]);
        const comments = await blog(node);
        expect(comments.map(({ id }) => id)).toEqual(expect.arrayContaining(["bobs-comment", "bobs-like"]));
        for (const each of comments) expect(each).toMatchObject({ author_jid: BOB.jid, author_jid_verified: true });
        await as("bob", "pubsub delete", ...at(node), "-i", "bobs-like", "-f");
        expect(await likes()).toEqual([]);

        const attachments = [...at(), "-i", iri.split("/").at(-1) ?? ""];
        await as("bob", "pubsub attachments set", ...attachments, "-N", "true", "-r", "🐦");
        expect(await likes()).toEqual([`xmpp:${BOB.jid}`]);
        expect(await says("as:content ?with ; as:actor ?who")).toMatchObject([{ with: "🐦", who: `xmpp:${BOB.jid}` }]);
        expect(JSON.parse(await as("carol", "pubsub attachments get", ...attachments, "-O", "json"))).toMatchObject([
          { from: BOB.jid, noticed: { noticed: true }, reactions: { reactions: ["🐦"] } },
        ]);
      });

      it("make a node, look at it, configure it, say who may what, and delete it", IN_ORDER, async () => {
        const node = at("urn:example:news", HUB);
        await as("carol", "pubsub node create", ...node, "-f", "access_model", "whitelist", "-f", "title", "News");
        await expect(as("bob", "pubsub get", ...node)).rejects.toThrow(/not-allowed/);
        await as("carol", "pubsub node affiliations set", ...node, "-a", BOB.jid, "publisher");
        expect(await as("carol", "pubsub node affiliations get", ...node)).toContain(`${BOB.jid}: publisher`);
        await as("carol", "pubsub node set", ...node, "-f", "title", "Old news");
        const info = JSON.parse(await as("carol", "pubsub node info", ...node, "-O", "json")) as Blog;
        expect(info).toMatchObject({ title: "Old news", access_model: "whitelist" });
        const news = "<news xmlns='urn:example'>One</news>";
        await libervia.run(["pubsub", "set", ...node, "-p", "bob", "bobs-news"], news);
        const got = await as("bob", "pubsub get", ...node);
        for (const part of ['id="bobs-news"', `publisher="${BOB.jid}"`, ">One<"]) expect(got).toContain(part);
        await as("carol", "pubsub node delete", ...node, "-f");
        await expect(as("carol", "pubsub node info", ...node)).rejects.toThrow(/exist/);
      });
    },
    SIDE_BY_SIDE,
  );
}

import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestXmppServer, XMPP_SERVERS } from "../support/xmpp-server.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { RawClient } from "./raw-client.ts";

const SECRET = "tern";
const [HERE, THERE] = ["here.localhost", "there.localhost"] as const;
const MICROBLOG = "urn:xmpp:microblog:0";
const JULIET = { jid: "juliet@people.localhost", password: "sea" };
const ROMEO = { jid: "romeo@people.localhost", password: "sky" };

for (const server of XMPP_SERVERS) {
  await describeNeeding([server], `likes of strangers to a post of another hub, over ${server}`, () => {
    const stack = new AsyncDisposableStack();
    let here: HubProcess;
    let there: HubProcess;
    let alice: TestAccount;
    let about: string;
    const clients = new Map<string, RawClient>();

    beforeAll(async () => {
      const components = [HERE, THERE].map((domain) => ({ domain, secret: SECRET }));
      const xmpp = stack.use(await startTestXmppServer(server, { components, accounts: [JULIET, ROMEO] }));
      const start = async (domain: string): Promise<HubProcess> => {
        const link = { service: xmpp.serviceOf(domain), domain, secret: SECRET };
        return stack.use(await HubProcess.start({ xmpp: link }));
      };
      [here, there] = [await start(HERE), await start(THERE)];
      alice = await there.account("alice");
      const bob = await here.account("bob");
      await bob.follow(alice.jid);
      for (const { jid, password } of [JULIET, ROMEO]) {
        clients.set(jid, stack.use(await RawClient.open(xmpp.c2sPort, jid, password)));
      }
      about = await alice.post("Who saw the terns?");
      await eventually("the post here", async () => (await here.posts(alice.iri)).has(about));
    });
    afterAll(() => stack.disposeAsync());

    /** Says all that somebody attaches to the post from now on (XEP-0470). */
    async function attach(jid: string, ...reactions: readonly string[]): Promise<void> {
      const id = encodeURIComponent(about.slice(about.lastIndexOf("/") + 1));
      const node = `urn:xmpp:pubsub-attachments:1/xmpp:${alice.jid}?;node=${encodeURIComponent(MICROBLOG)};item=${id}`;
      const felt = reactions.map((emoji) => `<reaction>${emoji}</reaction>`).join("");
      const payload = `<attachments xmlns='urn:xmpp:pubsub-attachments:1'><noticed/><reactions>${felt}</reactions></attachments>`;
      const action =
        reactions.length === 0
          ? `<retract node='${node}' notify='true'><item id='${jid}'/></retract>`
          : `<publish node='${node}'><item id='${jid}'>${payload}</item></publish>`;
      const pubsub = `<pubsub xmlns='http://jabber.org/protocol/pubsub'>${action}</pubsub>`;
      expect(await clients.get(jid)?.ask("set", alice.jid, pubsub)).toContain("type='result'");
    }

    /** Whether the hub of a follower counts so many likes and reactions, as its RDF says. */
    const counts = async (likes: number, reactions: Readonly<Record<string, number>>): Promise<boolean> => {
      const rows = await here.select(
        `PREFIX as: <https://www.w3.org/ns/activitystreams#> PREFIX sterna: <https://w3id.org/sterna#>
         SELECT ?count ?emoji { { <${about}> as:likes ?all } UNION { <${about}> sterna:reactions ?all }
           ?all as:totalItems ?count OPTIONAL { ?all as:content ?emoji } }`,
      );
      const said = rows.map(({ emoji = "likes", count = "" }) => `${emoji} ${count}`).toSorted();
      const wanted = Object.entries({ ...(likes === 0 ? {} : { likes }), ...reactions });
      return JSON.stringify(said) === JSON.stringify(wanted.map(([of, count]) => `${of} ${count}`).toSorted());
    };

    it("are counted at the follower's hub as they come and go", async () => {
      await attach(JULIET.jid, "🐦");
      await eventually("one like", () => counts(1, { "🐦": 1 }));
      await attach(ROMEO.jid, "🐦", "🎉");
      await eventually("two likes", () => counts(2, { "🐦": 2, "🎉": 1 }));
      await attach(JULIET.jid);
      await eventually("one is taken back", () => counts(1, { "🐦": 1, "🎉": 1 }));
    });

    it("are all counted where many come at once", async () => {
      const many = await Promise.all(Array.from({ length: 12 }, (_, at) => there.account(`bird${at}`)));
      await Promise.all(many.map(({ name, token }) => there.call("POST", `${name}/likes`, token, { post: about })));
      await eventually("all likes", () => counts(13, { "🐦": 1, "🎉": 1 }));
    });

    it("are counted by a hub that was down meanwhile, when it is back", async () => {
      await here.end("SIGKILL");
      await attach(JULIET.jid, "🎉");
      await attach(ROMEO.jid);
      await here.up();
      await eventually("the likes that are left", () => counts(13, { "🎉": 1 }));
    });
  });
}

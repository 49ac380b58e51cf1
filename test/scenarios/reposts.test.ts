import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestProsody } from "../support/prosody.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { RawClient } from "./raw-client.ts";

const ERIN = "erin@people.localhost";
const NODE = "urn:xmpp:microblog:0";
const LIST = "urn:xmpp:pubsub:subscription";
const PREFIXES = "PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX sterna: <https://w3id.org/sterna#>";

/** The item id of a post of a hub. */
const idOf = (iri: string): string => iri.slice(iri.lastIndexOf("/") + 1);

/** A repost as Movim writes it (PubsubAtom.php): another id, the via link, the comments of the original. */
function movimRepost(id: string, of: { readonly jid: string; readonly id: string }, title: string): string {
  const now = new Date().toISOString();
  return `<entry xmlns='http://www.w3.org/2005/Atom'><id>${id}</id><title>${title}</title><author><name>Erin</name><uri>xmpp:${ERIN}</uri></author><link rel='alternate' href='xmpp:${ERIN}?;node=${NODE};item=${id}'/><link rel='replies' title='comments' href='xmpp:${of.jid}?;node=urn:xmpp:microblog:0:comments/${of.id}'/><link rel='via' href='xmpp:${of.jid}?;node=${NODE};item=${of.id}'/><published>${now}</published><updated>${now}</updated></entry>`;
}

describe("passing posts on between three hubs and a client of another kind, over a real Prosody", () => {
  const stack = new AsyncDisposableStack();
  let [alice, bob, carol]: (TestAccount | undefined)[] = [];
  let erin: RawClient;
  let post = "";
  let repost = "";

  beforeAll(async () => {
    const components = ["a.localhost", "b.localhost", "c.localhost"].map((domain) => ({ domain, secret: "tern" }));
    const accounts = [{ jid: ERIN, password: "ternary" }];
    const prosody = stack.use(await startTestProsody({ components, accounts }));
    const start = async (domain: string): Promise<HubProcess> => {
      const xmpp = { service: prosody.service, domain, secret: "tern" };
      return stack.use(await HubProcess.start({ xmpp }));
    };
    const [a, b, c] = [await start("a.localhost"), await start("b.localhost"), await start("c.localhost")];
    alice = await a.account("alice", { displayName: "Alice" });
    bob = await b.account("bob", { displayName: "Bob" });
    carol = await c.account("carol", { displayName: "Carol" });
    erin = stack.use(await RawClient.open(prosody.c2sPort, ERIN, "ternary"));
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  const known = (account: TestAccount | undefined): TestAccount => {
    if (account === undefined) throw new Error("The hubs did not start.");
    return account;
  };
  const shownTo = async (account: TestAccount, iri: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const page = await account.hub.call("GET", `${account.name}/timeline`, account.token);
    return (page["posts"] as Record<string, unknown>[]).find((each) => each["iri"] === iri);
  };
  const isFetched = (shown: Readonly<Record<string, unknown>> | undefined): boolean =>
    (shown?.["original"] as { readonly state?: string } | undefined)?.state === "here";

  it("shows C what B passes on of A's, who is not followed there, by A's own word", async () => {
    const [a, b, c] = [known(alice), known(bob), known(carol)];
    post = await a.post("The terns are back #terns");
    await b.follow(a.jid);
    await eventually("the post at B", async () => (await b.hub.posts(a.iri)).has(post));
    await c.follow(b.jid);
    const done = await b.hub.call("POST", "bob/reposts", b.token, { post });
    repost = String(done["repost"]);
    await eventually("the repost and its original at C", async () => isFetched(await shownTo(c, repost)));
    expect(await shownTo(c, repost)).toMatchObject({
      creatorName: "Bob",
      repostOf: post,
      original: { creatorName: "Alice", creatorJid: a.jid, text: "The terns are back #terns" },
    });
    expect(await c.hub.select(`${PREFIXES} SELECT ?who { <${repost}> sterna:repostOf/sioc:has_creator ?who }`)).toEqual(
      [{ who: a.iri }],
    );
  });

  it("gives a client of another kind an entry that says whose words they are", async () => {
    const b = known(bob);
    const ask = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${NODE}'><item id='${idOf(repost)}'/></items></pubsub>`;
    const answer = await erin.ask("get", b.jid, ask);
    expect(answer).toMatch(/<name>Alice<\/name><uri>xmpp:alice@a\.localhost<\/uri>/);
    expect(answer).toMatch(new RegExp(`href=['"]xmpp:alice@a\\.localhost\\?;node=${NODE};item=${idOf(post)}['"]`));
    expect(answer).toContain(`urn:xmpp:microblog:0:comments/${idOf(post)}`);
  });

  it("reads a repost of Movim's, and the public list of whom its author follows", async () => {
    const [a, c] = [known(alice), known(carol)];
    await erin.publish(
      undefined,
      NODE,
      "erins-repost",
      movimRepost("erins-repost", { jid: a.jid, id: idOf(post) }, "The terns are back"),
    );
    const listed = `<subscription xmlns='urn:xmpp:pubsub:subscription:0' server='${a.jid}' node='${NODE}'/>`;
    await erin.publish(undefined, LIST, "0123456789abcdef", listed);
    await c.follow(ERIN);
    const said = `xmpp:${ERIN}?;node=${NODE};item=erins-repost`;
    await eventually("the repost, by its original's page", async () => {
      const rows = await c.hub.select(`${PREFIXES} SELECT ?of { <${said}> sterna:repostOf ?of }`);
      return rows[0]?.["of"] === post;
    });
    expect(await c.hub.posts(a.iri)).toEqual(new Map([[post, "The terns are back #terns"]]));
    await eventually("whom she follows", async () => {
      const rows = await c.hub.select(`${PREFIXES} SELECT ?whom { <${c.iri}> sioc:follows/sioc:follows ?whom }`);
      return rows.some(({ whom }) => whom === `xmpp:${a.jid}` || whom === a.iri);
    });
  });

  it("shows a stranger whom Bob follows, and who says to follow him", async () => {
    const b = known(bob);
    const read = (node: string): Promise<string> =>
      erin.ask("get", b.jid, `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/></pubsub>`);
    expect(await read(LIST)).toContain("alice@a.localhost");
    expect(await read("urn:xmpp:pps:subscriptions:0")).toContain("alice@a.localhost");
    const subscribe = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='${NODE}' jid='${ERIN}'><public xmlns='urn:xmpp:pps:0'/></subscribe></pubsub>`;
    expect(await erin.ask("set", b.jid, subscribe)).toContain("result");
    expect(await read(`urn:xmpp:pps:subscribers:0/${NODE}`)).toContain(ERIN);
    await b.hub.call("PATCH", "api/accounts/bob", b.token, { privateFollows: true });
    expect(await read(LIST)).toContain("item-not-found");
  });

  it("takes the reposts back where A's post is deleted, at C as well", async () => {
    const [a, c] = [known(alice), known(carol)];
    await a.remove(post);
    await eventually("the end of the repost at C", async () => (await shownTo(c, repost)) === undefined);
    expect(await known(bob).hub.posts(known(bob).iri)).toEqual(new Map());
  });
});

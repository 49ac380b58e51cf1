import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestProsody } from "../support/prosody.ts";
import { eventually, HubProcess, type TestAccount } from "./hub-process.ts";
import { RawClient } from "./raw-client.ts";

const CAROL = "carol@people.localhost";
const NODE = "urn:xmpp:microblog:0";
const BLOG = `xmpp:${CAROL}?;node=${NODE}`;

/** An entry as Movim writes it. */
function entry(id: string, title: string, more = ""): string {
  const now = new Date().toISOString();
  return `<entry xmlns='http://www.w3.org/2005/Atom'><title>${title}</title><author><name>Carol</name><uri>xmpp:${CAROL}</uri></author><id>${id}</id><published>${now}</published><updated>${now}</updated>${more}</entry>`;
}

describe("somebody with a plain account on an XMPP server, over a real Prosody", () => {
  const stack = new AsyncDisposableStack();
  let hub: HubProcess;
  let alice: TestAccount;
  let carol: RawClient;

  beforeAll(async () => {
    const component = { domain: "hub.localhost", secret: "tern" };
    const accounts = [{ jid: CAROL, password: "ternary" }];
    const prosody = stack.use(await startTestProsody({ components: [component], accounts }));
    hub = stack.use(await HubProcess.start({ xmpp: { service: prosody.service, ...component } }));
    alice = await hub.account("alice", { displayName: "Alice" });
    carol = stack.use(await RawClient.open(prosody.c2sPort, CAROL, "ternary"));
  });
  afterAll(() => stack.disposeAsync());

  const posts = () => hub.posts(`xmpp:${CAROL}`);
  const ask = (where: string) =>
    hub.select(`PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX as: <https://www.w3.org/ns/activitystreams#> ${where}`);

  it("is followed: what she posted before comes in", async () => {
    const category = "<category term='terns'/>";
    expect(await carol.publish(undefined, NODE, "carols-first", entry("carols-first", "Hello", category))).toContain(
      "result",
    );
    expect(await alice.follow(CAROL)).toMatchObject({ account: `xmpp:${CAROL}`, state: "subscribed" });
    await eventually("the backfill", async () => (await posts()).has(`${BLOG};item=carols-first`));
    const [row] = await ask(`SELECT ?topic { <${BLOG};item=carols-first> sioc:topic ?topic }`);
    expect(row).toEqual({ topic: `${hub.base}tags/terns` });
  });

  it("is pushed, and what she retracts goes", async () => {
    await carol.publish(undefined, NODE, "carols-second", entry("carols-second", "Pushed"));
    await eventually("the push", async () => (await posts()).has(`${BLOG};item=carols-second`));
    await carol.ask(
      "set",
      undefined,
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='${NODE}' notify='true'><item id='carols-second'/></retract></pubsub>`,
    );
    await eventually("the retract", async () => !(await posts()).has(`${BLOG};item=carols-second`));
    expect((await posts()).has(`${BLOG};item=carols-first`)).toBe(true);
  });

  it("finds answers and likes of the hub's people in the comments of her post", async () => {
    const node = "urn:xmpp:microblog:0:comments/carols-third";
    const field = (name: string, value: string): string => `<field var='${name}'><value>${value}</value></field>`;
    const form = `${field("FORM_TYPE", "http://jabber.org/protocol/pubsub#node_config")}${field("pubsub#access_model", "open")}${field("pubsub#publish_model", "open")}${field("pubsub#max_items", "max")}`;
    const made = await carol.ask(
      "set",
      undefined,
      `<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='${node}'/><configure><x xmlns='jabber:x:data' type='submit'>${form}</x></configure></pubsub>`,
    );
    expect(made).toContain("result");
    const link = `<link rel='replies' title='comments' href='xmpp:${CAROL}?;node=${node}'/>`;
    await carol.publish(undefined, NODE, "carols-third", entry("carols-third", "With comments", link));
    const iri = `${BLOG};item=carols-third`;
    await eventually("the push", async () => (await posts()).has(iri));
    await alice.post("A plain answer", { replyTo: iri });
    await hub.call("POST", "alice/likes", alice.token, { post: iri });
    const items = `<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='${node}'/></pubsub>`;
    await eventually("the answer and the like", async () => {
      const answer = await carol.ask("get", undefined, items);
      return answer.includes("A plain answer") && answer.includes("♥");
    });
  });

  it("comments and likes with her own client", async () => {
    const iri = await alice.post("Who saw the terns?");
    const comments = `urn:xmpp:microblog:0:comments/${iri.slice(iri.lastIndexOf("/") + 1)}`;
    expect(await carol.publish(alice.jid, comments, "carols-comment", entry("carols-comment", "I did!"))).toContain(
      "result",
    );
    expect(await carol.publish(alice.jid, comments, "carols-like", entry("carols-like", "♥"))).toContain("result");
    expect(
      await ask(`SELECT ?who ?text { ?c sioc:reply_of <${iri}> ; sioc:has_creator ?who ; sioc:content ?text }`),
    ).toEqual([{ who: `xmpp:${CAROL}`, text: "I did!" }]);
    expect(await ask(`SELECT ?who { ?like a as:Like ; as:object <${iri}> ; as:actor ?who }`)).toEqual([
      { who: `xmpp:${CAROL}` },
    ]);
  });
});

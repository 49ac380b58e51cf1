import { afterAll, beforeAll, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";
import { RawComponent } from "./raw-component.ts";

const SECRET = "tern";
const PUBSUB = "http://jabber.org/protocol/pubsub";
const OWNER = "alice@people.localhost/phone";
const READER = "bob@people.localhost/desk";
const NODE = "urn:example:news";

await describeNeeding(["prosody"], "a node that a person owns at a hub, over XMPP", () => {
  const stack = new AsyncDisposableStack();
  let people: RawComponent;
  let sent = 0;

  beforeAll(async () => {
    const domains = ["here.localhost", "people.localhost"];
    const components = domains.map((domain) => ({ domain, secret: SECRET }));
    const prosody = stack.use(await startTestProsody({ components }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    const hub = stack.use(await HubProcess.start({ xmpp }));
    await hub.account("alice", { linkedJids: ["alice@people.localhost"] });
    people = stack.use(await RawComponent.open(prosody.componentPort, "people.localhost", SECRET));
  });
  afterAll(async () => {
    await stack.disposeAsync();
  });

  const ask = async (from: string, type: "get" | "set", child: string): Promise<string> => {
    const id = `ask-${++sent}`;
    people.say(`<iq type='${type}' from='${from}' to='here.localhost' id='${id}'>${child}</iq>`);
    const [answer] = await people.hears(new RegExp(`<iq[^>]*\\bid=['"]${id}['"](?:[^>]*/>|.*?</iq>)`, "s"));
    return answer;
  };
  const pubsub = (inner: string, more = "") => `<pubsub xmlns='${PUBSUB}${more}'>${inner}</pubsub>`;
  const form = (kind: string, fields: Readonly<Record<string, string>>) =>
    `<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>${PUBSUB}#${kind}</value></field>${Object.entries(
      fields,
    )
      .map(([name, value]) => `<field var='pubsub#${name}'><value>${value}</value></field>`)
      .join("")}</x>`;
  const publish = (id: string) =>
    ask(
      OWNER,
      "set",
      pubsub(`<publish node='${NODE}'><item id='${id}'><note xmlns='urn:n'>${id}</note></item></publish>`),
    );

  it("is made, approved for, published at, purged and deleted, and each is told", async () => {
    const config = form("node_config", { access_model: "authorize", title: "News", notify_config: "1" });
    const create = pubsub(`<create node='${NODE}'/><configure>${config}</configure>`);
    expect(await ask(READER, "set", create)).toMatch(/<forbidden/);
    expect(await ask(OWNER, "set", create)).toMatch(/type=['"]result/);
    expect(await ask(OWNER, "set", create)).toMatch(/<conflict/);

    const subscribe = pubsub(`<subscribe node='${NODE}' jid='bob@people.localhost'/>`);
    expect(await ask(READER, "set", subscribe)).toMatch(/subscription=['"]pending/);
    const [request] = await people.hears(/<message[^>]*to=['"]alice@people\.localhost['"].*?<\/message>/s);
    expect(request).toContain(`${PUBSUB}#subscribe_authorization`);
    const pending = `<command xmlns='http://jabber.org/protocol/commands' node='${PUBSUB}#get-pending' action='execute'/>`;
    expect(await ask(OWNER, "set", pending)).toContain(`<value>${NODE}</value>`);

    const subid = /pubsub#subid.*?<value>([^<]*)/s.exec(request)?.[1] ?? "";
    const answer = { subid, node: NODE, subscriber_jid: "bob@people.localhost", allow: "true" };
    people.say(`<message from='${OWNER}' to='here.localhost'>${form("subscribe_authorization", answer)}</message>`);
    await people.hears(/<message[^>]*to=['"]bob@people\.localhost['"].*?subscription=['"]subscribed['"]/s);

    expect(await publish("item-1")).toMatch(/type=['"]result/);
    await people.hears(/<message[^>]*to=['"]bob@people\.localhost['"][^>]*>\s*<event.*?item-1.*?<\/message>/s);
    expect(await publish("item-2")).toMatch(/type=['"]result/);

    const archive = `<query xmlns='urn:xmpp:mam:2' queryid='q1' node='${NODE}'/>`;
    expect(await ask(READER, "set", archive)).toMatch(/<fin[^>]*complete=['"]true/);
    // In order, and before the end was told.
    await people.hears(/queryid=['"]q1['"].*?item-1.*?queryid=['"]q1['"].*?item-2.*?<fin/s);

    const configure = pubsub(
      `<configure node='${NODE}'>${form("node_config", { title: "Old news" })}</configure>`,
      "#owner",
    );
    expect(await ask(READER, "set", configure)).toMatch(/<forbidden/);
    expect(await ask(OWNER, "set", configure)).toMatch(/type=['"]result/);
    await people.hears(/<configuration [^>]*node=['"]urn:example:news/);

    expect(await ask(OWNER, "set", pubsub(`<purge node='${NODE}'/>`, "#owner"))).toMatch(/type=['"]result/);
    await people.hears(/<purge [^>]*node=['"]urn:example:news/);
    expect(await ask(READER, "get", pubsub(`<items node='${NODE}'/>`))).toMatch(/<count>0</);

    const moved = `<delete node='${NODE}'><redirect uri='xmpp:there.example?;node=news'/></delete>`;
    expect(await ask(OWNER, "set", pubsub(moved, "#owner"))).toMatch(/type=['"]result/);
    await people.hears(/<delete [^>]*node=['"]urn:example:news['"]>\s*<redirect/);
    expect(await ask(READER, "set", subscribe)).toMatch(/<gone[^>]*>xmpp:there\.example\?;node=news</);
  });
});

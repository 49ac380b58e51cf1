import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { PNG } from "../support/pictures.ts";
import { startTestProsody } from "../support/prosody.ts";
import { eventually, HubProcess } from "./hub-process.ts";
import { RawClient } from "./raw-client.ts";

const CAROL = "carol@people.localhost";
const NODE = "urn:xmpp:microblog:0";
const PNG_ID = createHash("sha1").update(PNG).digest("hex");

function publish(node: string, id: string, payload: string, accessModel: string): string {
  const type = `<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>`;
  const field = `<field var='pubsub#access_model'><value>${accessModel}</value></field>`;
  const form = `<x xmlns='jabber:x:data' type='submit'>${type}${field}</x>`;
  return `<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='${node}'><item id='${id}'>${payload}</item></publish><publish-options>${form}</publish-options></pubsub>`;
}

await describeNeeding(["prosody"], "somebody on an XMPP server who shows posts to contacts alone", () => {
  it("is followed once she lets the hub see her presence, with her name and picture", async () => {
    await using stack = new AsyncDisposableStack();
    const component = { domain: "hub.localhost", secret: "tern" };
    const accounts = [{ jid: CAROL, password: "ternary" }];
    const prosody = stack.use(await startTestProsody({ components: [component], accounts }));
    const xmpp = { service: prosody.service, ...component };
    const hub = stack.use(await HubProcess.start({ xmpp }));
    const alice = await hub.account("alice");
    const carol = stack.use(await RawClient.open(prosody.c2sPort, CAROL, "ternary"));
    await carol.ask("get", undefined, "<query xmlns='jabber:iq:roster'/>");
    carol.say("<presence/>");
    const now = new Date().toISOString();
    const entry = `<entry xmlns='http://www.w3.org/2005/Atom'><title>Among friends</title><id>x</id><published>${now}</published><updated>${now}</updated></entry>`;
    const data = `<data xmlns='urn:xmpp:avatar:data'>${PNG.toString("base64")}</data>`;
    const info = `<info id='${PNG_ID}' type='image/png' bytes='${PNG.length}' width='3' height='2'/>`;
    for (const [node, id, payload] of [
      [NODE, "carols-first", entry],
      ["http://jabber.org/protocol/nick", "current", "<nick xmlns='http://jabber.org/protocol/nick'>Carol C.</nick>"],
      ["urn:xmpp:avatar:data", PNG_ID, data],
      ["urn:xmpp:avatar:metadata", PNG_ID, `<metadata xmlns='urn:xmpp:avatar:metadata'>${info}</metadata>`],
    ] as const) {
      expect(await carol.ask("set", undefined, publish(node, id, payload, "presence"))).toContain("result");
    }

    expect(await alice.follow(CAROL)).toMatchObject({ account: `xmpp:${CAROL}`, state: "subscribing" });
    await carol.hears(/<presence [^>]*type=['"]subscribe['"]/);
    carol.say("<presence to='hub.localhost' type='subscribed'/>");
    await eventually("her post", async () =>
      (await hub.posts(`xmpp:${CAROL}`)).has(`xmpp:${CAROL}?;node=${NODE};item=carols-first`),
    );
    const profile = () =>
      hub.select(
        `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?name ?picture { <xmpp:${CAROL}> sioc:name ?name ; sioc:avatar ?picture }`,
      );
    await eventually("her name and picture", async () => (await profile()).length > 0);
    expect(await profile()).toEqual([{ name: "Carol C.", picture: `${hub.base}api/pictures/${PNG_ID}` }]);
    const picture = await fetch(`${hub.base}api/pictures/${PNG_ID}`);
    expect(picture.headers.get("content-type")).toBe("image/png");
    expect(Buffer.from(await picture.arrayBuffer()).equals(PNG)).toBe(true);
  });
});

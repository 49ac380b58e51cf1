import { expect, it } from "vitest";
import { describeWithStoreInside } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";
import { SlixmppClient } from "./slixmpp-client.ts";

const SECRET = "tern";
const BOB = { jid: "bob@people.localhost", password: "sea" };

await describeWithStoreInside(["prosody", "slixmpp"], "somebody with another XMPP client", () => {
  it("is told the answers of a standing query as they come and go", async () => {
    await using stack = new AsyncDisposableStack();
    const components = [{ domain: "here.localhost", secret: SECRET }];
    const prosody = stack.use(await startTestProsody({ components, accounts: [BOB] }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    const hub = stack.use(await HubProcess.start({ xmpp }));
    const alice = await hub.account("alice");
    const wish = { name: "terns", of: "topic", about: "#terns", audience: "public" };
    const { service, node } = await hub.call("POST", "alice/watches", alice.token, wish);
    const bob = stack.use(await SlixmppClient.open(prosody.c2sPort, BOB.jid, BOB.password));

    const at = { to: service, node };
    expect(await bob.ask("discover", at)).toMatchObject({ done: { identities: ["pubsub/leaf"] } });
    expect(await bob.ask("subscribe", at)).toMatchObject({ done: { state: "subscribed" } });
    await alice.post("A gull. #gulls");
    const iri = await alice.post("A pole-to-pole traveller. #terns");
    const { item, text } = await bob.hears({ event: "published" });
    expect(text).toMatchObject({ title: "A pole-to-pole traveller. #terns" });
    await alice.remove(iri);
    await bob.hears({ event: "retracted", item });
  });
});

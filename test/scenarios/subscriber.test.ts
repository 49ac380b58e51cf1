import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { findService } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { freePort } from "../support/free-port.ts";
import { describeWithStoreInside } from "../support/needing.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";
const BOB = { jid: "bob@people.localhost", password: "sea" };

await describeWithStoreInside(["prosody", "slixmpp"], "somebody with another XMPP client", () => {
  it("is told the answers of a standing query as they come and go", async () => {
    await using stack = new AsyncDisposableStack();
    const components = [{ domain: "here.localhost", secret: SECRET }];
    const prosody = stack.use(await startTestProsody({ components, accounts: [BOB] }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    const hub = stack.use(await HubProcess.start({ port: await freePort(), xmpp }));
    const alice = await hub.account("alice");
    const wish = { name: "terns", of: "topic", about: "#terns", audience: "public" };
    const { service, node } = await hub.call("POST", "alice/watches", alice.token, wish);
    const python = await findService("slixmpp");
    if (isRefusal(python)) throw new Error(python.message);
    const script = new URL("subscriber.py", import.meta.url).pathname;
    const client = spawn(
      python.command,
      [...python.parameters, script, BOB.jid, BOB.password, String(prosody.c2sPort), String(service), String(node)],
      { env: { ...process.env, ...python.env }, stdio: ["ignore", "pipe", "inherit"] },
    );
    stack.defer(async () => {
      const ended = once(client, "exit");
      if (client.exitCode === null && client.kill()) await ended;
    });
    const lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
    const heard = async (): Promise<string> => String((await lines.next()).value);

    expect(await heard()).toBe("node ['pubsub/leaf']");
    expect(await heard()).toBe("subscribed");
    await alice.post("A gull. #gulls");
    const iri = await alice.post("A pole-to-pole traveller. #terns");
    const [what, item, ...title] = (await heard()).split(" ");
    expect([what, title.join(" ")]).toEqual(["published", "A pole-to-pole traveller. #terns"]);
    await hub.call("DELETE", iri.slice(hub.base.length), alice.token);
    expect(await heard()).toBe(`retracted ${item}`);
  });
});

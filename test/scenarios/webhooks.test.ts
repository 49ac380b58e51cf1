import { expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { HookReceiver } from "../support/hook-receiver.ts";
import { describeWithStoreInside } from "../support/needing.ts";
import { eventually, HubProcess } from "./hub-process.ts";
import { Commands } from "./sterna-command.ts";

await describeWithStoreInside([], "the webhook of a standing query", () => {
  it("gets each answer once more after its hub was killed with it on the way, and in order", async () => {
    await using receiver = await HookReceiver.open();
    await using hub = await HubProcess.start();
    const alice = await hub.account("alice");
    await hub.call("POST", "alice/watches", alice.token, { name: "terns", of: "topic", about: "#terns" });
    const hooked = await hub.call("POST", "alice/watches/terns/hooks", alice.token, { url: receiver.url });
    receiver.secret = String(hooked["secret"]);

    // Taken in but not answered: the hub cannot know that it came.
    receiver.answer = () => () => undefined;
    const first = await alice.post("One #terns");
    const second = await alice.post("Two #terns");
    await receiver.hears(1);
    await hub.end("SIGKILL");
    receiver.answer = () => 204;
    await hub.up();
    const [before, again, next] = await receiver.hears(3);
    expect(again).toMatchObject({ id: before?.id, raw: before?.raw });
    expect([again, next].map((each) => each?.body.data.values["post"])).toEqual([first, second]);

    await hub.call("DELETE", first, alice.token);
    const retracted = (await receiver.hears(4))[3];
    expect(retracted?.body).toMatchObject({ type: "answer.retracted", data: { item: before?.body.data.item } });
    expect(receiver.complaints).toEqual([]);
    const list = await hub.call("GET", "alice/watches", alice.token);
    expect(JSON.stringify(list)).not.toContain(receiver.secret.slice("whsec_".length));
  });

  it("is found out when it does not answer, and gets what was committed while it was away and the hub dead", async () => {
    const port = await freePort();
    await using hub = await HubProcess.start();
    const alice = await hub.account("alice");
    await using commands = await Commands.open({ STERNA_URL: hub.base, STERNA_TOKEN: alice.token });
    const run = (...words: string[]) => commands.done(...words);
    await run("watch", "add", "terns", "--of", "topic", "--about", "#terns");
    const hooked = await run("watch", "hook", "terns", `http://127.0.0.1:${port}/hook`);
    const secret = /whsec_\S+/.exec(hooked)?.[0] ?? "";
    const iri = await alice.post("Nobody hears this. #terns");
    await eventually("the failure is listed", async () => /failing since/.test(await run("watch", "list")));
    await hub.end("SIGKILL");
    await using receiver = await HookReceiver.open(port);
    receiver.secret = secret;
    await hub.up();
    const [late] = await receiver.hears(1);
    expect(late?.body.data.values["post"]).toBe(iri);
    expect(receiver.complaints).toEqual([]);
    await eventually("it is well again", async () => /\(0 waiting\)/.test(await run("watch", "list")));
    await run("watch", "unhook", "terns", `http://127.0.0.1:${port}/hook`);
    expect(await run("watch", "list")).not.toContain("/hook");
  });
});

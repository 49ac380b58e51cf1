import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { findService } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { describeNeeding } from "../support/needing.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { PNG } from "../support/pictures.ts";
import { startTestProsody } from "../support/prosody.ts";
import { HubProcess } from "./hub-process.ts";

const SECRET = "tern";
const BOB = { jid: "bob@people.localhost", password: "sea" };

/** The lines a program prints, however they are interleaved. */
class Lines {
  readonly all: string[] = [];
  #waiting: (() => void)[] = [];

  add(line: string): void {
    this.all.push(line);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async until(...wanted: readonly string[]): Promise<void> {
    const late = delay(PATIENCE_MS, "late" as const, { ref: false });
    while (!wanted.every((line) => this.all.includes(line))) {
      const next = new Promise<"more">((resolve) => this.#waiting.push(() => resolve("more")));
      if ((await Promise.race([next, late])) === "late")
        throw new Error(`Expected ${wanted.join(", ")}, but heard ${this.all.join(", ")}.`);
    }
  }
}

await describeNeeding(["prosody", "slixmpp"], "somebody who has an account of the hub in their contacts", () => {
  it("sees it there, its name and picture, and its posts without subscribing to them", async () => {
    await using stack = new AsyncDisposableStack();
    const components = [{ domain: "here.localhost", secret: SECRET }];
    const prosody = stack.use(await startTestProsody({ components, accounts: [BOB] }));
    const xmpp = { service: prosody.service, domain: "here.localhost", secret: SECRET };
    const hub = stack.use(await HubProcess.start({ xmpp }));
    const alice = await hub.account("alice", { displayName: "Alice" });
    await alice.post("Before anybody looked.");
    const python = await findService("slixmpp");
    if (isRefusal(python)) throw new Error(python.message);
    const script = new URL("follower.py", import.meta.url).pathname;
    const client = spawn(
      python.command,
      [...python.parameters, script, BOB.jid, BOB.password, String(prosody.c2sPort), alice.jid],
      { env: { ...process.env, ...python.env }, stdio: ["ignore", "pipe", "inherit"] },
    );
    stack.defer(async () => {
      const ended = once(client, "exit");
      if (client.exitCode === null && client.kill()) await ended;
    });
    const lines = new Lines();
    createInterface({ input: client.stdout }).on("line", (line) => lines.add(line));

    await lines.until("subscribed", "asked by Alice", "caps right", "nick Alice", "post Before anybody looked.");
    await alice.post("Seen at once.");
    await lines.until("post Seen at once.");
    const put = await fetch(`${hub.base}alice/avatar`, {
      method: "PUT",
      headers: { authorization: `Bearer ${alice.token}`, "content-type": "image/png" },
      body: PNG,
    });
    expect(put.status).toBe(204);
    await lines.until("avatar image/png 3x2 True", "card Alice True");
    await hub.call("PATCH", "api/accounts/alice", alice.token, { displayName: "Alice L." });
    await lines.until("nick Alice L.");
    expect(lines.all.filter((line) => line === "post Seen at once.")).toHaveLength(1);
  });
});

import { describe, expect, it } from "vitest";
import { createHookSender } from "../../../src/feeds/hook-sender.ts";
import { exportQuads } from "../../../src/hub/house/export-documents.ts";
import { importDocuments } from "../../../src/hub/house/import-documents.ts";
import type { Requester } from "../../../src/hub/ports/requester.ts";
import { addHook } from "../../../src/hub/watches/hooks/manage-hooks.ts";
import { addWatch } from "../../../src/hub/watches/manage-watches.ts";
import { listWatches } from "../../../src/hub/watches/watch-view.ts";
import { parseRdf } from "../../../src/rdf/parse.ts";
import { serializeRdf } from "../../../src/rdf/serialize.ts";
import type { Quad } from "../../../src/rdf/term.ts";
import { addAccount, DAY_MS, must, OWNER, post, type TestHub } from "../test-hub.ts";
import { openWatchingHub } from "./watching-hub.ts";

const TERNS = `PREFIX sterna: <https://w3id.org/sterna#>\n# "Terns" & <others>\nSELECT ?post WHERE { ?post sterna:matches "tern" }`;
const URL = "https://bot.example/terns";
const sender = createHookSender({ allowPrivate: false, userAgent: "Sterna" });

/** A hub with alice, her posts and two watches, one of which tells a webhook. */
async function openFull() {
  const running = await openWatchingHub(sender);
  const { hub } = running;
  const alice = await addAccount(hub, "alice");
  await post(hub, alice, "A tern. #birds");
  must(await addWatch(hub.ports, alice, "alice", { name: "terns", query: TERNS }));
  must(await addWatch(hub.ports, alice, "alice", { name: "birds", of: "topic", about: "#birds", isPublic: true }));
  const { secret } = must(await addHook(hub.ports, alice, { account: "alice", name: "terns" }, { url: URL }));
  return { ...running, alice, secret };
}

async function trigOf(hub: TestHub, by: Requester): Promise<string> {
  return must(await serializeRdf(must(exportQuads(hub.ports, by)), { format: "trig" }));
}

async function take(hub: TestHub, by: Requester, trig: string) {
  const parsed: readonly Quad[] = must(await parseRdf(trig, { format: "trig", baseIri: hub.ports.identity.base }));
  const stream = (async function* () {
    yield* parsed;
  })();
  const refused: string[] = [];
  let stored = 0;
  let unchanged = 0;
  for await (const step of must(importDocuments(hub.ports, by, stream, { source: "test" }))) {
    refused.push(...step.refusals.map(({ message }) => message));
    ({ stored, unchanged } = step);
  }
  return { refused, stored, unchanged };
}

describe("standing queries in an export", () => {
  it("come back with their answers found anew, and webhooks that wait for a secret", async () => {
    await using from = await openFull();
    const trig = await trigOf(from.hub, OWNER);
    expect(trig).toContain(URL);
    expect(trig).not.toContain(from.secret.slice("whsec_".length));
    await using into = await openWatchingHub(sender);
    into.hub.clock.advance(DAY_MS);
    expect((await take(into.hub, OWNER, trig)).refused).toEqual([]);
    const account = into.hub.ports.records.reader.account(from.alice.account.name);
    if (account === undefined) throw new Error("Expected alice.");
    const alice = { ...from.alice, account };
    const facts = (hub: TestHub) =>
      must(listWatches(hub.ports, alice, "alice")).map((watch) => ({ ...watch, hooks: undefined }));
    expect(facts(into.hub)).toEqual(facts(from.hub));
    expect(facts(into.hub)).toMatchObject([{ answers: 1 }, { answers: 1 }]);
    const { reader } = into.hub.ports.records;
    expect(reader.watch({ account: account.name, name: "birds" })?.of).toMatchObject({ what: "topic" });
    const [hook] = reader.hooks();
    expect(hook).toMatchObject({ url: URL, account: "alice", name: "terns" });
    expect(hook?.secret).toBeUndefined();
    await post(into.hub, alice, "Another tern");
    await into.loop().settled();
    expect(reader.hookQueue(hook?.id ?? "").queued).toBe(0);
    must(await addHook(into.hub.ports, alice, { account: "alice", name: "terns" }, { url: URL }));
    expect(reader.hooks()).toHaveLength(1);
    expect(reader.hooks()[0]?.secret).toBeDefined();
    // Again: nothing changes.
    expect((await take(into.hub, OWNER, trig)).refused).toEqual([]);
    expect(facts(into.hub)).toHaveLength(2);
  });

  it("are exported and restored by their account, and by nobody else but the owner", async () => {
    await using from = await openFull();
    const { hub, alice } = from;
    const bob = await addAccount(hub, "bob");
    expect(await trigOf(hub, bob)).not.toContain("StandingQuery");
    const trig = await trigOf(hub, alice);
    expect(trig.match(/a sterna:StandingQuery|#StandingQuery/g)).toHaveLength(2);
    const watches = trig.slice(trig.indexOf("alice/watches") - 500);
    expect(watches).toContain("birds");
    await using into = await openWatchingHub(sender);
    const [here, other] = [await addAccount(into.hub, "alice"), await addAccount(into.hub, "bob")];
    const byBob = await take(into.hub, other, trig);
    expect(byBob.refused.filter((sentence) => sentence.includes("restore a standing query"))).toHaveLength(2);
    await take(into.hub, here, trig);
    expect(must(listWatches(into.hub.ports, here, "alice")).map(({ name }) => name)).toEqual(["birds", "terns"]);
  });

  it("are refused one by one where they cannot be kept open", async () => {
    await using from = await openFull();
    const trig = await trigOf(from.hub, OWNER);
    await using into = await openWatchingHub(sender);
    const broken = trig.replace("{ ?post sterna:matches", "{ { ?post sterna:matches").replace(URL, "http://127.0.0.1/");
    const { refused } = await take(into.hub, OWNER, broken);
    expect(refused).toHaveLength(1);
    expect(into.hub.ports.records.reader.watches().map(({ name }) => name)).toEqual(["birds"]);
  });
});

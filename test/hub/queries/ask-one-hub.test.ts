import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { askOneHub } from "../../../src/hub/queries/ask-one-hub.ts";
import { runQuery } from "../../../src/hub/queries/run-query.ts";
import { type Refusal, refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { ANONYMOUS, must, post } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const FAR = "https://far.example/";
const TEXTS = "SELECT ?text { ?post <http://rdfs.org/sioc/ns#content> ?text }";

let hubs: TwoHubs;
beforeEach(async () => {
  hubs = await openTwoHubs();
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  await post(hubs.there, hubs.alice, "there");
  await post(hubs.here, hubs.bob, "here");
});
afterEach(async () => {
  await hubs[Symbol.asyncDispose]();
});

const ask = (named: string, text = TEXTS) => askOneHub(hubs.here.ports, hubs.bob, text, named, { timeout_ms: 2_000 });

async function texts(named: string): Promise<readonly (string | undefined)[]> {
  const answer = must(await ask(named));
  if (answer.kind !== "bindings") throw new Error(`Expected rows, but got ${answer.kind}.`);
  return (await Array.fromAsync(answer.rows)).map((row) => row.get("text")?.value);
}

/** From now on nobody reaches the other hub over HTTP. */
function cutHttp(): void {
  hubs.here.remote.queries.answers.set(FAR, refuse("remote-unreachable", `${FAR} could not be reached.`));
}

describe("one named hub", () => {
  it.each([
    ["its base", FAR],
    ["its base without the slash", "https://far.example"],
    ["its endpoint", `${FAR}sparql`],
    ["somebody's page there", `${FAR}alice`],
    ["somebody's account there", `${FAR}alice#account`],
    ["its XMPP domain", "xmpp:far.example"],
    ["its XMPP domain in capitals", "XMPP:Far.Example"],
    ["somebody's JID there", "xmpp:alice@far.example?message"],
  ])("is asked alone, by %s", async (_, named) => {
    expect(await texts(named)).toEqual(["there"]);
  });

  it("is asked at most six things at once for one account, and goes on when they end", async () => {
    const { queries } = hubs.here.remote;
    const given = Promise.withResolvers<undefined>();
    const answer = queries.ask.bind(queries);
    queries.ask = async (question) => {
      await given.promise;
      return await answer(question);
    };
    const waiting = Array.from({ length: 6 }, () => ask(FAR));
    expect(await ask(FAR)).toMatchObject({ code: "too-many", message: expect.stringMatching(/at most 6 questions/) });
    given.resolve(undefined);
    for (const found of await Promise.all(waiting)) expect(found).toMatchObject({ kind: "bindings" });
    expect(await texts(FAR)).toEqual(["there"]);
  });

  it("is asked over XMPP where HTTP does not reach it", async () => {
    cutHttp();
    expect(await texts(FAR)).toEqual(["there"]);
    expect(hubs.here.xmpp.questions.filter(({ name }) => name === "askSparql")).toHaveLength(1);
  });

  it.each([false, true])("gives triples, and yes or no (over XMPP: %s)", async (overXmpp) => {
    if (overXmpp) cutHttp();
    const graph = must(await ask(FAR, `DESCRIBE <${hubs.alice.iri}>`));
    if (graph.kind !== "quads") throw new Error(`Expected triples, but got ${graph.kind}.`);
    const quads = await Array.fromAsync(graph.quads);
    expect(quads.some(({ subject }) => subject.value === hubs.alice.iri)).toBe(true);
    expect(await ask(FAR, `ASK { <${hubs.alice.iri}> ?p ?o }`)).toEqual({ kind: "boolean", value: true });
    expect(await ask(FAR, "ASK { <urn:nothing> ?p ?o }")).toEqual({ kind: "boolean", value: false });
  });

  it.each([
    ["a stranger", "https://stranger.example/", "forbidden", /follow somebody there first/],
    ["a stranger's domain", "xmpp:stranger.example", "forbidden", /follow somebody there first/],
    ["an address of this machine", "http://127.0.0.1:8030/", "forbidden", /follow somebody there first/],
    ["another hub whose address begins like a known one", "https://far.example.evil/", "forbidden", /follow/],
    ["this hub", "https://hub.example/", "invalid", /is this one; ask without naming a hub/],
    ["this hub's domain", "xmpp:hub.example", "invalid", /is this one/],
    ["no address", "far.example", "invalid", /name one by its address/],
    ["no JID", "xmpp:@", "invalid", /name one by its address/],
    ["an address with a space", "https://far.example/ x", "invalid", /name one by its address/],
  ])("is not %s", async (_, named, code, why) => {
    expect(await ask(named)).toMatchObject({ kind: "refusal", code, message: expect.stringMatching(why) });
    expect(hubs.here.remote.queries.asked).toEqual([]);
    expect(hubs.here.xmpp.questions.filter(({ name }) => name === "askSparql")).toEqual([]);
  });

  it("is a stranger where the owner allows it", async () => {
    const { here } = hubs;
    const allowing = { ...here.ports, options: { ...here.ports.options, services: ["xmpp:Far.example"] } };
    const by = {
      kind: "account",
      account: { ...hubs.bob.account },
      iri: `${here.ports.identity.base}nobody#account` as Iri,
    } as const;
    expect(await askOneHub(here.ports, by, "ASK {}", "xmpp:far.example")).toMatchObject({ code: "forbidden" });
    expect(await askOneHub(allowing, by, "ASK {}", "xmpp:far.example")).toEqual({ kind: "boolean", value: true });
  });

  it.each<[string, Refusal]>([
    ["refuses", refuse("remote-refused", `${FAR} answered with 403: not for you.`)],
    ["wants a pause", refuse("unavailable", `${FAR} asked for a pause, which lasts 5 seconds still.`)],
  ])("that %s is passed on with its reason", async (_, no) => {
    hubs.here.remote.queries.answers.set(FAR, no);
    expect(await ask(FAR)).toEqual(no);
  });

  it("that does not answer is named when its time is over", async () => {
    const { remoteQueries } = hubs.here.ports;
    const deaf: typeof remoteQueries = {
      ...remoteQueries,
      describe: (...asked) => remoteQueries.describe(...asked),
      ask: async ({ signal }) => {
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
        return refuse("timed-out", "It was given up.");
      },
    };
    const ports = { ...hubs.here.ports, remoteQueries: deaf };
    expect(await askOneHub(ports, hubs.bob, TEXTS, FAR, { timeout_ms: 20 })).toEqual(
      refuse("timed-out", `Expected an answer of ${FAR} within 0.02 seconds, but none came.`),
    );
  });

  it("is asked for accounts only, and nothing that is no query", async () => {
    expect(await askOneHub(hubs.here.ports, ANONYMOUS, TEXTS, FAR)).toMatchObject({ code: "unauthenticated" });
    expect(await ask(FAR, "SELECT * {")).toMatchObject({ code: "malformed" });
    expect(await ask(FAR, "INSERT DATA { <urn:a> <urn:b> <urn:c> }")).toMatchObject({ code: "forbidden" });
    expect(hubs.here.remote.queries.asked).toEqual([]);
  });
});

describe("SERVICE by an xmpp: address", () => {
  const service = (address: string) =>
    `SELECT ?text { SERVICE <${address}> { ?post <http://rdfs.org/sioc/ns#content> ?text } }`;
  const answered = async (by: typeof hubs.bob, text: string, services: readonly string[] = []) => {
    const { ports } = hubs.here;
    const found = await runQuery({ ...ports, options: { ...ports.options, services } }, by, text);
    if ("code" in found) return found.code;
    return found.kind === "bindings" ? (await Array.fromAsync(found.rows)).length : found.kind;
  };

  it("works for the hub of somebody one follows, and for what the owner allows", async () => {
    const stranger = { ...hubs.bob, iri: "https://hub.example/nobody#account" as Iri };
    expect(await answered(hubs.bob, service("xmpp:far.example"))).toBe(1);
    expect(await answered(stranger, service("xmpp:far.example"))).toBe("forbidden");
    expect(await answered(stranger, service("xmpp:far.example"), ["xmpp:FAR.example"])).toBe(1);
    expect(await answered(stranger, service("xmpp:other.example"), ["xmpp:far.example"])).toBe("forbidden");
  });
});

import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { descriptionsOf } from "../../../src/hub/queries/network/hub-descriptions.ts";
import { type NetworkAnswer, queryNetwork } from "../../../src/hub/queries/query-network.ts";
import { type Refusal, refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, quad, type Term } from "../../../src/rdf/term.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { ANONYMOUS, addAccount, type Holder, must, openTestHub, post, type TestHub } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const SIOC = "PREFIX sioc: <http://rdfs.org/sioc/ns#>";
const FRIENDS_OF_FRIENDS = (me: Iri): string => `${SIOC} SELECT ?text {
  <${me}> sioc:follows/sioc:follows ?them . ?post sioc:has_creator ?them ; sioc:content ?text }`;

let hubs: TwoHubs;
let third: TestHub;
let carol: Holder;
beforeEach(async () => {
  hubs = await openTwoHubs();
  third = await openTestHub({ base: "https://third.example/", domain: "third.example", network: hubs.network });
  carol = await addAccount(third, "carol");
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  must(await followAccount(hubs.there.ports, hubs.alice, carol.iri));
  await post(third, carol, "from the third hub");
});
afterEach(async () => {
  await third[Symbol.asyncDispose]();
  await hubs[Symbol.asyncDispose]();
});

const ask = (by: Parameters<typeof queryNetwork>[1], strict = false): Promise<NetworkAnswer | Refusal> =>
  queryNetwork(hubs.here.ports, by, FRIENDS_OF_FRIENDS(hubs.bob.iri), { strict });

async function texts({ answer }: NetworkAnswer): Promise<readonly (string | undefined)[]> {
  if (answer.kind !== "bindings") throw new Error(`Expected rows, but got ${answer.kind}.`);
  const rows = await Array.fromAsync(answer.rows);
  return rows.map((row) => row.get("text")?.value);
}

describe("a query across hubs", () => {
  it("joins what three hubs know, with one request each", async () => {
    const found = must(await ask(hubs.bob));
    expect([found.told.hubs, found.told.warnings]).toEqual([["https://far.example/", "https://third.example/"], []]);
    expect(await texts(found)).toEqual(["from the third hub"]);
    expect(found.told.asked).toMatchObject([{ requests: 1 }, { requests: 1 }]);
  });

  it("names a hub that is down, and is refused when strict", async () => {
    hubs.network.delete("third.example");
    const found = must(await ask(hubs.bob));
    expect(found.told.warnings).toMatchObject([{ hub: "https://third.example/" }]);
    expect(await texts(found)).toEqual([]);
    expect(await ask(hubs.bob, true)).toMatchObject({
      code: "remote-refused",
      detail: { hubs: ["https://third.example/"] },
    });
  });

  it("believes no hub about other people's posts", async () => {
    const forged = namedNode("https://far.example/forged");
    const quads = [
      quad(namedNode(hubs.alice.iri), sioc.follows, namedNode(carol.iri)),
      quad(forged, sioc.has_creator, namedNode(carol.iri)),
      quad(forged, sioc.content, literal("forged")),
    ];
    hubs.here.remote.queries.answers.set("https://far.example/", { kind: "quads", quads });
    expect(await texts(must(await ask(hubs.bob)))).toEqual(["from the third hub"]);
  });

  it("tells of each row which hubs it came from, and of no other", async () => {
    await post(hubs.there, hubs.alice, "from the second hub");
    const text = `${SIOC} SELECT ?text { { ${FRIENDS_OF_FRIENDS(hubs.bob.iri).replace(/^[^{]*\{|\}$/g, "")} }
      UNION { <${hubs.bob.iri}> sioc:follows ?friend . ?post sioc:has_creator ?friend ; sioc:content ?text } }`;
    const { answer } = must(await queryNetwork(hubs.here.ports, hubs.bob, text, { provenance: true }));
    if (answer.kind !== "bindings") throw new Error("Expected rows.");
    expect(answer.variables).toEqual(["text", "hub"]);
    const rows = await Array.fromAsync(answer.rows, (row) => [row.get("text")?.value, row.get("hub")?.value]);
    expect(rows.sort(([a = ""], [b = ""]) => a.localeCompare(b))).toEqual([
      ["from the second hub", "https://far.example/ https://hub.example/"],
      ["from the third hub", "https://far.example/ https://hub.example/ https://third.example/"],
    ]);
  });

  it("tells the hubs of all ways to a row that DISTINCT makes one", async () => {
    await post(hubs.here, hubs.bob, "from here");
    await post(hubs.there, hubs.alice, "from there");
    const text = `${SIOC} SELECT DISTINCT ?kind { ?post a ?kind ; sioc:content ?text } ORDER BY ?kind LIMIT 1`;
    const { answer } = must(await queryNetwork(hubs.here.ports, hubs.bob, text, { provenance: true }));
    if (answer.kind !== "bindings") throw new Error("Expected rows.");
    expect(await Array.fromAsync(answer.rows, (row) => row.get("hub")?.value)).toEqual([
      "https://far.example/ https://hub.example/",
    ]);
  });

  it("tells the hubs of all members of a group, and those of one way along a path", async () => {
    await post(hubs.here, hubs.bob, "from here");
    await post(hubs.there, hubs.alice, "from there");
    const ask = async (text: string) => {
      const { answer } = must(await queryNetwork(hubs.here.ports, hubs.bob, `${SIOC} ${text}`, { provenance: true }));
      if (answer.kind !== "bindings") throw new Error("Expected rows.");
      return await Array.fromAsync(answer.rows, (row) => [...row.values()].map(({ value }) => value));
    };
    const [here, there] = ["https://hub.example/", "https://far.example/"];
    const count = "SELECT (COUNT(*) AS ?n) { ?post sioc:content ?text OPTIONAL { ?post sioc:reply_of ?other } }";
    expect(await ask(count)).toEqual([["2", `${there} ${here}`]]);
    const each = "SELECT ?who (COUNT(*) AS ?n) { ?post sioc:has_creator ?who ; sioc:content ?text } GROUP BY ?who";
    expect((await ask(`${each} ORDER BY ?who`)).map(([who, n, hub]) => [who, n, hub])).toEqual([
      [hubs.alice.iri, "1", there],
      [hubs.bob.iri, "1", here],
    ]);
    const friends = `SELECT ?friend { <${hubs.bob.iri}> sioc:follows+ ?friend }`;
    const found = new Map((await ask(friends)).map(([friend = "", hub]) => [friend, hub]));
    expect(found.get(hubs.alice.iri)).toBe(here);
    expect(found.get(carol.iri)).toBe(`${there} ${here}`);
  });

  it.each([
    ["ASK { ?s sioc:follows ?o }", "not-implemented"],
    ["SELECT ?s { { SELECT DISTINCT ?s { ?s sioc:follows ?o } } }", "not-implemented"],
    ["SELECT ?hub { ?hub sioc:follows ?o }", "invalid"],
  ])("does not tell where rows are from that have no triples of their own: %s", async (text, code) => {
    const asked = queryNetwork(hubs.here.ports, hubs.bob, `${SIOC} ${text}`, { provenance: true });
    expect(await asked).toMatchObject({ kind: "refusal", code });
  });

  it("gives rows while hubs are still asked, where more data can only add some", async () => {
    const { queries } = hubs.here.remote;
    const late = Promise.withResolvers<undefined>();
    const ask = queries.ask.bind(queries);
    queries.ask = async (question) => {
      await late.promise;
      return await ask(question);
    };
    await post(hubs.here, hubs.bob, "from here");
    await post(hubs.there, hubs.alice, "from there");
    const text = `${SIOC} SELECT ?text { ?post sioc:content ?text }`;
    const { answer, told } = must(await queryNetwork(hubs.here.ports, hubs.bob, text, { gradual: true }));
    if (answer.kind !== "bindings") throw new Error("Expected rows.");
    const rows = answer.rows[Symbol.asyncIterator]() as AsyncIterator<ReadonlyMap<string, Term>, undefined>;
    expect((await rows.next()).value?.get("text")?.value).toBe("from here");
    expect(told.hubs).toEqual([]);
    late.resolve(undefined);
    expect((await rows.next()).value?.get("text")?.value).toBe("from there");
    expect(await rows.next()).toMatchObject({ done: true });
    expect(told.hubs).toEqual(["https://far.example/"]);
  });

  it("asks again what is left when a hub answers while another one's answer is thought over", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, carol.iri));
    const [far, thing, other] = ["https://far.example/b", "https://third.example/thing", "https://third.example/a"];
    const { queries } = hubs.here.remote;
    const thought = Promise.withResolvers<undefined>();
    queries.ask = async ({ to, query }) => {
      const at = "hub" in to ? to.hub : "";
      if (at === "https://far.example/")
        return { kind: "quads", quads: [quad(namedNode(far), sioc.related_to, namedNode(thing))] };
      if (!query.includes(sioc.topic.value))
        return { kind: "quads", quads: [quad(namedNode(thing), sioc.name, literal("found"))] };
      await thought.promise;
      return { kind: "quads", quads: [quad(namedNode(other), sioc.topic, namedNode(far))] };
    };
    const { queries: local } = hubs.here.ports;
    const adHoc = local.adHoc.bind(local);
    vi.spyOn(local, "adHoc").mockImplementation(async (...asked) => {
      // What far.example's answer narrows is looked up now, and third.example's arrives before it is known.
      thought.resolve(undefined);
      await turn();
      return await adHoc(...asked);
    });
    for (const base of ["https://far.example/", "https://third.example/"]) descriptionsOf(hubs.here.ports).forget(base);
    const text = `${SIOC} SELECT ?text { <${far}> sioc:related_to ?b . ?b sioc:name ?text . <${other}> sioc:topic ?a }`;
    const found = must(await queryNetwork(hubs.here.ports, hubs.bob, text, {}));
    expect(await texts(found)).toEqual(["found"]);
  });

  it("takes of all hubs together what fits, and names the hub that has more", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, carol.iri));
    for (const base of ["https://far.example/", "https://third.example/"]) descriptionsOf(hubs.here.ports).forget(base);
    // Either is within the bound, both are not.
    hubs.here.remote.queries.ask = async ({ to }) => {
      const at = "hub" in to ? to.hub : "";
      const quads = Array.from({ length: 60_000 }, (_, n) =>
        quad(namedNode(`${at}${n}`), sioc.name, literal("a tern")),
      );
      return { kind: "quads", quads };
    };
    const text = `${SIOC} SELECT ?text { ?b sioc:name ?text } LIMIT 1`;
    const found = must(await queryNetwork(hubs.here.ports, hubs.bob, text, {}));
    expect(found.told.warnings).toEqual([
      { hub: "https://third.example/", message: expect.stringContaining("has more to say than fits") },
    ]);
    expect(found.told.hubs).toEqual(["https://far.example/"]);
  });

  it("waits for no hub where what is here is enough, gives up asking it, and blames it for nothing", async () => {
    const { queries } = hubs.here.remote;
    const given = Promise.withResolvers<undefined>();
    queries.ask = async ({ signal }) => {
      const no = refuse("timed-out", "Nobody waited for it.");
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      given.resolve(undefined);
      return no;
    };
    await post(hubs.here, hubs.bob, "from here");
    const text = `${SIOC} SELECT ?text { ?post sioc:content ?text } LIMIT 1`;
    const wish = { gradual: true, timeout_ms: 3_600_000 };
    const found = must(await queryNetwork(hubs.here.ports, hubs.bob, text, wish));
    expect(await texts(found)).toEqual(["from here"]);
    await given.promise;
    expect([found.told.hubs, found.told.warnings]).toEqual([[], []]);
  });

  it("asks a hub twice at most: what only the answers of others narrow comes second", async () => {
    const { queries } = hubs.here.remote;
    const dan = await addAccount(hubs.there, "dan");
    for (let n = 0; n < 60; n++) await post(hubs.there, dan, `post ${n}`);
    for (const base of ["https://far.example/", "https://third.example/"]) descriptionsOf(hubs.here.ports).forget(base);
    must(await followAccount(hubs.there.ports, hubs.alice, dan.iri));
    queries.asked.length = 0;
    const found = must(await ask(hubs.bob));
    expect((await texts(found)).length).toBe(61);
    expect(found.told.asked).toMatchObject([
      { hub: "https://far.example/", requests: 2 },
      { hub: "https://third.example/", requests: 1 },
    ]);
    const [first, ...others] = queries.asked.map(({ query }) => query);
    expect(first).toContain(`VALUES ?v0_0 { <${hubs.alice.iri}> }`);
    expect(first).not.toContain("content");
    expect(others).toEqual([
      expect.stringContaining(`VALUES ?v0_1 { <${dan.iri}> }`),
      expect.stringContaining(`VALUES ?v0_1 { <${carol.iri}> }`),
    ]);
  });

  it("waits for no hub longer than its time, and names it", async () => {
    const { queries } = hubs.here.remote;
    queries.ask = ({ signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(refuse("timed-out", "too late")), { once: true });
      });
    const text = `${SIOC} SELECT ?who { ?account sioc:account_of ?who }`;
    const { told } = must(await queryNetwork(hubs.here.ports, hubs.bob, text, { timeout_ms: 20 }));
    expect(told.warnings).toEqual([
      { hub: "https://far.example/", message: "https://far.example/ did not answer within 0.02 seconds." },
    ]);
  });

  it("tells nobody by the hubs it asks whom others follow in private", async () => {
    const dave = await addAccount(hubs.here, "dave", { privateFollows: true });
    const erin = await addAccount(hubs.here, "erin");
    must(await followAccount(hubs.here.ports, dave, carol.iri));
    must(await followAccount(hubs.here.ports, erin, dave.iri));
    const text = `${SIOC} SELECT ?text { ?post sioc:content ?text } ORDER BY ?text`;
    const { told } = must(await queryNetwork(hubs.here.ports, erin, text));
    expect(told.asked).toEqual([]);
    expect(must(await queryNetwork(hubs.here.ports, dave, text, { fresh: true })).told.asked).toMatchObject([
      { hub: "https://third.example/" },
    ]);
  });

  it("is for accounts only", async () => {
    expect(await ask(ANONYMOUS)).toMatchObject({ code: "unauthenticated" });
  });
});

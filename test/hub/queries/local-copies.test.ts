import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { editPost } from "../../../src/hub/posts/edit-post.ts";
import { descriptionsOf } from "../../../src/hub/queries/network/hub-descriptions.ts";
import { type NetworkWish, queryNetwork } from "../../../src/hub/queries/query-network.ts";
import { addAccount, type Holder, must, post } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const PREFIX = "PREFIX sioc: <http://rdfs.org/sioc/ns#>";
const POSTS = `${PREFIX} SELECT ?text { ?post sioc:has_creator ?who ; sioc:content ?text }`;
const FAR = "https://far.example/" as const;

let hubs: TwoHubs;
let dan: Holder;
beforeEach(async () => {
  hubs = await openTwoHubs();
  dan = await addAccount(hubs.there, "dan");
  await post(hubs.there, hubs.alice, "by alice");
  await post(hubs.there, dan, "by dan");
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
});
afterEach(async () => {
  await hubs[Symbol.asyncDispose]();
});

async function ask(wish: NetworkWish = {}, text = POSTS) {
  const { queries } = hubs.here.remote;
  queries.asked.length = 0;
  const { answer, told } = must(await queryNetwork(hubs.here.ports, hubs.bob, text, wish));
  if (answer.kind !== "bindings") throw new Error(`Expected rows, but got ${answer.kind}.`);
  const rows = await Array.fromAsync(answer.rows);
  expect(told.warnings).toEqual([]);
  return {
    texts: rows.map((row) => row.get("text")?.value).sort(byText),
    queries: queries.asked.map(({ query }) => query),
  };
}

const byText = (a = "", b = ""): number => a.localeCompare(b);

describe("posts whose copies are here", () => {
  it("are not asked for again", async () => {
    expect((await ask()).texts).toEqual(["by alice", "by dan"]);
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    const descriptions = descriptionsOf(hubs.here.ports);
    descriptions.forget(FAR);
    const { texts, queries } = await ask();
    expect(texts).toEqual(["by alice", "by dan"]);
    expect(queries).toEqual([expect.stringContaining(`NOT EXISTS { VALUES ?v0_3 { <${hubs.alice.iri}> }`)]);
    // Where the hub tells whose posts it has, the others are asked for by name.
    await descriptions.read(FAR);
    expect((await ask()).queries).toEqual([expect.stringContaining(`VALUES ?v0_1 { <${dan.iri}> }`)]);
    const own = await ask(
      {},
      `${PREFIX} SELECT ?text { ?post sioc:has_creator <${hubs.alice.iri}> ; sioc:content ?text }`,
    );
    expect(own).toEqual({ texts: ["by alice"], queries: [] });
  });

  it("are asked for where the copies may be out of date", async () => {
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    hubs.clock.advance(2 * hubs.here.ports.options.catchUpEvery_ms);
    // Without what the hub says of itself, by which the others could be asked for by name.
    descriptionsOf(hubs.here.ports).forget(FAR);
    const { queries } = await ask();
    expect(queries).toEqual([expect.not.stringMatching(/NOT EXISTS|VALUES/)]);
  });

  it("stand as they are until they are asked for anew, and then as their hub has them now", async () => {
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    const [iri] = hubs.there.ports.records.reader.postIds(`${FAR}alice/posts` as never);
    if (iri === undefined) throw new Error("Expected a post.");
    must(await editPost(hubs.there.ports, hubs.alice, iri, { text: "by alice, later" }));
    expect((await ask()).texts).toEqual(["by alice", "by dan"]);
    expect((await ask({ fresh: true })).texts).toEqual(["by alice, later", "by dan"]);
  });
});

describe("what a hub says of itself", () => {
  const about = (pattern: string): string => `${PREFIX} SELECT ?text { ?post ${pattern} ; sioc:content ?text }`;

  it.each([
    ["a property it has not", about("<http://example.org/rating> ?stars")],
    ["a class it has not", about("a <http://example.org/Review>")],
    ["a person it has not", about(`sioc:has_creator <${FAR}nobody#account>`)],
    [
      "a time before it had posts",
      `PREFIX dct: <http://purl.org/dc/terms/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> ${about("dct:created ?date").replace(/\}$/, 'FILTER(?date < "2020-01-01T00:00:00Z"^^xsd:dateTime) }')}`,
    ],
  ])("keeps it from being asked for %s", async (_, text) => {
    const descriptions = descriptionsOf(hubs.here.ports);
    descriptions.forget(FAR);
    expect((await ask({}, text)).queries).toHaveLength(1);
    await descriptions.read(FAR);
    expect((await ask({}, text)).queries).toEqual([]);
    expect((await ask({ fresh: true }, text)).queries).toHaveLength(1);
  });
});

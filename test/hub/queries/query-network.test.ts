import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { type NetworkAnswer, queryNetwork } from "../../../src/hub/queries/query-network.ts";
import type { Refusal } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { literal, namedNode, quad } from "../../../src/rdf/term.ts";
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

  it("is for accounts only", async () => {
    expect(await ask(ANONYMOUS)).toMatchObject({ code: "unauthenticated" });
  });
});

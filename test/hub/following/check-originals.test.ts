import { afterEach, beforeEach, expect, it } from "vitest";
import { checkOriginals } from "../../../src/hub/following/check-originals.ts";
import { deletePost } from "../../../src/hub/posts/delete-post.ts";
import { endMissedReposts, repostPost } from "../../../src/hub/posts/repost-post.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { HOUR_MS, must, post } from "../test-hub.ts";
import { follow, openTwoHubs, push, type TwoHubs } from "../two-hubs.ts";

let hubs: TwoHubs;
beforeEach(async () => {
  hubs = await openTwoHubs();
});
afterEach(() => hubs[Symbol.asyncDispose]());

const stateOf = (iri: Iri) => hubs.here.ports.records.reader.document(iri)?.kind;

/** A post of alice's that bob passes on though nobody at his hub follows her. */
async function passedOn(text: string) {
  const about = await post(hubs.there, hubs.alice, text);
  const { jid } = hubs.alice.account;
  const address = `xmpp:${jid}?;node=urn:xmpp:microblog:0;item=${about.id}`;
  const { repost } = must(await repostPost(hubs.here.ports, hubs.bob, address));
  return { original: about.iri, repost };
}

it("deletes what was passed on here once it is gone there, though nobody here follows its author", async () => {
  const one = await passedOn("The terns are back");
  const other = await passedOn("So are the gulls");
  expect(await checkOriginals(hubs.here.ports)).toBe(0);
  must(await deletePost(hubs.there.ports, hubs.alice, one.original));
  expect(await checkOriginals(hubs.here.ports)).toBe(1);
  expect([stateOf(one.original), stateOf(other.original)]).toEqual(["tombstone", "live"]);
  expect(await endMissedReposts(hubs.here.ports)).toBe(1);
  expect([stateOf(one.repost), stateOf(other.repost)]).toEqual(["tombstone", "live"]);
  expect(await checkOriginals(hubs.here.ports)).toBe(0);
});

it("takes nothing for gone that cannot be asked for, or whose node is away", async () => {
  const { original } = await passedOn("The terns are back");
  must(await deletePost(hubs.there.ports, hubs.alice, original));
  hubs.here.xmpp.become("connecting");
  expect(await checkOriginals(hubs.here.ports)).toBe(0);
  hubs.here.xmpp.become("online");
  for (const code of ["timed-out", "forbidden", "not-found"] as const) {
    hubs.here.xmpp.before = ({ name }) => (name === "items" ? refuse(code, "No.") : undefined);
    expect(await checkOriginals(hubs.here.ports)).toBe(0);
  }
  expect(stateOf(original)).toBe("live");
});

it("asks for a part at a time, in turns, and for nothing of whom somebody here follows", async () => {
  for (let at = 0; at < 25; at++) await passedOn(`post ${at}`);
  const asked = () => hubs.here.xmpp.questions.filter(({ name }) => name === "items").length;
  const idsOf = async (): Promise<readonly string[]> => {
    const before = hubs.here.xmpp.questions.length;
    await checkOriginals(hubs.here.ports);
    return hubs.here.xmpp.questions.slice(before).map(({ detail }) => JSON.stringify(detail));
  };
  const first = await idsOf();
  hubs.clock.advance(HOUR_MS);
  const second = await idsOf();
  expect([first.length, new Set([...first, ...second]).size]).toEqual([20, 25]);
  await follow(hubs);
  await push(hubs);
  const before = asked();
  expect(await checkOriginals(hubs.here.ports)).toBe(0);
  expect(asked()).toBe(before);
});

import { afterEach, beforeEach, expect, it } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { receiveEvent } from "../../../src/hub/following/receive-event.ts";
import { readTimeline } from "../../../src/hub/posts/read-timeline.ts";
import { handlePubsub } from "../../../src/hub/pubsub/handle-pubsub.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import { addAccount, must, post } from "../test-hub.ts";
import { follow, openTwoHubs, push, pushed, type TwoHubs } from "../two-hubs.ts";

const FOLLOWERS = 500;

let hubs: TwoHubs;

beforeEach(async () => {
  hubs = await openTwoHubs();
  await follow(hubs);
  must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
});
afterEach(() => hubs[Symbol.asyncDispose]());

it("is one stanza a post to a hub with 500 followers of its author, and all of them have it", {
  timeout: 240_000,
}, async () => {
  const { here, there, alice, bob } = hubs;
  const others = Array.from({ length: FOLLOWERS - 1 }, (_, n) => addAccount(here, `follower${n}`));
  const followers = [bob, ...(await Promise.all(others))];
  await Promise.all(followers.map(async (each) => must(await followAccount(here.ports, each, alice.iri))));
  must(await catchUp(here.ports, alice.iri, "connected"));
  const before = there.xmpp.sent.length;
  const posts = [await post(there, alice, "one"), await post(there, alice, "two"), await post(there, alice, "three")];
  await push(hubs);
  expect(there.xmpp.sent.slice(before).map(({ to }) => to)).toEqual(posts.map(() => here.ports.identity.domain));
  for (const follower of [followers[0], followers[FOLLOWERS / 2], followers.at(-1)]) {
    if (follower === undefined) throw new Error("no follower");
    const page = must(readTimeline(here.ports, follower, { limit: 10 }));
    expect(page.posts.map(({ iri }) => iri)).toEqual(posts.map(({ iri }) => iri).reverse());
  }
});

it("is a header where the node is configured so, and the other hub fetches the item", async () => {
  const { here, there, alice } = hubs;
  const form = { cancelled: false, fields: [{ name: "pubsub#deliver_payloads", values: ["false"] }] };
  const configured = await handlePubsub(
    there.ports,
    { kind: "configure", service: alice.account.jid, node: MICROBLOG_NODE, form },
    alice.account.jid,
  );
  expect(configured).toMatchObject({ kind: "done" });
  const { iri } = await post(there, alice, "fetched");
  const [event, ...more] = await pushed(hubs);
  if (event === undefined) throw new Error("nothing was pushed");
  expect([event.items.map(({ payload }) => payload), more]).toEqual([[undefined], []]);
  here.asked.length = 0;
  await receiveEvent(here.ports, event);
  expect(here.ports.records.reader.document(iri)).toBeUndefined();
  expect(here.asked).toEqual([{ account: alice.iri, why: "header-only" }]);
  must(await catchUp(here.ports, alice.iri, "header-only"));
  expect(here.ports.records.reader.document(iri)).toMatchObject({ kind: "live", document: { graph: iri } });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeNeeding } from "../support/needing.ts";
import { canMount } from "../support/small-disk.ts";
import type { XmppServerName } from "../support/xmpp-server.ts";
import {
  AUTHORS_HUB_KILLED,
  AUTHORS_SERVER_KILLED,
  CLOCKS_OFF,
  type Fault,
  FOLLOWERS_HUB_KILLED,
  FOLLOWERS_SERVER_FROZEN,
  FOLLOWERS_SERVER_KILLED,
  Friends,
  followersDiskFull,
  LINK_CUT,
  linkCutForAMinute,
  SURVIVAL_MS,
} from "./faults.ts";
import { eventually } from "./hub-process.ts";

// Three groups side by side: each waits most of its time, for servers to come up or for a retry to fall due.
const SIDE_BY_SIDE = { concurrent: true, timeout: SURVIVAL_MS } as const;
const IN_ORDER = { concurrent: false } as const;

const SERVERS_FAIL = [AUTHORS_SERVER_KILLED, FOLLOWERS_SERVER_KILLED, FOLLOWERS_SERVER_FROZEN];

/** The tests of one pair of servers, whose hubs they share. */
function pairSurvives(here: XmppServerName, there: XmppServerName, faults: readonly Fault[]): void {
  const shared: { friends?: Friends } = {};
  beforeAll(async () => {
    shared.friends = await Friends.start(here, there);
  });
  afterAll(async () => {
    await shared.friends?.[Symbol.asyncDispose]();
  });

  it("pushes a post, an edit and a delete", IN_ORDER, async () => {
    const { alice, world } = known(shared.friends);
    const kept = await alice.post("Over the wire");
    const gone = await alice.post("Not for long");
    await eventually("both posts", async () => (await world.there.posts(alice.iri)).size === 2);
    await alice.edit(kept, "Over two wires");
    await alice.remove(gone);
    await eventually("the edit and the delete", async () => {
      const posts = await world.there.posts(alice.iri);
      return posts.get(kept) === "Over two wires" && !posts.has(gone);
    });
    expect((await world.there.posts(alice.iri)).size).toBe(1);
  });

  it.each(faults)("loses nothing: $name", IN_ORDER, async (fault) => {
    expect(await known(shared.friends).survive(fault)).toMatchObject({ losses: 0 });
  });
}

function known(friends: Friends | undefined): Friends {
  if (friends === undefined) throw new Error("The hubs did not start.");
  return friends;
}

await describeNeeding(
  ["prosody"],
  "two hubs on two Prosody servers, over real s2s",
  () => {
    const faults = [...SERVERS_FAIL, AUTHORS_HUB_KILLED, FOLLOWERS_HUB_KILLED, LINK_CUT, ...CLOCKS_OFF];
    pairSurvives("prosody", "prosody", faults);

    // No other disk is full to a hub while the rest of the machine has room.
    it.skipIf(!canMount)("loses nothing: follower's disk full [needs the right to mount]", IN_ORDER, async () => {
      await using stack = new AsyncDisposableStack();
      // Of its own: a hub that begins anew with a full disk takes in a bounded number of older posts.
      const friends = stack.use(await Friends.start("prosody", "prosody"));
      expect(await friends.survive(await followersDiskFull(friends, stack))).toMatchObject({ losses: 0 });
    });
  },
  SIDE_BY_SIDE,
);

await describeNeeding(
  ["prosody", "ejabberd"],
  "two hubs on two servers, one or both ejabberd, over real s2s",
  () => {
    for (const [here, there] of [
      ["prosody", "ejabberd"],
      ["ejabberd", "prosody"],
      ["ejabberd", "ejabberd"],
    ] as const) {
      describe(`${here} to ${there}`, IN_ORDER, () => {
        pairSurvives(here, there, SERVERS_FAIL);
      });
    }
  },
  SIDE_BY_SIDE,
);

await describeNeeding(
  ["prosody"],
  "two hubs on two Prosody servers, and a link",
  () => {
    it("loses nothing when it is cut for a minute", IN_ORDER, async () => {
      await using friends = await Friends.start("prosody", "prosody");
      expect(await friends.survive(linkCutForAMinute())).toMatchObject({ losses: 0 });
    });
  },
  SIDE_BY_SIDE,
);

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestProsody } from "../support/prosody.ts";
import { eventually, sameEntries, type TestAccount } from "./hub-process.ts";
import { startTwoServers, type TwoServers } from "./two-servers.ts";

/** Posts of one fan-out; the fault comes after the first third. */
const POSTS = 60;

describe("two hubs on two Prosody servers, over real s2s", () => {
  let world: TwoServers;
  let alice: TestAccount;

  beforeAll(async () => {
    world = await startTwoServers();
    alice = await world.here.account("alice");
    const bob = await world.there.account("bob");
    await bob.follow(alice.jid);
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  const killAuthor = async (): Promise<void> => {
    await world.here.end("SIGKILL");
    await world.here.up();
  };

  /** Posts with a fault in between, waits until both stores hold the same, and says how long that took. */
  const survives = async (fault: string, happen: () => Promise<void>, afterwards?: () => Promise<void>) => {
    const before = await world.there.posts(alice.iri);
    const posted: string[] = [];
    let happened = Promise.resolve();
    for (let n = 0; n < POSTS; n++) {
      if (n === POSTS / 3) happened = happen();
      // A hub that is down takes no posts; all other faults go on while it is posted.
      if (happen === killAuthor) await happened;
      posted.push(await alice.post(`${fault}, number ${n}`));
    }
    await happened;
    await afterwards?.();
    const begin = performance.now();
    await eventually(`both stores the same after: ${fault}`, async () => {
      const [own, taken] = await Promise.all([world.here.posts(alice.iri), world.there.posts(alice.iri)]);
      return sameEntries(own, taken) && taken.size === before.size + POSTS;
    });
    const taken = await world.there.posts(alice.iri);
    const losses = posted.filter((iri) => !taken.has(iri)).length;
    console.log(`${fault}: posts ${POSTS}, losses ${losses}, converged in ${Math.round(performance.now() - begin)} ms`);
    return losses;
  };

  it("pushes a post, an edit and a delete", async () => {
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

  it("loses nothing when the author's server is killed in the middle of a fan-out", async () => {
    expect(await survives("own server killed", () => world.hereServer.crash())).toBe(0);
  });

  it("loses nothing when the follower's server is killed in the middle of a fan-out", async () => {
    expect(await survives("remote server killed", () => world.thereServer.crash())).toBe(0);
  });

  it("loses nothing when the follower's server is frozen and then killed", async () => {
    const freeze = async (): Promise<void> => {
      process.kill(pidOf(world.thereServer), "SIGSTOP");
    };
    expect(await survives("remote server frozen, then killed", freeze, () => world.thereServer.crash())).toBe(0);
  });

  it("loses nothing when the author's hub is killed between two posts", async () => {
    expect(await survives("own hub killed", killAuthor)).toBe(0);
  });

  it("loses nothing when the follower's hub is killed in the middle of a fan-out", async () => {
    const up = (): Promise<void> => world.there.up();
    expect(await survives("remote hub killed", () => world.there.end("SIGKILL"), up)).toBe(0);
  });

  it("loses nothing when the link swallows what is said and is then cut", async () => {
    const cut = async (): Promise<void> => world.cut();
    expect(await survives("link cut", cut, async () => world.mend())).toBe(0);
  });
});

function pidOf({ status }: TestProsody): number {
  if (status.kind !== "up") throw new Error(`The server is not up but ${status.kind}.`);
  return status.pid;
}

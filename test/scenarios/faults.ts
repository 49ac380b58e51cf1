import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { mountSmallDisk } from "../support/small-disk.ts";
import { eventually, sameEntries, type TestAccount } from "./hub-process.ts";
import { type SideWish, startTwoServers, type TwoServers } from "./two-servers.ts";

/** Posts of one fan-out; the fault comes after the first third. */
const POSTS = 60;
/**
 * LIMIT: two stores that are not the same by then never will be. What is swallowed is sent again after 15 s, a minute
 * and five minutes; on a busy machine the first two may come before the other server is ready for them.
 */
const PATIENCE_MS = 480_000;
/** LIMIT: a fault, and what comes after it. */
export const SURVIVAL_MS = PATIENCE_MS + 240_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Room for a hub.db and its journal, which is 32 MB long before it is taken in. */
const DISK_BYTES = 64 * 1_048_576;

const FULL = "Expected room to write";

/** What goes wrong in the middle of a fan-out. */
export interface Fault {
  readonly name: string;
  /** What is posted then waits until it has happened. */
  readonly isAwaited?: true;
  happen(friends: Friends): Promise<void>;
  /** After the last post; what remains to be done for things to be well again. */
  mend?(friends: Friends): Promise<void>;
}

/** What came of a fault. */
export interface Survival {
  readonly posts: number;
  readonly losses: number;
  readonly converged_ms: number;
}

/** Alice on one server, and Bob, who follows her, on another one. */
export class Friends implements AsyncDisposable {
  readonly world: TwoServers;
  readonly alice: TestAccount;
  /** Of the hubs, as they are started next. */
  readonly envs: { readonly here: Record<string, string>; readonly there: Record<string, string> };
  readonly #name: string;

  private constructor(name: string, world: TwoServers, alice: TestAccount, envs: Friends["envs"]) {
    this.#name = name;
    this.world = world;
    this.alice = alice;
    this.envs = envs;
  }

  static async start(here: SideWish["server"], there: SideWish["server"]): Promise<Friends> {
    await using stack = new AsyncDisposableStack();
    const envs = { here: {}, there: {} };
    const world = stack.use(
      await startTwoServers({ server: here, hubEnv: envs.here }, { server: there, hubEnv: envs.there }),
    );
    const alice = await world.here.account("alice");
    const bob = await world.there.account("bob");
    await bob.follow(alice.jid);
    stack.move();
    return new Friends(`${here} to ${there}`, world, alice, envs);
  }

  /** Posts with a fault in between, waits until both stores hold the same, and says how long that took. */
  async survive(fault: Fault): Promise<Survival> {
    const { here, there } = this.world;
    const { size: before } = await here.posts(this.alice.iri);
    const posted: string[] = [];
    let happened = Promise.resolve();
    for (let n = 0; n < POSTS; n++) {
      if (n === POSTS / 3) happened = fault.happen(this);
      if (fault.isAwaited === true) await happened;
      posted.push(await this.alice.post(`${fault.name}, number ${n}`));
    }
    await happened;
    await fault.mend?.(this);
    const begin = performance.now();
    const same = async (): Promise<boolean> => {
      const [own, taken] = await Promise.all([here.posts(this.alice.iri), there.posts(this.alice.iri)]);
      return sameEntries(own, taken) && taken.size === before + POSTS;
    };
    await eventually(`both stores the same after: ${fault.name}`, same, PATIENCE_MS);
    const converged_ms = Math.round(performance.now() - begin);
    const taken = await there.posts(this.alice.iri);
    const losses = posted.filter((iri) => !taken.has(iri)).length;
    console.log(`${this.#name}, ${fault.name}: posts ${POSTS}, losses: ${losses}, converged in ${converged_ms} ms`);
    return { posts: POSTS, losses, converged_ms };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

export const AUTHORS_SERVER_KILLED: Fault = {
  name: "author's server killed",
  happen: ({ world }) => world.hereServer.crash(),
};

export const FOLLOWERS_SERVER_KILLED: Fault = {
  name: "follower's server killed",
  happen: ({ world }) => world.thereServer.crash(),
};

export const FOLLOWERS_SERVER_FROZEN: Fault = {
  name: "follower's server frozen, then killed",
  happen: async ({ world }) => void process.kill(world.thereServer.pid, "SIGSTOP"),
  mend: ({ world }) => world.thereServer.crash(),
};

export const AUTHORS_HUB_KILLED: Fault = {
  name: "author's hub killed",
  // A hub that is down takes no posts.
  isAwaited: true,
  happen: async ({ world }) => {
    await world.here.end("SIGKILL");
    await world.here.up();
  },
};

export const FOLLOWERS_HUB_KILLED: Fault = {
  name: "follower's hub killed",
  happen: ({ world }) => world.there.end("SIGKILL"),
  mend: ({ world }) => world.there.up(),
};

export const LINK_CUT: Fault = {
  name: "link swallowing, then cut",
  happen: async ({ world }) => world.cut(),
  mend: async ({ world }) => world.mend(),
};

/** Longer than the first retry, which is lost as well. */
export function linkCutForAMinute(): Fault {
  let since_ms = 0;
  return {
    name: "link cut for a minute",
    happen: async ({ world }) => {
      world.cut();
      since_ms = performance.now();
    },
    mend: async ({ world }) => {
      // The fault itself takes this long; nothing is waited for here.
      await delay(since_ms + MINUTE_MS - performance.now());
      world.mend();
    },
  };
}

/** The follower's hub goes on from here with nearly no room left; only where a disk can be mounted. */
export async function followersDiskFull(friends: Friends, stack: AsyncDisposableStack): Promise<Fault> {
  const { there } = friends.world;
  await there.end("SIGTERM");
  const disk = mountSmallDisk(join(there.folder, "data"), DISK_BYTES);
  stack.use(disk);
  await there.up();
  const bob = await there.account("bob");
  await bob.follow(friends.alice.jid);
  return {
    name: "follower's disk full",
    isAwaited: true,
    happen: () => disk.fill(),
    mend: async () => {
      await eventually("the follower's hub says that its disk is full", async () => there.output.includes(FULL));
      await disk.makeRoom();
    },
  };
}

/** A hub whose clock is that many hours ahead (behind when negative) from here on. */
function clockOff(whose: "author" | "follower", hours: number): Fault {
  return {
    name: `${whose}'s clock ${hours === 0 ? "right again" : `an hour ${hours > 0 ? "ahead" : "behind"}`}`,
    isAwaited: true,
    happen: async ({ world, envs }) => {
      const side = whose === "author" ? "here" : "there";
      await world[side].end("SIGTERM");
      envs[side]["NODE_OPTIONS"] = `--import=${new URL("../fixtures/other-clock.mjs", import.meta.url).href}`;
      envs[side]["CLOCK_AHEAD_MS"] = String(hours * HOUR_MS);
      await world[side].up();
    },
  };
}

/** One after the other; at the end both clocks are right. */
export const CLOCKS_OFF = [
  clockOff("follower", 1),
  clockOff("follower", -1),
  clockOff("follower", 0),
  clockOff("author", 1),
  clockOff("author", 0),
  clockOff("author", -1),
  clockOff("author", 0),
];

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, sameEntries, type TestAccount } from "./hub-process.ts";
import { startTwoHubs, type TwoHubs } from "./two-hubs.ts";

describe("catching up after something was down, over a real Prosody", () => {
  let hubs: TwoHubs;
  let alice: TestAccount;

  beforeAll(async () => {
    hubs = await startTwoHubs();
    alice = await hubs.here.account("alice");
    const bob = await hubs.there.account("bob");
    await bob.follow(alice.iri);
  });
  afterAll(async () => {
    await hubs[Symbol.asyncDispose]();
  });

  const equal = async (what: string): Promise<ReadonlyMap<string, string>> => {
    let posts: ReadonlyMap<string, string> = new Map();
    await eventually(what, async () => {
      const [own, taken] = await Promise.all([hubs.here.posts(alice.iri), hubs.there.posts(alice.iri)]);
      posts = taken;
      return own.size > 0 && sameEntries(own, taken);
    });
    return posts;
  };

  it.each(["SIGTERM", "SIGKILL"] as const)(
    "misses nothing while the follower is down (%s) during ten posts, an edit and two deletes",
    async (signal) => {
      const kept = [
        await alice.post("Before, deleted"),
        await alice.post("Before, edited"),
        await alice.post("Before"),
      ];
      await equal("the posts before");
      await hubs.there.end(signal);
      const during: string[] = [];
      for (let n = 1; n <= 10; n++) during.push(await alice.post(`While you were away, number ${n}`));
      await alice.remove(kept[0] ?? "");
      await alice.remove(during[4] ?? "");
      await alice.edit(kept[1] ?? "", "Before, and edited");
      await hubs.there.up();
      const posts = await equal("everything that happened");
      expect(posts.get(kept[1] ?? "")).toBe("Before, and edited");
      expect(posts.has(kept[0] ?? "")).toBe(false);
      expect(during.filter((iri) => posts.has(iri))).toHaveLength(9);
    },
  );

  it("goes on after the server was killed and restarted", async () => {
    await hubs.prosody.down();
    await eventually("the hub to notice", async () => (await hubs.here.health()).xmpp !== "online");
    const while_down = await alice.post("Nobody hears this yet");
    await hubs.prosody.up();
    const posts = await equal("what was posted in between");
    expect(posts.has(while_down)).toBe(true);
    const after = await alice.post("And this at once");
    await eventually("the push to work again", async () => (await hubs.there.posts(alice.iri)).has(after));
  });

  it("sends again what the follower had not confirmed when the author's hub was killed", async () => {
    await hubs.there.end("SIGKILL");
    const iri = await alice.post("Written just before the crash");
    await hubs.here.end("SIGKILL");
    await hubs.here.up();
    await hubs.there.up();
    const posts = await equal("the post of before the crash");
    expect(posts.has(iri)).toBe(true);
  });
});

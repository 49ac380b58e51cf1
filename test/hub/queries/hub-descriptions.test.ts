import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { catchUp } from "../../../src/hub/following/catch-up.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import { HubDescriptions } from "../../../src/hub/queries/network/hub-descriptions.ts";
import { sourcesOf } from "../../../src/hub/queries/network/network-sources.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { sioc } from "../../../src/vocab/sioc.ts";
import { addAccount, must, post } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const FAR = "https://far.example/" as Iri;

let hubs: TwoHubs;
beforeEach(async () => {
  hubs = await openTwoHubs();
  await post(hubs.there, hubs.alice, "by alice");
});
afterEach(async () => {
  vi.useRealTimers();
  await hubs[Symbol.asyncDispose]();
});

const written = () => hubs.here.ports.records.reader.learned("description", FAR);

describe("what a hub has", () => {
  it("is learned when somebody there is followed, before anything is asked", async () => {
    must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
    must(await catchUp(hubs.here.ports, hubs.alice.iri, "followed"));
    await expect.poll(written).toMatchObject({ triples: { [sioc.has_creator.value]: 1 } });
  });

  it("is remembered from one start to the next for judging, and never to leave out a hub", async () => {
    const before = new HubDescriptions(hubs.here.ports);
    await before.read(FAR);
    expect(before.factsOf(FAR)).toMatchObject({ predicates: expect.any(Map), accounts: new Set([hubs.alice.iri]) });
    const facts = new HubDescriptions(hubs.here.ports).factsOf(FAR);
    expect(Object.keys(facts)).toEqual(["sizes"]);
    expect(facts.sizes?.get(sioc.has_creator.value)).toBe(1);
  });

  it("is no more than that either once its hub would have it read again, and goes after a month", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const { ports } = hubs.here;
    const descriptions = new HubDescriptions(ports);
    await descriptions.read(FAR);
    vi.setSystemTime(Date.now() + 61_000);
    expect(Object.keys(descriptions.factsOf(FAR))).toEqual(["sizes"]);
    await descriptions.read(FAR);
    hubs.clock.advance(31 * 86_400_000);
    expect(new HubDescriptions(ports).factsOf(FAR)).toEqual({});
  });

  it("is still of use for judging while its hub does not say it", async () => {
    const { ports, remote } = hubs.here;
    await new HubDescriptions(ports).read(FAR);
    remote.queries.describe = () => Promise.resolve(refuse("timed-out", "too late"));
    const descriptions = new HubDescriptions(ports);
    await descriptions.read(FAR);
    expect(Object.keys(descriptions.factsOf(FAR))).toEqual(["sizes"]);
  });

  it("is known all the same when it cannot be written down", async () => {
    const { ports } = hubs.here;
    const records = Object.create(ports.records, {
      transact: { value: () => Promise.reject(new Error("the disk is full")) },
    }) as typeof ports.records;
    const descriptions = new HubDescriptions({ ...ports, records });
    await descriptions.read(FAR);
    expect(descriptions.factsOf(FAR).predicates?.size).toBeGreaterThan(0);
    expect(written()).toBeUndefined();
  });
});

describe("where a question goes", () => {
  it("is read account by account, with turns for others between, and names one account a hub", async () => {
    const { ports } = hubs.here;
    for (const name of ["carla", "carlo"]) {
      const holder = await addAccount(hubs.here, name);
      must(await followAccount(ports, hubs.bob, holder.iri));
      must(await followAccount(ports, holder, hubs.alice.iri));
    }
    let turns = 0;
    const now = vi.spyOn(performance, "now").mockImplementation(() => turns++ * 5);
    let others = 0;
    const busy = (): void => {
      others++;
      again = setImmediate(busy);
    };
    let again = setImmediate(busy);
    const { followed, beyond } = await sourcesOf(ports, hubs.bob.iri);
    clearImmediate(again);
    now.mockRestore();
    expect(followed).toHaveLength(2);
    expect(beyond).toEqual([hubs.alice.iri]);
    expect(others).toBeGreaterThanOrEqual(2);
  });
});

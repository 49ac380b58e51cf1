import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BareJid } from "../../../src/core/jid.ts";
import { discoverFor, type Suggestions, suggestionsFor } from "../../../src/hub/discovery/suggest.ts";
import type { WalkProgress } from "../../../src/hub/discovery/walk-graph.ts";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import type { HubPorts } from "../../../src/hub/ports/hub-ports.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import { MICROBLOG_NODE } from "../../../src/pubsub/configuration.ts";
import { ANONYMOUS, addAccount, HOUR_MS, type Holder, must, OWNER, post } from "../test-hub.ts";
import { openThreeHubs, type ThreeHubs } from "../three-hubs.ts";
import { follows } from "./follow-document.ts";
import { MemoryWeb } from "./memory-web.ts";

let hubs: ThreeHubs;
let web: MemoryWeb;
let ports: HubPorts;
let dora: Holder;
let erin: Holder;
let fred: Holder;

// bob (here) follows alice and dora (there); both follow carol (yonder), alice also erin (yonder) and bob.
beforeEach(async () => {
  hubs = await openThreeHubs();
  const { here, there, yonder, alice, bob, carol } = hubs;
  dora = await addAccount(there, "dora", { displayName: "Dora" });
  erin = await addAccount(yonder, "erin", { displayName: "Erin" });
  fred = await addAccount(yonder, "fred");
  web = new MemoryWeb(here);
  ports = { ...here.ports, politeWeb: web };
  for (const each of [alice, dora]) await follows(here, bob, each.iri);
  for (const each of [carol, erin, bob]) await follows(there, alice, each.iri);
  await follows(there, dora, carol.iri);
  await follows(yonder, carol, fred.iri);
  await follows(yonder, carol, alice.iri);
});
afterEach(async () => await hubs[Symbol.asyncDispose]());

const signal = new AbortController().signal;
const discover = async (wish: Partial<Parameters<typeof discoverFor>[3]> = {}): Promise<Suggestions> =>
  must(await discoverFor(ports, hubs.bob, "bob", { signal, ...wish }));
const namesOf = ({ suggestions }: Suggestions) => suggestions.map(({ name }) => name);
const questions = () => hubs.here.remote.queries.asked.map(({ to }) => ("hub" in to ? to.hub : ""));

describe("a walk over the follow graph", () => {
  it("finds whom those follow whom I follow, with why", async () => {
    await post(hubs.here, hubs.bob, "I like #terns");
    await post(hubs.yonder, hubs.carol, "The #terns are back, with #cake");
    const found = await discover();
    expect(found.suggestions).toMatchObject([
      {
        account: hubs.carol.iri,
        name: "Carol",
        hub: "https://yonder.example/",
        followedBy: [{ account: dora.iri }, { account: hubs.alice.iri }],
        sharedTopics: ["terns"],
        why: "followed by dora and alice; posts about terns, cake",
      },
      { account: erin.iri, name: "Erin", why: "followed by alice" },
    ]);
    expect(found.suggestions[0]?.lastPost).toBeDefined();
    expect(found.hubs).toEqual([
      { hub: "https://far.example/", accounts: 2 },
      { hub: "https://yonder.example/", accounts: 2 },
    ]);
    expect(found.walk).toEqual({
      hosts: { done: 2, left: 0 },
      accounts: 4,
      host: "https://yonder.example/",
      problems: [],
    });
  });

  it("asks each hub once for many, and nobody again for what is fresh", async () => {
    await discover();
    expect(questions()).toEqual(["https://far.example/", "https://yonder.example/"]);
    await discover();
    expect(questions()).toHaveLength(2);
    await discover({ refresh: true });
    expect(questions()).toHaveLength(4);
    hubs.clock.advance(7 * HOUR_MS);
    await discover();
    expect(questions()).toHaveLength(6);
  });

  it("remembers what it learned for who asks later, and not for 31 days", async () => {
    expect(must(suggestionsFor(ports, hubs.bob, "bob")).suggestions).toEqual([]);
    await discover();
    expect(namesOf(must(suggestionsFor(ports, hubs.bob, "bob")))).toEqual(["Carol", "Erin"]);
    hubs.clock.advance(31 * 24 * HOUR_MS);
    expect(must(suggestionsFor(ports, hubs.bob, "bob")).suggestions).toEqual([]);
  });

  it("goes as far as it is told, around cycles", async () => {
    const found = await discover({ depth: 4 });
    expect(namesOf(found)).toEqual(["Carol", "Erin", "fred"]);
    expect(found.suggestions[2]?.followedBy).toEqual([{ account: hubs.carol.iri, name: "Carol", distance: 2 }]);
    expect(new Set(questions()).size).toBe(2);
  });

  it("asks nobody about accounts of its own hub, and does not show what they keep to themselves", async () => {
    const { here, bob } = hubs;
    const gus = await addAccount(here, "gus");
    const hal = await addAccount(here, "hal", { privateFollows: true });
    const ida = await addAccount(here, "ida");
    const jon = await addAccount(here, "jon");
    for (const each of [gus, hal]) await follows(here, bob, each.iri);
    await follows(here, gus, ida.iri);
    await follows(here, hal, jon.iri);
    expect(namesOf(must(suggestionsFor(ports, bob, "bob")))).toEqual(["ida"]);
    expect(questions()).toEqual([]);
  });

  it("never suggests who is followed already, oneself, who was shut out, or who is not there", async () => {
    const { here, there, alice, bob, carol } = hubs;
    await follows(there, alice, `${here.ports.identity.base}nobody#account`);
    await follows(here, bob, carol.iri);
    const found = await discover();
    expect(namesOf(found)).toEqual(["fred", "Erin"]);
    const change = {
      kind: "affiliation-put",
      service: bob.account.jid,
      node: MICROBLOG_NODE,
      jid: "erin@yonder.example" as BareJid,
      affiliation: "outcast",
    } as const;
    must(await here.ports.records.transact(() => ({ changes: [change], result: undefined })));
    expect(namesOf(must(suggestionsFor(ports, bob, "bob")))).toEqual(["fred"]);
  });

  it("tells how far it is", async () => {
    const told: WalkProgress[] = [];
    await discover({ onProgress: (progress) => told.push(progress) });
    expect(told[0]).toEqual({ hosts: { done: 0, left: 1 }, accounts: 0 });
    expect(told.at(-1)).toEqual({ hosts: { done: 2, left: 0 }, accounts: 4, host: "https://yonder.example/" });
  });

  it("ends when it is told to, with what is known", async () => {
    const stop = new AbortController();
    const found = await discover({ signal: stop.signal, onProgress: ({ hosts }) => hosts.done > 0 && stop.abort() });
    expect(found.walk).toMatchObject({ stopped: "left", hosts: { done: 1 } });
    expect(namesOf(found)).toEqual(["carol", "erin"]);
  });

  it("ends at its time", async () => {
    expect((await discover({ timeout_ms: 0 })).walk).toMatchObject({ stopped: "time" });
  });

  it("is for the account itself, one at a time", async () => {
    expect(suggestionsFor(ports, ANONYMOUS, "bob")).toMatchObject({ code: "unauthenticated" });
    expect(suggestionsFor(ports, OWNER, "bob")).toMatchObject({ code: "forbidden" });
    expect(await discoverFor(ports, OWNER, "bob", { signal })).toMatchObject({ code: "forbidden" });
    const first = discover();
    expect(await discoverFor(ports, hubs.bob, "bob", { signal })).toMatchObject({ code: "conflict" });
    await first;
    expect(namesOf(await discover())).toEqual(["Carol", "Erin"]);
  });
});

describe("a hub that cannot be asked so", () => {
  it("is read page by page where it has no endpoint, and asked for none a while", async () => {
    hubs.here.remote.queries.answers.set("https://far.example/", refuse("remote-refused", "no", { status: 404 }));
    expect(namesOf(await discover())).toEqual(["Carol", "Erin"]);
    const page = (name: string) => `https://far.example/${name}/following`;
    expect(web.asked.toSorted()).toEqual([page("alice"), page("dora")]);
    await discover({ refresh: true });
    expect(questions().filter((to) => to === "https://far.example/")).toHaveLength(1);
  });

  it("is named, and left alone for an hour", async () => {
    web.refused.set("https://far.example/", refuse("unavailable", "far.example asked for a pause."));
    const found = await discover();
    expect(found.walk?.problems).toEqual([{ host: "https://far.example/", message: "far.example asked for a pause." }]);
    expect(found.suggestions).toEqual([]);
    web.refused.clear();
    expect((await discover()).suggestions).toEqual([]);
    hubs.clock.advance(2 * HOUR_MS);
    expect(namesOf(await discover())).toEqual(["Carol", "Erin"]);
  });

  it("keeps what was known of it while it is down", async () => {
    await discover();
    hubs.clock.advance(7 * HOUR_MS);
    web.refused.set("https://far.example/", refuse("unavailable", "far.example asked for a pause."));
    expect(namesOf(await discover())).toEqual(["Carol", "Erin"]);
  });

  it("tells by its accounts' public lists on XMPP where there is no HTTP", async () => {
    const { here, there, bob, carol } = hubs;
    const lia = await addAccount(there, "lia");
    must(await followAccount(there.ports, lia, carol.iri));
    await follows(here, bob, "xmpp:lia@far.example");
    const found = await discover();
    expect(found.walk?.problems).toEqual([]);
    expect(found.suggestions.find(({ account }) => account === "xmpp:carol@yonder.example")).toMatchObject({
      hub: "xmpp:yonder.example",
      why: "followed by lia@far.example",
    });
  });
});

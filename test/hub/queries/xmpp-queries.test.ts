import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { followAccount } from "../../../src/hub/following/follow-account.ts";
import type { RemoteQuestion } from "../../../src/hub/ports/remote-queries.ts";
import { queryNetwork } from "../../../src/hub/queries/query-network.ts";
import { runQuery } from "../../../src/hub/queries/run-query.ts";
import { XmppQueries } from "../../../src/hub/queries/xmpp/xmpp-queries.ts";
import { refuse } from "../../../src/outcome/refusal.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { ANONYMOUS, addAccount, type Holder, must, openTestHub, post, type TestHub } from "../test-hub.ts";
import { openTwoHubs, type TwoHubs } from "../two-hubs.ts";

const SIOC = "PREFIX sioc: <http://rdfs.org/sioc/ns#>";
const FAR = "https://far.example/" as Iri;
const THIRD = "https://third.example/" as Iri;

let hubs: TwoHubs;
let third: TestHub;
let carol: Holder;
beforeEach(async () => {
  hubs = await openTwoHubs();
  third = await openTestHub({ base: THIRD, domain: "third.example", network: hubs.network });
  carol = await addAccount(third, "carol");
  must(await followAccount(hubs.here.ports, hubs.bob, hubs.alice.iri));
  must(await followAccount(hubs.there.ports, hubs.alice, carol.iri));
  await post(third, carol, "from the third hub");
});
afterEach(async () => {
  await third[Symbol.asyncDispose]();
  await hubs[Symbol.asyncDispose]();
});

/** From now on nobody reaches these hubs over HTTP. */
function cutHttp(...bases: readonly Iri[]): void {
  for (const base of bases) {
    hubs.here.remote.queries.answers.set(base, refuse("remote-unreachable", `${base} could not be reached.`));
  }
}

const askAcross = async () => {
  const query = `${SIOC} SELECT ?text { <${hubs.bob.iri}> sioc:follows/sioc:follows ?them . ?post sioc:has_creator ?them ; sioc:content ?text }`;
  const found = must(await queryNetwork(hubs.here.ports, hubs.bob, query));
  if (found.answer.kind !== "bindings") throw new Error("Expected rows.");
  const texts = (await Array.fromAsync(found.answer.rows)).map((row) => row.get("text")?.value);
  return { texts, warnings: found.told.warnings, asked: found.told.asked.map(({ hub, requests }) => [hub, requests]) };
};
const asked = () => hubs.here.xmpp.questions.filter(({ name }) => name === "askSparql");
const question = (more: Partial<RemoteQuestion> = {}): RemoteQuestion => ({
  to: { hub: FAR },
  query: `${SIOC} SELECT ?account { ?account a sioc:UserAccount } ORDER BY ?account`,
  kind: "bindings",
  signal: new AbortController().signal,
  bytes_max: 100_000,
  rows_max: 1_000,
  ...more,
});

describe("hubs without HTTP", () => {
  it("are asked over XMPP, and answer the same", async () => {
    const overHttp = await askAcross();
    expect(overHttp).toMatchObject({ texts: ["from the third hub"], warnings: [] });
    expect(asked()).toEqual([]);
    cutHttp(FAR, THIRD);
    expect(await askAcross()).toEqual(overHttp);
    expect(new Set(asked().map(({ jid }) => jid))).toEqual(new Set(["far.example", "third.example"]));
    for (const { detail } of asked()) expect(detail).toContain(">https://hub.example/</asked-by>");
  });

  it("are asked over XMPP first for a while, and over HTTP when that fails", async () => {
    cutHttp(FAR);
    const { remoteQueries } = hubs.here.ports;
    const overHttp = () => hubs.here.remote.queries.asked.length;
    must(await remoteQueries.ask(question()));
    const before = overHttp();
    must(await remoteQueries.ask(question()));
    expect(overHttp()).toBe(before);
    hubs.here.remote.queries.answers.clear();
    hubs.here.xmpp.before = () => refuse("remote-unreachable", "far.example answered with service-unavailable.");
    must(await remoteQueries.ask(question()));
    expect(overHttp()).toBe(before + 1);
  });

  it("say what they have by XMPP", async () => {
    cutHttp(FAR);
    hubs.here.remote.queries.describe = async () => refuse("remote-unreachable", "It could not be reached.");
    const said = must(await hubs.here.ports.remoteQueries.describe(FAR, new AbortController().signal));
    if (!("quads" in said)) throw new Error("Expected a description.");
    expect(said.quads.some(({ object }) => object.value === hubs.alice.iri)).toBe(true);
  });

  it("are named with both reasons when nothing reaches them, and a hub that says no over HTTP is not asked again", async () => {
    cutHttp(FAR);
    hubs.network.delete("far.example");
    expect(await hubs.here.ports.remoteQueries.ask(question())).toMatchObject({
      code: "remote-unreachable",
      message: expect.stringMatching(/^https:\/\/far.example\/ could not be reached\. Over XMPP: .*far\.example/),
    });
    hubs.here.remote.queries.answers.set(FAR, refuse("remote-refused", "It said 500."));
    hubs.here.xmpp.questions.length = 0;
    expect(await hubs.here.ports.remoteQueries.ask(question())).toMatchObject({ code: "remote-refused" });
    expect(hubs.here.xmpp.questions).toEqual([]);
    hubs.here.xmpp.become("connecting");
    cutHttp(FAR);
    expect(await hubs.here.ports.remoteQueries.ask(question())).toMatchObject({
      message: "https://far.example/ could not be reached.",
    });
  });

  it("include those on private addresses, which this hub does not go to", async () => {
    const no = refuse("forbidden", "It is a private address.", { address: "private" });
    hubs.here.remote.queries.answers.set(FAR, no);
    expect(must(await hubs.here.ports.remoteQueries.ask(question()))).toMatchObject({ kind: "bindings" });
    hubs.here.remote.queries.answers.set(THIRD, refuse("forbidden", "Its robots.txt does not allow it."));
    expect(await hubs.here.ports.remoteQueries.ask(question({ to: { hub: THIRD } }))).toMatchObject({
      code: "forbidden",
    });
  });

  it("can be asked by SERVICE, by either address of theirs", async () => {
    cutHttp(FAR);
    for (const endpoint of ["https://far.example/sparql", "xmpp:far.example"] as Iri[]) {
      const answer = must(await hubs.here.ports.remoteQueries.ask(question({ to: { endpoint } })));
      if (answer.kind !== "bindings") throw new Error("Expected rows.");
      expect(answer.rows.map((row) => row.get("account")?.value)).toEqual([hubs.alice.iri, carol.iri]);
    }
    const service = `SELECT ?a { SERVICE <${FAR}sparql> { ?a a <http://rdfs.org/sioc/ns#UserAccount> } }`;
    const answer = must(await runQuery(hubs.here.ports, hubs.bob, service));
    if (answer.kind !== "bindings") throw new Error("Expected rows.");
    expect(await Array.fromAsync(answer.rows)).toHaveLength(2);
    expect(await runQuery(hubs.here.ports, ANONYMOUS, service)).toMatchObject({ code: "forbidden" });
  });
});

describe("following accounts of hubs without HTTP", () => {
  const cutPages = (hub: TestHub) => {
    hub.remote.rdf = async (url) => refuse("remote-unreachable", `${url} could not be reached.`);
    hub.remote.webfinger = async (_, host) => refuse("remote-unreachable", `${host} could not be reached.`);
  };

  it("reads their profiles over XMPP, by JID or by IRI", async () => {
    cutPages(hubs.here);
    for (const target of ["carol@third.example", carol.iri]) {
      const followed = must(await followAccount(hubs.here.ports, hubs.bob, target));
      expect(followed).toMatchObject({ account: carol.iri, jid: "carol@third.example", state: "subscribed" });
    }
  });

  it.each([
    ["timed-out", "xmpp:carol@third.example"],
    ["timed-out", "carol@third.example"],
    ["unavailable", "xmpp:carol@third.example"],
  ] as const)(
    "does not take one that is slow for somebody without a hub, nor for nobody (%s, %s)",
    async (code, target) => {
      cutPages(hubs.here);
      hubs.here.xmpp.before = ({ name }) => (name === "askSparql" ? refuse(code, "No answer yet.") : undefined);
      const follow = () => followAccount(hubs.here.ports, hubs.bob, target);
      expect(await follow()).toMatchObject({ code, message: expect.stringContaining("No answer yet.") });
      hubs.here.xmpp.before = () => undefined;
      expect(must(await follow())).toMatchObject({ account: carol.iri });
    },
  );

  it("believes no domain about pages that are another's", async () => {
    cutPages(hubs.here);
    await using evil = await openTestHub({
      base: "https://third.example/",
      domain: "evil.example",
      network: hubs.network,
    });
    await addAccount(evil, "carol");
    expect(await followAccount(hubs.here.ports, hubs.bob, "xmpp:carol@evil.example")).toMatchObject({
      code: "not-the-author",
    });
    hubs.network.delete("third.example");
    const followed = await followAccount(hubs.here.ports, hubs.bob, "xmpp:carol@evil.example");
    expect(followed).not.toMatchObject({ account: carol.iri });
    hubs.network.set("third.example", evil.ports);
    await using elsewhere = await openTestHub({
      base: "https://other.example/",
      domain: "other.example",
      network: hubs.network,
    });
    hubs.network.set("third.example", elsewhere.ports);
    expect(await followAccount(hubs.here.ports, hubs.bob, carol.iri)).toMatchObject({
      code: "remote-unreachable",
      message: expect.stringContaining("third.example is not that hub"),
    });
  });
});

describe("who answers over XMPP", () => {
  const answers = () => hubs.here.xmpp.infos;
  const features = ["http://www.w3.org/2005/09/xmpp-sparql-binding"];
  const info = (hub: string, more = features) => ({
    identities: [],
    features: more,
    forms: [{ formType: "https://w3id.org/sterna#", fields: [{ name: "hub", values: [hub] }] }],
  });

  it("must say of itself that it is that hub, and that it knows SPARQL", async () => {
    cutHttp(FAR, THIRD);
    for (const no of [info("https://other.example/"), info(FAR, []), { identities: [], features, forms: [] }]) {
      answers().set("far.example", no);
      await using stranger = await openTestHub({
        base: "https://new.example/",
        domain: "new.example",
        network: hubs.network,
      });
      stranger.xmpp.infos.set("far.example", no);
      stranger.remote.queries.answers.set(FAR, refuse("remote-unreachable", "No."));
      expect(await stranger.ports.remoteQueries.ask(question())).toMatchObject({ code: "remote-unreachable" });
      expect(stranger.xmpp.questions.filter(({ name }) => name === "askSparql")).toEqual([]);
    }
  });

  it("is the domain where an account of that hub publishes under its own name, not under another's", async () => {
    const base = "https://www.east.example/" as Iri;
    await using east = await openTestHub({ base, domain: "xmpp.east.example", network: hubs.network });
    const { iri } = await addAccount(east, "erik");
    const { xmpp, ports } = hubs.here;
    for (const [service, code] of [
      ["erik@xmpp.east.example", undefined],
      ["mallory@xmpp.east.example", "remote-unreachable"],
      ["xmpp.east.example", "remote-unreachable"],
    ]) {
      const reader = { upstreams: () => [{ account: iri, service }] } as never;
      const queries = new XmppQueries({ xmpp, reader, sparql: ports.sparql, base: ports.identity.base });
      const answer = await queries.ask(question({ to: { hub: base } }));
      expect("code" in answer ? answer.code : undefined).toBe(code);
    }
  });

  it("is the domain that a hub named over HTTP while that reached it", async () => {
    const base = "https://www.north.example/" as Iri;
    const { network } = hubs;
    await using north = await openTestHub({ base, domain: "xmpp.north.example", network });
    await addAccount(north, "nils");
    const { remoteQueries } = hubs.here.ports;
    const signal = new AbortController().signal;
    cutHttp(base);
    expect(await remoteQueries.ask(question({ to: { hub: base } }))).toMatchObject({ code: "remote-unreachable" });
    must(await remoteQueries.describe(base, signal));
    const answer = must(await remoteQueries.ask(question({ to: { hub: base } })));
    expect(answer).toMatchObject({ kind: "bindings", rows: [expect.anything()] });
  });

  it("is left alone for as long as it asks to, and may not give what was not asked for", async () => {
    cutHttp(FAR);
    const { remoteQueries } = hubs.here.ports;
    expect(await remoteQueries.ask(question({ kind: "quads" }))).toMatchObject({
      code: "remote-refused",
      message: expect.stringContaining("Expected triples of https://far.example/"),
    });
    hubs.here.xmpp.before = ({ name }) =>
      name === "askSparql" ? refuse("remote-refused", "Wait.", { condition: "resource-constraint" }) : undefined;
    expect(await remoteQueries.ask(question())).toMatchObject({ code: "unavailable" });
    const before = asked().length;
    expect(await remoteQueries.ask(question())).toMatchObject({ code: "unavailable", detail: { retryAfter_s: 5 } });
    expect(asked()).toHaveLength(before);
  });
});

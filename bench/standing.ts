import { join } from "node:path";
import type { AccountName } from "../src/core/account.ts";
import { accountIris, tagIri } from "../src/core/hub-iris.ts";
import { type Instant, instantOf } from "../src/core/instant.ts";
import type { BareJid } from "../src/core/jid.ts";
import type { RecordChange } from "../src/hub/ports/records.ts";
import type { NodeId } from "../src/pubsub/state.ts";
import type { Iri } from "../src/rdf/iri.ts";
import { openRecords } from "../src/storage/records.ts";
import { HubProcess, type TestAccount } from "../test/scenarios/hub-process.ts";
import { RawComponent } from "../test/scenarios/raw-component.ts";
import { startTestProsody } from "../test/support/prosody.ts";
import { percentile } from "./peer-process.ts";
import type { BenchResult } from "./run.ts";

const SECRET = "bench";
const READERS = "people.localhost";
const WARM_UP = 20;
const CHANGES_A_COMMIT = 3_000;
const NOW: Instant = instantOf(Date.UTC(2026, 0, 1));
const WATCHED = "watched";
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * What standing queries cost a post: the time from its HTTP request to the XMPP notification, on three hubs that take
 * turns: of the author's own node on one without standing queries, of a standing query's node on one with a tenth of
 * `--queries` (10,000) and on one with all of them, a quarter each about a topic, an account's posts, a mention and a
 * word. Each post is an answer of three. Bars: p50 at most 5 ms more than without, and at most twice that of a tenth.
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const queries = Number(options["queries"] ?? 10_000);
  const posts = Number(options["posts"] ?? 200);
  await using stack = new AsyncDisposableStack();
  const domains = ["none.localhost", "tenth.localhost", "all.localhost"];
  const components = [...domains, READERS].map((domain) => ({ domain, secret: SECRET }));
  const prosody = stack.use(await startTestProsody({ components }));
  const readers = stack.use(await RawComponent.open(prosody.componentPort, READERS, SECRET));
  const counts = [0, Math.round(queries / 10), queries];
  const sides: Side[] = [];
  for (const [place, domain] of domains.entries()) {
    const xmpp = { service: prosody.service, domain, secret: SECRET };
    const hub = stack.use(await HubProcess.start({ xmpp }));
    sides.push(await openSide(hub, readers, domain, counts[place] ?? 0));
  }
  for (let n = 0; n < posts + WARM_UP; n++) for (const side of sides) await side.round(n, n >= WARM_UP);
  const [none = Number.NaN, tenth = Number.NaN, all = Number.NaN] = sides.map(({ times_ms }) =>
    percentile(times_ms, 0.5),
  );
  const more = { value: all - none, bar: 5, ok: all - none <= 5 };
  const tenTimes = { value: all / tenth, bar: 2, ok: all / tenth <= 2 };
  return {
    figures: { queries, posts, none_p50_ms: none, tenth_p50_ms: tenth, all_p50_ms: all, more_p50_ms: all - none },
    ratios: { ten_times_more: all / tenth },
    bars: { more_p50_ms: more, ten_times_more: tenTimes },
  };
}

interface Side {
  readonly times_ms: number[];
  round(n: number, counts: boolean): Promise<void>;
}

async function openSide(hub: HubProcess, readers: RawComponent, domain: string, queries: number): Promise<Side> {
  const alice = await hub.account("alice");
  const reader = `reader-${domain}@${READERS}`;
  if (queries > 0) await fill(hub, alice, domain, queries);
  const [service, node] = queries > 0 ? [domain, `watch/alice/${WATCHED}`] : [alice.jid, "urn:xmpp:microblog:0"];
  const subscribe = `<subscribe node='${node}' jid='${reader}'/>`;
  readers.say(
    `<iq type='set' id='s-${domain}' from='${reader}' to='${service}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${subscribe}</pubsub></iq>`,
  );
  await readers.hears(
    new RegExp(`<iq[^>]*id=['"]s-${domain}['"][^>]*result|<iq[^>]*result[^>]*id=['"]s-${domain}['"]`),
  );
  const times_ms: number[] = [];
  return {
    times_ms,
    async round(n, isCounted) {
      const mark = `mark-${domain}-${n}-`;
      const begin = performance.now();
      const arrived = readers.hears(new RegExp(mark));
      // Every fourth query is about a topic, and the ones before these about a word.
      const about = 4 * ((n % Math.max(1, Math.floor(queries / 4) - 1)) + 1);
      await alice.post(`A tern, ${mark} word${about - 1} #${WATCHED} #topic${about}`);
      await arrived;
      if (isCounted) times_ms.push(performance.now() - begin);
    },
  };
}

/** Writes standing queries into the hub's records while it is down. */
async function fill(hub: HubProcess, alice: TestAccount, domain: string, queries: number): Promise<void> {
  await hub.end("SIGTERM");
  {
    await using records = openRecords({ file: join(hub.folder, "data/hub.db"), log: silent });
    const jid = alice.jid as BareJid;
    const base = hub.base as Iri;
    let changes: RecordChange[] = watchChanges(domain, jid, WATCHED, queryAbout(base, 0, WATCHED));
    for (let n = 1; n < queries; n++) {
      changes.push(...watchChanges(domain, jid, `q${n}`, queryAbout(base, n % 4, String(n))));
      if (changes.length < CHANGES_A_COMMIT && n < queries - 1) continue;
      const batch = changes;
      changes = [];
      await records.transact(() => ({ changes: batch, result: undefined }));
    }
  }
  await hub.up();
}

function watchChanges(domain: string, jid: BareJid, name: string, query: string): RecordChange[] {
  const account = "alice" as AccountName;
  const service = domain as BareJid;
  const node = `watch/${account}/${name}` as NodeId;
  const config = {
    accessModel: "open",
    publishModel: "publishers",
    deliverPayloads: true,
    notifyRetract: true,
    persistItems: true,
  } as const;
  return [
    {
      kind: "watch-put",
      watch: { account, name, query, isPublic: true, isBroad: false, variables: ["post"], created: NOW },
    },
    { kind: "node-put", node: { service, id: node, created: NOW, config } },
    { kind: "affiliation-put", service, node, jid, affiliation: "owner" },
  ];
}

/** A query about a topic, an account's posts, a mention or a word. */
function queryAbout(base: Iri, kind: number, name: string): string {
  const label = name === WATCHED ? name : `topic${name}`;
  const person = accountIris(base, `person${name}` as AccountName).account;
  const about = [
    `sioc:topic <${tagIri(base, label)}>`,
    `sioc:has_creator <${person}>`,
    `sioc:addressed_to <${person}>`,
    `sterna:matches "word${name}"`,
  ][kind];
  const prefixes = [
    "PREFIX sioc: <http://rdfs.org/sioc/ns#>",
    "PREFIX sioct: <http://rdfs.org/sioc/types#>",
    "PREFIX sterna: <https://w3id.org/sterna#>",
  ];
  return `${prefixes.join(" ")} SELECT ?post WHERE { ?post ${about ?? ""} ; a sioct:MicroblogPost }`;
}

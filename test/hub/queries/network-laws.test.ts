import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { followToQuads } from "../../../src/core/follow.ts";
import { maySay } from "../../../src/hub/queries/network/believed.ts";
import { descriptionsOf } from "../../../src/hub/queries/network/hub-descriptions.ts";
import { queryNetwork } from "../../../src/hub/queries/query-network.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { createEngine } from "../../../src/query/engine.ts";
import type { Document } from "../../../src/rdf/document.ts";
import type { Iri } from "../../../src/rdf/iri.ts";
import { blankNode, namedNode, type Quad, quad, type Term } from "../../../src/rdf/term.ts";
import { QuadStore } from "../../../src/storage/triples/quad-store.ts";
import type { Answer } from "../../query/random/answer.ts";
import { difference, lineOfRow } from "../../query/random/compare-answers.ts";
import { type World, worlds } from "../../query/random/random-data.ts";
import { queriesOf, type RandomQuery } from "../../query/random/random-query.ts";
import { questions } from "../../query/random/random-question.ts";
import { either, pick, say, several, withPrefixes } from "../../query/random/sparql-text.ts";
import type { Network } from "../memory-network.ts";
import { addAccount, Clock, type Holder, openTestHub, type TestHub } from "../test-hub.ts";

const RUNS = Number(process.env["STERNA_RANDOM_RUNS"] ?? 150);
const PATH = process.env["STERNA_RANDOM_PATH"];
const TIME_MS = RUNS > 1_000 ? RUNS * 100 : 12_000;

const HERE = "https://hub.example/" as Iri;
const THERE = ["https://one.example/", "https://two.example/", "https://three.example/"] as const;
const BASES = [...THERE, HERE];
const ACCOUNTS = ["alice", "bob", "carol", "dan"] as const;
const WORLD = "http://hub.example/";
const NOW = "2026-06-01T12:00:00.000Z";

/** Where the things of a random world live: its nodes, accounts and posts are shared out among the hubs. */
function placed(iri: string): string {
  const rest = iri.startsWith(WORLD) ? iri.slice(WORLD.length) : undefined;
  if (rest === undefined) return iri;
  const node = /^[abcd]$/.test(rest) ? "abcd".indexOf(rest) : -1;
  const account = ACCOUNTS.findIndex((name) => rest === `${name}#account`);
  const post = /^posts\/(\d)$/.exec(rest)?.[1];
  const at = post === undefined ? Math.max(node, account) : Number(post) % BASES.length;
  return at < 0 ? iri : `${BASES[at]}${rest}`;
}

function placedText(text: string): string {
  return text
    .replace(/<(http:\/\/hub\.example\/[^>]+)>/g, (_, iri: string) => `<${placed(iri)}>`)
    .replace(/(?<![\w:<]):([abcd])\b(?![/\w])/g, (_, name: string) => `<${placed(WORLD + name)}>`);
}

/** A triple where its things live; the blank nodes of one hub are not those of another. */
function placedQuad({ subject, predicate, object }: Quad): Quad {
  const term = <T extends Term>(each: T): T =>
    (each.termType === "NamedNode" ? namedNode(placed(each.value)) : each) as T;
  return quad(term(subject), predicate, term(object));
}

let here: TestHub;
let asker: Holder;
const there: TestHub[] = [];
beforeAll(async () => {
  const network: Network = new Map();
  const clock = new Clock();
  here = await openTestHub({ network, clock });
  asker = await addAccount(here, "asker");
  for (const [at, base] of THERE.entries()) {
    const hub = await openTestHub({ network, clock, base, domain: new URL(base).host });
    for (const name of ["somebody", ACCOUNTS[at] ?? ""]) await addAccount(hub, name);
    there.push(hub);
  }
  await put(
    here,
    THERE.map((base, at) => ({
      ...document(`${HERE}asker/following/${at}`, followToQuads(asker.iri, `${base}somebody#account` as Iri)),
      kind: "follow",
      author: asker.iri,
    })),
  );
});
afterAll(async () => {
  for (const hub of [here, ...there]) await hub[Symbol.asyncDispose]();
});

function document(graph: string, quads: readonly Quad[]): Document {
  return {
    graph: graph as Iri,
    kind: "other",
    audience: "public",
    origin: { kind: "own" },
    created: NOW,
    received: NOW,
    quads,
  };
}

async function put(hub: TestHub, documents: readonly Document[]): Promise<void> {
  await hub.ports.records.transact(() => ({
    changes: documents.map((each) => ({ kind: "document-put" as const, document: each })),
    result: undefined,
  }));
}

/** Shares out a world: what is open to the hubs its subjects live at, what is one's own to a note of the asker's. */
async function share({ open, own }: World): Promise<void> {
  const shares = new Map<string, Quad[]>(BASES.map((base) => [base, []]));
  for (const [at, each] of open.map(placedQuad).entries()) {
    const home = BASES.find((base) => each.subject.value.startsWith(base)) ?? BASES[at % BASES.length] ?? HERE;
    shares.get(home)?.push(each);
  }
  for (const [at, base] of BASES.entries()) {
    const note: Document = {
      ...document(`${HERE}asker/graphs/own`, own.map(placedQuad)),
      kind: "note",
      audience: { only: asker.iri },
      author: asker.iri,
    };
    const world = document(`${base}world`, shares.get(base) ?? []);
    await put(there[at] ?? here, base === HERE ? [world, note] : [world]);
  }
}

/** One store with everything: what is here, and of the others what they are believed about; or of some hubs alone. */
function unionStore(bases: readonly string[]): QuadStore {
  const quads = bases.includes(HERE) ? [...here.ports.quads.match(null, null, null, { private: asker.iri })] : [];
  for (const [at, hub] of there.entries()) {
    if (!bases.includes(hub.ports.identity.base)) continue;
    const label = <T extends Term>(term: T): T =>
      (term.termType === "BlankNode" ? blankNode(`at${at}-${term.value}`) : term) as T;
    for (const each of hub.ports.quads.match(null, null, null, {})) {
      if (maySay(THERE[at] ?? "", each)) quads.push(quad(label(each.subject), each.predicate, label(each.object)));
    }
  }
  const store = new QuadStore();
  store.add({ graph: `${HERE}union` as Iri, audience: "public", quads });
  store.advance();
  return store;
}

async function askUnion(text: string, bases: readonly string[] = BASES): Promise<Answer> {
  const engine = createEngine({
    quads: unionStore(bases),
    catalogue: new Map(),
    limits: { timeout_ms: 5_000, rows_max: 5_000 },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  return await readWhole(() => engine.adHoc(text, { dataset: {}, baseIri: HERE }));
}

async function readWhole(ask: () => ReturnType<TestHub["ports"]["queries"]["adHoc"]>): Promise<Answer> {
  try {
    const answer = await ask();
    if (isRefusal(answer)) return { kind: "error", message: `${answer.code}: ${answer.message}` };
    if (answer.kind === "boolean") return answer;
    if (answer.kind === "quads") return { kind: "quads", quads: await Array.fromAsync(answer.quads) };
    const rows = await Array.fromAsync(answer.rows, unlabelled);
    return { kind: "rows", variables: answer.variables, rows };
  } catch (error) {
    return { kind: "error", message: String(error) };
  }
}

/** A row whose blank nodes have no names: each store has its own. */
function unlabelled(row: ReadonlyMap<string, Term>): ReadonlyMap<string, Term> {
  return new Map([...row].map(([name, term]) => [name, term.termType === "BlankNode" ? blankNode("some") : term]));
}

/** Queries of joins, unions, paths and groups, whose rows are each made of some triples. */
const growing: fc.Arbitrary<string> = (() => {
  const end = either([6, pick("?a", "?b", "?c")], [1, pick(":a", ":b")]);
  const repeated = pick(":p+", ":p*", ":q?", "(:p/:q)+", "(:p|^:q)*", "(^:p)+", "(:p/(:q|:p)*)+", "(!(:p|^:n))+");
  const pattern = say`${end} ${either([4, pick(":p", ":q")], [1, repeated])} ${end}`;
  const value = say`${pick("?a", "?b")} ${pick(":n", ":t", ":any")} ${pick("?x", "?y")}`;
  const join = several(either([3, pattern], [1, value]), " . ", 1, 3);
  const group = either([3, join], [1, say`{ ${join} } UNION { ${join} }`], [1, say`${join} OPTIONAL { ${pattern} }`]);
  const counts = pick("COUNT(*)", "COUNT(?b)", "COUNT(DISTINCT ?c)", "MIN(?x)");
  return either(
    [4, say`SELECT ${pick("", "DISTINCT ")}?a ?b ?x WHERE { ${group} }`],
    [1, say`SELECT ?a (${counts} AS ?n) WHERE { ${group} } GROUP BY ?a`],
    [1, say`SELECT ?a (${counts} AS ?n) WHERE { ${group} } GROUP BY ?a HAVING(COUNT(*) > 1)`],
    [1, say`SELECT ?a ?n WHERE { ${pattern} { SELECT ?a (${counts} AS ?n) WHERE { ${group} } GROUP BY ?a } }`],
  ).map(withPrefixes);
})();

/** Each row of a query that only grows with the data must come of the data of the hubs that it is said to be from. */
async function checkOrigins(world: World, random: string): Promise<boolean> {
  const text = placedText(random);
  await share(world);
  for (const base of THERE) descriptionsOf(here.ports).forget(base);
  const answer = await readWhole(async () => {
    const found = await queryNetwork(here.ports, asker, text, { provenance: true });
    return isRefusal(found) ? found : found.answer;
  });
  if (answer.kind !== "rows") return false;
  const plain = answer.rows.map((row) => new Map([...row].filter(([name]) => name !== "hub")));
  const whole = await askUnion(text);
  if (whole.kind !== "rows") return false;
  expect(plain.map(lineOfRow).sort(byText)).toEqual(whole.rows.map(lineOfRow).sort(byText));
  const byHubs = Map.groupBy(answer.rows.keys(), (at) => answer.rows[at]?.get("hub")?.value ?? "");
  for (const [hubs, rows] of byHubs) {
    const part = await askUnion(text, hubs.split(" "));
    if (part.kind !== "rows") return false;
    const lines = part.rows.map(lineOfRow);
    for (const at of rows) {
      const line = lineOfRow(plain[at] ?? new Map());
      if (!lines.includes(line)) throw new Error(`${line} is not of ${hubs} alone\n${text}\n${shown()}`);
    }
  }
  return answer.rows.length > 0;
}

const byText = (a: string, b: string): number => a.localeCompare(b);

interface Way {
  readonly gradual: boolean;
  readonly described: boolean;
}
const ways: fc.Arbitrary<Way> = fc.record({ gradual: fc.boolean(), described: fc.boolean() });

/** Asks each question both ways; gives how many were answered. */
async function askAll(asked: fc.Arbitrary<readonly [World, RandomQuery]>): Promise<number> {
  let answered = 0;
  const property = fc.asyncProperty(asked, ways, async ([world, query], { gradual, described }) => {
    await share(world);
    const text = placedText(query.text);
    for (const base of THERE) {
      if (described) await descriptionsOf(here.ports).read(base);
      else descriptionsOf(here.ports).forget(base);
    }
    let requests: readonly number[] = [];
    let warnings: readonly unknown[] = [];
    const answer = await readWhole(async () => {
      const found = await queryNetwork(here.ports, asker, text, { gradual });
      if (isRefusal(found)) return found;
      requests = found.told.asked.map((hub) => hub.requests);
      ({ warnings } = found.told);
      return found.answer;
    });
    if (answer.kind === "error" && /not-implemented|too-large|malformed/.test(answer.message)) return;
    const whole = await askUnion(placedText(query.whole));
    if (whole.kind === "error") return;
    answered++;
    expect(Math.max(0, ...requests)).toBeLessThanOrEqual(2);
    expect(warnings).toEqual([]);
    const different = difference(query, answer, whole);
    if (different !== undefined) throw new Error(`${different}\n${text}\n${shown()}`);
  });
  const result = await fc.check(property, {
    numRuns: RUNS,
    plugins: [fc.interruptAfterTimeLimit(TIME_MS)],
    ...(PATH === undefined ? {} : { path: PATH }),
  });
  if (!result.failed) return answered;
  const again = `STERNA_RANDOM_SEED=${result.seed} STERNA_RANDOM_PATH=${result.counterexamplePath ?? ""}`;
  throw new Error(`Again with ${again}\n${result.errorInstance instanceof Error ? result.errorInstance.message : ""}`);
}

/** Who has what, for a failure. */
function shown(): string {
  const line = ({ subject, predicate, object }: Quad): string =>
    `  ${subject.value} ${predicate.value} ${JSON.stringify(object.value)}`;
  return [here, ...there]
    .map(({ ports }, at) =>
      [
        ports.identity.base,
        ...[...ports.quads.match(null, null, null, at === 0 ? { private: asker.iri } : {})]
          .filter(({ subject }) => !/(somebody|asker|alice|bob|carol)(#|\/posts$)/.test(subject.value))
          .map(line),
      ].join("\n"),
    )
    .join("\n");
}

describe("a query across hubs", { timeout: 3 * TIME_MS + 60_000 }, () => {
  it("has the answer of one store with everything that each hub is believed about", async () => {
    expect(await askAll(fc.tuple(worlds, queriesOf({ calm: true })))).toBeGreaterThan(0.3 * Math.min(RUNS, 50));
  });

  it("tells of each row the hubs whose data it is made of", async () => {
    let checked = 0;
    const property = fc.asyncProperty(worlds, growing, async (world, text) => {
      if (await checkOrigins(world, text)) checked++;
    });
    await fc.assert(property, { numRuns: RUNS, plugins: [fc.interruptAfterTimeLimit(TIME_MS)] });
    expect(checked).toBeGreaterThan(0.2 * Math.min(RUNS, 50));
  });

  it("has it for what a microblog's readers ask, too", async () => {
    expect(await askAll(questions)).toBeGreaterThan(0.3 * Math.min(RUNS, 50));
  });
});

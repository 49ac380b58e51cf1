import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { createEngine } from "../../src/query/engine.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { parseRdf } from "../../src/rdf/parse.ts";
import { type Quad, quad } from "../../src/rdf/term.ts";
import { QuadStore } from "../../src/storage/triples/quad-store.ts";
import { type Namespace, openNamespaces } from "../support/namespaces.ts";
import { eventually, type HubProcess, type TestAccount } from "./hub-process.ts";
import { HTTP_PORT, QUESTIONS_FILE, type Reach, startHubIn } from "./namespace-hub.ts";

const HERE: Reach = { http: true, delay_ms: 0 };
/** The hubs by place: who asks, the slow one, one that will fail, and two that only XMPP reaches. */
const REACH = [HERE, { http: true, delay_ms: 300 }, HERE, { http: false, delay_ms: 0 }, { http: false, delay_ms: 0 }];
export const [ASKING, SLOW, FAILING, BEHIND, BEYOND] = [0, 1, 2, 3, 4] as const;

/** Who lives where, and whom they follow: nothing of what `ann` asks for is sent to her hub. */
const PEOPLE: readonly (readonly [name: string, hub: number, follows: readonly string[]])[] = [
  ["ann", ASKING, ["ben", "cleo", "dora", "emil"]],
  ["ben", ASKING, ["ann"]],
  ["cleo", SLOW, ["dan", "eva", "finn"]],
  ["cyd", SLOW, []],
  ["dora", FAILING, ["cyd", "hal"]],
  ["dan", FAILING, []],
  ["emil", BEHIND, ["ben", "cyd", "fay", "gil"]],
  ["eva", BEHIND, []],
  ["fay", BEYOND, []],
  ["finn", BEYOND, []],
  ["gil", BEYOND, []],
  ["hal", BEYOND, []],
];

const RESULTS = "application/sparql-results+json";
const PREFIXES = `PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
`;

/** A row of an answer: plain values by variable. */
export type Row = Readonly<Record<string, string>>;

/** What came of a question across hubs. */
export interface Across {
  readonly rows: readonly Row[];
  readonly asked: readonly { readonly hub: string; readonly requests: number; readonly time_ms: number }[];
  readonly warnings: readonly { readonly hub: string; readonly message: string }[];
  readonly time_ms: number;
}

/** Five hubs, each as on a machine of its own with its own XMPP server; the servers speak by s2s over TLS. */
export class FiveHubs implements AsyncDisposable {
  readonly hubs: readonly HubProcess[];
  readonly #people: ReadonlyMap<string, TestAccount>;
  readonly #places: readonly Namespace[];
  /** What each hub held when all was settled. */
  readonly #exports: readonly (readonly Quad[])[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    world: { readonly hubs: readonly HubProcess[]; readonly people: ReadonlyMap<string, TestAccount> },
    places: readonly Namespace[],
    exports: readonly (readonly Quad[])[],
    stack: AsyncDisposableStack,
  ) {
    this.hubs = world.hubs;
    this.#people = world.people;
    this.#places = places;
    this.#exports = exports;
    this.#stack = stack;
  }

  /** Starts them; resolves when everybody has posted, what is sent to whom has arrived, and all is loaded. */
  static async start({ posts }: { readonly posts: number }): Promise<FiveHubs> {
    await using stack = new AsyncDisposableStack();
    const { all: places } = stack.use(await openNamespaces(REACH.length));
    const services = places.map(({ address }) => `http://${address}/`);
    const started = await Promise.allSettled(places.map((place, at) => startHubIn(place, REACH[at] ?? HERE, services)));
    const hubs = started.flatMap((each) => (each.status === "fulfilled" ? [stack.use(each.value)] : []));
    for (const each of started) if (each.status === "rejected") throw each.reason;
    const people = await settle(hubs, posts);
    // A hub's first question starts a process, and loads into it what takes long; hubs apart would not share two cores.
    for (const hub of hubs) await hub.select('SELECT (BNODE("loads all there is to load") AS ?b) {}');
    const exports = await Promise.all(hubs.map(exported));
    return new FiveHubs({ hubs, people }, places, exports, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  hub(at: number): HubProcess {
    return found(this.hubs[at]);
  }

  /** "Posts about terns by people that the people I follow follow, newest first", asked by `ann`. */
  get question(): string {
    return `${PREFIXES}SELECT DISTINCT ?post ?text ?created WHERE { ${this.#pattern} } ORDER BY DESC(?created) ?post LIMIT 50`;
  }

  get #ann(): TestAccount {
    return found(this.#people.get("ann"));
  }

  get #pattern(): string {
    return `<${this.#ann.iri}> sioc:follows ?friend . ?friend sioc:follows ?them .
  ?post sioc:has_creator ?them ; sioc:topic ?topic ; sioc:content ?text ; dcterms:created ?created .
  ?topic rdfs:label "terns"`;
  }

  /** Asks it across all hubs. */
  async across(more: Readonly<Record<string, string>> = {}): Promise<Across> {
    const { body, time_ms } = await this.#ask({ query: this.question, scope: "network", ...more });
    const { results, sterna } = JSON.parse(body) as ResultsJson;
    return { rows: results.bindings.map(plain), asked: sterna.asked, warnings: sterna.warnings, time_ms };
  }

  /** How long the same takes at one hub alone, asked from where the asking hub is by the way that leads there. */
  async single(at: number): Promise<number> {
    const service = `SERVICE <${this.hub(at).base}sparql> { ${this.#pattern} }`;
    if (REACH[at]?.http !== true) return (await this.#ask({ query: `${PREFIXES}SELECT * { ${service} }` })).time_ms;
    const begun = performance.now();
    const answer = await fetch(`${await this.#wayTo(at)}sparql?query=${encodeURIComponent(this.question)}`, {
      headers: { accept: RESULTS },
    });
    await answer.text();
    return performance.now() - begun;
  }

  /** Whether a hub's HTTP port takes connections from where the asking hub is. */
  async hasHttp(at: number): Promise<boolean> {
    return await fetch(`${await this.#wayTo(at)}health`).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  /** How each hub was asked since this was last called, counted in the hub itself. */
  async questions(): Promise<readonly (readonly string[])[]> {
    return await Promise.all(
      this.hubs.map(async ({ folder }) => {
        const file = join(folder, QUESTIONS_FILE);
        const lines = (await readFile(file, "utf8").catch(() => "")).split("\n").filter(Boolean);
        await writeFile(file, "");
        return lines;
      }),
    );
  }

  /**
   * The answer of one store with all that these hubs hold; but of a hub that is not among them only what the asking hub
   * has, since copies elsewhere are not theirs to give.
   */
  async oneStore(among: readonly number[]): Promise<readonly Row[]> {
    const store = new QuadStore();
    const missing = this.hubs.filter((_, at) => !among.includes(at)).map(({ base }) => base);
    for (const at of among) {
      const quads = found(this.#exports[at]).filter(
        ({ subject }) => at === ASKING || !missing.some((base) => subject.value.startsWith(base)),
      );
      store.add({ graph: `urn:hub:${at}` as Iri, audience: "public", quads });
    }
    store.advance();
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const limits = { timeout_ms: 30_000, rows_max: 10_000 };
    const engine = createEngine({ quads: store, catalogue: new Map(), limits, log });
    const answer = await engine.adHoc(this.question, { dataset: {} });
    if (answer.kind !== "bindings") throw new Error(`Expected rows, but got ${answer.kind}.`);
    const rows = await Array.fromAsync(answer.rows);
    return rows.map((row) => Object.fromEntries([...row].map(([name, { value }]) => [name, value])));
  }

  /** `ann` asks her hub. */
  async #ask(fields: Readonly<Record<string, string>>): Promise<{ readonly body: string; readonly time_ms: number }> {
    const begun = performance.now();
    const response = await fetch(this.hub(ASKING).address("sparql"), {
      method: "POST",
      headers: { accept: RESULTS, authorization: `Bearer ${this.#ann.token}` },
      body: new URLSearchParams(fields),
    });
    const body = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${body}`);
    return { body, time_ms: performance.now() - begun };
  }

  /** What leads to a hub's HTTP port by way of where the asking hub is. */
  async #wayTo(at: number): Promise<string> {
    const host = found(this.#places[at]).address;
    return `http://127.0.0.1:${await found(this.#places[ASKING]).door({ host, port: HTTP_PORT })}/`;
  }
}

function found<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("Expected one of five hubs and their people.");
  return thing;
}

interface ResultsJson {
  readonly results: { readonly bindings: readonly Readonly<Record<string, { readonly value: string }>>[] };
  readonly sterna: Pick<Across, "asked" | "warnings">;
}

function plain(row: ResultsJson["results"]["bindings"][number]): Row {
  return Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value]));
}

/** Makes the accounts, lets them follow each other and then post; resolves when followers have what they follow. */
async function settle(hubs: readonly HubProcess[], posts: number): Promise<ReadonlyMap<string, TestAccount>> {
  const people = new Map<string, TestAccount>();
  for (const [name, at] of PEOPLE) people.set(name, await found(hubs[at]).account(name));
  for (const [name, , follows] of PEOPLE) {
    for (const other of follows) await found(people.get(name)).follow(found(people.get(other)).jid);
  }
  // In turn, so that what is newest comes from everywhere.
  for (let n = 0; n < posts; n++) {
    for (const [name, account] of people) await account.post(`${name} saw ${n} #${n % 2 === 0 ? "terns" : "gulls"}`);
  }
  for (const [name, at, follows] of PEOPLE) {
    for (const { iri } of follows.map((other) => found(people.get(other)))) {
      const hub = found(hubs[at]);
      const arrived = async (): Promise<boolean> => (await hub.posts(iri)).size === posts;
      await eventually(`${name} has the posts of ${iri}`, arrived).catch(async (error: Error) => {
        const followed = await hub.call("GET", `${name}/following`, found(people.get(name)).token);
        throw new Error(`${error.message}, by ${JSON.stringify(followed)}\n${hub.output}`);
      });
    }
  }
  return people;
}

/** All that a hub exports, without graphs. */
async function exported(hub: HubProcess): Promise<readonly Quad[]> {
  const response = await fetch(hub.address("api/export"), {
    headers: { accept: "application/trig", authorization: `Bearer ${await hub.ownerToken()}` },
  });
  const quads = await parseRdf(await response.text(), { format: "trig", baseIri: hub.base as Iri });
  if (isRefusal(quads)) throw new Error(quads.message);
  return quads.map(({ subject, predicate, object }) => quad(subject, predicate, object));
}

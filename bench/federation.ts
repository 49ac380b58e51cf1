import { join } from "node:path";
import { createEngine } from "../src/query/engine.ts";
import type { Iri } from "../src/rdf/iri.ts";
import { QuadStore } from "../src/storage/triples/quad-store.ts";
import { freePort } from "../test/support/free-port.ts";
import { FederatedGraph } from "./federated-graph.ts";
import { runInNamespaces } from "./federation-namespaces.ts";
import { median } from "./median.ts";
import type { BenchResult } from "./run.ts";
import { ServedHub } from "./served-hub.ts";
import { openSlowProxy } from "./slow-proxy.ts";

const RATIO_BAR = 1.5;
const REQUESTS_BAR = 2;

interface Told {
  readonly asked: readonly { readonly hub: string; readonly requests: number }[];
  readonly warnings: readonly { readonly message: string }[];
}
interface Results {
  readonly results: { readonly bindings: readonly Readonly<Record<string, { readonly value: string }>>[] };
  readonly sterna?: Told;
}

/**
 * "Posts about X by people that the people I follow follow, newest first", asked across hubs in processes of their own,
 * the last of them behind a proxy that keeps everything back (`--delay-ms`, 300): against the slowest answer of a single
 * hub to the same question, and against one store with everything. What the machine itself can do is the time in which
 * all hubs answer that question when they are asked at the same moment. `--hubs 5 --posts 2000 --accounts 40 --runs 15`,
 * `--program` for another one than `dist/sterna.js`; with `--namespaces` across five hubs in networks of their own.
 */
export async function run(options: Readonly<Record<string, string>>): Promise<BenchResult> {
  if (options["namespaces"] !== undefined) return await runInNamespaces(options);
  await using stack = new AsyncDisposableStack();
  const number = (name: string, otherwise: number): number => Number(options[name] ?? otherwise);
  const [hubs, delay_ms, runs] = [number("hubs", 5), number("delay-ms", 300), number("runs", 15)];
  const ports: number[] = [];
  for (let at = 0; at < hubs + 1; at++) ports.push(await freePort());
  // Whoever is behind the proxy is known by its address.
  const known = ports
    .slice(0, hubs)
    .map((port, at) => (at === hubs - 1 && delay_ms > 0 ? (ports[hubs] ?? port) : port));
  const bases = known.map((port) => `http://localhost:${port}/` as Iri);
  const graph = new FederatedGraph(bases, { accounts: number("accounts", 40), posts: number("posts", 2_000) });
  if (delay_ms > 0) stack.use(await openSlowProxy(ports[hubs] ?? 0, ports[hubs - 1] ?? 0, delay_ms));
  const [asking, token] = await startHubs(stack, graph, ports, options["program"]);
  const texts = Array.from({ length: runs + 1 }, (_, at) => questionOf(graph, at));
  const across: number[] = [];
  const together: number[] = [];
  const single = bases.map((): number[] => []);
  let [requests_max, rows] = [0, 0];
  let isEqual = true;
  const one = await unionEngine(graph);
  // Of hubs that have just started, and have never heard of each other.
  const { time_ms: first_ms } = await askAcross(asking, token, questionOf(graph, 0));
  // A question that is not small starts a hub's query process; one after the other, as they share a machine.
  for (const base of bases) await askOne(base, texts[0] ?? "");
  for (const [at, text] of texts.entries()) {
    const asked = await askAcross(asking, token, text);
    const expected = await one(text);
    const found = asked.results.results.bindings.map((row) =>
      JSON.stringify([row["post"]?.value, row["created"]?.value]),
    );
    isEqual &&= JSON.stringify(found) === JSON.stringify(expected);
    const counts = asked.results.sterna?.asked.map(({ requests }) => requests) ?? [];
    requests_max = Math.max(requests_max, ...counts);
    rows += found.length;
    const times: number[] = [];
    for (const base of bases) times.push(await askOne(base, text));
    if (at === 0) continue;
    across.push(asked.time_ms);
    together.push(Math.max(...(await Promise.all(bases.map((base) => askOne(base, text))))));
    for (const [hub, time_ms] of times.entries()) single[hub]?.push(time_ms);
  }
  const [across_p50_ms, slowest_single_p50_ms] = [median(across), Math.max(...single.map(median))];
  const ratio = across_p50_ms / slowest_single_p50_ms;
  const together_p50_ms = median(together);
  return {
    figures: {
      hubs,
      posts: graph.posts * hubs,
      delay_ms,
      rows,
      first_ms,
      across_p50_ms,
      slowest_single_p50_ms,
      together_p50_ms,
    },
    ratios: { across_to_slowest_single: ratio, across_to_together: across_p50_ms / together_p50_ms },
    bars: {
      across_to_slowest_single: { value: ratio, bar: RATIO_BAR, ok: ratio <= RATIO_BAR },
      requests_a_hub: { value: requests_max, bar: REQUESTS_BAR, ok: requests_max <= REQUESTS_BAR },
      equals_one_store: { value: isEqual ? 1 : 0, bar: 1, ok: isEqual && rows > 0 },
    },
  };
}

async function startHubs(
  stack: AsyncDisposableStack,
  graph: FederatedGraph,
  ports: readonly number[],
  program: string | undefined,
): Promise<readonly [ServedHub, token: string]> {
  let first: readonly [ServedHub, string] | undefined;
  for (const [at, base] of graph.bases.entries()) {
    const data = { base, posts: graph.posts, documents: () => graph.documentsOf(at).values() };
    const path = program === undefined ? [] : [join(process.cwd(), program)];
    const hub = stack.use(await ServedHub.start(data as never, { STERNA_PORT: String(ports[at]) }, ...path));
    for (const name of graph.namesOf(at)) {
      const token = await hub.account(name);
      first ??= [hub, token];
    }
  }
  if (first === undefined) throw new Error("Expected a hub at least.");
  return first;
}

function questionOf(graph: FederatedGraph, at: number): string {
  return `PREFIX sioc: <http://rdfs.org/sioc/ns#> PREFIX dcterms: <http://purl.org/dc/terms/>
SELECT DISTINCT ?post ?text ?created WHERE {
  <${graph.asker}> sioc:follows ?friend . ?friend sioc:follows ?them .
  ?post sioc:has_creator ?them ; sioc:topic <${graph.topic(at)}> ; sioc:content ?text ; dcterms:created ?created
} ORDER BY DESC(?created) ?post LIMIT 20`;
}

async function askAcross(
  hub: ServedHub,
  token: string,
  body: string,
): Promise<{ readonly results: Results; readonly time_ms: number }> {
  const headers = {
    accept: "application/sparql-results+json",
    "content-type": "application/sparql-query",
    authorization: `Bearer ${token}`,
  };
  const answer = await hub.call("POST", "sparql?scope=network", { headers, body });
  if (answer.status !== 200) throw new Error(`Expected an answer, but got ${answer.status}: ${answer.body}`);
  const results = JSON.parse(answer.body) as Results;
  const [warning] = results.sterna?.warnings ?? [];
  if (warning !== undefined) throw new Error(`Expected all hubs to answer, but: ${warning.message}`);
  return { results, time_ms: answer.time_ms };
}

async function askOne(base: string, query: string): Promise<number> {
  const begun = performance.now();
  const response = await fetch(`${base}sparql?query=${encodeURIComponent(query)}`, {
    headers: { accept: "application/sparql-results+json" },
  });
  await response.text();
  if (!response.ok) throw new Error(`Expected an answer of ${base}, but got ${response.status}.`);
  return performance.now() - begun;
}

/** Asks one store that holds everything. */
async function unionEngine(graph: FederatedGraph): Promise<(text: string) => Promise<readonly string[]>> {
  const quads = new QuadStore();
  for (const at of graph.bases.keys()) for (const document of graph.documentsOf(at)) quads.add(document);
  quads.advance();
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const limits = { timeout_ms: 30_000, rows_max: 100_000 };
  const engine = createEngine({ quads, catalogue: new Map(), limits, log: silent });
  return async (text) => {
    const answer = await engine.adHoc(text, { dataset: {} });
    if (answer.kind !== "bindings") throw new Error("Expected rows.");
    const rows = await Array.fromAsync(answer.rows);
    return rows.map((row) => JSON.stringify([row.get("post")?.value, row.get("created")?.value]));
  };
}

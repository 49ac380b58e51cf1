import { type Command, Option } from "commander";
import { isRecord } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubClient, type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { explanationText } from "../output/explanation-text.ts";
import { writeBody } from "../output/response-text.ts";
import { resultsText } from "../output/results-text.ts";
import { countOf, inline, painter } from "../output/terminal-text.ts";
import { sparqlText } from "../sparql-text.ts";

const RESULTS_JSON = "application/sparql-results+json";
const MEDIA_TYPES = {
  table: `${RESULTS_JSON}, text/turtle;q=0.9`,
  json: `${RESULTS_JSON}, application/ld+json;q=0.9`,
  csv: `text/csv, ${RESULTS_JSON};q=0.8, text/turtle;q=0.7`,
  tsv: `text/tab-separated-values, ${RESULTS_JSON};q=0.8, text/turtle;q=0.7`,
  xml: "application/sparql-results+xml, application/rdf+xml;q=0.9",
  turtle: "text/turtle",
  ntriples: "application/n-triples",
  jsonld: "application/ld+json",
  rdfxml: "application/rdf+xml",
} as const;
type QueryFormat = keyof typeof MEDIA_TYPES;

interface QueryCommandOptions extends HubOptions {
  readonly format?: QueryFormat;
  readonly graph?: readonly string[];
  readonly namedGraph?: readonly string[];
  readonly explain?: boolean;
  readonly across?: boolean;
  readonly hub?: string;
  readonly strict?: boolean;
  readonly fresh?: boolean;
  readonly provenance?: boolean;
}

/** `sterna query FILE|TEXT`: asks the hub's SPARQL endpoint. */
export function queryCommand(io: CliIo): Command {
  return hubCommand("query", "Ask the hub a SPARQL query.", [
    "sterna query newest.rq",
    `sterna query 'SELECT ?text WHERE { ?post <http://rdfs.org/sioc/ns#content> ?text } LIMIT 5'`,
    "sterna query - --format csv < newest.rq > newest.csv",
    `sterna query 'DESCRIBE <https://hub.example/bob>' --format turtle`,
    "sterna query newest.rq --explain",
    "sterna query newest.rq --across --strict",
    "sterna query newest.rq --across --fresh --provenance",
    "sterna query newest.rq --hub https://far.example/",
    "sterna query newest.rq --hub xmpp:far.example",
    `sterna query 'SELECT * { ?s ?p ?o }' --graph https://hub.example/alice/graphs/bookmarks`,
  ])
    .argument("<query>", 'a file with a query, or its text; "-" reads it from standard input')
    .addOption(
      new Option(
        "-f, --format <format>",
        "how to print the answer: a table on a terminal, else csv; graphs as Turtle",
      ).choices(Object.keys(MEDIA_TYPES)),
    )
    .option("--graph <iri...>", "ask these graphs instead of all you may see: posts, profiles, graphs of your own")
    .option("--named-graph <iri...>", "give the query these graphs by name, for GRAPH")
    .option("--explain", "tell how the query is answered and how long it takes, instead of the answer")
    .option("--across", "ask the hubs of those you follow too; what a hub did not answer is told on standard error")
    .option("--strict", "with --across: fail when a hub does not answer")
    .option("--fresh", "with --across: ask other hubs for posts too whose copies this hub has")
    .option("--provenance", "with --across: tell in ?hub which hubs each row is from")
    .addOption(
      new Option(
        "--hub <hub>",
        "ask this one hub instead, by its address or as xmpp:DOMAIN; of somebody you follow",
      ).conflicts(["across", "strict", "fresh", "provenance", "graph", "namedGraph", "explain"]),
    )
    .action(async (query: string, options: QueryCommandOptions) => {
      const hub = await hubOf(io, options);
      await (options.explain === true ? explain(io, hub, query, options) : ask(io, hub, query, options));
    });
}

/** Asks, and prints the answer in the format that is wished for or fits where it goes. */
async function ask(io: CliIo, hub: HubClient, query: string, options: QueryCommandOptions): Promise<void> {
  const format = options.format ?? (options.json === true ? "json" : io.stdout.isTTY ? "table" : "csv");
  const scope = scopeOf(options);
  const asked = options.hub ?? (options.across === true ? "the hubs of those you follow" : undefined);
  if (asked !== undefined && io.stderr.isTTY) await io.stderr.write(`asking ${inline(asked)} …\n`);
  const response = await hub.send(`sparql${datasetOf(options, scope)}`, {
    method: "POST",
    contentType: "application/sparql-query",
    accept: MEDIA_TYPES[format],
    body: await sparqlText(io, query, "a query"),
  });
  const isJson = (response.headers.get("content-type") ?? "").startsWith(RESULTS_JSON);
  const readable = format === "table" || format === "csv" || format === "tsv";
  if (options.across === true && !isJson) await tellHubs(io, toldInHeaders(response.headers));
  if (!isJson) return writeBody(io, response);
  if (!readable) {
    // Rows go out as they come; what became of the hubs stands behind them.
    const copy = options.across === true ? response.clone() : undefined;
    await writeBody(io, response);
    return tellHubs(io, toldIn(await copy?.json().catch(() => undefined)));
  }
  const results: unknown = await response.json().catch(() => undefined);
  await tellHubs(io, toldIn(results));
  await io.stdout.write(resultsText(results, painter(io)));
}

function scopeOf({ across, hub, strict, fresh, provenance }: QueryCommandOptions): Record<string, string> {
  if (hub !== undefined) {
    if (/^(?:https?:\/\/|xmpp:)./i.test(hub)) return { scope: "network", hub };
    throw new CommandEnd(
      EXIT.usage,
      `Expected --hub with a hub such as https://far.example/ or xmpp:far.example, but got "${hub}".`,
    );
  }
  const more = Object.entries({ strict, fresh, provenance }).filter(([, value]) => value === true);
  if (across !== true && more.length > 0) {
    const names = more.map(([name]) => `--${name}`).join(" and ");
    throw new CommandEnd(EXIT.usage, `Expected --across with ${names}, but it is missing; add it.`);
  }
  return {
    ...(across === true ? { scope: "network" } : {}),
    ...Object.fromEntries(more.map(([name]) => [name, "true"])),
  };
}

async function explain(io: CliIo, hub: HubClient, query: string, options: QueryCommandOptions): Promise<void> {
  const response = await hub.send(`sparql${datasetOf(options, { explain: "true" })}`, {
    method: "POST",
    contentType: "application/sparql-query",
    accept: "application/json",
    body: await sparqlText(io, query, "a query"),
  });
  if (options.json === true) return writeBody(io, response);
  await io.stdout.write(explanationText(await response.json(), painter(io)));
}

/** What the hub says of the other hubs it asked: which, and what kept some from answering. */
interface Told {
  readonly asked: readonly unknown[];
  readonly warnings: readonly unknown[];
}

/** Warnings as lines on standard error; for people also what each hub gave. */
async function tellHubs(io: CliIo, { asked, warnings }: Told): Promise<void> {
  if (io.stderr.isTTY) {
    for (const each of asked) {
      if (!isRecord(each)) continue;
      const [requests, triples, time_ms] = ["requests", "triples", "time_ms"].map((name) => Number(each[name]));
      const times = countOf(requests ?? 0, "request");
      const line = `${inline(textIn(each, "hub") ?? "")}: ${times}, ${triples} triples, ${Math.round(time_ms ?? 0)} ms\n`;
      await io.stderr.write(line);
    }
  }
  for (const each of warnings) await io.stderr.write(`warning: ${inline(textIn(each, "message") ?? "")}\n`);
}

/** What stands beside the results in JSON. */
function toldIn(results: unknown): Told {
  const told = isRecord(results) ? results["sterna"] : undefined;
  const list = (name: string): readonly unknown[] => {
    const value = isRecord(told) ? told[name] : undefined;
    return Array.isArray(value) ? value : [];
  };
  return { asked: list("asked"), warnings: list("warnings") };
}

/** What stands in the head of answers in other formats. */
function toldInHeaders(headers: Headers): Told {
  const list = (name: string): readonly unknown[] => {
    try {
      const value: unknown = JSON.parse(headers.get(name) ?? "[]");
      return Array.isArray(value) ? value : [];
    } catch {
      return [{ message: headers.get(name) }];
    }
  };
  return { asked: list("sterna-hubs"), warnings: list("sterna-warnings") };
}

/** The dataset, and what else is asked, as parameters. */
function datasetOf({ graph = [], namedGraph = [] }: QueryCommandOptions, more: Record<string, string> = {}): string {
  const parameters = new URLSearchParams(more);
  for (const iri of graph) parameters.append("default-graph-uri", iri);
  for (const iri of namedGraph) parameters.append("named-graph-uri", iri);
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

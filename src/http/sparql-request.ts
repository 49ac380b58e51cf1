import type { NamedDataset } from "../hub/ports/sparql-syntax.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { type Iri, parseIri } from "../rdf/iri.ts";
import { mediaTypeOf, readText } from "./body.ts";
import type { Exchange } from "./exchange.ts";
import { readQuery } from "./request-target.ts";

/** What a request to the endpoint asks for (SPARQL 1.1 Protocol §2). */
export type SparqlRequest =
  /** Nothing: it gets the Service Description. */
  | { readonly kind: "nothing" }
  | {
      readonly kind: "query";
      readonly text: string;
      /** `default-graph-uri` and `named-graph-uri`. */
      readonly graphs?: NamedDataset;
      readonly format: string | null;
      /** `explain`, of our own: tells how the query was answered instead of the answer. */
      readonly explain: boolean;
      /** `scope=network`, of our own: asks the hubs of those the account follows too. */
      readonly network?: NetworkRequest;
    }
  | {
      readonly kind: "update";
      readonly text: string;
      /** `using-graph-uri` and `using-named-graph-uri`. */
      readonly using?: NamedDataset;
    };

/** How the network is to be asked, by parameters of our own beside `scope=network`. */
export interface NetworkRequest {
  /** Takes no less than the answers of all hubs. */
  readonly strict: boolean;
  /** Asks other hubs for posts too whose copies are here. */
  readonly fresh: boolean;
  /** Tells of each row which hubs it came from. */
  readonly provenance: boolean;
  /** `hub`: asks this one hub, and nothing here. */
  readonly hub?: string;
}

const FORM = "application/x-www-form-urlencoded";
const QUERY = "application/sparql-query";
const UPDATE = "application/sparql-update";

/** A query by `GET` (§2.1.1). An update is refused with `method-not-allowed`: it is no reading. */
export function readSparqlGet({ query }: Exchange): SparqlRequest | Refusal {
  if (query.has("update")) {
    return refuse("method-not-allowed", "Expected an update by POST, but it came by GET, which changes nothing.", {
      allowed: ["POST"],
    });
  }
  return query.has("query") ? asked([query]) : { kind: "nothing" };
}

/**
 * A query or update by `POST`: as a form (§2.1.2, §2.2.1) or itself (§2.1.3, §2.2.2), its dataset in the address or in
 * the form. Refuses with `malformed` what does not ask for one thing, and with `unsupported-media-type`.
 */
export async function readSparqlPost(exchange: Exchange): Promise<SparqlRequest | Refusal> {
  const type = mediaTypeOf(exchange);
  if (type !== FORM && type !== QUERY && type !== UPDATE) {
    const accepted = [QUERY, UPDATE, FORM];
    return refuse("unsupported-media-type", `Expected ${accepted.join(", ")}, but got "${type.slice(0, 80)}".`, {
      accepted,
    });
  }
  const text = await readText(exchange);
  if (isRefusal(text)) return text;
  if (type === FORM) {
    const form = readQuery(text);
    if (form === undefined) return refuse("malformed", "Expected a form in percent-encoded UTF-8, but it is not.");
    return asked([exchange.query, form]);
  }
  const kind = type === QUERY ? "query" : "update";
  const other = ["query", "update"].find((name) => exchange.query.has(name));
  if (other !== undefined) {
    return refuse("malformed", `Expected one ${kind}, but one came in the body and "${other}" in the address.`);
  }
  return withDataset(kind, text, [exchange.query]);
}

function asked(places: readonly URLSearchParams[]): SparqlRequest | Refusal {
  const all = (name: string): readonly string[] => places.flatMap((place) => place.getAll(name));
  const [queries, updates] = [all("query"), all("update")];
  const [text = ""] = [...queries, ...updates];
  if (queries.length + updates.length === 0) {
    return refuse("malformed", 'Expected the parameter "query" or "update", but both are missing.');
  }
  if (queries.length > 0 && updates.length > 0) {
    return refuse("malformed", "Expected a query or an update, but got both; send them one by one.");
  }
  const kind = queries.length > 0 ? "query" : "update";
  if (queries.length + updates.length > 1) {
    return refuse(
      "malformed",
      `Expected one ${kind}, but got ${queries.length + updates.length}; send them one by one.`,
    );
  }
  return withDataset(kind, text, places);
}

const DATASET = {
  query: ["default-graph-uri", "named-graph-uri"],
  update: ["using-graph-uri", "using-named-graph-uri"],
} as const;

function withDataset(
  kind: "query" | "update",
  text: string,
  places: readonly URLSearchParams[],
): SparqlRequest | Refusal {
  const values = (name: string): readonly string[] =>
    places.flatMap((place) => place.getAll(name)).filter((value) => value !== "");
  const stray = DATASET[kind === "query" ? "update" : "query"].find((name) => values(name).length > 0);
  if (stray !== undefined) {
    const [merged, named] = DATASET[kind];
    return refuse("malformed", `Expected ${merged} and ${named} with a ${kind}, but got ${stray}.`);
  }
  const [merged, named] = DATASET[kind].map((name) => readIris(name, values(name)));
  if (merged === undefined || named === undefined) return refuse("malformed", "Expected a dataset, but got none.");
  if (isRefusal(merged)) return merged;
  if (isRefusal(named)) return named;
  const dataset = merged.length + named.length === 0 ? undefined : { default: merged, named };
  if (kind === "update") return { kind, text, ...(dataset === undefined ? {} : { using: dataset }) };
  const format = places.map((place) => place.get("format")).find((value) => value !== null) ?? null;
  const explain = places.some((place) => place.has("explain") && place.get("explain") !== "false");
  const network = readScope(places, dataset !== undefined || explain);
  if (isRefusal(network)) return network;
  const rest = { ...(dataset === undefined ? {} : { graphs: dataset }), ...(network === undefined ? {} : { network }) };
  return { kind, text, format, explain, ...rest };
}

function readScope(places: readonly URLSearchParams[], isNarrowed: boolean): NetworkRequest | undefined | Refusal {
  const first = (name: string): string | undefined =>
    places.map((place) => place.get(name)).find((value) => value !== null) ?? undefined;
  const [scope = "hub", hub] = [first("scope"), first("hub")];
  if (scope === "hub") {
    if (hub === undefined) return undefined;
    return refuse("invalid", "Expected scope=network with the parameter hub, but it is missing; add it.");
  }
  if (scope !== "network")
    return refuse("invalid", `Expected the scope "hub" or "network", but got "${scope.slice(0, 80)}".`);
  if (isNarrowed) {
    return refuse(
      "invalid",
      "Expected scope=network by itself, but graphs or explain came with it; neither goes across hubs.",
    );
  }
  const isOn = (name: string): boolean => places.some((place) => place.has(name) && place.get(name) !== "false");
  const wish = { strict: isOn("strict"), fresh: isOn("fresh"), provenance: isOn("provenance") };
  if (hub === undefined) return wish;
  const idle = (["strict", "fresh", "provenance"] as const).filter((name) => wish[name]);
  if (idle.length === 0) return { ...wish, hub };
  return refuse(
    "invalid",
    `Expected the parameter hub without ${idle.join(" and ")}: one hub alone is asked; leave them out.`,
  );
}

function readIris(name: string, values: readonly string[]): readonly Iri[] | Refusal {
  const iris: Iri[] = [];
  for (const value of values) {
    const iri = parseIri(value);
    if (isRefusal(iri)) return refuse("invalid", `${name}: ${iri.message}`);
    iris.push(iri);
  }
  return iris;
}

import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad } from "../../rdf/term.ts";
import { DATASET_TRIPLES_MAX, type GraphStore, gatherGraphs, inGraph, tooManyTriples } from "../graphs/graph-store.ts";
import { hubGraphStore } from "../graphs/own-graphs.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryAnswer, QueryGraphs } from "../ports/queries.ts";
import type { Requester } from "../ports/requester.ts";
import type { NamedDataset } from "../ports/sparql-syntax.ts";
import { callServices } from "./call-services.ts";

/** How to run a query. */
export interface QueryWish {
  readonly signal?: AbortSignal;
  readonly baseIri?: Iri;
  /** Who asks, as one text, for the bound on queries at once. */
  readonly from?: string;
  /** The dataset that the protocol's parameters name; it comes before the query's own (SPARQL 1.1 Protocol §2.1.4). */
  readonly graphs?: NamedDataset;
}

/**
 * Answers a SPARQL query over what the requester may see, all of it as one default graph; or over the documents that
 * the request names as graphs. Refuses with `invalid` a graph that is not there for this requester.
 */
export async function runQuery(
  hub: HubPorts,
  by: Requester,
  text: string,
  { signal, baseIri = hub.identity.base, from, graphs }: QueryWish = {},
  store: GraphStore = hubGraphStore(hub),
): Promise<QueryAnswer | Refusal> {
  const asker = { ...(signal === undefined ? {} : { signal }), ...(from === undefined ? {} : { from }) };
  const isPlain = graphs === undefined && store.defaultGraph === "view";
  const called = await callServices(hub, by, text, { ...asker, baseIri, isPlain });
  if (isRefusal(called)) return called;
  const named = graphs ?? hub.sparql.datasetIn(called?.text ?? text, baseIri);
  if (isRefusal(named)) return named;
  const given = named === undefined ? storedGraphs(store, by) : gatherGraphs(store, by, named);
  if (isRefusal(given)) return given;
  return await hub.queries.adHoc(called?.text ?? text, {
    dataset: store.dataset(by),
    baseIri,
    ...(given === undefined ? {} : { graphs: given }),
    ...(called === undefined ? {} : { services: called.services }),
    ...(from === undefined ? {} : { requester: from }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Everything of a store whose default graph is not the query store's. */
function storedGraphs(store: GraphStore, by: Requester): QueryGraphs | undefined | Refusal {
  if (store.defaultGraph === "view") return undefined;
  const quads: Quad[] = [...store.merged(by)];
  for (const name of store.names(by)) {
    for (const each of store.read(by, name)?.quads ?? []) quads.push(inGraph(each, name));
  }
  return quads.length > DATASET_TRIPLES_MAX ? tooManyTriples() : { quads, withDataset: false };
}

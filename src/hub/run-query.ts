import type { Refusal } from "../outcome/refusal.ts";
import type { Iri } from "../rdf/iri.ts";
import { datasetOf, type HubPorts, type QueryAnswer, type Requester } from "./ports.ts";

/** Answers a SPARQL query over what the requester may see. */
export async function runQuery(
  hub: HubPorts,
  by: Requester,
  text: string,
  options: { readonly signal?: AbortSignal; readonly baseIri?: Iri } = {},
): Promise<QueryAnswer | Refusal> {
  return await hub.queries.adHoc(text, { dataset: datasetOf(by), baseIri: hub.identity.base, ...options });
}

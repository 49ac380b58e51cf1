import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { hubGraphStore } from "../graphs/own-graphs.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryExplanation } from "../ports/queries.ts";
import type { Requester } from "../ports/requester.ts";
import type { QueryWish } from "./run-query.ts";

/**
 * Runs a query over what the requester may see and tells how it was answered: which part ran where, how many solutions
 * each step was thought to give and gave. For accounts and the owner; refuses else as `runQuery`.
 */
export async function explainQuery(
  hub: HubPorts,
  by: Requester,
  text: string,
  { signal, baseIri = hub.identity.base, from, graphs }: QueryWish = {},
): Promise<QueryExplanation | Refusal> {
  if (by.kind === "anonymous") {
    return refuse(
      "unauthenticated",
      "Expected the token of the owner or an account with explain, but got none; add it, or leave explain out.",
    );
  }
  const named = graphs ?? hub.sparql.datasetIn(text, baseIri);
  if (isRefusal(named)) return named;
  if (named !== undefined || hub.queries.explain === undefined) {
    return refuse(
      "invalid",
      "Expected a query over everything in the hub's own query store, but this one names graphs, or the store is another program; ask without explain.",
    );
  }
  return await hub.queries.explain(text, {
    dataset: hubGraphStore(hub).dataset(by),
    baseIri,
    ...(from === undefined ? {} : { requester: from }),
    ...(signal === undefined ? {} : { signal }),
  });
}

import type { QuadSource } from "../../hub/ports/queries.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { parseQuery } from "../syntax/parse-query.ts";

/** The dataset of queries that bring all their graphs: nothing beside them. */
export const NAMED_GRAPHS_ONLY: QuadSource = { match: () => [], count: () => 0, size: 0, version: 0 };

/**
 * Why a query that brings graphs beside the dataset is not answered where the dataset is in a store outside: it asks
 * for more than the graphs it names. The store does not see what only the request has, and here is nothing else.
 */
export function whyNotBeside(text: string, baseIri: Iri): Refusal | undefined {
  const operation = parseQuery(text, baseIri, { dataset: "settled" });
  if (isRefusal(operation)) return operation;
  const waiting: unknown[] = [operation];
  for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
    if (typeof each !== "object" || each === null) continue;
    const { type, graph } = each as { readonly type?: unknown; readonly graph?: { readonly termType?: unknown } };
    if ((type === "pattern" || type === "path") && graph?.termType === "DefaultGraph") return beside();
    if ("termType" in each) continue;
    for (const inner of Object.values(each) as readonly unknown[]) if (inner !== undefined) waiting.push(inner);
  }
  return undefined;
}

function beside(): Refusal {
  return refuse(
    "not-implemented",
    "Expected a WHERE that asks either what everybody may see or graphs that it names: the query store of this hub is another program, which does not see graphs that only this request has. Split the update in two.",
  );
}

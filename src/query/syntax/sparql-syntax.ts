import type { SparqlSyntax } from "../../hub/ports/sparql-syntax.ts";
import { followsRequest, profilesRequest } from "../network/discovery-text.ts";
import { networkQuestion } from "../network/network-query.ts";
import { documentRequest, networkBindings, networkRequest } from "../network/network-text.ts";
import { datasetIn, formOf } from "./parse-query.ts";
import { readUpdate } from "./read-update.ts";
import { serviceCalls } from "./service-calls.ts";

/** Reads SPARQL texts with the parser of the engine, without the engine. */
export function createSparqlSyntax(): SparqlSyntax {
  return {
    datasetIn,
    formOf,
    readUpdate,
    networkQuestion,
    networkRequest,
    networkBindings,
    documentRequest,
    followsRequest,
    profilesRequest,
    serviceCalls,
  };
}

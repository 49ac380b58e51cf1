import type { Account } from "../../core/account.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Dataset } from "./queries.ts";

/** Who asks. */
export type Requester =
  | { readonly kind: "anonymous" }
  | { readonly kind: "account"; readonly account: Account; readonly iri: Iri }
  | { readonly kind: "owner" };

/** The dataset a requester sees. */
export function datasetOf(requester: Requester): Dataset {
  return requester.kind === "account" ? { private: requester.iri } : {};
}

/** Whether a requester may see a document: the same rule by which {@link datasetOf} chooses what queries see. */
export function maySee(requester: Requester, { audience }: Pick<Document, "audience">): boolean {
  return audience === "public" || audience.only === datasetOf(requester).private;
}

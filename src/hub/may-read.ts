import type { Document } from "../rdf/document.ts";
import type { Requester } from "./ports.ts";

/** Whether a requester may see a document: everybody what is public, an account what is for it alone. */
export function mayRead(by: Requester, { audience }: Pick<Document, "audience">): boolean {
  return audience === "public" || (by.kind === "account" && audience.only === by.iri);
}

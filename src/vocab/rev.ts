// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Review vocabulary, with which SMOB kept its stars; read on import. */
export const rev = Object.freeze({
  namespace: "http://purl.org/stuff/rev#",
  /** A review. */
  Review: namedNode("http://purl.org/stuff/rev#Review"),
  /** A review of this. */
  hasReview: namedNode("http://purl.org/stuff/rev#hasReview"),
  /** A mark; SMOB's star is a rating of 1, read as as:Like by the hub's account. */
  rating: namedNode("http://purl.org/stuff/rev#rating"),
  /** Who reviewed. */
  reviewer: namedNode("http://purl.org/stuff/rev#reviewer"),
});

// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SMOB's own terms; read on import. */
export const smob = Object.freeze({
  namespace: "http://smob.me/ns#",
  /** A hub of SMOB: read as sterna:Hub. */
  Hub: namedNode("http://smob.me/ns#Hub"),
});

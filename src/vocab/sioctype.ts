// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** The namespace of SIOC Types as LSBench misspells it (its own ends in types#); read on import. */
export const sioctype = Object.freeze({
  namespace: "http://rdfs.org/sioc/type#",
  /** Read as sioct:Microblog. */
  Microblog: namedNode("http://rdfs.org/sioc/type#Microblog"),
  /** Read as sioct:MicroblogPost. */
  MicroblogPost: namedNode("http://rdfs.org/sioc/type#MicroblogPost"),
});

// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** SIOC Types: the kinds of containers and posts. */
export const sioct = Object.freeze({
  namespace: "http://rdfs.org/sioc/types#",
  /** A post in a weblog. */
  BlogPost: namedNode("http://rdfs.org/sioc/types#BlogPost"),
  /** A post that is a remark on something else. */
  Comment: namedNode("http://rdfs.org/sioc/types#Comment"),
  /** A board for discussions. */
  MessageBoard: namedNode("http://rdfs.org/sioc/types#MessageBoard"),
  /** A microblog: the container of one account's short posts. */
  Microblog: namedNode("http://rdfs.org/sioc/types#Microblog"),
  /** A post in a microblog. */
  MicroblogPost: namedNode("http://rdfs.org/sioc/types#MicroblogPost"),
  /** A word used to sort posts; the object of sioc:topic. */
  Tag: namedNode("http://rdfs.org/sioc/types#Tag"),
  /** A weblog: the container of longer posts. */
  Weblog: namedNode("http://rdfs.org/sioc/types#Weblog"),
  /** A wiki. */
  Wiki: namedNode("http://rdfs.org/sioc/types#Wiki"),
});

// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** The vocabulary of LSBench's social network; read on import. */
export const sib = Object.freeze({
  namespace: "http://www.ins.cwi.nl/sib/vocabulary/",
  /** A comment of LSBench, read as a reply. */
  Comment: namedNode("http://www.ins.cwi.nl/sib/vocabulary/Comment"),
  /** A post of LSBench, read as sioct:MicroblogPost. */
  Post: namedNode("http://www.ins.cwi.nl/sib/vocabulary/Post"),
  /** The program a post was made with; dropped on import. */
  browser: namedNode("http://www.ins.cwi.nl/sib/vocabulary/browser"),
  /** The year somebody left school; dropped on import. */
  class_year: namedNode("http://www.ins.cwi.nl/sib/vocabulary/class_year"),
  /** A tag of a post as a text: read as sioc:topic. */
  hashtag: namedNode("http://www.ins.cwi.nl/sib/vocabulary/hashtag"),
  /** A post this account likes: read as as:Like. */
  like: namedNode("http://www.ins.cwi.nl/sib/vocabulary/like"),
  /** The post a comment answers: read as sioc:reply_of. */
  reply_of: namedNode("http://www.ins.cwi.nl/sib/vocabulary/reply_of"),
});

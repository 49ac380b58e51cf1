// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Dublin Core elements, as older data and LSBench have them; read on import. */
export const dc = Object.freeze({
  namespace: "http://purl.org/dc/elements/1.1/",
  /** When a thing was made, as LSBench has it (Dublin Core elements never had this term): read as dcterms:created. */
  created: namedNode("http://purl.org/dc/elements/1.1/created"),
  /** Who made a thing: read as dcterms:creator. */
  creator: namedNode("http://purl.org/dc/elements/1.1/creator"),
  /** A moment in the life of a thing: read as dcterms:date. */
  date: namedNode("http://purl.org/dc/elements/1.1/date"),
  /** An account of a thing: read as dcterms:description. */
  description: namedNode("http://purl.org/dc/elements/1.1/description"),
  /** The format of a thing: read as dcterms:format. */
  format: namedNode("http://purl.org/dc/elements/1.1/format"),
  /** The language of a thing: read as dcterms:language. */
  language: namedNode("http://purl.org/dc/elements/1.1/language"),
  /** What a thing is about: read as dcterms:subject. */
  subject: namedNode("http://purl.org/dc/elements/1.1/subject"),
  /** The name of a thing: read as dcterms:title. */
  title: namedNode("http://purl.org/dc/elements/1.1/title"),
});

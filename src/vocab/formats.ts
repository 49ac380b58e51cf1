// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** The W3C's names of file formats, for service descriptions. */
export const formats = Object.freeze({
  namespace: "http://www.w3.org/ns/formats/",
  /** JSON-LD. */
  JSON_LD: namedNode("http://www.w3.org/ns/formats/JSON-LD"),
  /** N-Quads. */
  N_Quads: namedNode("http://www.w3.org/ns/formats/N-Quads"),
  /** N-Triples. */
  N_Triples: namedNode("http://www.w3.org/ns/formats/N-Triples"),
  /** RDF/XML. */
  RDF_XML: namedNode("http://www.w3.org/ns/formats/RDF_XML"),
  /** RDFa. */
  RDFa: namedNode("http://www.w3.org/ns/formats/RDFa"),
  /** SPARQL results as CSV. */
  SPARQL_Results_CSV: namedNode("http://www.w3.org/ns/formats/SPARQL_Results_CSV"),
  /** SPARQL results as JSON. */
  SPARQL_Results_JSON: namedNode("http://www.w3.org/ns/formats/SPARQL_Results_JSON"),
  /** SPARQL results as TSV. */
  SPARQL_Results_TSV: namedNode("http://www.w3.org/ns/formats/SPARQL_Results_TSV"),
  /** SPARQL results as XML. */
  SPARQL_Results_XML: namedNode("http://www.w3.org/ns/formats/SPARQL_Results_XML"),
  /** TriG. */
  TriG: namedNode("http://www.w3.org/ns/formats/TriG"),
  /** Turtle. */
  Turtle: namedNode("http://www.w3.org/ns/formats/Turtle"),
});

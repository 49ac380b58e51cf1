// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** RDF itself. */
export const rdf = Object.freeze({
  namespace: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  /** The datatype of HTML fragments. */
  HTML: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#HTML"),
  /** The datatype of JSON texts. */
  JSON: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON"),
  /** A list, told by its first element and the rest. */
  List: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#List"),
  /** The class of properties. */
  Property: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#Property"),
  /** The datatype of XML fragments. */
  XMLLiteral: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral"),
  /** The datatype of texts in a language with a direction of writing. */
  dirLangString: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString"),
  /** The first element of a list. */
  first: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#first"),
  /** The datatype of texts in a language. */
  langString: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"),
  /** The empty list. */
  nil: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"),
  /** The object of a statement that is spoken about. */
  object: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#object"),
  /** The predicate of a statement that is spoken about. */
  predicate: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#predicate"),
  /** The list without its first element. */
  rest: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#rest"),
  /** The subject of a statement that is spoken about. */
  subject: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#subject"),
  /** A class that a thing belongs to. */
  type: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
  /** The main value of a thing that has several parts. */
  value: namedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#value"),
});

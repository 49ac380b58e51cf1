import { type Refusal, refuse } from "../outcome/refusal.ts";
import { PREFIXES } from "../vocab/prefixes.ts";
import { rdf } from "../vocab/rdf.ts";
import { xsd } from "../vocab/xsd.ts";
import { writeBlankNode } from "./escape.ts";
import type { Quad, QuadSubject } from "./term.ts";
import type { Prefixes } from "./turtle-names.ts";

// XML 1.0 §2.2 [2], the characters it does not have.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

// The longest NCName (XML Namespaces 1.0 §3 [4]) at the end of an IRI.
const LOCAL_NAME = /[\p{L}_][\p{L}\p{M}\p{N}\u00b7._-]*$/u;

const UNUSABLE_NAMESPACES = new Set(["http://www.w3.org/2000/xmlns/", "http://www.w3.org/XML/1998/namespace"]);

// RDF/XML §7.2.5: names that mean something else as property elements.
const NOT_PROPERTIES = new Set(
  ["RDF", "ID", "about", "bagID", "parseType", "resource", "nodeID", "datatype", "li", "Description"]
    .concat(["aboutEach", "aboutEachPrefix"])
    .map((local) => PREFIXES["rdf"] + local),
);

const XML_ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // Readers turn these into a line feed or a space when they stand as they are.
  "\r": "&#xD;",
  "\n": "&#xA;",
  "\t": "&#x9;",
};

function attribute(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => XML_ESCAPES[character] ?? character);
}

function content(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => XML_ESCAPES[character] ?? character);
}

/** `prefix:local` for predicates, with the namespaces used so far. */
class ElementNames {
  readonly #prefixOf: Map<string, string>;
  readonly #used = new Map<string, string>([[PREFIXES["rdf"] ?? "", "rdf"]]);

  constructor(prefixes: Prefixes) {
    this.#prefixOf = new Map(Object.entries(prefixes).map(([prefix, namespace]) => [namespace, prefix]));
  }

  name(iri: string): string | Refusal {
    const local = LOCAL_NAME.exec(iri)?.[0] ?? "";
    const namespace = iri.slice(0, iri.length - local.length);
    if (local === "" || namespace === "" || UNUSABLE_NAMESPACES.has(namespace) || NOT_PROPERTIES.has(iri)) {
      const message = `RDF/XML cannot name the property <${iri}>, whose end is no XML name of its own; ask for Turtle or JSON-LD.`;
      return refuse("not-acceptable", message, { property: iri });
    }
    let prefix = this.#used.get(namespace);
    if (prefix === undefined) {
      prefix = this.#prefixOf.get(namespace) ?? `ns${this.#used.size}`;
      this.#used.set(namespace, prefix);
    }
    return `${prefix}:${local}`;
  }

  declarations(): string {
    return [...this.#used].map(([namespace, prefix]) => `\n  xmlns:${prefix}="${attribute(namespace)}"`).join("");
  }
}

/**
 * Writes triples as RDF/XML, one `rdf:Description` a subject. (No maintained serialiser was found on npm.) Refuses
 * with `not-acceptable` what the format cannot carry: properties whose IRI does not end in an XML name, and control
 * characters.
 */
export function writeRdfXml(quads: Iterable<Quad>, prefixes: Prefixes = PREFIXES): string | Refusal {
  const names = new ElementNames(prefixes);
  const blocks = new Map<string, string[]>();
  for (const quad of quads) {
    const element = propertyElement(quad, names);
    if (typeof element !== "string") return element;
    const about = reference(quad.subject, "rdf:about");
    const block = blocks.get(about);
    if (block === undefined) blocks.set(about, [element]);
    else block.push(element);
  }
  const body = [...blocks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([about, elements]) => `  <rdf:Description ${about}>\n${elements.join("")}  </rdf:Description>\n`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF${names.declarations()}>\n${body.join("")}</rdf:RDF>\n`;
}

function reference(node: QuadSubject, name: "rdf:about" | "rdf:resource"): string {
  // Labels are made XML names: they may begin with a digit elsewhere.
  if (node.termType === "BlankNode") return `rdf:nodeID="b${writeBlankNode(node.value).slice(2)}"`;
  return `${name}="${attribute(node.value)}"`;
}

function propertyElement({ predicate, object }: Quad, names: ElementNames): string | Refusal {
  const name = names.name(predicate.value);
  if (typeof name !== "string") return name;
  if (object.termType === "NamedNode" || object.termType === "BlankNode") {
    return `    <${name} ${reference(object, "rdf:resource")}/>\n`;
  }
  if (object.termType !== "Literal")
    return refuse("not-acceptable", "RDF/XML cannot carry quoted triples; send RDF 1.1.");
  const illegal = NOT_XML.exec(object.value)?.[0];
  if (illegal !== undefined) {
    const code = illegal.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    const message = `RDF/XML cannot carry the character U+${code}, which is in a value of <${predicate.value}>; ask for Turtle or JSON-LD.`;
    return refuse("not-acceptable", message, { property: predicate.value, character: `U+${code}` });
  }
  const datatype = object.datatype.value;
  const kind =
    object.language !== ""
      ? ` xml:lang="${attribute(object.language)}"`
      : datatype === xsd.string.value || datatype === rdf.langString.value
        ? ""
        : ` rdf:datatype="${attribute(datatype)}"`;
  return `    <${name}${kind}>${content(object.value)}</${name}>\n`;
}

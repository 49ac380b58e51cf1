// Writes src/vocab/*.ts from ontologies/*.ttl: `node scripts/generate-vocab.ts`.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "n3";

const ROOT = join(import.meta.dirname, "..");
const RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const RDFS = "http://www.w3.org/2000/01/rdf-schema#";
const OWL = "http://www.w3.org/2002/07/owl#";
const COLUMNS_MAX = 120;

interface Vocabulary {
  readonly namespace: string;
  readonly prefix: string;
  readonly comment: string;
  /** Local name to comment. */
  readonly terms: ReadonlyMap<string, string>;
}

/** The Turtle texts under `ontologies/` that define terms (shapes do not). */
export function readOntologies(): readonly string[] {
  return readdirSync(join(ROOT, "ontologies"))
    .filter((name) => name.endsWith(".ttl") && !name.endsWith("-shape.ttl"))
    .sort()
    .map((name) => readFileSync(join(ROOT, "ontologies", name), "utf8"));
}

/** Vocabularies declared as `owl:Ontology`, with each term that says `rdfs:isDefinedBy` one of them. */
function readVocabularies(texts: readonly string[]): readonly Vocabulary[] {
  const values = new Map<string, Map<string, string>>();
  for (const quad of texts.flatMap((text) => new Parser().parse(text))) {
    const of = values.get(quad.subject.value) ?? new Map<string, string>();
    of.set(quad.predicate.value, quad.object.value);
    values.set(quad.subject.value, of);
  }
  const need = (iri: string, property: string): string => {
    const value = values.get(iri)?.get(RDFS + property);
    if (value === undefined) throw new Error(`${iri} has no rdfs:${property}; add one in ontologies/.`);
    return value;
  };
  const found: Vocabulary[] = [];
  for (const [namespace, of] of values) {
    if (of.get(`${RDF}type`) !== `${OWL}Ontology`) continue;
    const iris = [...values.keys()].filter((iri) => iri !== namespace && iri.startsWith(namespace));
    for (const iri of iris) {
      if (need(iri, "isDefinedBy") !== namespace) throw new Error(`${iri} is not defined by ${namespace}.`);
    }
    const terms = new Map(iris.sort().map((iri) => [iri.slice(namespace.length), need(iri, "comment")]));
    found.push({ namespace, prefix: need(namespace, "label"), comment: need(namespace, "comment"), terms });
  }
  return found.sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
}

function docstring(indent: string, text: string): string {
  const one = `${indent}/** ${text} */`;
  if (one.length <= COLUMNS_MAX) return one;
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${indent} * ${last} ${word}`.length <= COLUMNS_MAX)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`).join("\n")}\n${indent} */`;
}

const HEADER = "// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.\n";

function vocabularyModule({ prefix, namespace, comment, terms }: Vocabulary): string {
  // `void` is a reserved word.
  const name = prefix === "void" ? "void_" : prefix;
  const entries = [...terms].map(([local, says]) => {
    const key = local.replaceAll("-", "_");
    return `${docstring("  ", says)}\n  ${key}: namedNode("${namespace}${local}"),\n`;
  });
  return (
    `${HEADER}import { namedNode } from "../rdf/term.ts";\n\n${docstring("", comment)}\n` +
    `export const ${name} = Object.freeze({\n  namespace: "${namespace}",\n${entries.join("")}});\n`
  );
}

function prefixesModule(vocabularies: readonly Vocabulary[]): string {
  const lines = vocabularies.map(({ prefix, namespace }) => `  ${prefix}: "${namespace}",\n`);
  return (
    `${HEADER}\n/** Prefix to namespace of every vocabulary used; Turtle and JSON-LD are written with these. */\n` +
    `export const PREFIXES: Readonly<Record<string, string>> = Object.freeze({\n${lines.join("")}});\n`
  );
}

/** File name under `src/vocab/` to its text. */
export function generateVocab(texts: readonly string[]): ReadonlyMap<string, string> {
  const vocabularies = readVocabularies(texts);
  const files = new Map(vocabularies.map((vocabulary) => [`${vocabulary.prefix}.ts`, vocabularyModule(vocabulary)]));
  return files.set("prefixes.ts", prefixesModule(vocabularies));
}

if (import.meta.main) {
  for (const [name, text] of generateVocab(readOntologies())) writeFileSync(join(ROOT, "src/vocab", name), text);
}

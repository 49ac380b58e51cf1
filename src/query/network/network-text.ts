import type { NetworkBranch, NetworkPattern, NetworkPlace, NetworkValues } from "../../hub/ports/network-plan.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeTerm } from "../../rdf/ntriples.ts";
import { namedNode } from "../../rdf/term.ts";
import { sioc } from "../../vocab/sioc.ts";

/** One CONSTRUCT of everything that is wanted of a hub; no variable is shared between branches. */
export function networkRequest(branches: readonly NetworkBranch[]): string {
  const template: string[] = [];
  const where = branches.map(opened).map((branch, at) => {
    const names = new Names(`v${at}_`);
    const triples = branch.patterns.map((each) => writePattern(each, names));
    template.push(...triples);
    const values = branch.values.map((each) => writeValues(each, names));
    return `{ ${[...values, triples.join(" . "), ...writeExcept(branch, names)].join(" ")} }`;
  });
  return `CONSTRUCT { ${template.join(" . ")} } WHERE { ${where.join(" UNION ")} }`;
}

/**
 * A branch whose patterns have a variable each: a triple of a template that has none would come with whatever another
 * branch matches.
 */
function opened(branch: NetworkBranch): NetworkBranch {
  const values: NetworkValues[] = [...branch.values];
  const patterns = branch.patterns.map((pattern) => {
    const { subject, predicate, object } = pattern;
    if ("variable" in subject || "variable" in predicate || "variable" in object) return pattern;
    const variable = ` object ${values.length}`;
    values.push({ variable, terms: [object.term] });
    return { subject, predicate, object: { variable } };
  });
  return { ...branch, patterns, values };
}

/** A SELECT of the terms that a variable can be where all patterns match, `limit` of them at most. */
export function networkBindings(
  patterns: readonly NetworkPattern[],
  values: readonly NetworkValues[],
  variable: string,
  limit: number,
): string {
  // Without an AS it is a look-up, which needs no worker.
  const names = new Names("v", new Map([[variable, "?value"]]));
  const group = [
    ...values.map((each) => writeValues(each, names)),
    patterns.map((each) => writePattern(each, names)).join(" . "),
  ];
  return `SELECT DISTINCT ?value WHERE { ${group.join(" ")} } LIMIT ${limit}`;
}

/** Variables of a question under names that a text can have. */
class Names {
  readonly #names: Map<string, string>;
  readonly #start: string;

  constructor(start: string, given: ReadonlyMap<string, string> = new Map()) {
    this.#start = start;
    this.#names = new Map(given);
  }

  write(place: NetworkPlace): string {
    if ("term" in place) return writeTerm(place.term);
    let name = this.#names.get(place.variable);
    if (name === undefined) {
      name = `?${this.#start}${this.#names.size}`;
      this.#names.set(place.variable, name);
    }
    return name;
  }
}

function writePattern({ subject, predicate, object }: NetworkPattern, names: Names): string {
  return [subject, predicate, object].map((place) => names.write(place)).join(" ");
}

function writeValues({ variable, terms }: NetworkValues, names: Names): string {
  return `VALUES ${names.write({ variable })} { ${terms.map(writeTerm).join(" ")} }`;
}

/** Leaves out what is a post of one of these accounts. */
function writeExcept({ patterns, except }: NetworkBranch, names: Names): readonly string[] {
  const [first] = patterns;
  if (except.length === 0 || first === undefined) return [];
  const creator = { variable: " creator" };
  const values = writeValues({ variable: creator.variable, terms: except.map((iri) => namedNode(iri)) }, names);
  const pattern = { subject: first.subject, predicate: { term: sioc.has_creator }, object: creator };
  return [`FILTER NOT EXISTS { ${values} ${writePattern(pattern, names)} }`];
}

/** A CONSTRUCT of one document of another hub, whose documents are graphs under their own IRIs. */
export function documentRequest(document: Iri): string {
  const everything = "{ ?s ?p ?o }";
  return `CONSTRUCT ${everything} FROM ${writeTerm(namedNode(document))} WHERE ${everything}`;
}

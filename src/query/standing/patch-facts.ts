import type { GraphIndex, QuadIndex } from "../../hub/ports/quad-index.ts";
import type { Dataset } from "../../hub/ports/queries.ts";
import type { CommittedDocuments } from "../../hub/ports/records.ts";
import { scopeBlankNodes } from "../../rdf/blank-node.ts";
import type { Document } from "../../rdf/document.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { termId, termOfId } from "../../rdf/term-id.ts";
import { sioc } from "../../vocab/sioc.ts";
import { wordKeysOf } from "./word-key.ts";

/** LIMIT: triples of one term that are looked at; of a term with more anything may be true. */
const FACTS_MAX = 5_000;
/** LIMIT: terms that one change of a path is followed to; beyond, any path of these predicates may have changed. */
const REACHED_MAX = 5_000;

/** A triple that came or went, its terms as `termId` beside them. */
export interface ChangedTriple {
  readonly added: boolean;
  readonly quad: Quad;
  readonly subject: string;
  readonly predicate: string;
  readonly object: string;
}

/** Which keys are worth making. */
export interface WantedKeys {
  /** Predicates of `<` keys, and of the links before them. */
  readonly inverses: ReadonlyMap<string, number>;
  readonly links: ReadonlyMap<string, number>;
  /** Predicates of `@` keys, joined by spaces. */
  readonly paths: ReadonlyMap<string, number>;
}

/** What a commit changed for a dataset, and what is and was true of the terms in it. */
export class PatchFacts {
  readonly triples: readonly ChangedTriple[];
  readonly #index: QuadIndex;
  readonly #graphs: readonly GraphIndex[];
  /** What went, by its subject and by its object. */
  readonly #gone = { subject: new Map<string, ChangedTriple[]>(), object: new Map<string, ChangedTriple[]>() };
  readonly #keys = new Map<string, ReadonlySet<string> | undefined>();

  constructor(index: QuadIndex, dataset: Dataset, changes: CommittedDocuments["changes"]) {
    this.#index = index;
    this.#graphs = index.of(dataset).merged;
    this.triples = changes.flatMap(({ before, after }) => changedTriples(seen(before, dataset), seen(after, dataset)));
    for (const triple of this.triples) {
      if (triple.added) continue;
      for (const place of ["subject", "object"] as const) {
        const same = this.#gone[place].get(triple[place]);
        if (same === undefined) this.#gone[place].set(triple[place], [triple]);
        else same.push(triple);
      }
    }
  }

  /**
   * Every key (see `Guard`) that is or was true of a term; undefined when it has too many triples to tell.
   */
  keysOf(term: string, wanted: WantedKeys): ReadonlySet<string> | undefined {
    if (this.#keys.has(term)) return this.#keys.get(term);
    const keys = this.#makeKeys(term, wanted);
    this.#keys.set(term, keys);
    return keys;
  }

  #makeKeys(term: string, wanted: WantedKeys): ReadonlySet<string> | undefined {
    const keys = new Set([`= ${term}`]);
    const out = this.#out(term);
    if (out === undefined || !this.#addDirect(keys, "", term, out, wanted)) return undefined;
    for (const [predicate, object] of out) {
      if (predicate === sioc.content.value) {
        const text = termOfId(object).value;
        for (const word of wordKeysOf(text)) keys.add(`~ ${word}`);
      }
      if (!wanted.links.has(predicate)) continue;
      const further = this.#out(object);
      if (further === undefined || !this.#addDirect(keys, `${predicate} `, object, further, wanted)) return undefined;
    }
    for (const path of wanted.paths.keys()) {
      const reached = this.#reach(path.split(" "), [term]);
      if (reached === undefined) return undefined;
      for (const other of reached) keys.add(`@ ${path} ${other}`);
    }
    return keys;
  }

  /** Adds what is true of a term by its own triples; whether there were not too many. */
  #addDirect(
    keys: Set<string>,
    link: string,
    term: string,
    out: readonly (readonly [string, string])[],
    { inverses }: WantedKeys,
  ): boolean {
    for (const [predicate, object] of out) keys.add(`${link}> ${predicate} ${object}`);
    for (const predicate of inverses.keys()) {
      const subjects = this.#in(term, predicate);
      if (subjects === undefined) return false;
      for (const subject of subjects) keys.add(`${link}< ${predicate} ${subject}`);
    }
    return true;
  }

  #number(term: string): number | undefined {
    return this.#index.numberOf(termOfId(term));
  }

  /** Predicates and objects that a term has or had. */
  #out(term: string): readonly (readonly [string, string])[] | undefined {
    const found = (this.#gone.subject.get(term) ?? []).map(({ predicate, object }) => [predicate, object] as const);
    const number = this.#number(term);
    if (number === undefined) return found;
    for (const { subjects } of this.#graphs) {
      const branch = subjects[number];
      if (branch === undefined) continue;
      for (const predicate of this.#index.keysOf(branch)) {
        const leaf = branch[predicate] ?? {};
        if (found.length + this.#index.sizeOf(leaf) > FACTS_MAX) return undefined;
        for (const object of this.#index.keysOf(leaf)) found.push([this.#text(predicate), this.#text(object)]);
      }
    }
    return found;
  }

  /** Subjects that have or had a term as the object of a predicate. */
  #in(term: string, predicate: string): readonly string[] | undefined {
    const found = (this.#gone.object.get(term) ?? []).flatMap((each) =>
      each.predicate === predicate ? [each.subject] : [],
    );
    const [object, number] = [this.#number(term), this.#number(predicate)];
    if (object === undefined || number === undefined) return found;
    for (const { predicates } of this.#graphs) {
      const leaf = predicates[number]?.[object] ?? {};
      if (found.length + this.#index.sizeOf(leaf) > FACTS_MAX) return undefined;
      for (const subject of this.#index.keysOf(leaf)) found.push(this.#text(subject));
    }
    return found;
  }

  #text(number: number): string {
    return this.#index.textOf(number) ?? "";
  }

  /**
   * All terms that paths along these predicates, in either direction, connect or connected with the ends of a triple
   * that came or went; undefined when there are too many. Empty when no such triple did.
   */
  reached(predicates: readonly string[]): ReadonlySet<string> | undefined {
    const changed = this.triples.filter(({ predicate }) => predicates.includes(predicate));
    return this.#reach(
      predicates,
      changed.flatMap(({ subject, object }) => [subject, object]),
    );
  }

  #reach(predicates: readonly string[], from: readonly string[]): ReadonlySet<string> | undefined {
    const along = new Set(predicates);
    const reached = new Set(from);
    // What is added while it is walked is walked too.
    for (const term of reached) {
      const out = this.#out(term);
      if (out === undefined || reached.size > REACHED_MAX) return undefined;
      for (const [predicate, object] of out) if (along.has(predicate)) reached.add(object);
      for (const predicate of predicates) {
        const subjects = this.#in(term, predicate);
        if (subjects === undefined) return undefined;
        for (const subject of subjects) reached.add(subject);
      }
    }
    return reached;
  }
}

/** A document as far as a dataset shows it. */
function seen(document: Document | undefined, dataset: Dataset): Document | undefined {
  const isSeen = document?.audience === "public" || document?.audience.only === dataset.private;
  return isSeen ? document : undefined;
}

function changedTriples(before: Document | undefined, after: Document | undefined): readonly ChangedTriple[] {
  const [old, fresh] = [triplesOf(before, false), triplesOf(after, true)];
  return [
    ...[...old].filter(([key]) => !fresh.has(key)).map(([, triple]) => triple),
    ...[...fresh].filter(([key]) => !old.has(key)).map(([, triple]) => triple),
  ];
}

function triplesOf(document: Document | undefined, added: boolean): ReadonlyMap<string, ChangedTriple> {
  const triples = new Map<string, ChangedTriple>();
  if (document === undefined) return triples;
  for (const quad of scopeBlankNodes(document.quads, document.graph)) {
    const [subject, predicate, object] = [quad.subject, quad.predicate, quad.object].map((term: Term) => termId(term));
    if (subject === undefined || predicate === undefined || object === undefined) continue;
    triples.set(`${subject} ${predicate} ${object}`, { added, quad, subject, predicate, object });
  }
  return triples;
}

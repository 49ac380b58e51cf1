import type { QuadIndex } from "../../hub/ports/quad-index.ts";
import type { CommittedDocuments } from "../../hub/ports/records.ts";
import type {
  AnswerSeed,
  StandingAnswer,
  StandingQueries,
  StandingShape,
  StandingWish,
} from "../../hub/ports/standing.ts";
import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Term } from "../../rdf/term.ts";
import { termId, termOfId } from "../../rdf/term-id.ts";
import { Bound } from "../bound.ts";
import type { Catalogue } from "../catalogue.ts";
import { PatchFacts } from "./patch-facts.ts";
import { answersOf, readStandingQuery, type StandingQuery } from "./standing-query.ts";
import { type FoundSeed, TouchIndex } from "./touch-index.ts";
import { isBroad } from "./triggers.ts";

/** Bounds of one evaluation. */
export interface StandingLimits {
  readonly timeout_ms: number;
  /** LIMIT: solutions, before those that say the same become one answer. */
  readonly rows_max: number;
}

/** What standing queries work on. */
export interface StandingParts {
  readonly index: QuadIndex;
  /** Has the program's own (`watch-*.rq`). */
  readonly catalogue: Catalogue;
  readonly limits: StandingLimits;
}

/** Keeps queries open over an embedded query store. */
export function createStandingQueries(parts: StandingParts): StandingQueries {
  return new Standing(parts);
}

class Standing implements StandingQueries {
  readonly #index: QuadIndex;
  readonly #catalogue: Catalogue;
  readonly #limits: StandingLimits;
  readonly #queries = new Map<string, StandingQuery>();
  readonly #ids = new Map<StandingQuery, string>();
  /** All queries, by what is public. */
  readonly #public = new TouchIndex();
  /** Those that read an account's own triples too, by all of it. */
  readonly #private = new Map<Iri, TouchIndex>();
  readonly #running = new Set<AbortController>();

  constructor({ index, catalogue, limits }: StandingParts) {
    this.#index = index;
    this.#catalogue = catalogue;
    this.#limits = limits;
  }

  add(id: string, { text, base, dataset }: StandingWish): StandingShape | Refusal {
    const query = readStandingQuery(text, base, dataset);
    if (isRefusal(query)) return query;
    this.remove(id);
    this.#queries.set(id, query);
    this.#ids.set(query, id);
    this.#public.add(query);
    if (dataset.private !== undefined) {
      const own = this.#private.get(dataset.private) ?? new TouchIndex();
      this.#private.set(dataset.private, own);
      own.add(query);
    }
    return { variables: query.variables, isBroad: isBroad(query.triggers) };
  }

  remove(id: string): void {
    const query = this.#queries.get(id);
    if (query === undefined) return;
    this.#queries.delete(id);
    this.#ids.delete(query);
    this.#public.remove(query);
    const { private: account } = query.dataset;
    const own = account === undefined ? undefined : this.#private.get(account);
    own?.remove(query);
    if (account !== undefined && own?.size === 0) this.#private.delete(account);
  }

  touched(changes: CommittedDocuments["changes"]): ReadonlyMap<string, readonly AnswerSeed[]> {
    const found = new Map<string, readonly AnswerSeed[]>();
    if (this.#queries.size === 0) return found;
    this.#note(found, this.#public.touched(new PatchFacts(this.#index, {}, changes)));
    for (const [account, own] of this.#private) {
      const dataset = { private: account };
      const isOwn = changes.some(({ before, after }) => isFor(before, account) || isFor(after, account));
      // Without triples of its own an account sees what everybody does.
      if (!isOwn && this.#index.of(dataset).merged.length === 1) continue;
      this.#note(found, own.touched(new PatchFacts(this.#index, dataset, changes)));
    }
    return found;
  }

  #note(found: Map<string, readonly AnswerSeed[]>, touched: ReadonlyMap<StandingQuery, readonly FoundSeed[]>): void {
    for (const [query, seeds] of touched) {
      const id = this.#ids.get(query);
      if (id !== undefined) found.set(id, [...(found.get(id) ?? []), ...seeds.map(written)]);
    }
  }

  async answers(id: string, seed: AnswerSeed): Promise<ReadonlyMap<string, StandingAnswer> | Refusal> {
    const query = this.#queries.get(id);
    if (query === undefined) return refuse("not-found", `Expected a standing query, but "${id}" is none.`);
    const { timeout_ms, rows_max } = this.#limits;
    const bound = new Bound(timeout_ms, rows_max, undefined, this.#running);
    const values: Record<string, Term> = {};
    for (const [name, text] of Object.entries(seed.values)) values[name] = termOfId(text);
    try {
      return await answersOf(query, values, this.#index, bound);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    } finally {
      bound.end();
    }
  }

  builtIn(name: string, iris: Readonly<Record<string, Iri>>): string {
    const query = this.#catalogue.get(name);
    const missing = query?.parameters.find((parameter) => iris[parameter] === undefined);
    if (query === undefined || missing !== undefined) {
      throw new Fault("internal", `Expected a query of the catalogue and its parameters, but got "${name}".`);
    }
    // The header tells of the parameters, which are no more.
    return withIris(query.text.replace(/^#[^\n]*\n/gm, ""), iris);
  }
}

/** What stands for a parameter of a text whose values are IRIs without characters that end one. */
function withIris(text: string, iris: Readonly<Record<string, Iri>>): string {
  return text.replace(/\?(\w+)/g, (whole, name: string) => (iris[name] === undefined ? whole : `<${iris[name]}>`));
}

function isFor(document: CommittedDocuments["changes"][number]["after"], account: Iri): boolean {
  return document !== undefined && document.audience !== "public" && document.audience.only === account;
}

function written({ values, onlyAdds }: FoundSeed): AnswerSeed {
  return {
    values: Object.fromEntries(Object.entries(values).map(([name, term]) => [name, termId(term)])),
    onlyAdds,
  };
}

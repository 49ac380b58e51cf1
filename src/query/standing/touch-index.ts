import type { Term } from "../../rdf/term.ts";
import { termId } from "../../rdf/term-id.ts";
import type { Place } from "../source/node.ts";
import type { GuardKey } from "./guards.ts";
import type { ChangedTriple, PatchFacts } from "./patch-facts.ts";
import type { StandingQuery } from "./standing-query.ts";
import type { Trigger } from "./triggers.ts";

/** LIMIT: seeds of one query for one commit; with more all of it is evaluated. */
const SEEDS_MAX = 200;

/** Values that answers which may have changed have for some variables; without any it is all answers. */
export interface FoundSeed {
  readonly values: Readonly<Record<string, Term>>;
  /** Whether answers can only have been added. */
  readonly onlyAdds: boolean;
}

interface Entry {
  readonly query: StandingQuery;
  readonly trigger: Trigger;
}

/** Entries whose trigger has a predicate and a watched place in common, by the key of their guard. */
type Bucket = Map<string, Set<Entry>>;

/** A bucket's key of triggers without a guard. */
const ANY_TERM = "";
const UNGUARDED: readonly GuardKey[] = [{ key: ANY_TERM }];

/** The paths along the same predicates, by the end they have. */
interface PathBucket {
  readonly predicates: readonly string[];
  readonly byEnd: Map<string, Set<StandingQuery>>;
}

/** The index of standing queries of one dataset: which of them a commit can touch, by the terms in its triples. */
export class TouchIndex {
  readonly #buckets = new Map<string, Bucket>();
  readonly #paths = new Map<string, PathBucket>();
  readonly #entries = new Map<StandingQuery, readonly (readonly [string, Entry])[]>();
  readonly #inverses = new Map<string, number>();
  readonly #links = new Map<string, number>();
  readonly #pathsOfKeys = new Map<string, number>();

  get size(): number {
    return this.#entries.size;
  }

  add(query: StandingQuery): void {
    const entries = query.triggers.triples.map((trigger) => [bucketOf(trigger), { query, trigger }] as const);
    this.#entries.set(query, entries);
    for (const [name, entry] of entries) {
      const bucket = this.#buckets.get(name) ?? new Map<string, Set<Entry>>();
      this.#buckets.set(name, bucket);
      for (const { key, inverse, link, path } of entry.trigger.guard?.keys ?? UNGUARDED) {
        bucket.set(key, (bucket.get(key) ?? new Set()).add(entry));
        count(this.#inverses, inverse, 1);
        count(this.#links, link, 1);
        count(this.#pathsOfKeys, path?.join(" "), 1);
      }
    }
    for (const { predicates, end } of query.triggers.paths) {
      const name = predicates.join(" ");
      const paths = this.#paths.get(name) ?? { predicates, byEnd: new Map<string, Set<StandingQuery>>() };
      this.#paths.set(name, paths);
      paths.byEnd.set(end, (paths.byEnd.get(end) ?? new Set()).add(query));
    }
  }

  remove(query: StandingQuery): void {
    for (const [name, entry] of this.#entries.get(query) ?? []) {
      const bucket = this.#buckets.get(name);
      if (bucket === undefined) continue;
      for (const { key, inverse, link, path } of entry.trigger.guard?.keys ?? UNGUARDED) {
        drop(bucket, key, entry);
        count(this.#inverses, inverse, -1);
        count(this.#links, link, -1);
        count(this.#pathsOfKeys, path?.join(" "), -1);
      }
      if (bucket.size === 0) this.#buckets.delete(name);
    }
    for (const { predicates, end } of query.triggers.paths) {
      const name = predicates.join(" ");
      const paths = this.#paths.get(name);
      if (paths === undefined) continue;
      drop(paths.byEnd, end, query);
      if (paths.byEnd.size === 0) this.#paths.delete(name);
    }
    this.#entries.delete(query);
  }

  /** The queries whose answers a commit may have changed, and which answers. */
  touched(facts: PatchFacts): ReadonlyMap<StandingQuery, readonly FoundSeed[]> {
    const found = new Map<StandingQuery, Map<string, FoundSeed>>();
    const note = (query: StandingQuery, seed: FoundSeed): void => {
      const seeds = found.get(query) ?? new Map<string, FoundSeed>();
      found.set(query, seeds);
      seeds.set(seedKey(seed), seed);
    };
    for (const triple of facts.triples) {
      for (const watched of ["subject", "object"] as const) {
        for (const predicate of [triple.predicate, ANY_PREDICATE]) {
          const bucket = this.#buckets.get(`${watched} ${predicate}`);
          if (bucket === undefined) continue;
          for (const { query, trigger } of this.#entriesIn(bucket, facts, triple[watched])) {
            const seed = seedOf(query, trigger, triple);
            if (seed !== undefined) note(query, seed);
          }
        }
      }
    }
    for (const { predicates, byEnd } of this.#paths.values()) {
      const reached = facts.reached(predicates);
      const ends = reached === undefined ? byEnd.keys() : smaller(reached, byEnd);
      for (const end of ends) for (const query of byEnd.get(end) ?? []) note(query, ALL);
    }
    return new Map([...found].map(([query, seeds]) => [query, leastOf([...seeds.values()])]));
  }

  *#entriesIn(bucket: Bucket, facts: PatchFacts, term: string): Generator<Entry, undefined> {
    yield* bucket.get(ANY_TERM) ?? [];
    const keys = facts.keysOf(term, {
      inverses: this.#inverses,
      links: this.#links,
      paths: this.#pathsOfKeys,
    });
    if (keys === undefined) for (const entries of bucket.values()) yield* entries;
    else for (const key of smaller(keys, bucket)) yield* bucket.get(key) ?? [];
  }
}

const ANY_PREDICATE = "*";

const ALL: FoundSeed = { values: {}, onlyAdds: false };

function bucketOf({ watched, predicate }: Trigger): string {
  return `${watched} ${"term" in predicate ? predicate.term.value : ANY_PREDICATE}`;
}

function count(counts: Map<string, number>, key: string | undefined, by: number): void {
  if (key === undefined) return;
  const now = (counts.get(key) ?? 0) + by;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}

function drop<T>(sets: Map<string, Set<T>>, key: string, each: T): void {
  const set = sets.get(key);
  set?.delete(each);
  if (set?.size === 0) sets.delete(key);
}

/** The keys that two collections share, found by walking the smaller one. */
function smaller(keys: ReadonlySet<string>, map: ReadonlyMap<string, unknown>): readonly string[] {
  return keys.size < map.size
    ? [...keys].filter((key) => map.has(key))
    : [...map.keys()].filter((key) => keys.has(key));
}

/** The answers that a triple may have changed through a trigger; undefined when it does not match it. */
function seedOf(query: StandingQuery, trigger: Trigger, { quad, added }: ChangedTriple): FoundSeed | undefined {
  const onlyAdds = added && trigger.monotone;
  // What is taken away is looked for among the answers, which have only what is asked for.
  const seen = onlyAdds ? query.seedable : query.answerable;
  const values: Record<string, Term> = {};
  const bound = new Map<string, Term>();
  for (const [place, term] of [
    [trigger.subject, quad.subject],
    [trigger.predicate, quad.predicate],
    [trigger.object, quad.object],
  ] as const) {
    if (!binds(bound, place, term)) return undefined;
  }
  for (const [name, term] of bound) {
    if (seen.has(name) && trigger.kept?.has(name) !== false) values[name] = term;
  }
  return { values, onlyAdds };
}

function binds(bound: Map<string, Term>, place: Place, term: Term): boolean {
  if ("term" in place) return place.term.equals(term);
  const before = bound.get(place.variable);
  bound.set(place.variable, term);
  return before === undefined || before.equals(term);
}

function seedKey({ values, onlyAdds }: FoundSeed): string {
  const parts = Object.keys(values)
    .sort()
    .map((name) => [name, termOf(values, name)]);
  return JSON.stringify([onlyAdds, parts]);
}

function termOf(values: FoundSeed["values"], name: string): string | undefined {
  const term = values[name];
  return term === undefined ? undefined : termId(term);
}

/** Seeds without those that are about a part of another one's answers. */
function leastOf(seeds: readonly FoundSeed[]): readonly FoundSeed[] {
  if (seeds.length > SEEDS_MAX) return [ALL];
  const ordered = [...seeds].sort(
    (a, b) => Object.keys(a.values).length - Object.keys(b.values).length || Number(a.onlyAdds) - Number(b.onlyAdds),
  );
  const least: FoundSeed[] = [];
  for (const seed of ordered) if (!least.some((other) => covers(other, seed))) least.push(seed);
  return least;
}

function covers(wide: FoundSeed, narrow: FoundSeed): boolean {
  if (wide.onlyAdds && !narrow.onlyAdds) return false;
  return Object.keys(wide.values).every((name) => termOf(wide.values, name) === termOf(narrow.values, name));
}

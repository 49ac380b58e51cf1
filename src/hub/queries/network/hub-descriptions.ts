import { epochMs, type Instant, instantOf } from "../../../core/instant.ts";
import { isRefusal, type Refusal } from "../../../outcome/refusal.ts";
import type { Iri } from "../../../rdf/iri.ts";
import type { Quad, Term } from "../../../rdf/term.ts";
import { dcterms } from "../../../vocab/dcterms.ts";
import { sioc } from "../../../vocab/sioc.ts";
import { void_ } from "../../../vocab/void.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";

/** LIMIT: descriptions kept, and milliseconds for reading one. */
const DESCRIPTIONS_MAX = 1_000;
const DESCRIBE_TIMEOUT_MS = 5_000;
/** LIMIT: how long a description is believed, whatever its hub says, and how long a hub is left alone that gave none. */
const FRESH_MAX_MS = 24 * 3_600_000;
const FAILED_FRESH_MS = 10 * 60_000;
/** LIMIT: predicates of a hub whose triples are remembered, the most frequent, and characters of one. */
const SIZES_MAX = 200;
const PREDICATE_LENGTH_MAX = 300;
/** After how long what is remembered of a hub is written down anew, and how long it is believed. */
const SIZES_AGAIN_MS = 24 * 3_600_000;
const SIZES_FOR_MS = 30 * 86_400_000;

/** What a hub says that it has; a part that it does not tell is undefined. */
export interface HubFacts {
  /** Triples by predicate; without one, there are none. */
  readonly predicates?: ReadonlyMap<string, number>;
  readonly classes?: ReadonlySet<string>;
  readonly accounts?: ReadonlySet<string>;
  /** The dates of its posts, as written; the hub may get newer ones at any time. */
  readonly from?: string;
  readonly until?: string;
  /** About how many triples by predicate it had some time ago: for judging what to ask first, never what not to ask. */
  readonly sizes?: ReadonlyMap<string, number>;
}

const NOTHING_KNOWN: HubFacts = {};

interface Kept {
  readonly facts: HubFacts;
  readonly etag?: string;
  readonly until_ms: number;
}

const all = new WeakMap<HubPorts, HubDescriptions>();

/** What other hubs say of themselves, one collection for each hub. */
export function descriptionsOf(hub: HubPorts): HubDescriptions {
  let descriptions = all.get(hub);
  if (descriptions === undefined) {
    descriptions = new HubDescriptions(hub);
    all.set(hub, descriptions);
  }
  return descriptions;
}

/**
 * What other hubs say of themselves (Service Description and VoID), read in the background and kept as long as their
 * cache headers allow: a query never waits for a description, and asks a hub that has none here yet. Of what is too old
 * to be believed the sizes still serve; they stand in `hub.db`, so that the first question after a start has them too.
 */
export class HubDescriptions {
  readonly #hub: HubPorts;
  readonly #kept = new Map<string, Kept>();
  readonly #reading = new Map<string, Promise<void>>();

  constructor(hub: HubPorts) {
    this.#hub = hub;
  }

  /** What is known of a hub at present; begins to read what is not, or what is too old to be believed. */
  factsOf(base: string): HubFacts {
    const kept = this.#kept.get(base);
    if (kept !== undefined && kept.until_ms > Date.now()) return kept.facts;
    void this.read(base);
    return this.#guessOf(base);
  }

  /** Believes nothing of what a hub said before, and does not ask it again for a while. */
  forget(base: string): void {
    this.#kept.set(base, { facts: NOTHING_KNOWN, until_ms: Date.now() + FAILED_FRESH_MS });
  }

  /**
   * Reads the description of a hub of which nothing is known of late, in the background, for its sizes alone: a hub that
   * was just followed may have its first posts about something any moment, and no question is there yet.
   */
  learn(base: string): void {
    const written = this.#hub.records.reader.learned("description", base as Iri);
    if (!this.#kept.has(base) && (written === undefined || this.#isOld(written.read))) void this.#begin(base, false);
  }

  /** Reads a hub's description now, unless that is under way. */
  read(base: string): Promise<void> {
    return this.#begin(base, true);
  }

  #begin(base: string, isBelieved: boolean): Promise<void> {
    let reading = this.#reading.get(base);
    if (reading === undefined) {
      reading = this.#read(base, isBelieved)
        .catch((error: unknown) => {
          // Without it more is asked of the hub, no more than that.
          this.#hub.log.warn({ hub: base, reason: String(error) }, "description-not-kept");
        })
        .finally(() => this.#reading.delete(base));
      this.#reading.set(base, reading);
    }
    return reading;
  }

  async #read(base: string, isBelieved: boolean): Promise<void> {
    const before = this.#kept.get(base);
    const signal = AbortSignal.timeout(DESCRIBE_TIMEOUT_MS);
    const found = await this.#hub.remoteQueries.describe(base as Iri, signal, before?.etag);
    if (this.#kept.size >= DESCRIPTIONS_MAX) this.#kept.clear();
    const kept = isRefusal(found)
      ? { facts: this.#guessOf(base), until_ms: Date.now() + FAILED_FRESH_MS }
      : keptOf(base, found, before);
    if (isBelieved) this.#kept.set(base, kept);
    else if (!this.#kept.has(base)) this.#kept.set(base, { ...kept, until_ms: 0 });
    await this.#writeSizes(base as Iri, kept.facts.predicates);
  }

  /** What is left of what a hub said before. */
  #guessOf(base: string): HubFacts {
    const before = this.#kept.get(base)?.facts;
    const sizes = before?.predicates ?? before?.sizes ?? this.#sizesOf(base);
    return sizes === undefined ? NOTHING_KNOWN : { sizes };
  }

  #sizesOf(base: string): ReadonlyMap<string, number> | undefined {
    const written = this.#hub.records.reader.learned("description", base as Iri);
    return written === undefined || written.freshUntil <= this.#hub.now()
      ? undefined
      : new Map(Object.entries(written.triples));
  }

  async #writeSizes(base: Iri, sizes: ReadonlyMap<string, number> | undefined): Promise<void> {
    const { records, now } = this.#hub;
    const written = records.reader.learned("description", base);
    if (sizes === undefined || (written !== undefined && !this.#isOld(written.read))) return;
    const most = [...sizes]
      .filter(([predicate]) => predicate.length <= PREDICATE_LENGTH_MAX)
      .sort(([, a], [, b]) => b - a)
      .slice(0, SIZES_MAX);
    const read = now();
    const learned = {
      kind: "description",
      subject: base,
      triples: Object.fromEntries(most),
      read,
      freshUntil: instantOf(epochMs(read) + SIZES_FOR_MS),
    } as const;
    const forgetBefore = instantOf(epochMs(read) - SIZES_FOR_MS);
    await records.transact(() => ({ changes: [{ kind: "learned-put", learned, forgetBefore }], result: undefined }));
  }

  #isOld(read: Instant): boolean {
    return epochMs(this.#hub.now()) - epochMs(read) >= SIZES_AGAIN_MS;
  }
}

type Described = Exclude<Awaited<ReturnType<HubPorts["remoteQueries"]["describe"]>>, Refusal>;

function keptOf(base: string, found: Described, before: Kept | undefined): Kept {
  const until_ms = Date.now() + Math.min(found.fresh_ms, FRESH_MAX_MS);
  if ("unchanged" in found) return { facts: NOTHING_KNOWN, ...before, until_ms };
  const { etag } = found;
  return { facts: factsIn(base, found.quads), until_ms, ...(etag === undefined ? {} : { etag }) };
}

/**
 * The facts of a description, about the dataset whose endpoint is the hub's. A partition list is complete where the
 * dataset counts how many there are (`void:properties`, `void:classes`) and as many are listed.
 */
export function factsIn(base: string, quads: readonly Quad[]): HubFacts {
  const objects = (subject: Term | undefined, predicate: Term): readonly Term[] =>
    quads.filter((each) => each.subject.equals(subject) && each.predicate.equals(predicate)).map((each) => each.object);
  const dataset = quads.find(
    ({ predicate, object }) => predicate.equals(void_.sparqlEndpoint) && object.value === `${base}sparql`,
  )?.subject;
  if (dataset === undefined) return NOTHING_KNOWN;
  const partitions = (link: Term, key: Term, total: Term): Map<string, number> | undefined => {
    const found = new Map<string, number>();
    for (const partition of objects(dataset, link)) {
      const count = Number([...objects(partition, void_.triples), ...objects(partition, void_.entities)][0]?.value);
      for (const { value } of objects(partition, key)) found.set(value, count);
    }
    return Number(objects(dataset, total)[0]?.value) === found.size ? found : undefined;
  };
  const predicates = partitions(void_.propertyPartition, void_.property, void_.properties);
  const classes = partitions(void_.classPartition, void_.class, void_.classes);
  const [hosted] = objects(dataset, void_.subset).filter((each) =>
    objects(each, void_.class).some((type) => type.equals(sioc.UserAccount)),
  );
  const accounts = objects(hosted, void_.rootResource).map(({ value }) => value);
  const [from, until] = periodIn(objects(dataset, dcterms.temporal)[0]?.value ?? "");
  return {
    ...(predicates === undefined ? {} : { predicates }),
    ...(classes === undefined ? {} : { classes: new Set(classes.keys()) }),
    ...(Number(objects(hosted, void_.entities)[0]?.value) === accounts.length ? { accounts: new Set(accounts) } : {}),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
  };
}

/** A period as DCMI writes it: `start=…; end=…; scheme=W3C-DTF`. */
function periodIn(text: string): readonly [from: string | undefined, until: string | undefined] {
  return [/\bstart=([^;\s]+)/.exec(text)?.[1], /\bend=([^;\s]+)/.exec(text)?.[1]];
}

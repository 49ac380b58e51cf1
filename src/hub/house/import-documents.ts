import { accountIris } from "../../core/hub-iris.ts";
import { normaliseImport } from "../../core/import/import-documents.ts";
import type { ImportFinding } from "../../core/import/import-finding.ts";
import type { WatchFacts } from "../../core/import/watch-description.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Quad } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { restoreWatch } from "../watches/restore-watch.ts";
import { ImportedDocuments } from "./imported-documents.ts";

/** LIMIT: documents stored in one commit, and quads read between two reports. */
const BATCH_DOCUMENTS = 200;
const REPORT_EVERY_QUADS = 5_000;
/** LIMIT: standing queries of one import. */
const WATCHES_MAX = 20_000;

/** How far an import has come. Counts are totals, `refusals` only those since the last report. */
export interface ImportProgress {
  /** Quads read. */
  readonly read: number;
  readonly stored: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly refused: number;
  /** Triples left out on purpose, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly refusals: readonly { readonly subject: string; readonly message: string }[];
  readonly done: boolean;
  /** Why the reading ended early; what was stored before stays. */
  readonly problem?: string;
}

/**
 * Takes in somebody's data: posts, profiles, follows and all else, each document whole or refused with its reason,
 * each batch in one commit. Idempotent: what is here already is unchanged, what was deleted here stays deleted.
 * The owner restores the hub's own documents too, with their accounts; an account imports what others wrote, what it
 * wrote elsewhere itself, its notes, and its stars as likes.
 */
export function importDocuments(
  hub: HubPorts,
  by: Requester,
  quads: AsyncIterable<Quad>,
  options: { readonly source: string; readonly signal?: AbortSignal },
): AsyncIterable<ImportProgress> | Refusal {
  if (by.kind === "anonymous") {
    return refuse("unauthenticated", "Expected a token to import with, but none was sent; log in with `sterna login`.");
  }
  return new Import(hub, by, options.source).run(quads, options.signal);
}

type DocumentFinding = Exclude<ImportFinding, { readonly kind: "watch" }>;

class Import {
  readonly #hub: HubPorts;
  readonly #by: Requester;
  readonly #source: string;
  readonly #counts = { read: 0, stored: 0, unchanged: 0, deleted: 0, refused: 0 };
  #dropped: Record<string, number> = {};
  #refusals: { readonly subject: string; readonly message: string }[] = [];
  #waiting: DocumentFinding[] = [];
  /** Kept until all documents are stored, as they are tried over these. */
  readonly #watches: WatchFacts[] = [];
  readonly #documents: ImportedDocuments;

  constructor(hub: HubPorts, by: Requester, source: string) {
    this.#hub = hub;
    this.#by = by;
    this.#source = source;
    this.#documents = new ImportedDocuments(hub, by);
  }

  async *run(quads: AsyncIterable<Quad>, signal: AbortSignal | undefined): AsyncGenerator<ImportProgress> {
    const queue: ImportProgress[] = [];
    const context = {
      base: this.#hub.identity.base,
      now: this.#hub.now(),
      restore: this.#by.kind === "owner",
      ...(this.#by.kind === "account"
        ? {
            starredBy: this.#by.iri,
            notes: `${accountIris(this.#hub.identity.base, this.#by.account.name).graphs}/`,
          }
        : {}),
    };
    let problem: string | undefined;
    try {
      for await (const finding of normaliseImport(this.#counted(quads, queue, signal), context)) {
        if (finding.kind === "watch") this.#keepWatch(finding.watch);
        else this.#waiting.push(finding);
        if (this.#waiting.length < BATCH_DOCUMENTS) continue;
        await this.#store();
        yield* queue.splice(0);
        yield this.#report(false);
      }
    } catch (error) {
      problem = problemOf(error);
      if (problem === undefined) throw error;
    }
    await this.#store();
    for (const watch of this.#watches) await this.#restore(watch, signal);
    const { read, stored, refused } = this.#counts;
    this.#hub.log.info({ source: this.#source, read, stored, refused, ended: problem !== undefined }, "imported");
    const report = this.#report(true);
    yield problem === undefined ? report : { ...report, problem };
  }

  async *#counted(
    quads: AsyncIterable<Quad>,
    queue: ImportProgress[],
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Quad> {
    for await (const each of quads) {
      signal?.throwIfAborted();
      if (++this.#counts.read % REPORT_EVERY_QUADS === 0) queue.push(this.#report(false));
      yield each;
    }
  }

  #report(done: boolean): ImportProgress {
    return { ...this.#counts, dropped: this.#dropped, refusals: this.#refusals.splice(0), done };
  }

  #refuse(subject: string, message: string): void {
    this.#counts.refused++;
    this.#refusals.push({ subject, message });
  }

  #keepWatch(watch: WatchFacts): void {
    if (this.#watches.length < WATCHES_MAX) this.#watches.push(watch);
    else
      this.#refuse(watch.iri, `Expected at most ${WATCHES_MAX} standing queries in one import; import the rest apart.`);
  }

  async #restore(watch: WatchFacts, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    const outcome = await restoreWatch(this.#hub, this.#by, watch);
    if (isRefusal(outcome)) this.#refuse(watch.iri, outcome.message);
    else this.#counts[outcome]++;
  }

  /** Stores what waits, in one commit. */
  async #store(): Promise<void> {
    const findings = this.#waiting;
    this.#waiting = [];
    if (findings.length === 0) return;
    const refused: [string, string][] = [];
    const counts = await this.#hub.records.transact((reader) => {
      const changes: RecordChange[] = [];
      const sum = { stored: 0, unchanged: 0, deleted: 0 };
      this.#documents.beginCommit();
      const seen = new Set<string>();
      for (const finding of findings) {
        const outcome = this.#change(reader, finding, seen);
        if (outcome === "nothing") continue;
        if (outcome === "unchanged") sum.unchanged++;
        else if (isRefusal(outcome)) refused.push([subjectOf(finding), outcome.message]);
        else {
          changes.push(...outcome);
          if (finding.kind === "deleted") sum.deleted++;
          else sum.stored++;
        }
      }
      return { changes, result: sum };
    });
    if (isRefusal(counts)) {
      this.#refuse(this.#source, counts.message);
      return;
    }
    for (const [subject, message] of refused) this.#refuse(subject, message);
    this.#counts.stored += counts.stored;
    this.#counts.unchanged += counts.unchanged;
    this.#counts.deleted += counts.deleted;
  }

  #change(
    reader: RecordReader,
    finding: DocumentFinding,
    seen: Set<string>,
  ): readonly RecordChange[] | "unchanged" | "nothing" | Refusal {
    switch (finding.kind) {
      case "refused":
        return refuse("invalid", finding.message);
      case "dropped":
        this.#dropped = { ...finding.counts };
        return "nothing";
      case "deleted": {
        const { tombstone } = finding;
        if (this.#by.kind !== "owner") return refuse("forbidden", "Only the hub's owner may import deletions.");
        if (reader.document(tombstone.graph)?.kind === "tombstone") return "unchanged";
        return [{ kind: "document-deleted", tombstone }];
      }
      case "document": {
        const { document } = finding;
        if (seen.has(document.graph)) return refuse("conflict", "Expected each document once, but it came twice.");
        seen.add(document.graph);
        return this.#documents.change(reader, document);
      }
    }
  }
}

function subjectOf(finding: DocumentFinding): string {
  if (finding.kind === "document") return finding.document.graph;
  if (finding.kind === "deleted") return finding.tombstone.graph;
  return finding.kind === "refused" ? finding.subject : "";
}

/** The sentence of an error that ended the reading; undefined for what is no fault of the file. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof Error && "refusal" in error && isRefusal(error.refusal)) return error.refusal.message;
  return undefined;
}

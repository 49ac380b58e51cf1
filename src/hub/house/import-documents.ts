import { type Account, type AccountName, parseAccountName, profileFromQuads } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import { normaliseImport } from "../../core/import/import-documents.ts";
import type { ImportFinding } from "../../core/import/import-finding.ts";
import { isGenid } from "../../core/import/import-triples.ts";
import type { WatchFacts } from "../../core/import/watch-description.ts";
import { type Instant, parseInstant } from "../../core/instant.ts";
import { parseBareJid } from "../../core/jid.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE, microblogNode } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import type { Quad } from "../../rdf/term.ts";
import { importedNote, type NoteSizes, noteOwnerOf } from "../graphs/import-note.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { publishRequest } from "../posts/publish-post.ts";
import { restoreWatch } from "../watches/restore-watch.ts";

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
 * The owner restores the hub's own documents too, with their accounts; an account imports only what others wrote and
 * its own posts.
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
  /** Accounts made by this import: their posts may stand in the same commit, before the records know them. */
  readonly #accounts = new Map<AccountName, Account>();
  /** Notes as they are with those of the commit that is being made. */
  #noteSizes: NoteSizes = new Map();

  constructor(hub: HubPorts, by: Requester, source: string) {
    this.#hub = hub;
    this.#by = by;
    this.#source = source;
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
      this.#noteSizes = new Map();
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
        return this.#documentChange(reader, document);
      }
    }
  }

  #documentChange(reader: RecordReader, document: Document): readonly RecordChange[] | "unchanged" | Refusal {
    const present = reader.document(document.graph);
    if (present?.kind === "tombstone") return "unchanged";
    if (present?.kind === "live" && sameQuads(present.document.quads, document.quads)) return "unchanged";
    const noteOwner = noteOwnerOf(this.#hub.identity.base, document.graph);
    if (noteOwner !== undefined) {
      if (!this.#hasAccount(reader, noteOwner)) {
        return refuse(
          "not-found",
          `Expected an account "${noteOwner}" on this hub, but there is none; import its profile first.`,
        );
      }
      const note = importedNote(this.#hub, reader, this.#by, noteOwner, document, this.#noteSizes);
      return isRefusal(note) ? note : [{ kind: "document-put", document: note }];
    }
    // Likes and follows of a file stand under IRIs that the import made: they belong to who speaks in them.
    const speaks = isGenid(this.#hub.identity.base, document.graph) ? (document.author ?? "") : document.graph;
    const ours = speaks.startsWith(this.#hub.identity.base);
    const no = this.#whyNot(document, ours, present?.kind === "live" ? present.document : undefined);
    if (no !== undefined) return no;
    const focus = document.kind === "profile" ? (document.author ?? document.graph) : focusOf(document);
    const bad = this.#hub.shapes.check(document.kind, document.quads, focus);
    if (bad !== undefined) return bad;
    if (!ours) return [{ kind: "document-put", document }];
    const own: Document = { ...document, origin: { kind: "own" } };
    const more =
      own.kind === "profile"
        ? this.#restoreAccount(reader, own)
        : own.kind === "post" && own.audience === "public"
          ? this.#restoreItem(reader, own)
          : [];
    return isRefusal(more) ? more : [{ kind: "document-put", document: own }, ...more];
  }

  #hasAccount(reader: RecordReader, name: AccountName): boolean {
    return reader.account(name) !== undefined || this.#accounts.has(name);
  }

  /** What an import must not do: speak for this hub or its other accounts, or put less in the place of more. */
  #whyNot(document: Document, ours: boolean, present: Document | undefined): Refusal | "unchanged" | undefined {
    if (this.#by.kind !== "owner") {
      if (ours) return refuse("forbidden", "It belongs to this hub itself; only the hub's owner may restore it.");
      const importer = this.#by.kind === "account" ? this.#by.iri : "";
      if (document.author?.startsWith(this.#hub.identity.base) === true && document.author !== importer) {
        return refuse(
          "not-the-author",
          `It speaks for ${document.author}, which only that account or the owner may do.`,
        );
      }
    }
    // What its own hub pushed is newer than any copy of it.
    if (present?.origin.kind === "received" && present.kind === document.kind) return "unchanged";
    if (document.kind === "other" && present !== undefined && present.kind !== "other") {
      return refuse(
        "conflict",
        `It says something about a ${present.kind} that is here, but is none itself; it would take its place.`,
      );
    }
    return undefined;
  }

  /** The account that an own profile document describes, made anew when it is not here. */
  #restoreAccount(reader: RecordReader, document: Document): readonly RecordChange[] | Refusal {
    const account = accountOf(this.#hub, document);
    if (isRefusal(account)) return account;
    const present = reader.account(account.name);
    if (present !== undefined) {
      const { linkedJids, created, picture, image } = present;
      const kept = picture === undefined || account.image !== image ? {} : { picture };
      return [{ kind: "account-put", account: { ...account, linkedJids, created, ...kept } }];
    }
    this.#accounts.set(account.name, account);
    const at = { service: account.jid, node: MICROBLOG_NODE };
    return [
      { kind: "account-put", account },
      { kind: "node-put", node: microblogNode(account.jid, account.displayName, account.created) },
      { kind: "affiliation-put", ...at, jid: account.jid, affiliation: "owner" },
    ];
  }

  /** The PubsubItem of an own post, so that followers can page it; nobody is notified of old posts. */
  #restoreItem(reader: RecordReader, document: Document): readonly RecordChange[] | Refusal {
    const name = accountNameIn(this.#hub.identity.base, document.graph) as AccountName | undefined;
    const account = name === undefined ? undefined : (reader.account(name) ?? this.#accounts.get(name));
    const post = postFromQuads(document.quads, document.graph);
    if (isRefusal(post)) return post;
    if (account === undefined) {
      return refuse("not-found", `There is no account "${name ?? ""}" for this post; import its profile first.`);
    }
    if (itemIdIn(accountIris(this.#hub.identity.base, account.name).container, document.graph) === undefined) return [];
    const { service, node, item } = publishRequest(this.#hub, account, post, document.quads);
    return [{ kind: "item-put", item: { service, node, publisher: account.jid, ...item } }];
  }
}

function subjectOf(finding: DocumentFinding): string {
  if (finding.kind === "document") return finding.document.graph;
  if (finding.kind === "deleted") return finding.tombstone.graph;
  return finding.kind === "refused" ? finding.subject : "";
}

function focusOf(document: Document) {
  const first = document.kind === "follow" ? document.author : undefined;
  return first ?? document.graph;
}

function accountOf(hub: HubPorts, document: Document): Account | Refusal {
  const name = parseAccountName(accountNameIn(hub.identity.base, document.graph) ?? "");
  if (isRefusal(name)) return name;
  const iris = accountIris(hub.identity.base, name);
  const profile = profileFromQuads(document.quads, iris.account);
  const jid = parseBareJid(`${name}@${hub.identity.domain}`);
  if (isRefusal(jid)) return jid;
  const created: Instant | Refusal = parseInstant(document.created);
  if (isRefusal(created)) return created;
  return {
    name,
    jid,
    displayName: profile.displayName ?? name,
    ...(profile.bio === undefined ? {} : { bio: profile.bio }),
    ...(profile.homepage === undefined ? {} : { homepage: profile.homepage }),
    ...(profile.image === undefined ? {} : { image: profile.image }),
    linkedJids: [],
    created,
  };
}

/** Whether two documents say the same, blank nodes aside (a document that differs only in those is put again). */
function sameQuads(a: readonly Quad[], b: readonly Quad[]): boolean {
  if (a.length !== b.length) return false;
  const text = ({ subject, predicate, object }: Quad): string =>
    `${subject.termType === "BlankNode" ? "_" : subject.value}\n${predicate.value}\n${object.termType === "BlankNode" ? "_" : object.value}\n${
      object.termType === "Literal" ? `${object.language}^${object.datatype.value}` : object.termType
    }`;
  const there = new Set(a.map(text));
  return b.every((each) => there.has(text(each)));
}

/** The sentence of an error that ended the reading; undefined for what is no fault of the file. */
function problemOf(error: unknown): string | undefined {
  if (error instanceof Error && "refusal" in error && isRefusal(error.refusal)) return error.refusal.message;
  return undefined;
}

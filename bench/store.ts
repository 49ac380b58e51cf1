/**
 * How the store stands against what it is made of: SQLite as it comes, and an N3 Store as it comes, in the same run.
 * Each figure of memory and of filling is taken in a process of its own.
 */
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { Store } from "n3";
import { instantOf } from "../src/core/instant.ts";
import { mintItemId } from "../src/core/item-id.ts";
import type { BareJid } from "../src/core/jid.ts";
import { type Post, postToQuads } from "../src/core/posts/post.ts";
import type { RecordChange } from "../src/hub/ports/records.ts";
import type { NodeId, PubsubItem } from "../src/pubsub/state.ts";
import type { Document } from "../src/rdf/document.ts";
import type { Iri } from "../src/rdf/iri.ts";
import { writeNTriples } from "../src/rdf/ntriples.ts";
import { CONNECTION_PRAGMAS } from "../src/storage/database/open-database.ts";
import { openRecords } from "../src/storage/records.ts";
import { openStorage } from "../src/storage/storage.ts";

/** What a benchmark says: figures to read, ratios to a peer, and the bars those must hold. */
export interface StoreFigures {
  readonly figures: Readonly<Record<string, number>>;
  readonly ratios: Readonly<Record<string, number>>;
  readonly bars: Readonly<Record<string, { readonly value: number; readonly bar: number; readonly ok: boolean }>>;
}

const WRITERS = 16;
const WRITER_ROUNDS = 5;
const FILL_ROUNDS = 5;
const AUTHORS = 500;
const WORDS =
  "the tern crosses every ocean twice a year and sees more daylight than anyone else on earth while small hubs keep what people write linked data in stores they own answers come back as rows of names places and dates".split(
    " ",
  );
const silent = { info: () => {}, warn: () => {}, error: () => {} };
const NODE = "urn:xmpp:microblog:0" as NodeId;
const base = "https://hub.example/";
const serviceOf = (author: number): BareJid => `user${author}@hub.example` as BareJid;

/** The `n`-th post: 8 to 13 triples, a tag in every third, an answer in every fourth. */
function samplePost(n: number): { readonly document: Document; readonly item: PubsubItem; readonly text: string } {
  // A small generator of even numbers, so that each process makes the same posts.
  let seed = (n + 1) * 2_654_435_761;
  const draw = (below: number): number => {
    seed = (Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d) + 0x297a2d39) >>> 0;
    return seed % below;
  };
  const author = n % AUTHORS;
  const created = instantOf(Date.UTC(2026, 0, 1) + n * 1_000);
  const profile = `${base}user${author}`;
  const id = mintItemId(created, n % 32_768);
  const iri = `${profile}/posts/${id}` as Iri;
  const text = `${Array.from({ length: 8 + draw(16) }, () => WORDS[draw(WORDS.length)]).join(" ")} ${n}`;
  const tag = `tag${draw(200)}`;
  const post: Post = {
    iri,
    creator: `${profile}#account` as Iri,
    maker: `${profile}#me` as Iri,
    container: `${profile}/posts` as Iri,
    text,
    language: "en",
    created,
    ...(n < AUTHORS
      ? {}
      : {
          previousByDate:
            `${profile}/posts/${mintItemId(instantOf(Date.UTC(2026, 0, 1) + (n - AUTHORS) * 1_000), (n - AUTHORS) % 32_768)}` as Iri,
        }),
    ...(n % 4 === 0 && n > 0
      ? {
          replyOf:
            `${base}user${(n - 1) % AUTHORS}/posts/${mintItemId(instantOf(Date.UTC(2026, 0, 1) + (n - 1) * 1_000), (n - 1) % 32_768)}` as Iri,
        }
      : {}),
    addressedTo: [],
    topics: n % 3 === 0 ? [{ iri: `${base}tags/${tag}` as Iri, label: tag }] : [],
    links: [],
  };
  const quads = postToQuads(post);
  return {
    text,
    document: {
      graph: iri,
      kind: "post",
      audience: "public",
      origin: { kind: "own" },
      author: post.creator,
      ...(post.container === undefined ? {} : { container: post.container }),
      created,
      received: created,
      quads,
    },
    item: {
      service: serviceOf(author),
      node: NODE,
      id,
      publisher: serviceOf(author),
      payload: `<entry xmlns="http://www.w3.org/2005/Atom"><id>${iri}</id><title>${text}</title><published>${created}</published>${" ".repeat(900)}</entry>`,
      published: created,
      updated: created,
    },
  };
}

function nodeChanges(): RecordChange[] {
  return Array.from({ length: AUTHORS }, (_, author) => ({
    kind: "node-put" as const,
    node: {
      service: serviceOf(author),
      id: NODE,
      config: {
        accessModel: "open" as const,
        publishModel: "publishers" as const,
        deliverPayloads: true,
        notifyRetract: true,
        persistItems: true,
      },
      created: instantOf(0),
    },
  }));
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

// ---------------------------------------------------------------------------------------------------------------
// Writers

/** The rows of posts as SQLite gets them, ready made. */
function bareRows(from: number, count: number) {
  return Array.from({ length: count }, (_, at) => {
    const { document, item, text } = samplePost(from + at);
    const { graph, author = "", container = "", created } = document;
    const references = document.quads
      .filter(({ predicate }) => /ns#(topic|reply_of)$/.test(predicate.value))
      .map(
        ({ predicate, object }) => [object.value, predicate.value.endsWith("topic") ? "topic" : "reply-of"] as const,
      );
    return { graph, author, container, created, quads: writeNTriples(document.quads), text, references, item };
  });
}

/** Writes the same rows with prepared statements and nothing else, `perCommit` posts a commit. */
function writeBare(database: DatabaseSync, rows: ReturnType<typeof bareRows>, perCommit = WRITERS): number {
  const document = database.prepare(
    `INSERT INTO documents (graph, kind, audience, origin, received_from, author, container, created, modified, received,
       version, heat, quads) VALUES (?, 'post', '', 'own', NULL, ?, ?, ?, NULL, ?, 1, 0, ?)`,
  );
  const reference = database.prepare("INSERT INTO document_references VALUES (?, ?, '', ?, ?, ?)");
  const kept = database.prepare("INSERT INTO kept_posts VALUES (?, ?)");
  const search = database.prepare("INSERT INTO document_text (rowid, content) VALUES (?, ?)");
  const item = database.prepare(
    "INSERT INTO pubsub_items (node, id, publisher, payload, published, updated) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const started_ms = performance.now();
  for (let at = 0; at < rows.length; at += perCommit) {
    database.exec("BEGIN IMMEDIATE");
    for (const row of rows.slice(at, at + perCommit)) {
      const { lastInsertRowid: id } = document.run(
        row.graph,
        row.author,
        row.container,
        row.created,
        row.created,
        row.quads,
      );
      for (const [target, kind] of row.references) {
        reference.run(target, kind, row.created, row.graph, id);
        if (kind === "reply-of") kept.run(target, id);
      }
      search.run(id, row.text);
      const { id: itemId, publisher, payload, published, updated } = row.item;
      item.run(
        1 + (Number(publisher.slice(4, publisher.indexOf("@"))) % AUTHORS),
        itemId,
        publisher,
        payload,
        published,
        updated,
      );
    }
    database.exec("COMMIT");
  }
  return performance.now() - started_ms;
}

interface WriterRates {
  readonly ours: number;
  readonly bare: number;
  /** The same with one post a commit. */
  readonly bareSingle: number;
  /** The median of the rounds' own ratios, as the machine's pace changes from round to round. */
  readonly ratio: number;
}

async function compareWriters(folder: string, posts: number): Promise<WriterRates> {
  const bareFile = join(folder, "bare.db");
  await using empty = openRecords({ file: bareFile, log: silent });
  await empty.transact(() => ({ changes: nodeChanges(), result: undefined }));
  await empty[Symbol.asyncDispose]();
  const bare = new DatabaseSync(bareFile);
  bare.exec(CONNECTION_PRAGMAS);
  await using storage = await openStorage({ file: join(folder, "ours.db"), log: silent });
  await storage.records.transact(() => ({ changes: nodeChanges(), result: undefined }));

  const share = Math.ceil(posts / WRITER_ROUNDS / WRITERS) * WRITERS;
  const rates: { ours: number; bare: number }[] = [];
  for (let round = 0; round <= WRITER_ROUNDS; round++) {
    const rows = bareRows(round * share, share);
    const bare_ms = writeBare(bare, rows);
    const samples = rows.map((_, at) => samplePost(round * share + at));
    const started_ms = performance.now();
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let at = writer; at < share; at += WRITERS) {
          const sample = samples[at];
          if (sample === undefined) break;
          await storage.records.transact((reader) => {
            // What publishing asks before it writes.
            reader.document(sample.document.graph);
            if (sample.document.container !== undefined) reader.newestIn(sample.document.container);
            reader.node(sample.item.service, NODE);
            return {
              changes: [
                { kind: "document-put", document: sample.document },
                { kind: "item-put", item: sample.item },
              ],
              result: undefined,
            };
          });
        }
      }),
    );
    // The first round warms up.
    if (round > 0)
      rates.push({ ours: share / ((performance.now() - started_ms) / 1_000), bare: share / (bare_ms / 1_000) });
  }
  const single = bareRows((WRITER_ROUNDS + 1) * share, 1_000);
  const bareSingle = single.length / (writeBare(bare, single, 1) / 1_000);
  bare.close();
  return {
    ours: median(rates.map(({ ours }) => ours)),
    bare: median(rates.map((rate) => rate.bare)),
    bareSingle,
    ratio: median(rates.map((rate) => rate.ours / rate.bare)),
  };
}

// ---------------------------------------------------------------------------------------------------------------
// Filling

interface Filled {
  readonly time_ms: number;
  readonly heap_bytes: number;
  readonly quads: number;
}

function heapNow(): number {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Fills an N3 Store with posts that all stand ready in memory. */
function fillBare(posts: number): Omit<Filled, "heap_bytes"> {
  samplePost(0);
  const documents = Array.from({ length: posts }, (_, n) => samplePost(n).document.quads);
  heapNow();
  const store = new Store();
  const started_ms = performance.now();
  for (const quads of documents) store.addQuads(quads);
  const time_ms = performance.now() - started_ms;
  return { time_ms, quads: store.size };
}

/** The heap of a bare N3 Store alone: the posts it is filled with are made and forgotten a thousand at a time. */
function heapOfBare(posts: number): number {
  samplePost(0);
  const heapBefore = heapNow();
  const store = new Store();
  for (let from = 0; from < posts; from += 1_000) {
    for (let n = from; n < Math.min(posts, from + 1_000); n++) store.addQuads(samplePost(n).document.quads);
  }
  const heap_bytes = heapNow() - heapBefore;
  // Used after the measurement, so that it is not collected before.
  if (store.size === 0) throw new Error("Expected a filled store.");
  return heap_bytes;
}

/** Opens a store of as many posts and fills its query store. */
async function fillOurs(file: string): Promise<Filled> {
  samplePost(0);
  const heapBefore = heapNow();
  const started_ms = performance.now();
  await using storage = await openStorage({ file, log: silent, foreignPosts_max: Number.MAX_SAFE_INTEGER });
  const time_ms = performance.now() - started_ms;
  return { time_ms, heap_bytes: heapNow() - heapBefore, quads: storage.quads.size };
}

/** Writes posts as received from others, so that the hot set has to look at each. */
async function prepare(file: string, posts: number): Promise<void> {
  await using records = openRecords({ file, log: silent });
  for (let from = 0; from < posts; from += 500) {
    const changes = Array.from({ length: Math.min(500, posts - from) }, (_, at): RecordChange => {
      const { document } = samplePost(from + at);
      const origin = { kind: "received", from: "user@hub.example" } as const;
      return { kind: "document-put", document: { ...document, origin } };
    });
    await records.transact(() => ({ changes, result: undefined }));
  }
}

// ---------------------------------------------------------------------------------------------------------------
// Reading lists

async function timeLists(file: string, posts: number): Promise<Record<string, number>> {
  await using records = openRecords({ file, log: silent });
  const authors = Array.from({ length: 200 }, (_, at) => `${base}user${at * 2}#account` as Iri);
  const scopes = {
    authors_200: { kind: "authors", authors, documentKind: "post" },
    container: { kind: "container", container: `${base}user7/posts` as Iri },
    tag: { kind: "reference", reference: "topic", target: `${base}tags/tag7` as Iri },
    all: { kind: "all" },
    text_rare: { kind: "text", words: `${posts - 1}` },
    text_common: { kind: "text", words: "tern ocean" },
  } as const;
  const times: Record<string, number> = {};
  for (const [name, scope] of Object.entries(scopes)) {
    const each_ms = Array.from({ length: 21 }, () => {
      const started_ms = performance.now();
      records.reader.list({ scope, limit: 20 });
      return performance.now() - started_ms;
    });
    times[`list_${name}_p50_ms`] = median(each_ms);
  }
  return times;
}

// ---------------------------------------------------------------------------------------------------------------

function inChild<T>(task: string, ...values: string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [task, ...values], {
      execArgv: ["--expose-gc", "--max-old-space-size=8192", "--disable-warning=ExperimentalWarning"],
    });
    let answer: { readonly value: T } | undefined;
    child.on("message", (message) => {
      answer = message as { readonly value: T };
    });
    child.on("error", reject);
    child.on("exit", (code) => {
      if (answer !== undefined) resolve(answer.value);
      else reject(new Error(`Expected figures from the ${task} process, but it ended with ${code}.`));
    });
  });
}

async function task(name: string, values: readonly string[]): Promise<unknown> {
  const [first = "", second = ""] = values;
  switch (name) {
    case "writers":
      return compareWriters(first, Number(second));
    case "prepare":
      return prepare(first, Number(second));
    case "fill-bare":
      return fillBare(Number(first));
    case "heap-bare":
      return heapOfBare(Number(first));
    case "fill-ours":
      return fillOurs(first);
    case "lists":
      return timeLists(first, Number(second));
    default:
      throw new Error(`Expected a task of this benchmark, but got "${name}".`);
  }
}

/** Measures the store against bare SQLite and a bare N3 Store with `posts` posts (100,000). */
export async function run(options: { readonly posts?: number } = {}): Promise<StoreFigures> {
  const posts = options.posts ?? 100_000;
  const folder = mkdtempSync(join(tmpdir(), "sterna-bench-store-"));
  try {
    const writers = await inChild<WriterRates>("writers", folder, `${Math.min(posts, 20_000)}`);
    const file = join(folder, "posts.db");
    await inChild("prepare", file, `${posts}`);
    const bare: Omit<Filled, "heap_bytes">[] = [];
    const ours: Filled[] = [];
    for (let round = 0; round < FILL_ROUNDS; round++) {
      bare.push(await inChild<Omit<Filled, "heap_bytes">>("fill-bare", `${posts}`));
      ours.push(await inChild<Filled>("fill-ours", file));
    }
    const lists = await inChild<Record<string, number>>("lists", file, `${posts}`);
    // The fastest of each: what else the machine does only ever adds.
    const bareFill_ms = Math.min(...bare.map(({ time_ms }) => time_ms));
    const refill_ms = Math.min(...ours.map(({ time_ms }) => time_ms));
    const bareHeap_bytes = await inChild<number>("heap-bare", `${posts}`);
    const heap_bytes = median(ours.map((filled) => filled.heap_bytes));
    const [first] = ours;
    if (first === undefined || bare.some(({ quads }) => quads !== first.quads)) {
      throw new Error("Expected the same quads in both stores, but their sizes differ.");
    }
    const writers_ratio = writers.ratio;
    const refill_ratio = refill_ms / bareFill_ms;
    const heap_ratio = heap_bytes / bareHeap_bytes;
    return {
      figures: {
        posts,
        quads: first.quads,
        durable_posts_per_s: writers.ours,
        bare_sqlite_posts_per_s: writers.bare,
        bare_sqlite_single_commits_per_s: writers.bareSingle,
        refill_ms,
        bare_fill_ms: bareFill_ms,
        refill_quads_per_s: first.quads / (refill_ms / 1_000),
        heap_mb: heap_bytes / 1e6,
        bare_heap_mb: bareHeap_bytes / 1e6,
        heap_bytes_per_post: heap_bytes / posts,
        file_bytes_per_post: statSync(file).size / posts,
        ...lists,
      },
      ratios: { writers_ratio, refill_ratio, heap_ratio },
      bars: {
        writers_ratio: { value: writers_ratio, bar: 0.5, ok: writers_ratio >= 0.5 },
        refill_ratio: { value: refill_ratio, bar: 1.3, ok: refill_ratio <= 1.3 },
        heap_ratio: { value: heap_ratio, bar: 1.15, ok: heap_ratio <= 1.15 },
      },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [name, ...values] = process.argv.slice(2);
if (process.send !== undefined && process.argv[1] === fileURLToPath(import.meta.url) && name !== undefined) {
  const value = await task(name, values);
  process.send({ value });
  process.disconnect();
}

import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accountIris } from "../../src/core/hub-iris.ts";
import { type Instant, instantOf } from "../../src/core/instant.ts";
import { mintItemId } from "../../src/core/item-id.ts";
import { compileShapes, type Shapes } from "../../src/core/shapes/shapes.ts";
import { type AccountWish, createAccount } from "../../src/hub/accounts/create-account.ts";
import type { CatchUpReason, HubOptions, HubPorts } from "../../src/hub/ports/hub-ports.ts";
import type { QueryEngine } from "../../src/hub/ports/queries.ts";
import type { Delivery, StoredDocument } from "../../src/hub/ports/records.ts";
import type { RemoteQueries } from "../../src/hub/ports/remote-queries.ts";
import type { Requester } from "../../src/hub/ports/requester.ts";
import { type PublishedPost, publishPost } from "../../src/hub/posts/publish-post.ts";
import { documentsOverEither, RemoteTransports } from "../../src/hub/queries/xmpp/transports.ts";
import { XmppQueries } from "../../src/hub/queries/xmpp/xmpp-queries.ts";
import { isRefusal, type Refusal } from "../../src/outcome/refusal.ts";
import { createSparqlSyntax } from "../../src/query/syntax/sparql-syntax.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { openStorage, type Storage } from "../../src/storage/storage.ts";
import { MemoryRemote, MemoryXmpp, type Network } from "./memory-network.ts";

const HOME = new URL("../../", import.meta.url);
let compiled: Shapes | undefined;

function shapes(): Shapes {
  const folder = new URL("ontologies/", HOME);
  const names = readdirSync(folder).filter((name) => name.endsWith("-shape.ttl"));
  compiled ??= compileShapes(names.map((name) => readFileSync(new URL(name, folder), "utf8")));
  return compiled;
}

/** A clock that goes only when told. */
export class Clock {
  #ms = Date.UTC(2026, 5, 1, 12);

  readonly now = (): Instant => instantOf(this.#ms);

  advance(ms: number): void {
    this.#ms += ms;
  }
}

export const SECOND_MS = 1_000;
export const HOUR_MS = 3_600 * SECOND_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A hub in this process: real storage in a temporary folder and real use cases; network, clock and chance in memory. */
export interface TestHub extends AsyncDisposable {
  readonly ports: HubPorts;
  readonly xmpp: MemoryXmpp;
  readonly remote: MemoryRemote;
  readonly clock: Clock;
  /** What was logged, and which upstreams were asked to catch up. */
  readonly logged: { readonly event: string; readonly detail: Readonly<Record<string, unknown>> }[];
  readonly asked: { readonly account: Iri; readonly why: CatchUpReason }[];
  /** What commits said that they queued, by commit. */
  readonly queued: readonly (readonly Delivery[])[];
}

export interface TestHubWish {
  readonly base?: string;
  readonly domain?: string;
  readonly network?: Network;
  readonly clock?: Clock;
  readonly options?: Partial<HubOptions>;
  /** How it asks other hubs; in memory without it. */
  readonly remoteQueries?: RemoteQueries;
}

/** Opens a hub and makes it reachable on its network. */
export async function openTestHub(wish: TestHubWish = {}): Promise<TestHub> {
  const { base = "https://hub.example/", domain = "hub.example", network = new Map() } = wish;
  const clock = wish.clock ?? new Clock();
  const logged: TestHub["logged"][number][] = [];
  const asked: TestHub["asked"][number][] = [];
  const keep = (detail: Readonly<Record<string, unknown>>, event: string): void => void logged.push({ event, detail });
  const log = { info: keep, warn: keep, error: keep };
  const folder = mkdtempSync(join(tmpdir(), "sterna-hub-"));
  const storage = await openStorage({ file: join(folder, "hub.db"), log });
  const queued: (readonly Delivery[])[] = [];
  storage.records.onQueued((deliveries) => void queued.push(deliveries));
  const xmpp = new MemoryXmpp(domain, network);
  const remote = new MemoryRemote(network);
  const engine = lazyEngine(storage, log);
  let [ids, secrets] = [0, 0];
  const sparql = createSparqlSyntax();
  const overXmpp = new XmppQueries({ xmpp, reader: storage.records.reader, sparql, base: base as Iri });
  const ports: HubPorts = {
    identity: { base: base as Iri, title: "Test hub", domain },
    options: {
      postCharacters_max: 5_000,
      backfillPosts_max: 1_000,
      catchUpEvery_ms: HOUR_MS,
      retention_days: 0,
      ...wish.options,
    },
    records: storage.records,
    quads: storage.quads,
    queries: engine,
    sparql,
    xmpp,
    remote: documentsOverEither(remote, overXmpp),
    remoteQueries: wish.remoteQueries ?? new RemoteTransports(remote.queries, overXmpp),
    shapes: shapes(),
    log,
    now: clock.now,
    newItemId: () => mintItemId(clock.now(), ids++),
    newSecret: () => `${domain}-secret-${++secrets}`,
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    sha1: (bytes) => createHash("sha1").update(bytes).digest("hex"),
    catchUpSoon: (account, why) => void asked.push({ account, why }),
  };
  network.set(domain, ports);
  return {
    ports,
    xmpp,
    remote,
    clock,
    logged,
    asked,
    queued,
    [Symbol.asyncDispose]: async () => {
      network.delete(domain);
      await engine[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The engine of the hub, loaded only where a test asks something. */
function lazyEngine({ quads }: Storage, log: HubPorts["log"]): QueryEngine & AsyncDisposable {
  let loading: Promise<QueryEngine & AsyncDisposable> | undefined;
  const engine = (): Promise<QueryEngine & AsyncDisposable> => {
    loading ??= Promise.all([import("../../src/query/engine.ts"), import("../../src/query/catalogue.ts")]).then(
      async ([{ createEngine }, { loadCatalogue }]) =>
        createEngine({
          quads,
          catalogue: await loadCatalogue(new URL("sparql/", HOME)),
          limits: { timeout_ms: 10_000, rows_max: 10_000 },
          log,
        }),
    );
    return loading;
  };
  return {
    prepared: async (...asked) => await (await engine()).prepared(...asked),
    adHoc: async (...asked) => await (await engine()).adHoc(...asked),
    [Symbol.asyncDispose]: async () => await (await loading)?.[Symbol.asyncDispose](),
  };
}

/** A value that must not be a Refusal. */
export function must<T>(value: T | Refusal): T {
  if (isRefusal(value)) throw new Error(value.message);
  return value;
}

/** Whoever holds an account's token. */
export type Holder = Requester & { readonly kind: "account" };

export const OWNER: Requester = { kind: "owner" };
export const ANONYMOUS: Requester = { kind: "anonymous" };

export async function addAccount(hub: TestHub, name: string, wish: AccountWish = {}): Promise<Holder> {
  const { account, iri } = must(await createAccount(hub.ports, OWNER, { name, ...wish }));
  return { kind: "account", account, iri };
}

/** The IRIs of an account of this hub. */
export const irisOf = (hub: TestHub, { account }: Holder) => accountIris(hub.ports.identity.base, account.name);

/** Publishes a post, a second after whatever was before. */
export async function post(hub: TestHub, by: Holder, text: string, replyOf?: Iri): Promise<PublishedPost> {
  hub.clock.advance(SECOND_MS);
  const draft = replyOf === undefined ? { text } : { text, replyOf };
  return must(await publishPost(hub.ports, by, by.account.name, draft));
}

/** The document at `graph` as far as it is live. */
export function live(hub: TestHub, graph: Iri): StoredDocument & { readonly kind: "live" } {
  const stored = hub.ports.records.reader.document(graph);
  if (stored?.kind !== "live") throw new Error(`Expected a live document at ${graph}, but it is ${stored?.kind}.`);
  return stored;
}

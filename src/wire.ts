import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { itemIds, monotonicClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { compileShapes } from "./core/shapes/shapes.ts";
import { createGuardedFetch } from "./feeds/guarded-fetch.ts";
import { isPrivateAddress } from "./feeds/guarded-request.ts";
import { createHookSender } from "./feeds/hook-sender.ts";
import { Manners } from "./feeds/manners.ts";
import { createPoliteWeb } from "./feeds/polite-web.ts";
import { createRemoteQueries } from "./feeds/remote-queries.ts";
import { boundHeapGrowth, collectGarbage } from "./heap.ts";
import { createApp } from "./http/app.ts";
import { listen } from "./http/listen.ts";
import { runAdHoc } from "./hub/chat/ad-hoc.ts";
import { startChatWatches } from "./hub/chat/chat-watches.ts";
import { talk } from "./hub/chat/talk.ts";
import { startCopies } from "./hub/copies/keep-copies.ts";
import { startCatchUp } from "./hub/following/catch-up-loop.ts";
import { peerDomains } from "./hub/following/peer-domains.ts";
import { receiveEvent } from "./hub/following/receive-event.ts";
import { startHousekeeping } from "./hub/house/keep-house.ts";
import { keepIdentity } from "./hub/house/keep-identity.ts";
import { startPresence } from "./hub/people/own-presence.ts";
import { keepProfileNodes } from "./hub/people/profile-nodes.ts";
import { receivePresence } from "./hub/people/receive-presence.ts";
import { vcardOf } from "./hub/people/vcard.ts";
import type { HubPorts, Log } from "./hub/ports/hub-ports.ts";
import type { StandingQueries, WatchDesk } from "./hub/ports/standing.ts";
import { endRepostsOfDeleted } from "./hub/posts/repost-post.ts";
import { type OutboxLoop, startOutbox } from "./hub/pubsub/deliver-outbox.ts";
import { describeService, listServiceItems } from "./hub/pubsub/describe-service.ts";
import { handlePubsub } from "./hub/pubsub/handle-pubsub.ts";
import { answerSparql } from "./hub/queries/xmpp/answer-iq.ts";
import { documentsOverEither, RemoteTransports } from "./hub/queries/xmpp/transports.ts";
import { XmppQueries } from "./hub/queries/xmpp/xmpp-queries.ts";
import { startWatches, type WatchLoop } from "./hub/watches/keep-watches.ts";
import { startManagedProsody } from "./managed-xmpp.ts";
import { Fault } from "./outcome/fault.ts";
import { isRefusal } from "./outcome/refusal.ts";
import { keepOwnerToken } from "./owner-token.ts";
import { createSparqlSyntax } from "./query/syntax/sparql-syntax.ts";
import { openStores, type Stores } from "./stores.ts";
import { connectComponent } from "./xmpp/component.ts";
import { createLinkSwitch, type LinkSwitch } from "./xmpp/link-switch.ts";

/** The program's own folder: above `src` or `dist`. */
const HOME = new URL("../", import.meta.url);

/** What a start tells its caller while it goes on. */
export interface StartProgress {
  /** Documents read back into the query store. */
  readonly onRefill?: (done: number, total: number) => void;
  /** What is being fetched or started, as a sentence. */
  readonly onNews?: (sentence: string) => void;
}

/** A hub that runs until it is disposed of. */
export interface RunningHub extends AsyncDisposable {
  readonly ports: HubPorts;
  readonly url: string;
  /** The owner's token, and the file it stands in. */
  readonly ownerToken: string;
  readonly ownerTokenFile: string;
}

/**
 * Builds a hub from its options and starts it: storage, query engine, pages, XMPP, loops. It answers over HTTP as
 * soon as this resolves; XMPP comes up by itself afterwards.
 * @throws Fault with a sentence for whatever keeps it from starting; then nothing is left running.
 */
export async function startHub(config: Config, log: Log, progress: StartProgress = {}): Promise<RunningHub> {
  await using stack = new AsyncDisposableStack();
  const stop = new AbortController();
  await mkdir(config.data, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new Fault(
      "configuration",
      `Expected a data folder that can be written, but ${config.data} cannot be made (${String(cause)}); choose another one with STERNA_DATA.`,
      { cause },
    );
  });
  const storage = stack.use(await openStores(config, log, { ...progress, sparql: new URL("sparql/", HOME) }));
  boundHeapGrowth();
  collectGarbage(storage.quads.size);
  await keepIdentity(storage.records, { base: config.base, domain: config.xmpp.domain }, log);
  const ownerTokenFile = join(config.data, "owner-token");
  const ownerToken = await keepOwnerToken(storage.records, ownerTokenFile);

  const link = createLinkSwitch(
    config.xmpp.mode === "off"
      ? { kind: "off", reason: "it is switched off (STERNA_XMPP=off)" }
      : { kind: "connecting" },
  );
  const ports = await buildPorts(config, log, { ...storage, link });
  // Aborted before anything below is closed, so that no loop works on what is gone.
  stack.defer(() => stop.abort());
  const outbox = startOutbox(ports, stop.signal);
  const catchUp = startCatchUp(ports, stop.signal);
  catchUps.set(ports, catchUp.soon);
  if (storage.standing !== undefined) {
    const watches = startWatches(ports, storage.standing, stop.signal);
    watchLoops.set(ports, watches);
    stack.defer(watches.settled);
  }
  startHousekeeping(ports, stop.signal);
  endRepostsOfDeleted(ports, stop.signal);
  startChatWatches(ports, stop.signal);
  startCopies(ports, stop.signal);
  startPresence(ports, stop.signal);
  await keepProfileNodes(ports);
  const server = await listen(createApp(ports, { version: await versionOf(HOME) }), {
    host: config.host,
    port: config.port,
  });
  // Not before it is sure that this is the hub of its address, whose graphs the store has.
  storage.begin();
  const loops = stack.move();
  const xmpp = startXmpp(config, ports, outbox, link, stop.signal, progress);
  return {
    ports,
    url: server.url,
    ownerToken,
    ownerTokenFile,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await server[Symbol.asyncDispose]();
      await Promise.allSettled([outbox.ended, catchUp.ended]);
      await (await xmpp)?.[Symbol.asyncDispose]();
      await loops.disposeAsync();
    },
  };
}

// The loops need the ports and the ports name the loops: the knot is tied here, and nowhere else.
const catchUps = new WeakMap<HubPorts, HubPorts["catchUpSoon"]>();
const watchLoops = new WeakMap<HubPorts, WatchLoop>();

async function buildPorts(
  config: Config,
  log: Log,
  parts: Pick<Stores, "records" | "quads" | "queries" | "standing"> & { readonly link: LinkSwitch },
): Promise<HubPorts> {
  const { standing } = parts;
  const host = new URL(config.base).hostname.replace(/^\[|\]$/g, "");
  const guard = {
    allowPrivate:
      host === "localhost" || host.endsWith(".localhost") || (/^[\d.:a-f]+$/i.test(host) && isPrivateAddress(host)),
    userAgent: `Sterna/${await versionOf(HOME)} (+${config.base})`,
  };
  const sparql = createSparqlSyntax();
  const { reader } = parts.records;
  const overXmpp = new XmppQueries({ xmpp: parts.link, reader, sparql, base: config.base });
  const manners = new Manners(guard);
  const ports: HubPorts = {
    identity: {
      base: config.base,
      title: config.title,
      ...(config.description === undefined ? {} : { description: config.description }),
      domain: config.xmpp.domain,
    },
    options: config,
    records: parts.records,
    quads: parts.quads,
    queries: parts.queries,
    ...(standing === undefined ? {} : { watches: watchDesk(standing, () => watchLoops.get(ports)) }),
    sparql,
    xmpp: parts.link,
    remote: documentsOverEither(createGuardedFetch(guard), overXmpp),
    hookSender: createHookSender(guard),
    politeWeb: createPoliteWeb(guard, manners),
    remoteQueries: new RemoteTransports(createRemoteQueries({ ...guard, base: config.base }, manners), overXmpp),
    shapes: compileShapes(await readShapes(HOME), { postCharacters_max: config.postCharacters_max }),
    log,
    now: monotonicClock(),
    newItemId: itemIds(),
    newSecret: (bytes) => randomBytes(bytes).toString("base64url"),
    hash: (text) => createHash("sha256").update(text).digest("hex"),
    sha1: (bytes) => createHash("sha1").update(bytes).digest("hex"),
    catchUpSoon: (account, why) => catchUps.get(ports)?.(account, why),
  };
  return ports;
}

function watchDesk(standing: StandingQueries, loop: () => WatchLoop | undefined): WatchDesk {
  return {
    standing,
    refresh: async (place) => await loop()?.refresh(place),
    listen: (place, listener) => loop()?.listen(place, listener) ?? (() => undefined),
  };
}

async function readShapes(home: URL): Promise<readonly string[]> {
  const folder = new URL("ontologies/", home);
  const names = (await readdir(folder)).filter((name) => name.endsWith("-shape.ttl")).sort();
  return await Promise.all(names.map((name) => readFile(new URL(name, folder), "utf8")));
}

async function versionOf(home: URL): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(new URL("package.json", home), "utf8"));
  return String((manifest as { readonly version?: unknown }).version);
}

/** Brings XMPP up in the background; what keeps it down is said in the link's status and the news. */
async function startXmpp(
  config: Config,
  ports: HubPorts,
  outbox: OutboxLoop,
  link: LinkSwitch,
  signal: AbortSignal,
  progress: StartProgress,
): Promise<AsyncDisposable | undefined> {
  if (config.xmpp.mode === "off") return undefined;
  const stack = new AsyncDisposableStack();
  try {
    let { service, secret } = config.xmpp.mode === "external" ? config.xmpp : { service: "", secret: "" };
    if (config.xmpp.mode === "managed") {
      const managed = await startManagedProsody(config, config.xmpp, ports.log, signal, progress.onNews);
      if (isRefusal(managed)) {
        link.set({ kind: "off", reason: managed.message });
        progress.onNews?.(`XMPP is off: ${managed.message}`);
        return undefined;
      }
      stack.use(managed);
      ({ service, secret } = managed);
    }
    const component = connectComponent({
      service,
      secret,
      domain: config.xmpp.domain,
      log: ports.log,
      now: ports.now,
      newItemId: ports.newItemId,
      rate: { stanzasPerSecond: config.xmppStanzasPerSecond, isPeer: peerDomains(ports) },
      handlers: {
        handlePubsub: (request, actor) => handlePubsub(ports, request, actor),
        receiveEvent: (event) => receiveEvent(ports, event),
        runAdHoc: (step, from, to) => runAdHoc(ports, step, from, to),
        receiveChat: (message) => talk(ports, message),
        receiveReceipt: outbox.receiveReceipt,
        receiveBounce: outbox.receiveBounce,
        hear: outbox.hear,
        describeService: (jid, node) => describeService(ports, jid, node),
        listServiceItems: (jid, node, page, actor) => listServiceItems(ports, jid, node, page, actor),
        answerSparql: (question, from, to) => answerSparql(ports, question, from, to),
        receivePresence: (presence) => receivePresence(ports, presence),
        vcard: (jid) => vcardOf(ports, jid),
      },
    });
    stack.use(component);
    link.use(component);
    return stack;
  } catch (error) {
    await stack.disposeAsync();
    if (signal.aborted) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    ports.log.error({ reason }, "xmpp-failed");
    link.set({ kind: "off", reason });
    progress.onNews?.(`XMPP is off: ${reason}`);
    return undefined;
  }
}

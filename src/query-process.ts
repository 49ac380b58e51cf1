import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { extname } from "node:path";
import type { Log } from "./hub/ports/hub-ports.ts";
import type { QuadSource } from "./hub/ports/queries.ts";
import type { QueryLimits } from "./query/engine.ts";
import type { QueryWorker, QueryWorkerEvents } from "./query/isolated/worker-port.ts";
import type { FromQueryWorker, ToQueryWorker } from "./query/isolated/worker-protocol.ts";
import type { ReplicaFeed } from "./storage/replica/replica-feed.ts";
import type { ReplicaPatch } from "./storage/replica/replica-patch.ts";

/** What the process of ad-hoc queries is started with. */
export interface QueryProcessOptions {
  /** The path of `hub.db`; without it there is no copy, and only graphs that come with a query are asked. */
  readonly file?: string;
  readonly foreignPosts_max: number;
  readonly limits: QueryLimits;
}

/** What it is told beside the queries. */
export type ToQueryProcess =
  | ToQueryWorker
  | { readonly kind: "start"; readonly options: QueryProcessOptions }
  | { readonly kind: "patch"; readonly patch: ReplicaPatch }
  /** All commits made before its snapshot were sent, up to this sequence. */
  | { readonly kind: "caught-up"; readonly sequence: number };

/** What it tells beside the answers. */
export type FromQueryProcess =
  /** It has taken its snapshot of `hub.db`. */
  { readonly kind: "snapshot" } | { readonly kind: "applied"; readonly sequence: number };

/** LIMIT: heap of one quad in a copy: twice what bench/memory.ts measures, so that it may grow. */
const QUAD_BYTES = 800;
/** Heap of the program itself. */
const PROGRAM_MB = 100;
/** Room for what is just made, which V8 takes three times: half of its own measure. */
const YOUNG_MB = 8;
/** A third of the processor where the hub wants it too; with less, other programs of the machine would starve it. */
const NICENESS = 5;
/** LIMIT: characters of Patches that a process may be behind before it is given up; they wait in the hub's memory. */
const BEHIND_CHARACTERS_MAX = 32_000_000;
/** How much of what it said last is kept for the log. */
const LAST_WORDS = 4_000;

/** What the process needs of the hub. */
export interface QueryProcessParts extends QueryProcessOptions {
  readonly quads: Pick<QuadSource, "size">;
  /** What the copy follows. */
  readonly feed?: ReplicaFeed;
  /** LIMIT: heap for queries, beside the copy of the store. */
  readonly memory_mb: number;
  readonly log: Log;
}

/**
 * Starts the process that answers ad-hoc queries. A process and not a thread: V8 ends the whole process when a thread
 * is out of memory while an array, a Map or an object grows, so a thread could take the hub with it.
 */
export function startQueryProcess(parts: QueryProcessParts, events: QueryWorkerEvents): QueryWorker {
  const { file, foreignPosts_max, limits, quads, feed, memory_mb, log } = parts;
  const heap_mb = Math.ceil((quads.size * QUAD_BYTES) / 1e6) + PROGRAM_MB + memory_mb;
  const child = fork(new URL(`query-worker${extname(import.meta.url)}`, import.meta.url), [], {
    execArgv: [`--max-old-space-size=${heap_mb}`, `--max-semi-space-size=${YOUNG_MB}`],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let lastWords = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    lastWords = (lastWords + chunk).slice(-LAST_WORDS);
  });
  /** When each Patch that is not taken in was sent, oldest first. */
  const behind: { readonly sequence: number; readonly sent_ms: number; readonly characters: number }[] = [];
  let behindCharacters = 0;
  const send = (message: ToQueryProcess): void => {
    if (child.connected) child.send(message, () => undefined);
  };
  const unfollow = feed?.follow((patch) => {
    const characters = patch.steps.reduce((sum, { nTriples }) => sum + nTriples.length, 0);
    behind.push({ sequence: patch.sequence, sent_ms: performance.now(), characters });
    behindCharacters += characters;
    // The next one reads what it missed from the store itself.
    if (behindCharacters > BEHIND_CHARACTERS_MAX) child.kill("SIGKILL");
    else send({ kind: "patch", patch });
  });
  send({ kind: "start", options: { ...(file === undefined ? {} : { file }), foreignPosts_max, limits } });
  child.on("message", (message: FromQueryWorker | FromQueryProcess) => {
    if (message.kind === "snapshot") send({ kind: "caught-up", sequence: feed?.sequence ?? 0 });
    else if (message.kind === "applied") {
      while ((behind[0]?.sequence ?? Number.POSITIVE_INFINITY) <= message.sequence) {
        behindCharacters -= behind.shift()?.characters ?? 0;
      }
    } else {
      // Whoever waits for it to come up waits at full pace.
      if (message.kind === "ready") yieldToHub(child.pid);
      events.onMessage(message);
    }
  });
  let isOver = false;
  const end = (code: number | null, signal: NodeJS.Signals | null, error?: Error): void => {
    if (isOver) return;
    isOver = true;
    unfollow?.();
    const outOfMemory = lastWords.includes("heap out of memory");
    const detail = error?.message ?? (outOfMemory ? "heap out of memory" : `ended with ${signal ?? code}`);
    if (!outOfMemory && signal !== "SIGKILL" && lastWords !== "") log.warn({ lastWords }, "query-worker-last-words");
    events.onEnd({ reason: outOfMemory ? "memory" : "other", detail });
  };
  child.once("error", (error) => end(null, null, error));
  child.once("close", end);
  return {
    send,
    kill: () => {
      unfollow?.();
      child.kill("SIGKILL");
    },
    get behind() {
      const [oldest] = behind;
      return { patches: behind.length, since_ms: oldest === undefined ? 0 : performance.now() - oldest.sent_ms };
    },
  };
}

/** Where both want the processor, the hub has it. */
function yieldToHub(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS);
  } catch {
    // A system that does not let itself be asked runs both alike.
  }
}

import { enableCompileCache } from "node:module";
import { constants, type NodeGCPerformanceDetail, PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { Worker } from "node:worker_threads";
import { boundHeapGrowth, collectGarbage } from "./heap.ts";
import { createEngine } from "./query/engine.ts";
import { QueryHost } from "./query/isolated/query-host.ts";
import type { FromQueryWorker } from "./query/isolated/worker-protocol.ts";
import { NAMED_GRAPHS_ONLY } from "./query/remote/named-graphs-only.ts";
import type { FromQueryProcess, QueryProcessOptions, ToQueryProcess } from "./query-process.ts";
import { Replica } from "./storage/replica/replica.ts";

enableCompileCache();

/** Ends the process when the hub is gone, also while a query keeps its loop from everything. */
const WATCHDOG = `const hub = process.ppid; setInterval(() => process.ppid === hub || process.kill(process.pid, "SIGKILL"), 1000);`;

/** How long no query came before what few of them need is loaded: meanwhile the process answers nobody. */
const WARM_AFTER_MS = 2_000;

/** The share of the heap that may be held after all garbage went; above it V8 does little but look for more. */
const HELD_MAX = 0.85;
/** How this process ends when its queries hold too much. */
const EXIT_OUT_OF_MEMORY = 70;

/** Ends the process while there is still room to end it in; what V8 does at its limit takes long. */
function watchMemory(): void {
  const held_max = getHeapStatistics().heap_size_limit * HELD_MAX;
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries() as unknown as readonly { readonly detail: NodeGCPerformanceDetail }[];
    const isWhole = entries.some(({ detail }) => {
      return detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
    });
    if (!isWhole || getHeapStatistics().used_heap_size < held_max) return;
    process.stderr.write("JavaScript heap out of memory\n");
    process.exit(EXIT_OUT_OF_MEMORY);
  });
  observer.observe({ entryTypes: ["gc"] });
}

/**
 * The process that answers ad-hoc queries: its own copy of the query store, its own engine. It is told everything by
 * the hub over one channel, in order, so an answer is never older than its question.
 */
function main(): void {
  const send = (message: FromQueryWorker | FromQueryProcess, onSent?: () => void): void => {
    // A hub that is gone hears nothing, and the channel's end is the end of this process.
    if (process.connected) process.send?.(message, undefined, undefined, onSent);
  };
  process.once("disconnect", () => process.exit());
  watchMemory();
  let replica: Replica | undefined;
  let host: QueryHost | undefined;
  let warm: (() => void) | undefined;
  let warming: NodeJS.Timeout | undefined;
  const warmLater = (): void => {
    clearTimeout(warming);
    if (warm !== undefined) warming = setTimeout(warm, WARM_AFTER_MS);
  };
  const start = async ({ file, foreignPosts_max, limits }: QueryProcessOptions): Promise<void> => {
    const log = (level: "info" | "warn" | "error") => (detail: Readonly<Record<string, unknown>>, event: string) =>
      send({ kind: "log", level, detail, event });
    replica = file === undefined ? undefined : new Replica({ file, foreignPosts_max });
    if (replica !== undefined) send({ kind: "snapshot" });
    const engine = createEngine({
      quads: replica?.quads ?? NAMED_GRAPHS_ONLY,
      catalogue: new Map(),
      limits,
      log: { info: log("info"), warn: log("warn"), error: log("error") },
      aroundLoad: (load) => hosting.whileLoading(load),
    });
    const hosting = new QueryHost(engine, send);
    host = hosting;
    await replica?.fill();
    boundHeapGrowth();
    collectGarbage(replica?.quads.size ?? 0);
    warm = () => engine.warm?.();
    warmLater();
    if (replica?.isFilled !== false) send({ kind: "ready" });
  };
  process.on("message", (message: ToQueryProcess) => {
    switch (message.kind) {
      case "start":
        start(message.options).catch((error: unknown) => {
          process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
          process.exit(1);
        });
        return;
      case "patch":
        replica?.apply(message.patch);
        send({ kind: "applied", sequence: message.patch.sequence });
        return;
      case "caught-up": {
        const wasFilled = replica?.isFilled;
        replica?.caughtUp(message.sequence);
        if (wasFilled === false && replica?.isFilled === true) send({ kind: "ready" });
        return;
      }
      case "query":
        warmLater();
        host?.receive(message);
        return;
      default:
        host?.receive(message);
    }
  });
  // oxlint-disable-next-line no-new -- it lives by itself
  new Worker(WATCHDOG, { eval: true }).unref();
}

main();

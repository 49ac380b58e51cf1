import { chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../../hub/ports/hub-ports.ts";
import { type ProsodyWish, prosodyAccountFiles, prosodyConfig } from "./prosody-config.ts";
import {
  CONFIGURATION_FILE,
  claimPorts,
  endLeftover,
  forgetProcess,
  launchProsody,
  type ProsodyProcess,
} from "./prosody-process.ts";
import type { ProsodyProgram } from "./prosody-program.ts";

/** Restarts wait twice as long each time, up to the maximum; a server that stayed up long enough starts over. */
const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 30_000;
const STABLE_AFTER_MS = 60_000;

/** How the managed server is. */
export type ManagedServerStatus =
  | { readonly kind: "up"; readonly pid: number /** Starts so far, 1 for the first. */; readonly starts: number }
  | { readonly kind: "restarting" /** Why, as a sentence. */; readonly problem: string }
  | { readonly kind: "stopped" };

/** A Prosody that runs as long as this object, restarted whenever it dies. */
export interface ManagedServer extends AsyncDisposable {
  readonly status: ManagedServerStatus;
  /** Always on loopback (127.0.0.1). */
  readonly componentPort: number;
  readonly c2sPort: number | undefined;
  /** Calls back at each change of status; returns the way to stop listening. */
  onStatus(listener: (status: ManagedServerStatus) => void): () => void;
  /** Ends it for good: asked first, killed after 5 seconds. Safe to call again. */
  stop(): Promise<void>;
}

/** What {@link startProsody} needs. */
export interface StartProsodyOptions extends ProsodyWish {
  /** From `findProsody`. */
  readonly program: ProsodyProgram;
  /** The server's own folder: configuration, data, pid file. Made when missing, readable by its owner only. */
  readonly dataFolder: string;
  readonly log: Log;
  /** Stops it when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Starts Prosody as a child process and resolves when its ports take connections. From then on it is
 * restarted with back-off whenever it dies, until `stop`, disposal or the signal. Where `setpriv` is on the machine it
 * dies with this process, however that ends; one that a killed hub left behind is ended at the next start.
 *
 * @throws Fault `port-taken` when one of its ports is, `service-failed` with the last lines of its log when it does not
 * come up.
 */
export async function startProsody(options: StartProsodyOptions): Promise<ManagedServer> {
  const folder = resolve(options.dataFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await endLeftover(folder);
  await writeConfiguration(folder, options);
  const server = new SupervisedProsody(folder, options);
  await server.start();
  return server;
}

/** Secrets and passwords are in these files, so only their owner may read them. */
async function writeConfiguration(folder: string, wish: ProsodyWish): Promise<void> {
  const data = join(folder, "data");
  const files = new Map([[join(folder, CONFIGURATION_FILE), prosodyConfig(wish, data)]]);
  for (const [path, text] of prosodyAccountFiles(wish.accounts ?? [])) files.set(join(data, path), text);
  // Prosody looks for certificates there and complains at each start when the folder is missing.
  for (const name of [data, join(folder, "certs")]) await mkdir(name, { recursive: true, mode: 0o700 });
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });
    // The mode above counts for new files only.
    await chmod(path, 0o600);
  }
}

class SupervisedProsody implements ManagedServer {
  readonly componentPort: number;
  readonly c2sPort: number | undefined;
  readonly #folder: string;
  readonly #options: StartProsodyOptions;
  readonly #listeners = new Set<(status: ManagedServerStatus) => void>();
  readonly #stopping = new AbortController();
  #status: ManagedServerStatus = { kind: "restarting", problem: "Prosody has not started yet." };
  #process: ProsodyProcess | undefined;
  #supervision: Promise<void> = Promise.resolve();
  #starts = 0;
  #backOff_ms = BACK_OFF_MIN_MS;

  constructor(folder: string, options: StartProsodyOptions) {
    this.#folder = folder;
    this.#options = options;
    this.componentPort = options.componentPort;
    this.c2sPort = options.c2sPort;
    const abort = () => void this.stop();
    if (options.signal?.aborted === true) this.#stopping.abort();
    else options.signal?.addEventListener("abort", abort, { once: true, signal: this.#stopping.signal });
  }

  get status(): ManagedServerStatus {
    return this.#status;
  }

  onStatus(listener: (status: ManagedServerStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The first start: its failure is the caller's; a later one is answered by another try. */
  async start(): Promise<void> {
    await this.#launch();
    this.#supervision = this.#supervise();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#process?.end();
    await this.#supervision;
    if (this.#status.kind === "stopped") return;
    this.#change({ kind: "stopped" });
    await forgetProcess(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #launch(): Promise<void> {
    const { program, componentPort, c2sPort, log } = this.#options;
    const ports = c2sPort === undefined ? [componentPort] : [componentPort, c2sPort];
    await claimPorts(ports);
    this.#process = await launchProsody({
      program,
      ports,
      folder: this.#folder,
      onComplaint: (line) => log.warn({ line }, "xmpp-server-complains"),
      signal: this.#stopping.signal,
    });
    this.#starts += 1;
    this.#change({ kind: "up", pid: this.#process.pid, starts: this.#starts });
    log.info({ pid: this.#process.pid, componentPort, starts: this.#starts }, "xmpp-server-up");
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const since_ms = performance.now();
      const problem = (await this.#process?.ended) ?? "Prosody is not running.";
      if (signal.aborted) return;
      if (performance.now() - since_ms > STABLE_AFTER_MS) this.#backOff_ms = BACK_OFF_MIN_MS;
      await this.#relaunch(problem);
    }
  }

  /** Tries until it is up again or stopped. */
  async #relaunch(firstProblem: string): Promise<void> {
    const { signal } = this.#stopping;
    for (let problem: string | undefined = firstProblem; problem !== undefined; ) {
      this.#options.log.warn({ problem, restartIn_ms: this.#backOff_ms }, "xmpp-server-down");
      this.#change({ kind: "restarting", problem });
      // Ends early, by rejecting, when stopped.
      await delay(this.#backOff_ms, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#backOff_ms = Math.min(this.#backOff_ms * 2, BACK_OFF_MAX_MS);
      problem = await this.#launch().then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    }
  }

  #change(status: ManagedServerStatus): void {
    this.#status = status;
    for (const listener of this.#listeners) listener(status);
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Fault } from "../../outcome/fault.ts";
import { onPath, type ProsodyProgram } from "./prosody-program.ts";

/** LIMIT: from the start of the process to its ports taking connections. */
const UP_TIMEOUT_MS = 60_000;
/** LIMIT: how long a server may take to stop before it is killed. */
const STOP_TIMEOUT_MS = 5_000;
/** How often a port or a process is looked at while it comes or goes. */
const POLL_MS = 20;
/** LIMIT: lines of the server's log kept for the sentence of a failure. */
const LOG_LINES_MAX = 10;
const LOOPBACK = "127.0.0.1";

/** The name of the configuration file in a server's folder. */
export const CONFIGURATION_FILE = "prosody.cfg.lua";
const PID_FILE = "prosody.pid";

/** What {@link launchProsody} needs. */
export interface LaunchOptions {
  readonly program: ProsodyProgram;
  /** The server's own folder, absolute, with its configuration in it. */
  readonly folder: string;
  /** The ports on loopback that it opens. */
  readonly ports: readonly number[];
  /** Called with each line of its log that is a warning or an error. */
  readonly onComplaint: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A Prosody that takes connections. */
export interface ProsodyProcess {
  readonly pid: number;
  /** Resolves when the process is gone, with why as a sentence. */
  readonly ended: Promise<string>;
  /** Asks it to stop, kills it after 5 seconds, and resolves when it is gone. */
  end(): Promise<void>;
}

/**
 * Starts the process and waits until its ports take connections.
 * @throws Fault `service-failed` with the last lines of its log when it ends or does not come up in a minute.
 */
export async function launchProsody(options: LaunchOptions): Promise<ProsodyProcess> {
  const { program, folder } = options;
  const parameters = [...program.parameters, "-F", "--config", join(folder, CONFIGURATION_FILE)];
  // The kernel ends it when this process dies, even by `kill -9`, where util-linux is there to ask for that.
  const setpriv = await onPath("setpriv");
  const [command, ...rest] =
    setpriv === undefined
      ? [program.command, ...parameters]
      : [setpriv, "--pdeathsig", "TERM", program.command, ...parameters];
  const child = spawn(command, rest, {
    cwd: folder,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = watchLog(child, options.onComplaint);
  const ended = whenEnded(child, lines);
  const started = { pid: child.pid ?? 0, ended, end: () => endChild(child, ended) };
  try {
    if (child.pid !== undefined) await writeFile(join(folder, PID_FILE), `${child.pid}\n`);
    await untilUp(options, started, lines);
  } catch (error) {
    await started.end();
    throw error;
  }
  return started;
}

/** Removes the pid file after a clean end. */
export async function forgetProcess(folder: string): Promise<void> {
  await rm(join(folder, PID_FILE), { force: true });
}

/**
 * Ends the server that a killed hub left running, told by the pid file in its folder. A process that merely got the same
 * number since is left alone: it must have been started with this folder's configuration.
 */
export async function endLeftover(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, PID_FILE), "utf8").catch(() => ""));
  if (!Number.isSafeInteger(pid) || pid <= 1) return;
  const isOurs = async () => {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return commandLine.split("\0").includes(join(folder, CONFIGURATION_FILE));
  };
  const deadline_ms = performance.now() + STOP_TIMEOUT_MS;
  let signal: NodeJS.Signals = "SIGTERM";
  for (let told: string | undefined; await isOurs(); await delay(POLL_MS)) {
    if (performance.now() > deadline_ms) signal = "SIGKILL";
    if (told === signal) continue;
    told = signal;
    try {
      process.kill(pid, signal);
    } catch {
      break; // It went by itself in between.
    }
  }
  await forgetProcess(folder);
}

/**
 * Prosody goes on without a port that it cannot have, and a connection would reach somebody else: so they are tried
 * first. @throws Fault `port-taken`.
 */
export async function claimPorts(ports: readonly number[]): Promise<void> {
  for (const port of ports) {
    const problem = await new Promise<string | undefined>((resolve) => {
      const server = createServer();
      server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
      server.listen(port, LOOPBACK, () => server.close(() => resolve(undefined)));
    });
    if (problem === undefined) continue;
    throw new Fault(
      "port-taken",
      `Expected port ${port} on ${LOOPBACK} to be free for the XMPP server, but it is not (${problem}). Stop what uses it or configure another port.`,
    );
  }
}

/** Keeps the last lines of the log; hands complaints on. */
function watchLog(child: ChildProcess, onComplaint: (line: string) => void): readonly string[] {
  const kept: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      // LIMIT: a line without an end is cut, so that nothing grows for ever.
      rest = (lines.pop() ?? "").slice(0, 10_000);
      for (const line of lines.filter((one) => one.trim() !== "")) {
        kept.push(line);
        if (kept.length > LOG_LINES_MAX) kept.shift();
        if (/\b(warn|error)\b/.test(line)) onComplaint(line);
      }
    });
  }
  return kept;
}

function whenEnded(child: ChildProcess, lines: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`Prosody could not be started: ${error.message}`));
    child.once("close", (code, signal) => {
      resolve(`Prosody ended (${signal ?? `exit code ${code}`}); its last words: ${lines.slice(-3).join(" | ")}`);
    });
  });
}

async function untilUp(options: LaunchOptions, started: ProsodyProcess, lines: readonly string[]): Promise<void> {
  const deadline_ms = performance.now() + UP_TIMEOUT_MS;
  const gone = started.ended.then((problem) => ({ problem }));
  const waiting = [...options.ports];
  while (performance.now() < deadline_ms) {
    const [port] = waiting;
    if (port === undefined) return;
    if (options.signal.aborted) throw new Fault("service-failed", "Starting the XMPP server was stopped.");
    const came = await Promise.race([gone, takesConnections(port)]);
    if (typeof came === "object") throw new Fault("service-failed", came.problem);
    if (came) waiting.shift();
    else await delay(POLL_MS);
  }
  throw new Fault(
    "service-failed",
    `Expected Prosody to take connections on port ${waiting.join(", ")} in ${UP_TIMEOUT_MS / 1000} seconds, but it does not; its last words: ${lines.slice(-3).join(" | ")}`,
  );
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}

async function endChild(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(kill);
}

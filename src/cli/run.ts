import { setTimeout as wait } from "node:timers/promises";
import { CommanderError } from "commander";
import { Fault } from "../outcome/fault.ts";
import { isRecord, messageOf } from "./cli-config.ts";
import type { ServeHost } from "./commands/serve.ts";
import { CommandEnd, EXIT, type ExitCode } from "./exit-code.ts";
import type { CliIo, CliOutput } from "./io.ts";
import { plain } from "./output/terminal-text.ts";
import { buildProgram } from "./program.ts";

/** Runs one command line (without the program's own name) and says how it ended. Never throws. */
export async function runProgram(
  args: readonly string[],
  io: CliIo,
  host: ServeHost,
  version: string,
): Promise<ExitCode> {
  try {
    await buildProgram(io, host, version).parseAsync([...args], { from: "user" });
    return EXIT.done;
  } catch (error) {
    return endOf(error, io, args.includes("--json"));
  }
}

async function endOf(error: unknown, io: CliIo, json: boolean): Promise<ExitCode> {
  // Help and version end with 0; everything else commander says about the command line is a mistake in it.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (isBrokenPipe(error)) return EXIT.done;
  if (io.signal.aborted) return EXIT.interrupted;
  const exitCode = exitCodeOf(error);
  const message =
    error instanceof Fault || error instanceof CommandEnd
      ? error.message
      : `Something broke: ${messageOf(error)}. This is a mistake in sterna; please report it.`;
  if (message === "") return exitCode;
  await io.stderr.write(json ? `${JSON.stringify({ error: message, exitCode })}\n` : `${plain(message)}\n`);
  return exitCode;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof CommandEnd) return error.exitCode;
  return error instanceof Fault && error.code === "configuration" ? EXIT.usage : EXIT.refused;
}

function isBrokenPipe(error: unknown): boolean {
  return isRecord(error) && (error["code"] === "EPIPE" || error["code"] === "ERR_STREAM_DESTROYED");
}

/**
 * Runs the command line of this process and leaves its exit code in `process.exitCode`. Ctrl-C and SIGTERM end the
 * command through its signal; a second Ctrl-C ends the process at once.
 */
export async function runCli(argv: readonly string[], host: ServeHost, version: string): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(EXIT.interrupted);
    stop.abort();
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  // `sterna timeline | head` closes the pipe: that is no error, and there is nobody left to write to.
  process.stdout.on("error", (error) => {
    if (!isBrokenPipe(error)) throw error;
    stop.abort();
    process.exitCode = EXIT.done;
  });
  try {
    process.exitCode = await runProgram(argv.slice(2), processIo(stop.signal), host, version);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}

function processIo(signal: AbortSignal): CliIo {
  return {
    stdin: process.stdin,
    stdinIsTTY: process.stdin.isTTY === true,
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    fetch: (input, init) => fetch(input, init),
    signal,
    now: () => Date.now(),
    pause: (ms) => wait(ms, undefined, { signal }).catch(() => undefined),
    askSecret,
  };
}

function outputOf(stream: NodeJS.WriteStream): CliOutput {
  return {
    isTTY: stream.isTTY === true,
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => (error ? reject(error) : resolve()));
      }),
  };
}

/** Asks on the terminal and shows nothing of what is typed. */
async function askSecret(question: string): Promise<string> {
  const { createInterface } = await import("node:readline/promises");
  const { Writable } = await import("node:stream");
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const asked = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  // The terminal is in raw mode here, so Ctrl-C comes as a key and not as a signal.
  asked.once("SIGINT", () => {
    asked.close();
    process.exit(EXIT.interrupted);
  });
  try {
    return await asked.question("");
  } finally {
    asked.close();
    process.stderr.write("\n");
  }
}

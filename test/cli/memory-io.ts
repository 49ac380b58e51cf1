import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServeHost } from "../../src/cli/commands/serve.ts";
import type { CliIo, CliOutput } from "../../src/cli/io.ts";
import { runProgram } from "../../src/cli/run.ts";
import { CONFIG_OPTIONS } from "../../src/config-options.ts";

/** The time tests run at. */
export const NOW_MS = Date.parse("2026-11-21T06:00:00Z");

/** An output that keeps what was written and tells who waits for it. */
export class MemoryOutput implements CliOutput {
  text = "";
  readonly isTTY: boolean;
  #waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string | Uint8Array): Promise<void> {
    this.text += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
    this.#waiting = this.#waiting.filter(({ pattern, found }) => {
      if (!pattern.test(this.text)) return true;
      found();
      return false;
    });
    return Promise.resolve();
  }

  /** Resolves when what was written matches. */
  until(pattern: RegExp): Promise<void> {
    if (pattern.test(this.text)) return Promise.resolve();
    return new Promise((found) => this.#waiting.push({ pattern, found }));
  }
}

/** Runs commands in memory, with a settings folder of their own. */
export class CommandLine implements AsyncDisposable {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly served: { readonly flags: Readonly<Record<string, string>> }[] = [];
  stop = new AbortController();
  stdout = new MemoryOutput(false);
  stderr = new MemoryOutput(false);
  readonly pauses: number[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.env = { HOME: folder, XDG_CONFIG_HOME: join(folder, "config") };
  }

  static async open(): Promise<CommandLine> {
    return new CommandLine(await mkdtemp(join(tmpdir(), "sterna-cli-")));
  }

  /** Runs one command and gives its exit code and what it wrote. */
  async run(
    args: readonly string[],
    options: { readonly stdin?: string | Buffer; readonly tty?: boolean; readonly errorTty?: boolean } = {},
  ) {
    this.stdout = new MemoryOutput(options.tty === true);
    this.stderr = new MemoryOutput(options.errorTty === true);
    const exitCode = await runProgram(args, this.#io(options.stdin), this.#host(), "0.0.0-test");
    return { exitCode, out: this.stdout.text, err: this.stderr.text };
  }

  #io(stdin: string | Buffer | undefined): CliIo {
    return {
      stdin: (async function* () {
        if (stdin !== undefined) yield Buffer.from(stdin);
      })(),
      stdinIsTTY: false,
      stdout: this.stdout,
      stderr: this.stderr,
      env: this.env,
      cwd: this.folder,
      fetch: (input, init) => fetch(input, init),
      signal: this.stop.signal,
      now: () => NOW_MS,
      pause: async (ms) => {
        this.pauses.push(ms);
        await new Promise((resolve) => setImmediate(resolve));
      },
    };
  }

  #host(): ServeHost {
    return {
      options: CONFIG_OPTIONS,
      init: (flags) => {
        this.served.push({ flags });
        return Promise.resolve(["made"]);
      },
      serve: (flags) => {
        this.served.push({ flags });
        return Promise.resolve();
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PATIENCE_MS } from "../support/patience.ts";
import { testStoreEnv } from "../support/test-store.ts";

const PROGRAM = new URL("../../src/sterna.ts", import.meta.url).pathname;

/** How a command ended and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a command is run with beyond its arguments. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

/** The real command line, with a home of its own and nothing of this process's environment. */
export class Commands implements AsyncDisposable {
  /** Its home and working folder. */
  readonly home: string;
  readonly #env: Readonly<Record<string, string>>;

  private constructor(home: string, env: Readonly<Record<string, string>>) {
    this.home = home;
    this.#env = env;
  }

  static async open(env: Readonly<Record<string, string>> = {}): Promise<Commands> {
    return new Commands(await mkdtemp(join(tmpdir(), "sterna-home-")), env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const running = this.start(args, options);
    running.child.stdin?.end(options.input ?? "");
    return await running.ended;
  }

  /** Runs a command that must end with 0; gives what it printed without the last line end. */
  async done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(args);
    if (code !== 0) throw new Error(`sterna ${args.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** Runs a command that must end with 0 and print JSON. */
  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.done(...args, "--json"));
  }

  /** Starts a command that stays. */
  start(args: readonly string[], { env }: RunOptions = {}): RunningCommand {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: this.home,
      stdio: ["pipe", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.home,
        XDG_CONFIG_HOME: join(this.home, "config"),
        ...testStoreEnv(),
        ...this.#env,
        ...env,
      },
    });
    return new RunningCommand(child);
  }
}

/** A command that runs. */
export class RunningCommand implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #stdout = "";
  #stderr = "";

  constructor(child: ChildProcess) {
    this.child = child;
    // What ends before it read all of its input is no failure of the test.
    child.stdin?.on("error", () => undefined);
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    this.ended = once(child, "close").then(([code]) => {
      clearTimeout(late);
      return { code: typeof code === "number" ? code : null, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** Resolves when standard output holds `wanted`; fails when the command ends before. */
  async prints(wanted: string): Promise<void> {
    if (this.#stdout.includes(wanted)) return;
    await new Promise<void>((resolve, reject) => {
      this.child.stdout?.on("data", () => {
        if (this.#stdout.includes(wanted)) resolve();
      });
      void this.ended.then(({ code, stdout, stderr }) =>
        reject(new Error(`Ended with ${code} before it printed "${wanted}":\n${stdout}${stderr}`)),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGTERM");
    await this.ended;
  }
}

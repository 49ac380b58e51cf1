import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { findService, type ServiceProgram } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { PATIENCE_MS } from "../support/patience.ts";

/** Debian's own, whose libraries it is written for. */
const PYTHON = "/usr/bin/python3";

interface Person {
  readonly jid: string;
  readonly password: string;
}

/**
 * People with Libervia, a client of XEP-0277 that knows nothing of Sterna: its backend, driven by its command line, as
 * Debian has it but for one word (see {@link mend}).
 */
export class LiberviaClient implements AsyncDisposable {
  #stack = new AsyncDisposableStack();
  readonly #cli: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  #hooks = 0;

  private constructor(folder: string, cli: string, env: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#cli = cli;
    this.#env = env;
  }

  /** Starts a backend on a D-Bus of its own and logs people in, each under the name before the `@`. */
  static async open(port: number, people: readonly Person[]): Promise<LiberviaClient> {
    await using stack = new AsyncDisposableStack();
    const [backend, dbus] = await Promise.all([found("libervia"), found("dbus")]);
    const folder = await mkdtemp(join(tmpdir(), "sterna-libervia-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    const base = { PATH: "/usr/bin:/bin", HOME: folder, PYTHONUNBUFFERED: "1" };
    const address = await startBus(stack, dbus, folder, base);
    const env = { ...base, ...backend.env, DBUS_SESSION_BUS_ADDRESS: address };
    const program = join(folder, "program");
    // With its times, or Python compiles all of it again.
    await cp(dirname(backend.command), program, { recursive: true, preserveTimestamps: true });
    await mend(program);
    await startProcess(stack, PYTHON, [join(program, basename(backend.command)), "fg"], env, /Backend is ready/);
    const client = new LiberviaClient(folder, join(program, "libervia-cli"), env);
    await Promise.all(people.map((person) => client.#logIn(person, port)));
    client.#stack = stack.move();
    return client;
  }

  async #logIn({ jid, password }: Person, port: number): Promise<void> {
    const [name = ""] = jid.split("@");
    await this.run(["profile", "create", name, "-j", jid, "-x", password, "-p", ""]);
    for (const setting of [
      ["Force server", "127.0.0.1"],
      ["Force port", String(port)],
      // Else it asks for TLS as well.
      ["check_certificate", "false"],
    ]) {
      await this.run(["param", "set", "Connection", ...setting, "-p", name]);
    }
    await this.run(["profile", "connect", "-c", "-p", name]);
  }

  /** Runs one command, with a text on its standard input; throws with what it said unless it succeeds. */
  async run(parameters: readonly string[], input = ""): Promise<string> {
    const child = spawn(PYTHON, [this.#cli, ...parameters], { env: this.#env, timeout: PATIENCE_MS });
    let out = "";
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.stdin.end(input);
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`libervia-cli ${parameters.join(" ")} ended with ${code}:\n${out}${said}`);
    // What it misses at each start (a progress bar, templates) it says before all else.
    return out.replace(/^(?:(?:Progress.*|Missing module.*|--)?\n)+/, "");
  }

  /** Has every item written down that is pushed to somebody from a node; gives what was, as XML. */
  async hook(who: string, service: string, node: string): Promise<() => Promise<string>> {
    const file = join(this.#folder, `hook-${++this.#hooks}`);
    const code = `def hook(host, client, item):\n    open(${JSON.stringify(file)}, "a").write(item.toXml())\n`;
    await writeFile(file, "");
    await writeFile(`${file}.py`, code);
    await this.run([
      "pubsub",
      "hook",
      "create",
      "-s",
      service,
      "-n",
      node,
      "-t",
      "python_file",
      `${file}.py`,
      "-p",
      who,
    ]);
    return () => readFile(file, "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

async function found(name: "libervia" | "dbus"): Promise<ServiceProgram> {
  const program = await findService(name);
  if (isRefusal(program)) throw new Error(program.message);
  return program;
}

/**
 * COMPAT: Libervia 0.9 never awaits its question whether the person's server has XEP-0376, and takes the question itself
 * for a yes: every subscription is asked of a service that no server here has, and nothing reaches the hub. No setting
 * switches that plugin off, so the copy that is run has the missing `await`.
 */
async function mend(program: string): Promise<void> {
  const file = join(program, "sat/plugins/plugin_xep_0376.py");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replaceAll("not self.host.hasFeature(", "not await self.host.hasFeature("));
}

/** A bus that starts nothing by itself; resolves with its address. */
async function startBus(
  stack: AsyncDisposableStack,
  { command, env }: ServiceProgram,
  folder: string,
  base: Readonly<Record<string, string>>,
): Promise<string> {
  const configuration = join(folder, "bus.conf");
  await writeFile(
    configuration,
    `<busconfig><type>session</type><listen>unix:path=${join(folder, "bus")}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_type="*"/><allow own="*"/></policy></busconfig>`,
  );
  const parameters = [`--config-file=${configuration}`, "--nofork", "--nopidfile", "--print-address=1"];
  return await startProcess(stack, command, parameters, { ...base, ...env }, /^unix:.*/);
}

/** Starts a process that ends with the stack, and resolves with what of a line it says shows that it is up. */
async function startProcess(
  stack: AsyncDisposableStack,
  command: string,
  parameters: readonly string[],
  env: Readonly<Record<string, string>>,
  up: RegExp,
): Promise<string> {
  const child = spawn(command, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
  stack.defer(() => ended(child));
  let said = "";
  return await new Promise<string>((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${command} ${why}:\n${said.slice(-4_000)}`));
    const late = setTimeout(() => fail("did not come up"), PATIENCE_MS);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        said = `${said}${line}\n`.slice(-8_000);
        const [shown] = up.exec(line) ?? [];
        if (shown === undefined) return;
        clearTimeout(late);
        resolve(shown);
      });
    }
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code) => fail(`ended with ${code}`));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

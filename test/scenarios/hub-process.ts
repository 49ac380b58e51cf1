import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../support/free-port.ts";
import { PATIENCE_MS } from "../support/patience.ts";
import { testStoreEnv } from "../support/test-store.ts";

const PROGRAM = new URL("../../src/sterna.ts", import.meta.url).pathname;

/** What a hub under test is started with. */
export interface HubWish {
  /** One that is free, where none is named. */
  readonly port?: number;
  /** Without it the hub has no XMPP. */
  readonly xmpp?: { readonly service: string; readonly domain: string; readonly secret: string };
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs, when that is not beside the test. */
  readonly place?: HubPlace;
  /** What stands in its data folder before it starts, by path. */
  readonly files?: ReadonlyMap<string, string>;
}

/** A place that is not this machine's own network. */
export interface HubPlace {
  /** The hub's base, as others there reach it. */
  readonly base: string;
  /** What to write before a command for it to run there. */
  readonly command: readonly string[];
  /** What the test calls the hub by instead of its base; ends in `/`. */
  readonly door: string;
}

/** A hub as its own process on a data folder of its own, with the calls a scenario makes of it. */
export class HubProcess implements AsyncDisposable {
  readonly base: string;
  readonly folder: string;
  readonly #wish: HubWish & { readonly port: number };
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(wish: HubWish & { readonly port: number }, folder: string) {
    this.#wish = wish;
    this.folder = folder;
    this.base = wish.place?.base ?? `http://localhost:${wish.port}/`;
  }

  static async start(wish: HubWish = {}): Promise<HubProcess> {
    const port = wish.port ?? (await freePort());
    const hub = new HubProcess({ ...wish, port }, await mkdtemp(join(tmpdir(), "sterna-hub-")));
    await using stack = new AsyncDisposableStack();
    stack.use(hub);
    for (const [path, text] of wish.files ?? []) {
      const file = join(hub.folder, "data", path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    await hub.up();
    stack.move();
    return hub;
  }

  /** Starts the process (again) on the same data folder; resolves when it says that it is up. */
  async up(): Promise<void> {
    const { port, xmpp, env, place } = this.#wish;
    const [command, ...parameters] = [...(place?.command ?? []), process.execPath, PROGRAM, "serve"];
    const child = spawn(command, parameters, {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: this.folder,
        STERNA_DATA: join(this.folder, "data"),
        STERNA_PORT: String(port),
        STERNA_LOG: "warn",
        ...(xmpp === undefined
          ? { STERNA_XMPP: "off" }
          : { XMPP_SERVICE: xmpp.service, XMPP_DOMAIN: xmpp.domain, XMPP_SECRET: xmpp.secret }),
        ...testStoreEnv(),
        ...env,
      },
    });
    this.#child = child;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    });
    const up = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
        this.#output = `${this.#output}${line}\n`.slice(-20_000);
        if (line.includes(this.base)) resolve();
      });
      child.once("exit", (code) => reject(new Error(`The hub ended with ${code} before it was up:\n${this.#output}`)));
      setTimeout(() => reject(new Error(`The hub was not up in time:\n${this.#output}`)), PATIENCE_MS).unref();
    });
    await up;
    if (xmpp !== undefined) await eventually("XMPP online", async () => (await this.health()).xmpp === "online");
  }

  /** The address to call for something below the hub's base. */
  address(path: string): string {
    const url = new URL(path, this.base).href;
    return `${this.#wish.place?.door ?? this.base}${url.slice(this.base.length)}`;
  }

  /** Ends the process: `SIGKILL` at once, `SIGTERM` cleanly. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    // One that a test froze hears nothing before it goes on.
    child.kill("SIGCONT");
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The process while it runs. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("The hub does not run.");
    return pid;
  }

  get output(): string {
    return this.#output;
  }

  async health(): Promise<{ readonly status: string; readonly xmpp: string }> {
    return (await (await fetch(this.address("health"))).json()) as { status: string; xmpp: string };
  }

  async ownerToken(): Promise<string> {
    return (await readFile(join(this.folder, "data/owner-token"), "utf8")).trim();
  }

  /** Makes an account and returns how to act as it. */
  async account(name: string, more: Readonly<Record<string, unknown>> = {}): Promise<TestAccount> {
    const made = await this.call("POST", "api/accounts", await this.ownerToken(), { name, ...more });
    return new TestAccount(this, name, String(made["token"]), String(made["iri"]), String(made["jid"]));
  }

  /** One JSON request; throws with the problem's text unless it succeeds. */
  async call(method: string, path: string, token?: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(this.address(path), {
      method,
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
  }

  /** The rows of a SELECT, each as plain values by variable. */
  async select(query: string): Promise<readonly Readonly<Record<string, string>>[]> {
    const response = await fetch(this.address(`sparql?query=${encodeURIComponent(query)}`), {
      headers: { accept: "application/sparql-results+json" },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`SPARQL: ${response.status} ${text}`);
    const { results } = JSON.parse(text) as {
      results: { bindings: readonly Readonly<Record<string, { value: string }>>[] };
    };
    return results.bindings.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, { value }]) => [name, value])),
    );
  }

  /** The texts of all posts of a creator that this hub's endpoint answers with, by post IRI. */
  async posts(creator: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.select(
      `PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT ?post ?text { ?post sioc:has_creator <${creator}> ; sioc:content ?text }`,
    );
    return new Map(rows.map(({ post = "", text = "" }) => [post, text]));
  }
}

/** An account of a hub under test. */
export class TestAccount {
  readonly hub: HubProcess;
  readonly name: string;
  readonly token: string;
  readonly iri: string;
  readonly jid: string;

  constructor(hub: HubProcess, name: string, token: string, iri: string, jid: string) {
    this.hub = hub;
    this.name = name;
    this.token = token;
    this.iri = iri;
    this.jid = jid;
  }

  /** Posts and returns the post's IRI. */
  async post(text: string, more: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return String((await this.hub.call("POST", `${this.name}/posts`, this.token, { text, ...more }))["iri"]);
  }

  async edit(iri: string, text: string): Promise<void> {
    await this.hub.call("PATCH", iri, this.token, { text });
  }

  async remove(iri: string): Promise<void> {
    await this.hub.call("DELETE", iri, this.token);
  }

  /** Follows somebody, whose server may be too slow to answer the first time. */
  async follow(target: string): Promise<Record<string, unknown>> {
    let followed: Record<string, unknown> = {};
    await eventually(`${this.name} follows ${target}`, async () => {
      followed = await this.hub.call("POST", `${this.name}/following`, this.token, { target });
      return true;
    });
    return followed;
  }
}

/** Whether two maps hold the same, in whatever order. */
export function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** Waits until `condition` holds, looking again and again; fails with `what` when it never does. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean>,
  patience_ms = PATIENCE_MS,
): Promise<void> {
  const until = performance.now() + patience_ms;
  let last = "";
  while (performance.now() < until) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = ` (${error instanceof Error ? error.message : ""})`;
    }
    await delay(25);
  }
  throw new Error(`Did not come to pass: ${what}${last}`);
}

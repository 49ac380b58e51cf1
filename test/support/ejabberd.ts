import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findService, type ServiceProgram } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { ProsodyAccount, ProsodyComponent, ProsodyFederation } from "../../src/xmpp/server/prosody-config.ts";
import { freePorts } from "./free-port.ts";
import { PATIENCE_MS } from "./patience.ts";

/** What it says when it is up and has its accounts: its ports are open before that. */
const READY = "everybody may come in";

/** A real ejabberd for one test, on ports and in folders of its own, gone when it ends. */
export interface TestEjabberd extends AsyncDisposable {
  /** `xmpp://127.0.0.1:PORT` of a component: each has a listener of its own. */
  serviceOf(domain: string): string;
  /** Where the accounts log in, on loopback. */
  readonly c2sPort: number;
  /** The process that was started last. */
  readonly pid: number;
  /** Kills it (SIGKILL) and resolves when it is up again. */
  crash(): Promise<void>;
  /** Kills it (SIGKILL). */
  down(): Promise<void>;
  /** Starts it again on the same ports and data. */
  up(): Promise<void>;
}

/** What a test wants of its server, in the words of the other one. */
export interface TestEjabberdOptions {
  readonly components: readonly ProsodyComponent[];
  readonly accounts?: readonly ProsodyAccount[];
  /** Default off. Links are neither encrypted nor certified (dialback). */
  readonly federation?: ProsodyFederation;
  /** What its multicast service takes (XEP-0033), as its configuration says it; left out, as it comes. */
  readonly multicast?: string;
}

/** Starts one; throws where there is no ejabberd, saying how to get it. */
export async function startTestEjabberd(options: TestEjabberdOptions): Promise<TestEjabberd> {
  const { components, accounts = [], federation = { kind: "off" }, multicast = "{}" } = options;
  const program = await findService("ejabberd");
  if (isRefusal(program)) throw new Error(program.message);
  const folder = await mkdtemp(join(tmpdir(), "sterna-ejabberd-"));
  const [c2sPort = 0, ...ports] = await freePorts(1 + components.length);
  await mkdir(join(folder, "spool"));
  await writeFile(
    join(folder, "ejabberd.yml"),
    configuration({ components, accounts, federation, multicast }, c2sPort, ports),
  );
  const up = () => start({ program, folder, ports: [c2sPort, ...ports], accounts });
  let child = await up();
  const down = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const upAgain = async (): Promise<void> => {
    child = await up();
  };
  return {
    c2sPort,
    get pid() {
      return child.pid ?? 0;
    },
    serviceOf(domain) {
      const port = ports[components.findIndex((component) => component.domain === domain)];
      if (port === undefined) throw new Error(`This ejabberd has no component ${domain}.`);
      return `xmpp://127.0.0.1:${port}`;
    },
    crash: async () => {
      await down();
      await upAgain();
    },
    down,
    up: upAgain,
    [Symbol.asyncDispose]: async () => {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Launch {
  readonly program: ServiceProgram;
  readonly folder: string;
  readonly ports: readonly number[];
  readonly accounts: readonly ProsodyAccount[];
}

async function start({ program, folder, ports, accounts }: Launch): Promise<ChildProcess> {
  const { command, parameters, env } = program;
  const spool = JSON.stringify(join(folder, "spool"));
  const ready = ["-eval", `io:format("~s~n", [${JSON.stringify(READY)}])`];
  const begin = ["-mnesia", "dir", spool, "-s", "ejabberd", ...accounts.flatMap(registration), ...ready];
  const child = spawn(command, ["-noinput", "+K", "true", ...parameters, ...begin], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: folder,
      EJABBERD_CONFIG_PATH: join(folder, "ejabberd.yml"),
      EJABBERD_LOG_PATH: join(folder, "ejabberd.log"),
      ERL_CRASH_DUMP: join(folder, "crash.dump"),
      ...env,
    },
  });
  let said = "";
  let isReady = false;
  const listen = (text: string): void => {
    isReady ||= (said + text).includes(READY);
    said = (said + text).slice(-4_000);
  };
  child.stdout?.setEncoding("utf8").on("data", listen);
  child.stderr?.setEncoding("utf8").on("data", listen);
  // A program that cannot be started at all says so here; its exit code stays null.
  let failed = false;
  child.once("error", (error) => {
    failed = true;
    listen(String(error));
  });
  const until = performance.now() + 2 * PATIENCE_MS;
  while (performance.now() < until && !failed && child.exitCode === null && child.signalCode === null) {
    if (isReady && (await Promise.all(ports.map(isOpen))).every(Boolean)) return child;
    await delay(50);
  }
  child.kill("SIGKILL");
  throw new Error(`ejabberd did not come up:\n${said}`);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** Parameters that make an account (or leave it, where it is), without a way into the running server. */
function registration({ jid, password }: ProsodyAccount): readonly string[] {
  const [name = "", domain = ""] = jid.split("@");
  const words = [name, domain, password].map((word) => `<<${JSON.stringify(word)}/utf8>>`);
  return ["-eval", `ejabberd_auth:try_register(${words.join(",")})`];
}

/** Nothing but what components, accounts and other servers need, on loopback, without TLS. */
function configuration(options: Required<TestEjabberdOptions>, c2sPort: number, ports: readonly number[]): string {
  const { components, accounts, federation, multicast } = options;
  const listener = (port: number, ip: string, module: string, more: readonly string[] = []) =>
    [`  - port: ${port}`, `ip: ${JSON.stringify(ip)}`, `module: ${module}`, ...more].join("\n    ");
  const service = ["access: all", "shaper_rule: none", "hosts:"];
  const listeners = [
    listener(c2sPort, "127.0.0.1", "ejabberd_c2s", ["access: all"]),
    // COMPAT: ejabberd 23.01 misroutes when one listener has several hosts, so each component has its own.
    ...components.map(({ domain, secret }, place) =>
      listener(ports[place] ?? 0, "127.0.0.1", "ejabberd_service", [
        ...service,
        `  ${JSON.stringify(domain)}: { password: ${JSON.stringify(secret)} }`,
      ]),
    ),
    ...(federation.kind === "on"
      ? federation.interfaces.map((ip) => listener(federation.port, ip, "ejabberd_s2s_in"))
      : []),
  ];
  const hosts = new Set(accounts.map(({ jid }) => jid.slice(jid.indexOf("@") + 1)));
  return `hosts: ${JSON.stringify(hosts.size > 0 ? [...hosts] : ["localhost"])}
loglevel: warning
listen:
${listeners.join("\n")}
s2s_use_starttls: false
# After a link has failed everything to that server bounces for up to this long (five minutes when not told).
s2s_max_retry_delay: 1
modules:
  mod_disco: {}
  mod_caps: {}
  mod_roster: {}
  mod_pubsub:
    access_createnode: all
    plugins: [flat, pep]
  mod_multicast: ${multicast}
${federation.kind === "on" ? "  mod_s2s_dialback: {}\n" : ""}`;
}

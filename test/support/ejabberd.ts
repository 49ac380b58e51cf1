import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findService, type ServiceProgram } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { ProsodyComponent } from "../../src/xmpp/prosody-config.ts";
import { freePorts } from "./free-port.ts";

/** LIMIT: an ejabberd that takes no connections by then has failed; it takes 1 to 3 seconds. */
const PATIENCE_MS = 30_000;

/** A real ejabberd for one test, on ports and in folders of its own, gone when it ends. */
export interface TestEjabberd extends AsyncDisposable {
  /** `xmpp://127.0.0.1:PORT` of a component: each has a listener of its own. */
  serviceOf(domain: string): string;
  /** Kills it (SIGKILL). */
  down(): Promise<void>;
  /** Starts it again on the same ports and data. */
  up(): Promise<void>;
}

/** Starts one with components; throws where there is no ejabberd, saying how to get it. */
export async function startTestEjabberd(components: readonly ProsodyComponent[]): Promise<TestEjabberd> {
  const program = await findService("ejabberd");
  if (isRefusal(program)) throw new Error(program.message);
  const folder = await mkdtemp(join(tmpdir(), "sterna-ejabberd-"));
  const ports = await freePorts(components.length);
  await mkdir(join(folder, "spool"));
  await writeFile(join(folder, "ejabberd.yml"), configuration(components, ports));
  let child = await start(program, folder, ports);
  const down = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    serviceOf(domain) {
      const port = ports[components.findIndex((component) => component.domain === domain)];
      if (port === undefined) throw new Error(`This ejabberd has no component ${domain}.`);
      return `xmpp://127.0.0.1:${port}`;
    },
    down,
    up: async () => {
      child = await start(program, folder, ports);
    },
    [Symbol.asyncDispose]: async () => {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(program: ServiceProgram, folder: string, ports: readonly number[]): Promise<ChildProcess> {
  const { command, parameters, env } = program;
  const spool = JSON.stringify(join(folder, "spool"));
  const child = spawn(command, ["-noinput", "+K", "true", ...parameters, "-mnesia", "dir", spool, "-s", "ejabberd"], {
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
  const listen = (text: string): void => {
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
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && !failed && child.exitCode === null && child.signalCode === null) {
    if ((await Promise.all(ports.map(isOpen))).every(Boolean)) return child;
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

/** Nothing but what components need, on loopback, without TLS. */
function configuration(components: readonly ProsodyComponent[], ports: readonly number[]): string {
  // COMPAT: ejabberd 23.01 misroutes when one listener has several hosts, so each component has its own.
  const listeners = components.map(
    ({ domain, secret }, place) => `  -
    port: ${ports[place]}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    shaper_rule: none
    hosts:
      ${JSON.stringify(domain)}:
        password: ${JSON.stringify(secret)}
`,
  );
  return `hosts: ["localhost"]
loglevel: warning
listen:
${listeners.join("")}
modules:
  mod_disco: {}
  mod_caps: {}
  mod_pubsub:
    access_createnode: all
    plugins: [flat, pep]
  mod_multicast: {}
`;
}

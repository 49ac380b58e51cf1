import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVICES_FOLDER } from "../../scripts/services.ts";
import type { Log } from "../../src/hub/ports/hub-ports.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { type ManagedServer, type ManagedServerStatus, startProsody } from "../../src/xmpp/server/managed-server.ts";
import type { ProsodyAccount, ProsodyComponent, ProsodyFederation } from "../../src/xmpp/server/prosody-config.ts";
import { findProsody, type ProsodyProgram } from "../../src/xmpp/server/prosody-program.ts";
import { freePorts } from "./free-port.ts";

/** A real Prosody for one test, on ports of its own, forgetting all when it ends. */
export interface TestProsody extends AsyncDisposable {
  /** `xmpp://127.0.0.1:PORT`, as `@xmpp/component` wants it. */
  readonly service: string;
  /** The same for every component. */
  serviceOf(domain: string): string;
  readonly componentPort: number;
  readonly c2sPort: number;
  readonly status: ManagedServerStatus;
  /** The process while it is up; throws when it is not. */
  readonly pid: number;
  /** Kills the process as a crash would (SIGKILL) and resolves when its supervisor has it up again. */
  crash(): Promise<void>;
  /** Stops it; connections are refused until {@link up}. */
  down(): Promise<void>;
  /** Starts it again on the same ports with the same components and accounts. */
  up(): Promise<void>;
}

/** What a test wants of its server. */
export interface TestProsodyOptions {
  readonly components: readonly ProsodyComponent[];
  readonly accounts?: readonly ProsodyAccount[];
  /** Default off: components of one server reach each other without. */
  readonly federation?: ProsodyFederation;
  /** Default: nothing is shown. */
  readonly log?: Log;
}

/** The real Prosody of this machine or of `.services/`, or undefined. */
export async function testProsody(): Promise<ProsodyProgram | undefined> {
  const program = await findProsody({ servicesFolder: SERVICES_FOLDER, fetch: false });
  return isRefusal(program) ? undefined : program;
}

/** Starts one; throws where there is no Prosody, saying how to get it. */
export async function startTestProsody(options: TestProsodyOptions): Promise<TestProsody> {
  const program = await testProsody();
  if (program === undefined)
    throw new Error("There is no Prosody that runs here; fetch it: npm run services -- prosody");
  const folder = await mkdtemp(join(tmpdir(), "sterna-prosody-"));
  const [componentPort = 0, c2sPort = 0] = await freePorts(2);
  const start = () =>
    startProsody({
      program,
      dataFolder: folder,
      components: options.components,
      componentPort,
      c2sPort,
      accounts: options.accounts ?? [],
      federation: options.federation ?? { kind: "off" },
      storage: "memory",
      log: options.log ?? SILENT,
    });
  let server = await start();
  return {
    service: `xmpp://127.0.0.1:${componentPort}`,
    serviceOf: () => `xmpp://127.0.0.1:${componentPort}`,
    componentPort,
    c2sPort,
    get status() {
      return server.status;
    },
    get pid() {
      return pidOf(server);
    },
    crash: () => crash(server),
    down: () => server.stop(),
    up: async () => {
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function crash(server: ManagedServer): Promise<void> {
  const pid = pidOf(server);
  await new Promise<void>((resolve) => {
    const stopListening = server.onStatus((next) => {
      if (next.kind !== "up" || next.pid === pid) return;
      stopListening();
      resolve();
    });
    process.kill(pid, "SIGKILL");
  });
}

function pidOf({ status }: ManagedServer): number {
  if (status.kind !== "up") throw new Error(`The server is not up but ${status.kind}.`);
  return status.pid;
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

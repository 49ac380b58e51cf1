import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { findService, type ServiceProgram } from "../../scripts/services.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import { freePorts } from "./free-port.ts";
import { PATIENCE_MS } from "./patience.ts";

/** A real Virtuoso for tests, on ports and data of its own. */
export interface TestVirtuoso extends AsyncDisposable {
  /** Where it takes queries, from anybody. */
  readonly query: string;
  /** Where it takes updates, from `user` with `password` by HTTP Digest. */
  readonly update: string;
  /** The options of a hub that uses it. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends it at once (SIGKILL) or in good order. */
  down(how: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Starts it again on the same ports and data. */
  up(): Promise<void>;
}

/** Starts one; throws where there is no Virtuoso, saying how to get it. */
export async function startTestVirtuoso(): Promise<TestVirtuoso> {
  const program = await findService("virtuoso");
  if (isRefusal(program)) throw new Error(program.message);
  const folder = await mkdtemp(join(tmpdir(), "sterna-virtuoso-"));
  const [sqlPort = 0, httpPort = 0] = await freePorts(2);
  await writeFile(join(folder, "virtuoso.ini"), configuration(folder, sqlPort, httpPort));
  const origin = `http://127.0.0.1:${httpPort}`;
  const query = `${origin}/sparql`;
  const update = `${origin}/sparql-auth`;
  let child = await start(program, folder, query);
  const down = async (how: "SIGKILL" | "SIGTERM"): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(how);
    await ended;
    // One that was killed leaves its lock, and would not start beside it.
    await rm(join(folder, "virtuoso.lck"), { force: true });
  };
  return {
    query,
    update,
    env: {
      STERNA_STORE: query,
      STERNA_STORE_UPDATE: update,
      STERNA_STORE_USER: "dba",
      STERNA_STORE_PASSWORD: "dba",
    },
    down,
    up: async () => {
      child = await start(program, folder, query);
    },
    [Symbol.asyncDispose]: async () => {
      await down("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start({ command, parameters, env }: ServiceProgram, folder: string, url: string): Promise<ChildProcess> {
  const child = spawn(command, [...parameters, "+configfile", join(folder, "virtuoso.ini"), "+foreground"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", ...env },
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until && child.exitCode === null && child.signalCode === null) {
    // What answers before it is up says so with an error.
    const answers = await fetch(`${url}?query=ASK%7B%7D`).then(
      (response) => response.ok,
      () => false,
    );
    if (answers) return child;
    await delay(50);
  }
  child.kill("SIGKILL");
  throw new Error(`Virtuoso did not come up:\n${said}`);
}

/** As small as it gets: one database file, nothing but SPARQL over HTTP. */
function configuration(folder: string, sqlPort: number, httpPort: number): string {
  const at = (name: string): string => join(folder, name);
  return `[Database]
DatabaseFile = ${at("virtuoso.db")}
ErrorLogFile = ${at("virtuoso.log")}
LockFile = ${at("virtuoso.lck")}
TransactionFile = ${at("virtuoso.trx")}
xa_persistent_file = ${at("virtuoso.pxa")}
ErrorLogLevel = 7
FileExtend = 200
MaxCheckpointRemap = 2000
TempStorage = TempDatabase

[TempDatabase]
DatabaseFile = ${at("temporary.db")}
TransactionFile = ${at("temporary.trx")}
MaxCheckpointRemap = 2000

[Parameters]
ServerPort = 127.0.0.1:${sqlPort}
DisableUnixSocket = 1
ServerThreads = 20
CheckpointInterval = 60
CaseMode = 2
AllowOSCalls = 0
DirsAllowed = .
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000

[HTTPServer]
ServerPort = 127.0.0.1:${httpPort}
ServerRoot = ${folder}
MaxClientConnections = 20
EnabledDavVSP = 0

[SPARQL]
ResultSetMaxRows = 1000000
MaxQueryExecutionTime = 60
`;
}

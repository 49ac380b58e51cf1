import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Config, XmppConfig } from "./config.ts";
import type { Log } from "./hub/ports/hub-ports.ts";
import { isRefusal, type Refusal } from "./outcome/refusal.ts";
import { startProsody } from "./xmpp/server/managed-server.ts";
import type { ProsodyFederation } from "./xmpp/server/prosody-config.ts";
import { findProsody } from "./xmpp/server/prosody-program.ts";

/** The managed server as the component needs it. */
export interface ManagedXmpp extends AsyncDisposable {
  /** `xmpp://127.0.0.1:port`. */
  readonly service: string;
  readonly secret: string;
}

/** Where programs fetched by the project lie: in the project's own folder, or in the user's cache when that is read-only. */
export async function servicesFolder(): Promise<string> {
  const own = new URL("../.services", import.meta.url).pathname;
  const writable = await mkdir(own, { recursive: true }).then(
    () => true,
    () => false,
  );
  return writable ? own : join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "sterna");
}

/**
 * Starts the hub's own Prosody with its data under the hub's data folder. Other servers reach it only when
 * `STERNA_XMPP_S2S` names an address that is not loopback; certificates are then read from `DATA/certificates`.
 * Refuses with what to do where no Prosody can be had.
 * @throws Fault when it is there and does not start.
 */
export async function startManagedProsody(
  config: Config,
  xmpp: XmppConfig & { readonly mode: "managed" },
  log: Log,
  signal: AbortSignal,
  onNews?: (sentence: string) => void,
): Promise<ManagedXmpp | Refusal> {
  let step = "";
  const program = await findProsody({
    servicesFolder: await servicesFolder(),
    signal,
    onProgress: (progress) => {
      if (progress.step === step) return;
      step = progress.step;
      onNews?.(progress.text);
    },
  });
  if (isRefusal(program)) return program;
  const secret = await keptSecret(join(config.data, "xmpp-secret"));
  const componentPort = await freePort();
  const server = await startProsody({
    program,
    dataFolder: join(config.data, "prosody"),
    components: [{ domain: xmpp.domain, secret }],
    componentPort,
    federation: federationOf(xmpp.s2sListen, join(config.data, "certificates")),
    log,
  });
  return {
    service: `xmpp://127.0.0.1:${server.componentPort}`,
    secret,
    [Symbol.asyncDispose]: () => server.stop(),
  };
}

function federationOf(listen: string, certificatesFolder: string): ProsodyFederation {
  const [, address = "", port = ""] = /^(.*):(\d+)$/.exec(listen) ?? [];
  if (address.startsWith("127.") || address === "localhost" || address === "[::1]") return { kind: "off" };
  const everywhere = address === "0.0.0.0" || address === "[::]" || address === "*";
  return { kind: "on", interfaces: [everywhere ? "*" : address], port: Number(port), certificatesFolder };
}

async function keptSecret(file: string): Promise<string> {
  const kept = await readFile(file, "utf8").catch(() => "");
  if (kept.trim() !== "") return kept.trim();
  const secret = randomBytes(24).toString("base64url");
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

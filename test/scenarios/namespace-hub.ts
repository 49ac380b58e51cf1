import { spawnSync } from "node:child_process";
import type { Namespace } from "../support/namespaces.ts";
import { eventually, HubProcess } from "./hub-process.ts";

/** Where hubs in namespaces listen. */
export const HTTP_PORT = 80;
const S2S_PORT = 5269;

const COUNTER = new URL("count-questions.ts", import.meta.url).href;
/** Where the questions that a hub got are counted, below its home. */
export const QUESTIONS_FILE = "questions";

/** How others reach a hub. */
export interface Reach {
  /** Without it only over XMPP: the port for HTTP is open to the hub's own machine only. */
  readonly http: boolean;
  /** How long whatever is sent to its HTTP port is on its way. */
  readonly delay_ms: number;
}

/** Starts a hub with a server of its own in a namespace; its accounts may call `services` by SERVICE. */
export async function startHubIn(
  place: Namespace,
  { http, delay_ms }: Reach,
  services: readonly string[],
): Promise<HubProcess> {
  const { address, command } = place;
  const base = `http://${address}/`;
  const isOpen = http && delay_ms === 0;
  const inside = { host: isOpen ? address : "127.0.0.1", port: HTTP_PORT };
  const hub = await HubProcess.start({
    port: HTTP_PORT,
    place: { base, command, door: `http://127.0.0.1:${await place.door(inside)}/` },
    files: certificate(address),
    env: {
      STERNA_HOST: inside.host,
      STERNA_BASE: base,
      STERNA_XMPP: "managed",
      STERNA_XMPP_S2S: `${address}:${S2S_PORT}`,
      // Servers find each other by their addresses, without names to look up.
      XMPP_DOMAIN: address,
      STERNA_SERVICES: services.join(" "),
      NODE_OPTIONS: `--import ${COUNTER}`,
    },
  });
  if (http && !isOpen) await place.slow(HTTP_PORT, inside, delay_ms);
  await eventually(`XMPP online at ${address}`, async () => (await hub.health()).xmpp === "online");
  return hub;
}

/** The files of a certificate for a domain that nobody has signed, which is enough for dialback over TLS. */
function certificate(domain: string): ReadonlyMap<string, string> {
  const made = spawnSync("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", `/CN=${domain}`, "-keyout", "-", "-out", "-"],
  ]);
  if (made.error !== undefined || made.status !== 0) {
    throw new Error(`openssl made no certificate: ${made.error?.message ?? String(made.stderr)}`);
  }
  const [, key = "", crt = ""] =
    /(-+BEGIN PRIVATE[^]*END PRIVATE KEY-+)\s*(-+BEGIN CERT[^]*-+)/.exec(String(made.stdout)) ?? [];
  return new Map([
    [`certificates/${domain}.key`, `${key}\n`],
    [`certificates/${domain}.crt`, `${crt}\n`],
  ]);
}

/** A domain the server hands over to a component (XEP-0114 §3). */
export interface ProsodyComponent {
  readonly domain: string;
  readonly secret: string;
}

/** An ordinary XMPP account on the server, for people without one elsewhere, demonstrations and tests. */
export interface ProsodyAccount {
  /** `name@domain`; the domain becomes a host of the server. */
  readonly jid: string;
  readonly password: string;
}

/** Whether the server speaks to other servers. */
export type ProsodyFederation =
  | { readonly kind: "off" }
  | {
      readonly kind: "on";
      /** Addresses to listen at, such as `*` or `127.0.1.1`. */
      readonly interfaces: readonly string[];
      readonly port: number;
      /** A folder with `DOMAIN.crt` and `DOMAIN.key`; without it links are neither encrypted nor certified (dialback). */
      readonly certificatesFolder?: string;
    };

/** What a managed Prosody is to do. */
export interface ProsodyWish {
  readonly components: readonly ProsodyComponent[];
  readonly componentPort: number;
  /** Where accounts may log in, on loopback; without it nobody can. */
  readonly c2sPort?: number;
  readonly federation: ProsodyFederation;
  readonly accounts?: readonly ProsodyAccount[];
  /** `memory` forgets rosters, offline messages and PEP at each start (accounts stay); default `internal`. */
  readonly storage?: "internal" | "memory";
}

const MODULES = ["disco", "dialback", "ping", "roster", "saslauth", "pep", "smacks", "carbons"];

/**
 * The text of a Prosody configuration (0.12 and later) with its data in `dataFolder`. It is complete: nothing is read
 * from /etc/prosody. Everything listens on loopback but federation, which listens where it is told to.
 */
export function prosodyConfig(wish: ProsodyWish, dataFolder: string): string {
  const certified = wish.federation.kind === "on" && wish.federation.certificatesFolder !== undefined;
  const enabled = wish.c2sPort === undefined ? ["disco", "dialback"] : MODULES;
  const disabled = ["tls", "s2s", "c2s"].filter((name) => {
    if (name === "tls") return !certified;
    return name === "s2s" ? wish.federation.kind === "off" : wish.c2sPort === undefined;
  });
  const lines = [
    "-- Written by Sterna at each start; changes made here are lost.",
    `data_path = ${lua(dataFolder)}`,
    // Prosody refuses to run as root unless told, and a container often has nobody else.
    "run_as_root = true",
    // The hub reads what is written to standard output.
    `log = { { levels = { min = "info" }, to = "console", timestamps = false } }`,
    // Prosody loads TLS only where it is told to, and without it nobody could meet what federation asks for.
    `modules_enabled = ${luaList(certified ? [...enabled, "tls"] : enabled)}`,
    `modules_disabled = ${luaList(disabled)}`,
    "http_ports = {}",
    "https_ports = {}",
    `component_ports = { ${wish.componentPort} }`,
    `component_interfaces = { "127.0.0.1" }`,
    // One small stanza at a time: waiting to fill a packet costs 40 ms for each.
    "network_settings = { nagle = false }",
    `default_storage = ${lua(wish.storage ?? "internal")}`,
    // Accounts are files written before the start, so they are read from files in any case.
    `storage = { accounts = "internal" }`,
    `authentication = "internal_plain"`,
    "allow_registration = false",
    ...loginLines(wish),
    ...federationLines(wish.federation),
    ...hostsOf(wish).map((host) => `VirtualHost ${lua(host)}`),
    ...wish.components.map(({ domain, secret }) => `Component ${lua(domain)}\n  component_secret = ${lua(secret)}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** The hosts of the accounts, each once. */
function hostsOf(wish: ProsodyWish): readonly string[] {
  const hosts = [...new Set((wish.accounts ?? []).map(({ jid }) => jid.slice(jid.indexOf("@") + 1)))];
  // COMPAT: Prosody 0.12 does not start with components only; a name that can never be anybody's satisfies it.
  return hosts.length > 0 ? hosts : ["nobody.invalid"];
}

function loginLines(wish: ProsodyWish): readonly string[] {
  if (wish.c2sPort === undefined) return [];
  return [
    `c2s_ports = { ${wish.c2sPort} }`,
    `c2s_interfaces = { "127.0.0.1" }`,
    // Loopback only, so a login needs no TLS.
    "c2s_require_encryption = false",
    "allow_unencrypted_plain_auth = true",
    "c2s_direct_tls_ports = {}",
  ];
}

function federationLines(federation: ProsodyFederation): readonly string[] {
  if (federation.kind === "off") return [];
  const certified = federation.certificatesFolder !== undefined;
  return [
    `s2s_ports = { ${federation.port} }`,
    `s2s_interfaces = ${luaList(federation.interfaces)}`,
    "s2s_direct_tls_ports = {}",
    `s2s_require_encryption = ${certified}`,
    "s2s_secure_auth = false",
    ...(federation.certificatesFolder === undefined ? [] : [`certificates = ${lua(federation.certificatesFolder)}`]),
  ];
}

/** The files of the accounts, by path below the data folder, as Prosody's internal storage reads them. */
export function prosodyAccountFiles(accounts: readonly ProsodyAccount[]): ReadonlyMap<string, string> {
  return new Map(
    accounts.map(({ jid, password }) => {
      const at = jid.indexOf("@");
      const path = `${encodeName(jid.slice(at + 1))}/accounts/${encodeName(jid.slice(0, at))}.dat`;
      return [path, `return { ["password"] = ${lua(password)} };\n`];
    }),
  );
}

/** Prosody's file names (util.datamanager): every byte but ASCII letters and digits as `%xx`. */
function encodeName(name: string): string {
  return [...Buffer.from(name, "utf8")]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[0-9A-Za-z]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0")}`;
    })
    .join("");
}

/** A Lua string literal with every byte outside plain ASCII escaped, so no value can end it. */
function lua(text: string): string {
  const bytes = [...Buffer.from(text, "utf8")].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[0-9A-Za-z_./:@ -]/.test(character) ? character : `\\${byte.toString().padStart(3, "0")}`;
  });
  return `"${bytes.join("")}"`;
}

function luaList(values: readonly string[]): string {
  return `{ ${values.map(lua).join(", ")} }`;
}

import { readFileSync } from "node:fs";
import { type BareJid, localOf, parseBareJid } from "./core/jid.ts";
import { Fault } from "./outcome/fault.ts";
import { isRefusal } from "./outcome/refusal.ts";
import { type Iri, parseIri } from "./rdf/iri.ts";

/** How the hub logs. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The server's options, read once at start. */
export interface Config {
  /** The data folder. */
  readonly data: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Ends in `/`. */
  readonly base: Iri;
  readonly title: string;
  readonly description?: string;
  readonly xmpp: XmppConfig;
  /** Who administers the hub by ad-hoc commands. */
  readonly ownerJids: readonly BareJid[];
  /** LIMIT: stanzas a second of one JID. */
  readonly xmppStanzasPerSecond: number;
  /** LIMIT: the longest post in Unicode code points. */
  readonly postCharacters_max: number;
  readonly backfillPosts_max: number;
  readonly catchUpEvery_ms: number;
  /** 0 keeps all. */
  readonly retention_days: number;
  /** Hubs, whose addresses end in `/`, and SPARQL endpoints that accounts may ask by SERVICE. */
  readonly services: readonly string[];
  /** LIMIT: how many of other people's posts the query store holds. */
  readonly hotPosts_max: number;
  readonly queryTimeout_ms: number;
  /** LIMIT: memory that ad-hoc queries may take together, beside their copy of the query store. */
  readonly queryMemory_mb: number;
  /** LIMIT: ad-hoc queries at once, in all and for one requester. */
  readonly queries_max: number;
  readonly queriesPerRequester_max: number;
  /** After how long without an ad-hoc query their process goes. */
  readonly queryIdle_ms: number;
  /** The query store, when it is another program. */
  readonly store?: StoreConfig;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
}

/** Where a query store outside of the hub's process speaks SPARQL 1.1 Protocol, and how it knows the hub. */
export interface StoreConfig {
  readonly query: string;
  readonly update: string;
  readonly user?: string;
  readonly password?: string;
}

/** Where the XMPP server is. In all modes `domain` is the part of accounts' JIDs after `@`. */
export type XmppConfig =
  | { readonly mode: "off"; readonly domain: BareJid }
  /** A Prosody of our own; `s2sListen` is where other servers reach it (loopback unless told otherwise). */
  | { readonly mode: "managed"; readonly domain: BareJid; readonly s2sListen: string }
  | { readonly mode: "external"; readonly domain: BareJid; readonly service: string; readonly secret: string };

/** One option: how it is called in the environment and on the command line, and what it takes. */
export interface ConfigOption {
  readonly name: string;
  readonly env: string;
  /** `--flag` of `sterna serve`; secrets have none, since other users of the machine can read arguments. */
  readonly flag?: string;
  /** What it takes, in words: `number from 1 to 9`. */
  readonly type: string;
  /** What holds when it is not given, in words when it is computed. */
  readonly default: string;
  /** A secret may also stand in a file named by `ENV_FILE`. */
  readonly secret?: true;
  readonly help: string;
}

/** Every option of the server, in the order in which they are shown. */
export const CONFIG_OPTIONS = [
  {
    name: "data",
    env: "STERNA_DATA",
    flag: "data",
    type: "folder",
    default: "./data",
    help: "Data folder: hub.db, the owner's token.",
  },
  {
    name: "host",
    env: "STERNA_HOST",
    flag: "host",
    type: "address",
    default: "127.0.0.1",
    help: "Address to listen on for HTTP.",
  },
  {
    name: "port",
    env: "STERNA_PORT",
    flag: "port",
    type: "number from 0 to 65535",
    default: "8030",
    help: "Port to listen on for HTTP; 0 takes any free one.",
  },
  {
    name: "base",
    env: "STERNA_BASE",
    flag: "base",
    type: "http(s) IRI ending in /",
    default: "http://localhost:PORT/",
    help: "The hub's own IRI, as others reach it. All IRIs of accounts and posts start with it: never change it later.",
  },
  {
    name: "title",
    env: "STERNA_TITLE",
    flag: "title",
    type: "text",
    default: "Sterna",
    help: "The hub's name on its pages.",
  },
  {
    name: "description",
    env: "STERNA_DESCRIPTION",
    flag: "description",
    type: "text",
    default: "none",
    help: "One sentence about the hub.",
  },
  {
    name: "xmpp",
    env: "STERNA_XMPP",
    flag: "xmpp",
    type: "managed, external or off",
    default: "external with XMPP_SERVICE, else managed",
    help: "managed: a Prosody of the hub's own; external: your server; off: HTTP only.",
  },
  {
    name: "xmppService",
    env: "XMPP_SERVICE",
    flag: "xmpp-service",
    type: "xmpp://host:port",
    default: "none",
    help: "Component port (XEP-0114) of your XMPP server.",
  },
  {
    name: "xmppDomain",
    env: "XMPP_DOMAIN",
    flag: "xmpp-domain",
    type: "domain",
    default: "the host of STERNA_BASE (hub.localhost for localhost)",
    help: "The component's domain; accounts are NAME@domain.",
  },
  {
    name: "xmppSecret",
    env: "XMPP_SECRET",
    type: "text",
    default: "none",
    secret: true,
    help: "The component's secret.",
  },
  {
    name: "xmppS2s",
    env: "STERNA_XMPP_S2S",
    flag: "xmpp-s2s",
    type: "address:port",
    default: "127.0.0.1:5269",
    help: "Where the managed server listens for other servers; 0.0.0.0:5269 opens it to the world.",
  },
  {
    name: "ownerJid",
    env: "STERNA_OWNER_JID",
    flag: "owner-jid",
    type: "JIDs with spaces between them",
    default: "none",
    help: "Who may administer the hub from an XMPP client, by ad-hoc commands: status, accounts.",
  },
  {
    name: "xmppRate",
    env: "STERNA_XMPP_RATE",
    flag: "xmpp-rate",
    type: "number from 1 to 100000",
    default: "50",
    help: "Stanzas a second that one JID may send (4 times that at once); a domain 10 times, one that is followed or follows 100 times.",
  },
  {
    name: "postCharacters",
    env: "STERNA_POST_CHARACTERS",
    flag: "post-characters",
    type: "number from 1 to 100000",
    default: "5000",
    help: "Longest post in characters.",
  },
  {
    name: "backfill",
    env: "STERNA_BACKFILL",
    flag: "backfill",
    type: "number from 0 to 100000",
    default: "500",
    help: "How many older posts a new follow fetches.",
  },
  {
    name: "catchUp",
    env: "STERNA_CATCH_UP",
    flag: "catch-up",
    type: "number from 1 to 10080",
    default: "30",
    help: "Minutes between two comparisons with each followed account.",
  },
  {
    name: "retentionDays",
    env: "STERNA_RETENTION_DAYS",
    flag: "retention-days",
    type: "number from 0 to 36500",
    default: "0",
    help: "Days after which other people's posts go, unless answered or starred; 0 keeps all.",
  },
  {
    name: "services",
    env: "STERNA_SERVICES",
    flag: "services",
    type: "addresses with spaces between them",
    default: "none",
    help: "Hubs and SPARQL endpoints that accounts may name with SERVICE, besides the hubs of those they follow.",
  },
  {
    name: "hotPosts",
    env: "STERNA_HOT_POSTS",
    flag: "hot-posts",
    type: "number from 0 to 10000000",
    default: "50000",
    help: "How many of other people's posts SPARQL sees at once (about 10 kB of memory each); all are kept on disk.",
  },
  {
    name: "queryTimeout",
    env: "STERNA_QUERY_TIMEOUT",
    flag: "query-timeout",
    type: "number from 1 to 3600",
    default: "30",
    help: "Seconds a SPARQL query may take.",
  },
  {
    name: "queryMemory",
    env: "STERNA_QUERY_MEMORY",
    flag: "query-memory",
    type: "number from 32 to 65536",
    default: "400",
    help: "Megabytes that SPARQL queries may take together, beside their copy of the store.",
  },
  {
    name: "queries",
    env: "STERNA_QUERIES",
    flag: "queries",
    type: "number from 1 to 1000",
    default: "16",
    help: "SPARQL queries at once.",
  },
  {
    name: "queriesEach",
    env: "STERNA_QUERIES_EACH",
    flag: "queries-each",
    type: "number from 1 to 1000",
    default: "6",
    help: "SPARQL queries at once of one account or address.",
  },
  {
    name: "queryIdle",
    env: "STERNA_QUERY_IDLE",
    flag: "query-idle",
    type: "number from 1 to 86400",
    default: "300",
    help: "Seconds without a SPARQL query after which the process that answers them goes, and its memory with it.",
  },
  {
    name: "store",
    env: "STERNA_STORE",
    flag: "store",
    type: "embedded, or the http(s) URL of a SPARQL 1.1 endpoint",
    default: "embedded",
    help: "Where queries are answered: in the hub, or by a store of yours such as http://localhost:8890/sparql.",
  },
  {
    name: "storeUpdate",
    env: "STERNA_STORE_UPDATE",
    flag: "store-update",
    type: "http(s) URL",
    default: "the same as STERNA_STORE",
    help: "Where that store takes SPARQL updates, when that is another address.",
  },
  {
    name: "storeUser",
    env: "STERNA_STORE_USER",
    flag: "store-user",
    type: "text",
    default: "none",
    help: "The hub's name at that store (HTTP Basic or Digest, as the store asks).",
  },
  {
    name: "storePassword",
    env: "STERNA_STORE_PASSWORD",
    type: "text",
    default: "none",
    secret: true,
    help: "The hub's password at that store.",
  },
  {
    name: "logLevel",
    env: "STERNA_LOG",
    flag: "log",
    type: LOG_LEVELS.join(", "),
    default: "info",
    help: "How much is logged.",
  },
  {
    name: "logFormat",
    env: "STERNA_LOG_FORMAT",
    flag: "log-format",
    type: LOG_FORMATS.join(" or "),
    default: "pretty on a terminal, else json",
    help: "How it is logged.",
  },
] as const satisfies readonly ConfigOption[];

type OptionName = (typeof CONFIG_OPTIONS)[number]["name"];

/** Options as the command line gives them: by name of {@link CONFIG_OPTIONS}. */
export type ConfigFlags = Readonly<Partial<Record<OptionName, string>>>;

/** Collects every mistake, so that all can be reported at once. */
class OptionReader {
  readonly mistakes: string[] = [];
  readonly #given = new Map<OptionName, { readonly value: string; readonly where: string }>();

  constructor(env: Readonly<Record<string, string | undefined>>, flags: ConfigFlags) {
    for (const option of CONFIG_OPTIONS) this.#read(option, env, flags);
  }

  #read(
    option: ConfigOption & { name: OptionName },
    env: Readonly<Record<string, string | undefined>>,
    flags: ConfigFlags,
  ): void {
    const flag = flags[option.name];
    // An empty variable counts as not given, as compose files and systemd units have it.
    const variable = env[option.env] === "" ? undefined : env[option.env];
    const path = option.secret === true ? env[`${option.env}_FILE`] : undefined;
    if (flag !== undefined) this.#given.set(option.name, { value: flag, where: `--${option.flag}` });
    else if (variable !== undefined && path)
      this.mistakes.push(`${option.env}: expected it or ${option.env}_FILE, but got both.`);
    else if (variable !== undefined) this.#given.set(option.name, { value: variable, where: option.env });
    else if (path) this.#readFile(option, path);
  }

  #readFile(option: ConfigOption & { name: OptionName }, path: string): void {
    try {
      const value = readFileSync(path, "utf8").replace(/\r?\n$/, "");
      if (value === "") this.mistakes.push(`${option.env}_FILE: expected a secret in ${path}, but it is empty.`);
      else this.#given.set(option.name, { value, where: `${option.env}_FILE` });
    } catch (error) {
      this.mistakes.push(`${option.env}_FILE: expected a readable file, but ${path} is not (${codeOf(error)}).`);
    }
  }

  given(name: OptionName): string | undefined {
    return this.#given.get(name)?.value;
  }

  text(name: OptionName): string {
    return this.given(name) ?? optionNamed(name).default;
  }

  /** Says what was wrong with an option; secrets are not repeated. */
  wrong(name: OptionName, why: string): void {
    const option: ConfigOption = optionNamed(name);
    const got = this.#given.get(name);
    const came = option.secret === true ? "something else" : `"${(got?.value ?? "").slice(0, 80)}"`;
    this.mistakes.push(
      `${got?.where ?? option.env}: expected ${why}, but got ${got === undefined ? "nothing" : came}.`,
    );
  }

  /** A whole number within the bounds that the option's type names. */
  number(name: OptionName): number {
    const option = optionNamed(name);
    const text = this.text(name);
    const [, min, max] = /from (\d+) to (\d+)/.exec(option.type) ?? [];
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= Number(min) && value <= Number(max)) return value;
    this.wrong(name, `a ${option.type}`);
    return Number(option.default);
  }

  /** One of the words listed. */
  word<T extends string>(name: OptionName, words: readonly T[], otherwise: T): T {
    const text = this.given(name);
    if (text === undefined) return otherwise;
    const found = words.find((word) => word === text.toLowerCase());
    if (found === undefined) this.wrong(name, `one of ${words.join(", ")}`);
    return found ?? otherwise;
  }
}

function optionNamed(name: OptionName): (typeof CONFIG_OPTIONS)[number] {
  const found = CONFIG_OPTIONS.find((option) => option.name === name);
  if (found === undefined) throw new Fault("internal", `Expected an option of the table, but got "${name}".`);
  return found;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/**
 * Reads the server's options: flags before environment before defaults.
 * @throws Fault `configuration` that lists every mistake, each naming the option, what was expected and what came.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>, flags: ConfigFlags = {}): Config {
  const reader = new OptionReader(env, flags);
  const port = reader.number("port");
  const base = readBase(reader, port);
  const description = reader.given("description");
  const store = readStore(reader);
  const config: Config = {
    data: reader.text("data"),
    host: reader.text("host"),
    port,
    base,
    title: reader.text("title"),
    ...(description === undefined ? {} : { description }),
    xmpp: readXmpp(reader, base),
    ownerJids: readOwners(reader),
    xmppStanzasPerSecond: reader.number("xmppRate"),
    postCharacters_max: reader.number("postCharacters"),
    backfillPosts_max: reader.number("backfill"),
    catchUpEvery_ms: reader.number("catchUp") * 60_000,
    retention_days: reader.number("retentionDays"),
    services: readServices(reader),
    hotPosts_max: reader.number("hotPosts"),
    queryTimeout_ms: reader.number("queryTimeout") * 1_000,
    queryMemory_mb: reader.number("queryMemory"),
    queries_max: reader.number("queries"),
    queriesPerRequester_max: reader.number("queriesEach"),
    queryIdle_ms: reader.number("queryIdle") * 1_000,
    ...(store === undefined ? {} : { store }),
    log: {
      level: reader.word("logLevel", LOG_LEVELS, "info"),
      format: reader.word("logFormat", LOG_FORMATS, "json"),
    },
  };
  if (reader.mistakes.length === 0) return config;
  const heading = reader.mistakes.length === 1 ? "An option is wrong:" : `${reader.mistakes.length} options are wrong:`;
  throw new Fault("configuration", [heading, ...reader.mistakes.map((mistake) => `  ${mistake}`)].join("\n"));
}

function readBase(reader: OptionReader, port: number): Iri {
  const fallback = `http://localhost:${port}/` as Iri;
  const text = reader.given("base");
  if (text === undefined) return fallback;
  const iri = parseIri(text);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const web = url !== undefined && (url.protocol === "http:" || url.protocol === "https:");
  if (isRefusal(iri) || !web || !text.endsWith("/") || url.search !== "" || url.hash !== "" || url.username !== "") {
    reader.wrong(
      "base",
      "an http or https IRI that ends in / and has no query, fragment or password, such as https://hub.example/",
    );
    return fallback;
  }
  return iri;
}

function readServices(reader: OptionReader): readonly string[] {
  const addresses = (reader.given("services") ?? "").split(/\s+/).filter((address) => address !== "");
  const isAddress = (address: string): boolean => /^https?:$/.test(URL.parse(address)?.protocol ?? "");
  if (!addresses.every(isAddress)) {
    reader.wrong("services", "http or https addresses with spaces between them, such as https://hub.example/");
  }
  return addresses;
}

function readOwners(reader: OptionReader): readonly BareJid[] {
  const jids = (reader.given("ownerJid") ?? "")
    .split(/[\s,]+/)
    .filter((text) => text !== "")
    .map(parseBareJid);
  const owners = jids.filter((jid): jid is BareJid => !isRefusal(jid) && localOf(jid) !== undefined);
  if (owners.length < jids.length) {
    reader.wrong("ownerJid", "bare JIDs of people with spaces between them, such as anna@jabber.example");
  }
  return owners;
}

function readStore(reader: OptionReader): StoreConfig | undefined {
  const given = reader.given("store");
  const query = given?.toLowerCase() === "embedded" ? undefined : given;
  if (query === undefined) {
    for (const name of ["storeUpdate", "storeUser", "storePassword"] as const) {
      if (reader.given(name) !== undefined)
        reader.wrong(name, "it only beside STERNA_STORE with the address of a store");
    }
    return undefined;
  }
  const update = reader.given("storeUpdate") ?? query;
  for (const [name, text] of [
    ["store", query],
    ["storeUpdate", update],
  ] as const) {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const web = url !== undefined && (url.protocol === "http:" || url.protocol === "https:");
    if (web && url.username === "" && url.password === "" && url.hash === "") continue;
    if (name === "storeUpdate" && text === query) continue;
    const what =
      "the http or https URL of a SPARQL 1.1 endpoint without a password in it, such as http://localhost:8890/sparql";
    reader.wrong(name, name === "store" ? `embedded, or ${what}` : what);
  }
  const [user, password] = [reader.given("storeUser"), reader.given("storePassword")];
  if (password !== undefined && user === undefined) reader.wrong("storeUser", "a name beside STERNA_STORE_PASSWORD");
  return {
    query,
    update,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
  };
}

function readXmpp(reader: OptionReader, base: Iri): XmppConfig {
  const service = reader.given("xmppService");
  const mode = reader.word(
    "xmpp",
    ["managed", "external", "off"] as const,
    service === undefined ? "managed" : "external",
  );
  const domain = readDomain(reader, base);
  const s2sListen = readS2s(reader);
  if (mode === "off") return { mode, domain };
  if (mode === "managed") return { mode, domain, s2sListen };
  if (service === undefined || !/^xmpp:\/\/[^/@\s]+:\d{1,5}$/.test(service)) {
    reader.wrong("xmppService", "the address of the component port, such as xmpp://127.0.0.1:5347");
  }
  const secret = reader.given("xmppSecret");
  if (secret === undefined) reader.wrong("xmppSecret", "the component's secret (or XMPP_SECRET_FILE)");
  return { mode, domain, service: service ?? "", secret: secret ?? "" };
}

function readDomain(reader: OptionReader, base: Iri): BareJid {
  const host = new URL(base).hostname;
  const fallback = parseBareJid(host === "localhost" || /^[\d.]+$|^\[/.test(host) ? "hub.localhost" : host);
  const text = reader.given("xmppDomain");
  const jid = text === undefined ? fallback : parseBareJid(text);
  if (!isRefusal(jid) && !jid.includes("@")) return jid;
  reader.wrong("xmppDomain", "a domain such as hub.example");
  return "hub.localhost" as BareJid;
}

function readS2s(reader: OptionReader): string {
  const text = reader.text("xmppS2s");
  const port = Number(/:(\d{1,5})$/.exec(text)?.[1] ?? Number.NaN);
  if (!(port <= 65_535) || !/^[^\s/]+:\d+$/.test(text))
    reader.wrong("xmppS2s", "an address and a port, such as 127.0.0.1:5269");
  return text;
}

/** The options as a Markdown table, for the README. */
export function configTable(): string {
  const rows = CONFIG_OPTIONS.map((option: ConfigOption) => {
    const flag = option.flag === undefined ? "" : `\`--${option.flag}\``;
    const env = option.secret === true ? `\`${option.env}\`, \`${option.env}_FILE\`` : `\`${option.env}\``;
    return `| ${env} | ${flag} | ${option.type} | ${option.default} | ${option.help} |`;
  });
  return ["| environment | flag | takes | default | |", "|---|---|---|---|---|", ...rows].join("\n");
}

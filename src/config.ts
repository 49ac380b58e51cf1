import { type ConfigFlags, LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "./config-options.ts";
import { type BareJid, localOf, parseBareJid } from "./core/jid.ts";
import { OptionReader } from "./option-reader.ts";
import { Fault } from "./outcome/fault.ts";
import { isRefusal } from "./outcome/refusal.ts";
import { type Iri, parseIri } from "./rdf/iri.ts";

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
  const isAddress = (address: string): boolean => {
    const jid = /^xmpp:([^/?#]+)$/i.exec(address)?.[1];
    return jid === undefined ? /^https?:$/.test(URL.parse(address)?.protocol ?? "") : !isRefusal(parseBareJid(jid));
  };
  if (!addresses.every(isAddress)) {
    reader.wrong(
      "services",
      "http, https or xmpp addresses with spaces between them, such as https://hub.example/ or xmpp:hub.example",
    );
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

import type { ServeOption } from "./cli/commands/serve.ts";

/** How the hub logs. */
export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_FORMATS = ["json", "pretty"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

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
    help: "Hubs (also as xmpp:DOMAIN) and SPARQL endpoints that accounts may name with SERVICE or --hub, besides the hubs of those they follow.",
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
] as const satisfies readonly ServeOption[];

/** The options' names. */
export type OptionName = (typeof CONFIG_OPTIONS)[number]["name"];

/** Options as the command line gives them: by name of {@link CONFIG_OPTIONS}. */
export type ConfigFlags = Readonly<Partial<Record<OptionName, string>>>;

/** The options as a Markdown table, for the README. */
export function configTable(): string {
  const rows = CONFIG_OPTIONS.map((option: ServeOption) => {
    const flag = option.flag === undefined ? "" : `\`--${option.flag}\``;
    const env = option.secret === true ? `\`${option.env}\`, \`${option.env}_FILE\`` : `\`${option.env}\``;
    return `| ${env} | ${flag} | ${option.type} | ${option.default} | ${option.help} |`;
  });
  return ["| environment | flag | takes | default | |", "|---|---|---|---|---|", ...rows].join("\n");
}

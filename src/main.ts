import { readFile } from "node:fs/promises";
import { enableCompileCache } from "node:module";
import { runCli } from "./cli/run.ts";
import { readConfig } from "./config.ts";
import { CONFIG_OPTIONS } from "./config-options.ts";

// Saves about a third of the start of a command after the first one.
enableCompileCache();

const manifest: unknown = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const version = String((manifest as { readonly version?: unknown }).version);

// A person who looks on reads lines, a log collector reads JSON; either can be asked for.
const env = { STERNA_LOG_FORMAT: process.stderr.isTTY ? "pretty" : "json", ...process.env };

await runCli(
  process.argv,
  {
    options: CONFIG_OPTIONS,
    // The server is loaded only by those who start one: the command line stays quick.
    init: async (flags) => await (await import("./serve.ts")).initHub(readConfig(env, flags)),
    serve: async (flags, signal) => await (await import("./serve.ts")).serveHub(readConfig(env, flags), signal),
  },
  version,
);

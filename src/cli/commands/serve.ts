import { type Command, Option } from "commander";
import { command } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline } from "../output/terminal-text.ts";

/** One option of the server: how it is called in the environment and on the command line, and what it takes. */
export interface ServeOption {
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

/** The server, seen from the command line; loaded only when it is asked for. */
export interface ServeHost {
  readonly options: readonly ServeOption[];
  /** Makes the data folder and the owner's token; gives sentences to print. `flags` by option name. */
  readonly init: (flags: Readonly<Record<string, string>>) => Promise<readonly string[]>;
  /** Runs the hub until `signal` is aborted. */
  readonly serve: (flags: Readonly<Record<string, string>>, signal: AbortSignal) => Promise<void>;
}

/** `sterna serve`: runs a hub. */
export function serveCommand(io: CliIo, host: ServeHost): Command {
  const made = command("serve", "Run a hub on this machine.", [
    "sterna serve",
    "sterna serve --port 8031 --data ./second",
    "STERNA_BASE=https://hub.example/ XMPP_SERVICE=xmpp://127.0.0.1:5347 XMPP_SECRET_FILE=/run/secret sterna serve",
  ]);
  return withFlags(made, host.options).action((flags: Record<string, string>) => host.serve(flags, io.signal));
}

/** `sterna init`: makes a data folder. */
export function initCommand(io: CliIo, host: ServeHost): Command {
  const made = command("init", "Make a data folder with the hub's owner token; serve does it too when there is none.", [
    "sterna init",
    "sterna init --data /var/lib/sterna --base https://hub.example/",
  ]);
  return withFlags(made, host.options).action(async (flags: Record<string, string>) => {
    for (const line of await host.init(flags)) await io.stdout.write(`${inline(line)}\n`);
  });
}

/** One `--flag` for each option of the table; secrets stand in the text below, since they come by environment only. */
function withFlags(made: Command, options: readonly ServeOption[]): Command {
  for (const { name, env, flag, type, default: standard, help } of options) {
    if (flag === undefined) continue;
    const option = new Option(`--${flag} <value>`, `${help} Takes: ${type}; ${env}; default: ${standard}`);
    // The table's name, not the flag's: `--log` is `logLevel`.
    option.attributeName = () => name;
    made.addOption(option);
  }
  const secrets = options.filter(({ secret }) => secret === true);
  const lines = secrets.map(({ env, help }) => `  ${env}, or ${env}_FILE with the name of a file: ${help}`);
  return lines.length === 0 ? made : made.addHelpText("after", `\nBy environment only:\n${lines.join("\n")}`);
}

import type { Command } from "commander";
import { saveAccount } from "./cli-config.ts";
import { CommandEnd, EXIT } from "./exit-code.ts";
import { DEFAULT_URL, HubClient, type HubOptions, parseHubUrl } from "./hub-client.ts";
import { command, printJson, readStdin } from "./hub-command.ts";
import type { CliIo } from "./io.ts";
import { inline } from "./terminal-text.ts";

/** `sterna login [URL]`: keeps a token for later commands, after asking the hub whose it is. */
export function loginCommand(io: CliIo): Command {
  return command("login", "Keep a token for later commands, and use its hub and account from now on.", [
    "sterna login https://hub.example/",
    "sterna login https://hub.example/ < token.txt",
    "sterna login --token s3cret",
  ])
    .argument("[url]", `the hub's address (or STERNA_URL; otherwise ${DEFAULT_URL})`)
    .option("--url <url>", "the same")
    .option("--token <token>", "the token (or STERNA_TOKEN); otherwise it is asked for")
    .option("--as <account>", "the account the token must belong to")
    .option("--json", "print JSON")
    .action(async (given: string | undefined, options: HubOptions) => {
      const url = parseHubUrl(given ?? options.url ?? (io.env["STERNA_URL"] || DEFAULT_URL));
      const token = options.token ?? (io.env["STERNA_TOKEN"] || (await askToken(io, url)));
      const me = await new HubClient(io, url, token, undefined).me();
      if (options.as !== undefined && me.name !== options.as) {
        throw new CommandEnd(
          EXIT.refused,
          `Expected a token of "${options.as}", but it is ${me.name === undefined ? "the owner's" : `"${me.name}"'s`}. Nothing was saved.`,
        );
      }
      const path = await saveAccount(io, url, token, me.name);
      if (options.json === true) await printJson(io, me);
      else
        await io.stdout.write(
          `Logged in to ${url} as ${me.name === undefined ? "its owner" : inline(me.iri ?? me.name)} (saved in ${path}).\n`,
        );
    });
}

async function askToken(io: CliIo, url: string): Promise<string> {
  const text =
    io.stdinIsTTY && io.askSecret !== undefined ? await io.askSecret(`Token for ${url}: `) : await readStdin(io);
  const token = text.trim();
  if (token === "" || /\s/.test(token)) {
    throw new CommandEnd(
      EXIT.usage,
      "Expected a token, but got none. Give it with --token, STERNA_TOKEN or on standard input.",
    );
  }
  return token;
}

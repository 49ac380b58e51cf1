import type { Command } from "commander";
import { saveAccount } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { DEFAULT_URL, HubClient, type HubOptions, parseHubUrl, textIn } from "../hub-client.ts";
import { command, printJson, readStdin } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline } from "../output/terminal-text.ts";

/** `sterna login [URL]`: keeps a token for later commands, after asking the hub whose it is. */
export function loginCommand(io: CliIo): Command {
  return command("login", "Keep a token for later commands, and use its hub and account from now on.", [
    "sterna login https://hub.example/",
    "sterna login https://hub.example/ < token.txt",
    "sterna login --token s3cret",
    "sterna login https://hub.example/ --jid alice@jabber.example",
  ])
    .argument("[url]", `the hub's address (or STERNA_URL; otherwise ${DEFAULT_URL})`)
    .option("--url <url>", "the same")
    .option("--token <token>", "the token (or STERNA_TOKEN); otherwise it is asked for")
    .option("--jid <jid>", "your XMPP address, linked to the account: confirm there that it is you, instead of a token")
    .option("--as <account>", "the account the token must belong to")
    .option("--json", "print JSON")
    .action(async (given: string | undefined, options: HubOptions & { readonly jid?: string }) => {
      const url = parseHubUrl(given ?? options.url ?? (io.env["STERNA_URL"] || DEFAULT_URL));
      const token =
        options.jid === undefined
          ? (options.token ?? (io.env["STERNA_TOKEN"] || (await askToken(io, url))))
          : await confirmedToken(io, url, options.jid, options.as);
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

/** LIMIT: how often it is asked whether a login is confirmed, and how long between; the hub waits longer by itself. */
const ASKED_MAX = 900;
const ASKED_EVERY_MS = 1_000;

/** A token for whoever confirms at their JID that it is them (XEP-0070). */
async function confirmedToken(io: CliIo, url: string, jid: string, account: string | undefined): Promise<string> {
  const hub = new HubClient(io, url, undefined, undefined);
  const body = account === undefined ? { jid } : { jid, account };
  const begun = await hub.json("api/logins", { method: "POST", body });
  const login = textIn(begun, "login");
  if (login === undefined) throw new CommandEnd(EXIT.refused, `Expected a login from ${url}, but got something else.`);
  const transaction = inline(textIn(begun, "transaction") ?? "");
  await io.stderr.write(
    `${inline(jid)} is asked whether this is you, if an account has linked it. Confirm there the transaction ${transaction}.\n`,
  );
  // The hub says when the time is over; one that never does is not asked for ever, nor without a pause.
  for (let asked = 0; asked < ASKED_MAX; asked++) {
    if (asked > 0) await io.pause(ASKED_EVERY_MS);
    const ended = await hub.json(`api/logins/${encodeURIComponent(login)}`, { method: "POST" });
    const token = textIn(ended, "token");
    if (token !== undefined) return token;
  }
  throw new CommandEnd(EXIT.refused, "Expected the login to be confirmed, but nobody did; try again.");
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

import type { Command } from "commander";
import { isRecord } from "../cli-config.ts";
import { type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline, type Paint, painter } from "../output/terminal-text.ts";

const STATES: Readonly<Record<string, string>> = {
  local: "on this hub",
  subscribing: "asking its hub",
  subscribed: "posts arrive",
  refused: "refused",
};

/** `sterna follow ACCOUNT`: follows an account, here or on another hub. */
export function followCommand(io: CliIo): Command {
  return hubCommand("follow", "Follow an account, here or on another hub.", [
    "sterna follow bob@hub.example",
    "sterna follow https://hub.example/bob",
    "sterna follow 'xmpp:bob@hub.example?;node=urn:xmpp:microblog:0'",
  ])
    .argument("<account>", "its IRI, the address of its page, name@domain, or an xmpp: URI")
    .action(async (target: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const followed = await hub.json(await hub.ownPath("following"), { method: "POST", body: { target } });
      if (options.json === true) await printJson(io, followed);
      else await io.stdout.write(`Following ${followedText(followed, painter(io))}`);
    });
}

/** `sterna unfollow ACCOUNT`. */
export function unfollowCommand(io: CliIo): Command {
  return hubCommand("unfollow", "Stop following an account.", ["sterna unfollow bob@hub.example"])
    .argument("<account>", "its IRI, the address of its page, name@domain, or an xmpp: URI")
    .action(async (target: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const path = `${await hub.ownPath("following")}?target=${encodeURIComponent(target)}`;
      const answer = await hub.json(path, { method: "DELETE" });
      if (options.json === true) await printJson(io, answer);
      else await io.stdout.write(`Not following ${inline(textIn(answer, "account") ?? target)} any more.\n`);
    });
}

/** `sterna following`: who the account follows. */
export function followingCommand(io: CliIo): Command {
  return listCommand(
    io,
    "following",
    "List the accounts you follow, or that another account of the hub follows.",
    followedText,
  );
}

/** `sterna followers`: who is told of the account's posts. */
export function followersCommand(io: CliIo): Command {
  return listCommand(io, "followers", "List who follows you, or another account of the hub.", followerText);
}

function listCommand(
  io: CliIo,
  name: "following" | "followers",
  summary: string,
  toText: (value: unknown, paint: Paint) => string,
): Command {
  return hubCommand(name, summary, [`sterna ${name}`, `sterna ${name} bob --json`])
    .argument("[account]", "the name of an account of the hub; without it, your own")
    .action(async (account: string | undefined, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const path = account === undefined ? await hub.ownPath(name) : `${encodeURIComponent(account)}/${name}`;
      const answer = await hub.json(path);
      if (options.json === true) return printJson(io, answer);
      const list = listIn(answer, name);
      if (list.length === 0)
        return io.stderr.write(
          name === "following" ? "Nobody is followed yet. Try: sterna follow ACCOUNT\n" : "No followers yet.\n",
        );
      const paint = painter(io);
      for (const each of list) await io.stdout.write(toText(each, paint));
    });
}

/** The list itself, whether it comes bare or under its name. */
function listIn(answer: unknown, name: string): readonly unknown[] {
  const list = isRecord(answer) ? (answer[name] ?? answer["items"]) : answer;
  return Array.isArray(list) ? list : [];
}

function followedText(value: unknown, paint: Paint): string {
  const account = inline(textIn(value, "account") ?? "");
  const name = textIn(value, "displayName");
  const state = textIn(value, "state") ?? "";
  const problem = textIn(value, "problem");
  const shown = `${STATES[state] ?? inline(state)}${problem === undefined ? "" : `: ${inline(problem)}`}`;
  const style = state === "refused" ? "yellow" : "dim";
  return `${name === undefined ? "" : `${paint("bold", inline(name))} `}${paint("cyan", account)} ${paint(style, `(${shown})`)}\n`;
}

function followerText(value: unknown, paint: Paint): string {
  const who = inline(textIn(value, "account") ?? textIn(value, "jid") ?? "");
  const name = textIn(value, "displayName");
  const kind = textIn(value, "kind") ?? "";
  return `${name === undefined ? "" : `${paint("bold", inline(name))} `}${paint("cyan", who)} ${paint("dim", `(${inline(kind)})`)}\n`;
}

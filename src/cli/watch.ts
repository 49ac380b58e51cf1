import { type Command, Option } from "commander";
import { isRecord } from "./cli-config.ts";
import { CommandEnd, EXIT } from "./exit-code.ts";
import { type HubOptions, textIn } from "./hub-client.ts";
import { command, hubCommand, hubOf, printJson } from "./hub-command.ts";
import type { CliIo } from "./io.ts";
import { sparqlText } from "./sparql-text.ts";
import { inline, type Paint, painter } from "./terminal-text.ts";

interface AddOptions extends HubOptions {
  readonly query?: string;
  readonly of?: string;
  readonly about?: string;
  readonly public?: boolean;
}

/** `sterna watch add|list|remove`: queries that stay open. */
export function watchCommand(io: CliIo): Command {
  return command("watch", "Keep queries open: their answers come to you as posts arrive.", [
    "sterna watch add birds --of topic --about '#birds'",
    "sterna watch add unanswered --query unanswered.rq --public",
    "sterna watch list",
  ])
    .addCommand(addCommand(io))
    .addCommand(listCommand(io))
    .addCommand(removeCommand(io));
}

function addCommand(io: CliIo): Command {
  return hubCommand("add", "Keep a query open: it becomes a feed, and a node to subscribe to over XMPP.", [
    "sterna watch add unanswered --query unanswered.rq",
    "sterna watch add mentions --of mentions",
    "sterna watch add terns --of thread --about https://hub.example/bob/posts/3k2abcdefghij",
  ])
    .argument("<name>", "letters, digits, - and _")
    .option("-q, --query <query>", 'a file with a SELECT or CONSTRUCT, or its text; "-" reads it from standard input')
    .addOption(
      new Option("--of <what>", "one of the hub's own instead").choices([
        "mentions",
        "replies",
        "home",
        "topic",
        "thread",
      ]),
    )
    .option("--about <what>", "the tag or IRI of a topic, the IRI of a post of a thread")
    .option("--public", "let everybody read the answers; the query then reads what is public only")
    .action(async (name: string, { query, of, about, ...options }: AddOptions) => {
      if ((query === undefined) === (of === undefined)) {
        throw new CommandEnd(EXIT.usage, "Expected either --query or --of; give one of them.");
      }
      const hub = await hubOf(io, options);
      const body = {
        name,
        ...(query === undefined ? {} : { query: await sparqlText(io, query, "a query") }),
        ...(of === undefined ? {} : { of }),
        ...(about === undefined ? {} : { about }),
        ...(options.public === true ? { audience: "public" } : {}),
      };
      const added = await hub.json(await hub.ownPath("watches"), { method: "POST", body });
      if (options.json === true) await printJson(io, added);
      else await io.stdout.write(`Watching ${watchText(added, painter(io))}`);
    });
}

function listCommand(io: CliIo): Command {
  return hubCommand("list", "List your open queries.", ["sterna watch list", "sterna watch list --json"]).action(
    async (options: HubOptions) => {
      const hub = await hubOf(io, options);
      const answer = await hub.json(await hub.ownPath("watches"));
      const listed = isRecord(answer) ? answer["watches"] : undefined;
      const watches: readonly unknown[] = Array.isArray(listed) ? listed : [];
      if (options.json === true) return printJson(io, watches);
      if (watches.length === 0)
        return io.stderr.write("Nothing is watched yet. Try: sterna watch add NAME --query FILE\n");
      for (const watch of watches) await io.stdout.write(watchText(watch, painter(io)));
    },
  );
}

function removeCommand(io: CliIo): Command {
  return hubCommand("remove", "End open queries, with their feeds and nodes.", ["sterna watch remove birds"])
    .argument("<name...>", "their names")
    .action(async (names: string[], options: HubOptions) => {
      const hub = await hubOf(io, options);
      for (const name of names) {
        const path = await hub.ownPath(`watches/${encodeURIComponent(name)}`);
        const removed = await hub.json(path, { method: "DELETE" });
        if (options.json === true) await printJson(io, removed);
        else await io.stdout.write(`Not watching ${inline(name)} any more.\n`);
      }
    });
}

function watchText(watch: unknown, paint: Paint): string {
  const said = (name: string): string => inline(textIn(watch, name) ?? "");
  const answers = isRecord(watch) ? Number(watch["answers"]) : 0;
  const problem = said("problem");
  const state =
    problem === ""
      ? paint("dim", `(${answers} ${answers === 1 ? "answer" : "answers"})`)
      : paint("yellow", `(stopped: ${problem})`);
  const node = `xmpp:${said("service")}?;node=${said("node")}`;
  return `${paint("bold", said("name"))} ${paint("cyan", said("iri"))} ${node} ${state}\n`;
}

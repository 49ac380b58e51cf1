import { type Command, Option } from "commander";
import { isRecord } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubOptions, textIn } from "../hub-client.ts";
import { command, hubCommand, hubOf, printJson, textArgument } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { postText, shownPost } from "../output/post-text.ts";
import { countOf, inline, type Paint, painter } from "../output/terminal-text.ts";
import { sparqlText } from "../sparql-text.ts";

interface AddOptions extends HubOptions, Question {
  readonly public?: boolean;
}

/** `sterna watch add|list|show|change|start|hook|unhook|remove`: queries that stay open. */
export function watchCommand(io: CliIo): Command {
  return command("watch", "Keep queries open: their answers come to you as posts arrive.", [
    "sterna watch add birds --of topic --about '#birds'",
    "sterna watch add unanswered --query unanswered.rq --public",
    "sterna watch list",
    "sterna watch show birds",
  ])
    .addCommand(addCommand(io))
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(changeCommand(io))
    .addCommand(startCommand(io))
    .addCommand(hookCommand(io))
    .addCommand(unhookCommand(io))
    .addCommand(removeCommand(io));
}

/** The options that say what is asked. */
function withQuestion(made: Command): Command {
  return made
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
    .option("--about <what>", "the tag or IRI of a topic, the IRI of a post of a thread");
}

interface Question {
  readonly query?: string;
  readonly of?: string;
  readonly about?: string;
}

async function questionBody(io: CliIo, { query, of, about }: Question): Promise<Question> {
  if ((query === undefined) === (of === undefined)) {
    throw new CommandEnd(EXIT.usage, "Expected either --query or --of; give one of them.");
  }
  return {
    ...(query === undefined ? {} : { query: await sparqlText(io, query, "a query") }),
    ...(of === undefined ? {} : { of }),
    ...(about === undefined ? {} : { about }),
  };
}

function addCommand(io: CliIo): Command {
  const made = hubCommand("add", "Keep a query open: it becomes a feed, and a node to subscribe to over XMPP.", [
    "sterna watch add unanswered --query unanswered.rq",
    "sterna watch add mentions --of mentions",
    "sterna watch add terns --of thread --about https://hub.example/bob/posts/3k2abcdefghij",
  ]);
  return withQuestion(made)
    .argument("<name>", "letters, digits, - and _")
    .option("--public", "let everybody read the answers; the query then reads what is public only")
    .action(async (name: string, options: AddOptions) => {
      const body = {
        name,
        ...(await questionBody(io, options)),
        ...(options.public === true ? { audience: "public" } : {}),
      };
      const hub = await hubOf(io, options);
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

function showCommand(io: CliIo): Command {
  return hubCommand("show", "Show an open query of yours with its newest answers.", [
    "sterna watch show birds",
    "sterna watch show birds --json | jq '.newest[].values'",
  ])
    .argument("<name>", "its name")
    .action(async (name: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const watch = await hub.json(await hub.ownPath(pathOf(name)));
      if (options.json === true) return printJson(io, watch);
      const paint = painter(io);
      const meaning = textIn(watch, "meaning");
      await io.stdout.write(`${watchText(watch, paint)}${meaning === undefined ? "" : `${inline(meaning)}\n`}`);
      const newest: readonly unknown[] = isRecord(watch) && Array.isArray(watch["newest"]) ? watch["newest"] : [];
      if (newest.length === 0) return io.stderr.write("Nothing fits yet.\n");
      for (const answer of newest) await io.stdout.write(`\n${answerText(answer, paint, io.now())}`);
    });
}

/** An answer that is about a post as that post, any other as its values. */
function answerText(answer: unknown, paint: Paint, now_ms: number): string {
  const { post, values } = isRecord(answer) ? answer : {};
  const shown = shownPost(post);
  if (shown !== undefined) return postText(shown, paint, now_ms);
  const rows = isRecord(values) ? Object.entries(values) : [];
  return rows.map(([name, value]) => `  ${paint("dim", inline(name))} ${inline(String(value))}\n`).join("");
}

function changeCommand(io: CliIo): Command {
  const made = hubCommand("change", "Give an open query another text; its subscribers hear of the differences.", [
    "sterna watch change unanswered --query unanswered.rq",
    "sterna watch change birds --of topic --about '#terns'",
  ]);
  return withQuestion(made)
    .argument("<name>", "its name")
    .action(async (name: string, options: AddOptions) => {
      const body = await questionBody(io, options);
      const hub = await hubOf(io, options);
      const changed = await hub.json(await hub.ownPath(pathOf(name)), { method: "PATCH", body });
      if (options.json === true) await printJson(io, changed);
      else await io.stdout.write(`Watching ${watchText(changed, painter(io))}`);
    });
}

function startCommand(io: CliIo): Command {
  return hubCommand("start", "Let open queries go on that a limit had stopped.", ["sterna watch start birds"])
    .argument("<name...>", "their names")
    .action(async (names: string[], options: HubOptions) => {
      const hub = await hubOf(io, options);
      for (const name of names) {
        const started = await hub.json(await hub.ownPath(pathOf(name)), { method: "PATCH", body: {} });
        if (options.json === true) {
          await printJson(io, started);
          continue;
        }
        const why = textIn(started, "hadStopped");
        await io.stdout.write(`Watching ${watchText(started, painter(io))}`);
        await io.stdout.write(why === undefined ? "It had not stopped.\n" : `It had stopped: ${inline(why)}\n`);
      }
    });
}

function hookCommand(io: CliIo): Command {
  return hubCommand("hook", "Have each answer sent to an address, signed; the same address again renews its secret.", [
    "sterna watch hook birds https://bot.example/terns",
    "sterna watch hook birds https://bot.example/terns --secret - < secret.txt",
  ])
    .argument("<name>", "the open query's name")
    .argument("<url>", "where its answers are POSTed to")
    .option("--secret <secret>", 'whsec_ and base64 of 24 to 64 bytes; "-" reads it from standard input')
    .action(async (name: string, url: string, { secret, ...options }: HubOptions & { readonly secret?: string }) => {
      const given = secret === undefined ? undefined : (await textArgument(io, [secret])).trim();
      const hub = await hubOf(io, options);
      const body = { url, ...(given === undefined ? {} : { secret: given }) };
      const added = await hub.json(await hub.ownPath(`${pathOf(name)}/hooks`), { method: "POST", body });
      if (options.json === true) return printJson(io, added);
      await io.stdout.write(`Answers of ${inline(name)} go to ${inline(textIn(added, "url") ?? url)}.\n`);
      if (given === undefined) {
        await io.stdout.write(`Secret, shown only now: ${inline(textIn(added, "secret") ?? "")}\n`);
      }
    });
}

function unhookCommand(io: CliIo): Command {
  return hubCommand("unhook", "Send answers to an address no more.", [
    "sterna watch unhook birds https://bot.example/terns",
  ])
    .argument("<name>", "the open query's name")
    .argument("<hook>", "the address, or its id")
    .action(async (name: string, which: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const path = await hub.ownPath(`${pathOf(name)}/hooks?hook=${encodeURIComponent(which)}`);
      const removed = await hub.json(path, { method: "DELETE" });
      if (options.json === true) return printJson(io, removed);
      await io.stdout.write(
        `Answers of ${inline(name)} do not go to ${inline(textIn(removed, "url") ?? which)} any more.\n`,
      );
    });
}

function pathOf(name: string): string {
  return `watches/${encodeURIComponent(name)}`;
}

function removeCommand(io: CliIo): Command {
  return hubCommand("remove", "End open queries, with their feeds and nodes.", ["sterna watch remove birds"])
    .argument("<name...>", "their names")
    .action(async (names: string[], options: HubOptions) => {
      const hub = await hubOf(io, options);
      for (const name of names) {
        const removed = await hub.json(await hub.ownPath(pathOf(name)), { method: "DELETE" });
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
    problem === "" ? paint("dim", `(${countOf(answers, "answer")})`) : paint("yellow", `(stopped: ${problem})`);
  const node = `xmpp:${said("service")}?;node=${said("node")}`;
  const hooks: readonly unknown[] = isRecord(watch) && Array.isArray(watch["hooks"]) ? watch["hooks"] : [];
  const lines = hooks.map((hook) => `  ${hookText(hook, paint)}\n`).join("");
  return `${paint("bold", said("name"))} ${paint("cyan", said("iri"))} ${node} ${state}\n${lines}`;
}

function hookText(hook: unknown, paint: Paint): string {
  const said = (name: string): string => inline(textIn(hook, name) ?? "");
  const numberOf = (name: string): number => (isRecord(hook) ? Number(hook[name]) : 0);
  const last = isRecord(hook) && isRecord(hook["last"]) ? inline(textIn(hook["last"], "outcome") ?? "") : "";
  const dropped = numberOf("dropped") === 0 ? "" : `, ${numberOf("dropped")} given up`;
  const waiting = `${numberOf("queued")} waiting${dropped}`;
  const needsSecret = isRecord(hook) && hook["needsSecret"] === true;
  const state = needsSecret
    ? paint("yellow", "needs a secret: name the address again with sterna watch hook")
    : said("failingSince") === ""
      ? paint("dim", `(${waiting})`)
      : paint("yellow", `(failing since ${said("failingSince")}: ${last} ${waiting}, again at ${said("nextAttempt")})`);
  return `→ ${paint("cyan", said("url"))} ${state}`;
}

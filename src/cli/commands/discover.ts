import type { Command } from "commander";
import { isRecord, messageOf } from "../cli-config.ts";
import { serverEvents } from "../event-stream.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubClient, type HubOptions, textIn } from "../hub-client.ts";
import { countOption, hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { ago, countOf, inline, type Paint, painter } from "../output/terminal-text.ts";

/** LIMIT: how far accounts may be, and how many are listed. */
const DEPTH_MAX = 4;
const LIMIT_MAX = 100;
/** LIMIT: milliseconds to ask for what is known after Ctrl-C. */
const LAST_ANSWER_MS = 5_000;

interface DiscoverOptions extends HubOptions {
  readonly depth: string;
  readonly limit: string;
  readonly refresh?: boolean;
}

/** `sterna discover`: whom those you follow follow, and the hubs where they are. */
export function discoverCommand(io: CliIo): Command {
  return hubCommand("discover", "Find accounts and hubs to follow, by whom those you follow follow.", [
    "sterna discover",
    "sterna discover --depth 3 --limit 50",
    "sterna discover --json | jq -r '.suggestions[].account'",
  ])
    .option("--depth <steps>", "how far: 2 is whom those you follow follow", "2")
    .option("--limit <count>", "how many accounts", "20")
    .option("--refresh", "ask hubs again for what is known and still fresh")
    .action(async (options: DiscoverOptions) => {
      const depth = countOption("--depth", options.depth, DEPTH_MAX);
      if (depth < 2)
        throw new CommandEnd(EXIT.usage, "Expected --depth to be 2 or more; 1 is whom you follow already.");
      const limit = countOption("--limit", options.limit, LIMIT_MAX);
      const hub = await hubOf(io, options);
      const wish = new URLSearchParams({ depth: String(depth), limit: String(limit) });
      const path = `${await hub.ownPath("suggestions")}?${wish.toString()}`;
      const found = await walk(io, hub, options.refresh === true ? `${path}&refresh=true` : path);
      const known = found ?? (await hub.json(path, { signal: AbortSignal.timeout(LAST_ANSWER_MS) }));
      if (options.json === true) await printJson(io, known);
      else await tell(io, known);
      if (found !== undefined) return;
      await io.stderr.write("Stopped. This is what is known by now; run it again to go on.\n");
      throw new CommandEnd(EXIT.interrupted, "");
    });
}

/** Walks and gives what was found; undefined after Ctrl-C. */
async function walk(io: CliIo, hub: HubClient, path: string): Promise<unknown> {
  try {
    const response = await hub.send(path, { method: "POST", accept: "text/event-stream" });
    if (response.body === null) throw new CommandEnd(EXIT.refused, "Expected events of the hub, but none came.");
    for await (const { event, data } of serverEvents(response.body)) {
      const value = eventValue(data);
      if (event === "progress") await draw(io, progressText(value));
      if (event === "problem")
        throw new CommandEnd(EXIT.refused, textIn(value, "detail") ?? "The hub refused to walk.");
      if (event === "done") return value;
    }
  } catch (error) {
    if (io.signal.aborted) return undefined;
    if (error instanceof CommandEnd) throw error;
    throw new CommandEnd(
      EXIT.unreachable,
      `Expected the walk to end, but it broke off (${messageOf(error)}). Try again.`,
    );
  } finally {
    await draw(io, "");
  }
  if (io.signal.aborted) return undefined;
  throw new CommandEnd(EXIT.unreachable, "Expected the walk to end, but the hub closed the connection. Try again.");
}

/** What an event of the hub says. Ends with `refused` what is no JSON. */
function eventValue(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new CommandEnd(EXIT.refused, "Expected events with JSON, but got something else. Is it a Sterna hub?");
  }
}

/** One line on a terminal that takes the place of the one before. */
async function draw({ stderr }: CliIo, line: string): Promise<void> {
  if (stderr.isTTY) await stderr.write(`\r${line}\u001B[K`);
}

function progressText(progress: unknown): string {
  const hosts = isRecord(progress) ? progress["hosts"] : undefined;
  const count = (name: string): number => (isRecord(hosts) ? Number(hosts[name]) : 0);
  const host = textIn(progress, "host");
  const accounts = isRecord(progress) ? Number(progress["accounts"]) : 0;
  return `hubs: ${count("done")} asked, ${count("left")} left; ${accounts} accounts read${host === undefined ? "" : `; ${inline(host).slice(0, 60)}`}`;
}

async function tell(io: CliIo, known: unknown): Promise<void> {
  const paint = painter(io);
  const [suggestions, hubs] = [listIn(known, "suggestions"), listIn(known, "hubs")];
  const report = isRecord(known) ? known["walk"] : undefined;
  for (const problem of listIn(report, "problems")) {
    await io.stderr.write(`warning: ${inline(textIn(problem, "message") ?? "")}\n`);
  }
  const why = textIn(report, "stopped");
  if (why === "time" || why === "bounds") {
    await io.stderr.write("Not everything was asked in this walk; run it again to go on.\n");
  }
  if (suggestions.length === 0) await io.stderr.write("Nobody to suggest yet. Try: sterna follow ACCOUNT\n");
  for (const each of suggestions) await io.stdout.write(suggestionText(each, paint, io.now()));
  if (hubs.length === 0) return;
  await io.stdout.write(`\n${paint("bold", "Hubs")}\n`);
  for (const each of hubs) {
    const accounts = isRecord(each) ? Number(each["accounts"]) : 0;
    const count = paint("dim", `(${countOf(accounts, "known account")})`);
    await io.stdout.write(`${paint("cyan", inline(textIn(each, "hub") ?? ""))} ${count}\n`);
  }
}

function suggestionText(value: unknown, paint: Paint, now_ms: number): string {
  const said = (name: string): string => inline(textIn(value, name) ?? "");
  const last = textIn(value, "lastPost");
  const posted = last === undefined ? "" : `; last post ${ago(last, now_ms)}`;
  return `${paint("bold", said("name"))} ${paint("cyan", said("account"))}\n  ${paint("dim", `${said("why")}${posted}`)}\n`;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = isRecord(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}

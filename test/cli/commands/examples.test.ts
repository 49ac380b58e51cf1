import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Command } from "commander";
import { beforeEach, describe, expect, it } from "vitest";
import { buildProgram } from "../../../src/cli/program.ts";
import { CONFIG_OPTIONS } from "../../../src/config-options.ts";
import { freePort } from "../../support/free-port.ts";
import { PNG } from "../../support/pictures.ts";
import { MemoryOutput } from "../memory-io.ts";
import { cli, eachWithHub, hub } from "./with-hub.ts";

eachWithHub();

/** The examples that a command's help shows. */
function examplesOf(made: Command): readonly string[] {
  let help = "";
  made.configureOutput({ writeOut: (text) => void (help += text) });
  made.outputHelp();
  return [...help.matchAll(/^ {2}\$ (.+)$/gm)].map(([, example = ""]) => example);
}

/** Every command that does something, with its examples. */
function leaves(made: Command): readonly (readonly [name: string, examples: readonly string[]])[] {
  const name = [made.name(), ...parents(made)].reverse().slice(1).join(" ");
  return made.commands.length === 0 ? [[name, examplesOf(made)]] : made.commands.flatMap(leaves);
}

function parents({ parent }: Command): readonly string[] {
  return parent === null ? [] : [parent.name(), ...parents(parent)];
}

/** The words of a line as a shell would part them, without what stands around the program. */
function wordsOf(line: string): readonly string[] {
  const [own = ""] = line.replace(/^.*?\bsterna /, "").split(/ [|<>] /);
  return [...own.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, "$1$2"),
  );
}

const memory = {
  stdin: (async function* () {})(),
  stdinIsTTY: false,
  stdout: new MemoryOutput(false),
  stderr: new MemoryOutput(false),
  env: {},
  cwd: "/",
  fetch,
  signal: new AbortController().signal,
  now: () => 0,
  pause: () => Promise.resolve(),
};
const host = { options: CONFIG_OPTIONS, init: () => Promise.resolve([]), serve: () => Promise.resolve() };
const commands = leaves(buildProgram(memory, host, "0"));
const examples = commands.flatMap(([, lines]) => lines);
const asking = commands.filter(([name]) => !["serve", "init", "account list"].includes(name));

beforeEach(async () => {
  const files: Readonly<Record<string, string | Uint8Array>> = {
    "newest.rq": "SELECT * { ?s ?p ?o }",
    "unanswered.rq": "SELECT * { ?s ?p ?o }",
    "tidy.ru": "DROP ALL",
    "bookmarks.ttl": "",
    "more.ttl": "",
    "backup.trig": "",
    "posts.ttl.gz": gzipSync(""),
    "people.ttl.gz": gzipSync(""),
    "tern.png": PNG,
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(cli.folder, name), bytes);
});

const run = (line: string, url = hub.url) =>
  cli.run(
    wordsOf(line).map((word) => word.replace("https://hub.example/", url)),
    { stdin: "text" },
  );

describe("each command", () => {
  it.each(commands)("%s has help with examples", async (name) => {
    const { exitCode, out } = await cli.run([...name.split(" "), "--help"]);
    expect([exitCode, out]).toEqual([0, expect.stringMatching(/Examples:\n {2}\$ /)]);
  });

  it.each(examples)("is understood as its help says: %s", async (line) => {
    const { exitCode, err } = await run(line);
    expect(err).not.toMatch(/Something broke|add --help/);
    expect(exitCode).not.toBe(2);
  });

  it.each(asking)("%s says in one sentence that there is no hub", async (_, [line = ""]) => {
    const nowhere = `http://127.0.0.1:${await freePort()}/`;
    cli.env["STERNA_URL"] = nowhere;
    const { exitCode, err } = await run(line, nowhere);
    expect([exitCode, err]).toEqual([3, expect.stringMatching(/^Expected a hub at [^\n]*\n$/)]);
  });

  const bodies = ["<html>", "null", "[]", "{}", '{"posts":7,"results":[7],"watches":[7],"newest":{}}'];
  it.each(asking.flatMap(([name, [line = ""]]) => bodies.map((body) => [name, body, line] as const)))(
    "%s takes no answer for another: %s",
    async (_, body, line) => {
      hub.otherwise(body);
      const { err } = await run(line);
      expect(err).not.toContain("Something broke");
      expect(err.split("\n").length).toBeLessThan(4);
    },
  );
});

import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { messageOf } from "./cli-config.ts";
import { CommandEnd, EXIT } from "./exit-code.ts";
import { readStdin } from "./hub-command.ts";
import type { CliIo } from "./io.ts";

/** The SPARQL text that an argument is or names: a file, the text itself, or `-` for standard input. */
export async function sparqlText(io: CliIo, argument: string, what: "a query" | "an update"): Promise<string> {
  if (argument === "-") return readStdin(io);
  // No path that people type has a brace, and hardly one a line end.
  if (/[{}\n]/.test(argument)) return argument;
  const path = resolve(io.cwd, argument);
  try {
    if ((await stat(path)).isFile()) return await readFile(path, "utf8");
  } catch (error) {
    // No SPARQL fits on one line without a space or a brace.
    if (/\s/.test(argument)) return argument;
    throw new CommandEnd(
      EXIT.usage,
      `Expected a file or the text of ${what}, but "${argument}" is neither (${messageOf(error)}).`,
    );
  }
  throw new CommandEnd(EXIT.usage, `Expected a file with ${what}, but ${path} is not a file.`);
}

import { Command, Option } from "commander";
import { CommandEnd, EXIT } from "./exit-code.ts";
import { type HubClient, type HubOptions, openHub } from "./hub-client.ts";
import { type CliIo, STDIN_TEXT_BYTES_MAX } from "./io.ts";

/** A command of this program: its name, one line of help, and examples to try. */
export function command(name: string, summary: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`).join("\n");
  return new Command(name).description(summary).addHelpText("after", `\nExamples:\n${lines}`);
}

/** A {@link command} that talks to a running hub, with the options all of those have. */
export function hubCommand(name: string, summary: string, examples: readonly string[]): Command {
  return command(name, summary, examples)
    .addOption(new Option("--url <url>", "the hub's address (or STERNA_URL)"))
    .addOption(new Option("--token <token>", "the token to use (or STERNA_TOKEN)"))
    .addOption(new Option("--as <account>", "the saved account to act for"))
    .addOption(new Option("--account <account>").hideHelp())
    .addOption(new Option("--json", "print JSON"));
}

/** The hub that a command's options name. */
export function hubOf(io: CliIo, options: HubOptions & { readonly account?: string }): Promise<HubClient> {
  const as = options.as ?? options.account;
  return openHub(io, { ...options, ...(as === undefined ? {} : { as }) });
}

/** Prints a value as one JSON text. */
export function printJson(io: CliIo, value: unknown): Promise<void> {
  return io.stdout.write(`${JSON.stringify(value, null, io.stdout.isTTY ? 2 : undefined)}\n`);
}

/** The text of an argument; `-` reads standard input. Line ends at its end go. */
export async function textArgument(io: CliIo, words: readonly string[]): Promise<string> {
  if (words.length !== 1 || words[0] !== "-") return words.join(" ");
  return (await readStdin(io)).replace(/(\r?\n)+$/, "");
}

/** All of standard input as text. Ends with `refused` when it is too long or not UTF-8. */
export async function readStdin(io: CliIo): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of io.stdin) {
    length += chunk.byteLength;
    if (length > STDIN_TEXT_BYTES_MAX) {
      throw new CommandEnd(
        EXIT.refused,
        `Expected at most ${STDIN_TEXT_BYTES_MAX} bytes on standard input, but got more.`,
      );
    }
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CommandEnd(
      EXIT.refused,
      "Expected UTF-8 on standard input, but got other bytes. Convert it, for example with iconv.",
    );
  }
}

/** A whole number from 1 to `max`, given as an option. Ends with `usage` otherwise. */
export function countOption(name: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value >= 1 && value <= max) return value;
  throw new CommandEnd(EXIT.usage, `Expected ${name} to be a number from 1 to ${max}, but got "${text}".`);
}

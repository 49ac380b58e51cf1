import type { Command } from "commander";
import { type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson, textArgument } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline } from "../output/terminal-text.ts";
import { changeAddressOf } from "../post-address.ts";
import { type PostFilesOptions, postFilesBody, withoutPostFiles, withPostFiles } from "../post-options.ts";

interface EditOptions extends HubOptions, PostFilesOptions {
  readonly lang?: string;
}

/** `sterna edit POST TEXT…`: replaces the text of an own post, and its files and place where options say so. */
export function editCommand(io: CliIo): Command {
  const made = hubCommand("edit", "Replace the text of one of your posts; the old version is kept.", [
    'sterna edit 3k2abcdefghij "Terns have arrived at both lakes. #birds"',
    "sterna edit https://hub.example/alice/posts/3k2abcdefghij - < text.txt",
    'sterna edit 3k2abcdefghij --no-place "Terns, somewhere."',
    'sterna edit 3k2abcdefghij --attach https://files.example/tern.jpg "Terns, with a picture."',
  ]);
  return withoutPostFiles(withPostFiles(made))
    .argument("<post>", "the post: its id or IRI")
    .argument("<text...>", 'the new text; "-" reads it from standard input')
    .option("--lang <tag>", "the language of the new text")
    .action(async (post: string, words: string[], options: EditOptions) => {
      const files = postFilesBody(options);
      const hub = await hubOf(io, options);
      const text = await textArgument(io, words);
      const edited = await hub.json(await changeAddressOf(hub, post), {
        method: "PATCH",
        body: { text, ...(options.lang === undefined ? {} : { language: options.lang }), ...files },
      });
      if (options.json === true) await printJson(io, edited);
      else await io.stdout.write(`${inline(textIn(edited, "iri") ?? "Edited.")}\n`);
    });
}

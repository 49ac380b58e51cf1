import type { Command } from "commander";
import type { HubOptions } from "../hub-client.ts";
import { textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson, textArgument } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline } from "../output/terminal-text.ts";
import { postIriOf } from "../post-address.ts";
import { type PostFilesOptions, postFilesBody, withPostFiles } from "../post-options.ts";

interface PostOptions extends HubOptions, PostFilesOptions {
  readonly lang?: string;
  readonly replyTo?: string;
  readonly quote?: string;
}

/** `sterna post TEXT…`: publishes a post. */
export function postCommand(io: CliIo): Command {
  const made = hubCommand("post", "Publish a post.", [
    'sterna post "Terns have arrived at the lake. #birds"',
    "sterna post --lang de - < text.txt",
    'sterna post --reply-to https://hub.example/bob/posts/3k2abcdefghij "Where exactly?"',
    'sterna post --quote https://hub.example/bob/posts/3k2abcdefghij "Go and see them!"',
    'sterna post --attach https://files.example/tern.jpg --alt "A tern, diving" "Look!"',
    'sterna post --place "Mettnau, Lake Constance" --lat 47.727 --lon 8.995 "Terns everywhere."',
  ]);
  return withPostFiles(made)
    .argument("<text...>", 'the text; "-" reads it from standard input')
    .option("--lang <tag>", "the language of the text, such as en or pt-BR")
    .option("--reply-to <post>", "the post this one answers: its IRI, or the id of one of your own")
    .option(
      "--quote <post>",
      "the post this one is about, which is shown with it: its IRI, or the id of one of your own",
    )
    .action((words: string[], options: PostOptions) => publish(io, words, options.replyTo, options));
}

/** `sterna reply POST TEXT…`: answers a post. */
export function replyCommand(io: CliIo): Command {
  const made = hubCommand("reply", "Answer a post.", [
    'sterna reply https://hub.example/bob/posts/3k2abcdefghij "At the north shore."',
    "sterna reply 3k2abcdefghij - < answer.txt",
  ]);
  return withPostFiles(made)
    .argument("<post>", "the post to answer: its IRI, or the id of one of your own")
    .argument("<text...>", 'the text; "-" reads it from standard input')
    .option("--lang <tag>", "the language of the text, such as en or pt-BR")
    .action((post: string, words: string[], options: PostOptions) => publish(io, words, post, options));
}

async function publish(
  io: CliIo,
  words: readonly string[],
  replyTo: string | undefined,
  options: PostOptions,
): Promise<void> {
  const files = postFilesBody(options);
  const hub = await hubOf(io, options);
  const text = await textArgument(io, words);
  const replyOf = replyTo === undefined ? undefined : await postIriOf(hub, replyTo);
  const quoteOf = options.quote === undefined ? undefined : await postIriOf(hub, options.quote);
  const published = await hub.json(await hub.ownPath("posts"), {
    method: "POST",
    body: {
      text,
      ...(options.lang === undefined ? {} : { language: options.lang }),
      ...(replyOf === undefined ? {} : { replyTo: replyOf }),
      ...(quoteOf === undefined ? {} : { quote: quoteOf }),
      ...files,
    },
  });
  if (options.json === true) await printJson(io, published);
  else await io.stdout.write(`${inline(textIn(published, "iri") ?? "Posted.")}\n`);
}

import type { Command } from "commander";
import { type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { feelingsIn, feelingsText } from "../output/post-text.ts";
import { inline } from "../output/terminal-text.ts";
import { postIriOf } from "../post-address.ts";

type LikeOptions = HubOptions & { readonly with?: string };

/** `sterna like POST [--with EMOJI]`: likes a post, here or of somebody followed, or reacts to it. */
export function likeCommand(io: CliIo): Command {
  return hubCommand("like", "Like a post, here or of somebody you follow, or react to it with an emoji.", [
    "sterna like https://hub.example/bob/posts/3k2abcdefghij",
    "sterna like https://hub.example/bob/posts/3k2abcdefghij --with 🎉",
    "sterna like 'xmpp:carol@jabber.example?;node=urn:xmpp:microblog:0;item=abcdef'",
  ])
    .argument("<post>", "its IRI, the xmpp: URI of its item, or the id of one of your own")
    .option("--with <emoji>", "react with this emoji instead")
    .action(async (given: string, options: LikeOptions) => {
      const hub = await hubOf(io, options);
      const post = await postIriOf(hub, given);
      const body = { post, ...(options.with === undefined ? {} : { with: options.with }) };
      const liked = await hub.json(await hub.ownPath("likes"), { method: "POST", body });
      if (options.json === true) await printJson(io, liked);
      else await io.stdout.write(`${options.with === undefined ? "Liked" : "Reacted to"} ${likedText(liked, post)}\n`);
    });
}

/** `sterna unlike POST [--with EMOJI]`: takes a like or a reaction back. */
export function unlikeCommand(io: CliIo): Command {
  return hubCommand("unlike", "Take a like or a reaction back.", [
    "sterna unlike https://hub.example/bob/posts/3k2abcdefghij",
    "sterna unlike https://hub.example/bob/posts/3k2abcdefghij --with 🎉",
  ])
    .argument("<post>", "its IRI, the xmpp: URI of its item, or the id of one of your own")
    .option("--with <emoji>", "take back the reaction with this emoji")
    .action(async (given: string, options: LikeOptions) => {
      const hub = await hubOf(io, options);
      const post = await postIriOf(hub, given);
      const query = new URLSearchParams({ post, ...(options.with === undefined ? {} : { with: options.with }) });
      const left = await hub.json(`${await hub.ownPath("likes")}?${query.toString()}`, { method: "DELETE" });
      if (options.json === true) await printJson(io, left);
      else
        await io.stdout.write(
          `${options.with === undefined ? "No longer liked" : "Taken back"}: ${likedText(left, post)}\n`,
        );
    });
}

function likedText(answer: unknown, post: string): string {
  const counts = feelingsText(feelingsIn(answer));
  return `${inline(textIn(answer, "post") ?? post)} (${counts === "" ? "0 likes" : counts})`;
}

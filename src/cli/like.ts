import type { Command } from "commander";
import { isRecord } from "./cli-config.ts";
import { type HubOptions, textIn } from "./hub-client.ts";
import { hubCommand, hubOf, printJson } from "./hub-command.ts";
import type { CliIo } from "./io.ts";
import { postIriOf } from "./post-address.ts";
import { inline } from "./terminal-text.ts";

/** `sterna like POST`: likes a post, here or of somebody followed. */
export function likeCommand(io: CliIo): Command {
  return hubCommand("like", "Like a post, here or of somebody you follow.", [
    "sterna like https://hub.example/bob/posts/3k2abcdefghij",
    "sterna like 'xmpp:carol@jabber.example?;node=urn:xmpp:microblog:0;item=abcdef'",
  ])
    .argument("<post>", "its IRI, the xmpp: URI of its item, or the id of one of your own")
    .action(async (given: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const post = await postIriOf(hub, given);
      const liked = await hub.json(await hub.ownPath("likes"), { method: "POST", body: { post } });
      if (options.json === true) await printJson(io, liked);
      else await io.stdout.write(`Liked ${likedText(liked, post)}\n`);
    });
}

/** `sterna unlike POST`: takes a like back. */
export function unlikeCommand(io: CliIo): Command {
  return hubCommand("unlike", "Take a like back.", ["sterna unlike https://hub.example/bob/posts/3k2abcdefghij"])
    .argument("<post>", "its IRI, the xmpp: URI of its item, or the id of one of your own")
    .action(async (given: string, options: HubOptions) => {
      const hub = await hubOf(io, options);
      const post = await postIriOf(hub, given);
      const path = `${await hub.ownPath("likes")}?post=${encodeURIComponent(post)}`;
      const left = await hub.json(path, { method: "DELETE" });
      if (options.json === true) await printJson(io, left);
      else await io.stdout.write(`No longer liked: ${likedText(left, post)}\n`);
    });
}

function likedText(answer: unknown, post: string): string {
  const likes = isRecord(answer) && typeof answer["likes"] === "number" ? answer["likes"] : 0;
  return `${inline(textIn(answer, "post") ?? post)} (${likes === 1 ? "1 like" : `${likes} likes`})`;
}

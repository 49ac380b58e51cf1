import type { Command } from "commander";
import { isRecord } from "../cli-config.ts";
import { type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { countOf, inline } from "../output/terminal-text.ts";
import { postIriOf } from "../post-address.ts";

/** `sterna repost POST [--undo]`: passes a post on to the account's followers, or takes that back. */
export function repostCommand(io: CliIo): Command {
  return hubCommand("repost", "Pass a post on to your followers, in its author's words and name.", [
    "sterna repost https://hub.example/bob/posts/3k2abcdefghij",
    "sterna repost --undo https://hub.example/bob/posts/3k2abcdefghij",
  ])
    .argument("<post>", "its IRI, the xmpp: URI of its item, or the id of one of your own")
    .option("--undo", "take the repost back")
    .action(async (given: string, options: HubOptions & { readonly undo?: boolean }) => {
      const hub = await hubOf(io, options);
      const post = await postIriOf(hub, given);
      const path = await hub.ownPath("reposts");
      const answer =
        options.undo === true
          ? await hub.json(`${path}?post=${encodeURIComponent(post)}`, { method: "DELETE" })
          : await hub.json(path, { method: "POST", body: { post } });
      if (options.json === true) return printJson(io, answer);
      const reposts = isRecord(answer) && typeof answer["reposts"] === "number" ? answer["reposts"] : 0;
      const done = options.undo === true ? "No longer passed on:" : "Passed on";
      const count = countOf(reposts, "repost");
      await io.stdout.write(`${done} ${inline(textIn(answer, "post") ?? post)} (${count})\n`);
    });
}

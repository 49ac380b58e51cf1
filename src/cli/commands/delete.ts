import type { Command } from "commander";
import type { HubOptions } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline } from "../output/terminal-text.ts";
import { changeAddressOf } from "../post-address.ts";

/** `sterna delete POST…`: deletes own posts, here and at all who follow. */
export function deleteCommand(io: CliIo): Command {
  return hubCommand("delete", "Delete your posts, here and at the hubs that follow you.", [
    "sterna delete 3k2abcdefghij",
    "sterna delete https://hub.example/alice/posts/3k2abcdefghij",
  ])
    .argument("<post...>", "the posts: ids or IRIs")
    .action(async (posts: string[], options: HubOptions) => {
      const hub = await hubOf(io, options);
      for (const post of posts) {
        const address = await changeAddressOf(hub, post);
        const deleted = await hub.json(address, { method: "DELETE" });
        if (options.json === true) await printJson(io, deleted);
        else await io.stdout.write(`Deleted ${inline(address)}\n`);
      }
    });
}

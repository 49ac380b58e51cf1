import { Command } from "commander";
import { accountCommand } from "./commands/account.ts";
import { deleteCommand } from "./commands/delete.ts";
import { discoverCommand } from "./commands/discover.ts";
import { editCommand } from "./commands/edit.ts";
import { exportCommand } from "./commands/export.ts";
import { followCommand, followersCommand, followingCommand, unfollowCommand } from "./commands/follow.ts";
import { graphCommand } from "./commands/graph.ts";
import { importCommand } from "./commands/import.ts";
import { likeCommand, unlikeCommand } from "./commands/like.ts";
import { loginCommand } from "./commands/login.ts";
import { postCommand, replyCommand } from "./commands/post.ts";
import { queryCommand } from "./commands/query.ts";
import { repostCommand } from "./commands/repost.ts";
import { initCommand, type ServeHost, serveCommand } from "./commands/serve.ts";
import { showCommand } from "./commands/show.ts";
import { statusCommand } from "./commands/status.ts";
import { timelineCommand } from "./commands/timeline.ts";
import { updateCommand } from "./commands/update.ts";
import { watchCommand } from "./commands/watch.ts";
import type { CliIo } from "./io.ts";

/**
 * The whole command line. Commands end by returning, or with a `CommandEnd`; commander's own errors come as
 * `CommanderError`. {@link runProgram} in `run.ts` turns all of them into exit codes.
 */
export function buildProgram(io: CliIo, host: ServeHost, version: string): Command {
  const program = new Command("sterna")
    .description("A semantic microblogging hub: your posts as RDF in a store you own.")
    .version(version)
    .addHelpText(
      "after",
      "\nExamples:\n  $ sterna serve\n  $ sterna account add alice\n  $ sterna post 'Hello, web of data. #hello'\n  $ sterna timeline --watch",
    );
  const commands = [
    serveCommand(io, host),
    initCommand(io, host),
    accountCommand(io),
    loginCommand(io),
    postCommand(io),
    replyCommand(io),
    editCommand(io),
    deleteCommand(io),
    likeCommand(io),
    unlikeCommand(io),
    repostCommand(io),
    showCommand(io),
    timelineCommand(io),
    followCommand(io),
    unfollowCommand(io),
    followingCommand(io),
    followersCommand(io),
    discoverCommand(io),
    queryCommand(io),
    updateCommand(io),
    graphCommand(io),
    watchCommand(io),
    importCommand(io),
    exportCommand(io),
    statusCommand(io),
  ];
  for (const each of commands) program.addCommand(each);
  return withOutput(program, io);
}

/** Sends help and errors of every command where the program writes, and lets none of them end the process. */
function withOutput(made: Command, io: CliIo): Command {
  // commander writes only short texts and does not wait; a pipe that nobody reads any more is no error here.
  const say = (output: CliIo["stdout"], text: string): void => void output.write(text).catch(() => undefined);
  made
    .exitOverride()
    .showHelpAfterError("(add --help for the command's options and examples)")
    .configureOutput({
      writeOut: (text) => say(io.stdout, text),
      writeErr: (text) => say(io.stderr, text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const each of made.commands) withOutput(each, io);
  return made;
}

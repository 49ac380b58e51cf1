import { Command } from "commander";
import { accountCommand } from "./account.ts";
import { deleteCommand } from "./delete.ts";
import { discoverCommand } from "./discover.ts";
import { editCommand } from "./edit.ts";
import { exportCommand } from "./export.ts";
import { followCommand, followersCommand, followingCommand, unfollowCommand } from "./follow.ts";
import { graphCommand } from "./graph.ts";
import { importCommand } from "./import.ts";
import type { CliIo } from "./io.ts";
import { likeCommand, unlikeCommand } from "./like.ts";
import { loginCommand } from "./login.ts";
import { postCommand, replyCommand } from "./post.ts";
import { queryCommand } from "./query.ts";
import { repostCommand } from "./repost.ts";
import { initCommand, type ServeHost, serveCommand } from "./serve.ts";
import { showCommand } from "./show.ts";
import { statusCommand } from "./status.ts";
import { timelineCommand } from "./timeline.ts";
import { updateCommand } from "./update.ts";
import { watchCommand } from "./watch.ts";

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

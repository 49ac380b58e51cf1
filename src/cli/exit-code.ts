/** How a command ends. */
export const EXIT = {
  done: 0,
  /** The hub, or the input, said no. */
  refused: 1,
  /** The command line was wrong. */
  usage: 2,
  /** No hub could be reached. */
  unreachable: 3,
  /** Ctrl-C, as shells have it (128 + SIGINT). */
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the running command. Its message is a sentence for the person at the keyboard, or empty when all is said. */
export class CommandEnd extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = "CommandEnd";
    this.exitCode = exitCode;
  }
}

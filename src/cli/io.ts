/** Where a command writes: a stream, or memory in tests. */
export interface CliOutput {
  /** Resolves when the text (or bytes) may be followed by more. */
  write(text: string | Uint8Array): Promise<void>;
  readonly isTTY: boolean;
}

/** Everything a command may reach outside itself. */
export interface CliIo {
  readonly stdin: AsyncIterable<Uint8Array>;
  /** Whether a person types into it. */
  readonly stdinIsTTY: boolean;
  readonly stdout: CliOutput;
  readonly stderr: CliOutput;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly fetch: typeof fetch;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after `ms`, or at once when the signal is aborted. */
  readonly pause: (ms: number) => Promise<void>;
  /** Asks a person for a secret that is not shown while it is typed; undefined where nobody can be asked. */
  readonly askSecret?: (question: string) => Promise<string>;
}

/** LIMIT: what a command reads from standard input as text, in bytes. */
export const STDIN_TEXT_BYTES_MAX = 4 * 1_024 * 1_024;

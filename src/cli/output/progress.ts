import type { CliIo } from "../io.ts";

/** Something that shows how far a long command is: a bar on a terminal, nothing elsewhere. */
export interface Progress {
  /** `done` of the total (bytes), and what to say beside it. */
  update(done: number, note: string): void;
  stop(): void;
}

/** A progress bar on standard error when it is a terminal. `total` in bytes, undefined when nobody knows. */
export async function openProgress(io: CliIo, label: string, total: number | undefined): Promise<Progress> {
  if (!io.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const { default: cliProgress } = await import("cli-progress");
  const format = total === undefined ? `${label} {mb} MB {note}` : `${label} {bar} {percentage}% {note}`;
  const bar = new cliProgress.SingleBar(
    { format, hideCursor: true, clearOnComplete: true, stream: process.stderr },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total ?? 1, 0, { note: "", mb: "0.0" });
  return {
    update: (done, note) =>
      bar.update(total === undefined ? 0 : Math.min(done, total), { note, mb: (done / 1e6).toFixed(1) }),
    stop: () => bar.stop(),
  };
}

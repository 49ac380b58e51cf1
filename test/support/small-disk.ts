import { spawnSync } from "node:child_process";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";

/** Whether this process may mount a small file system, which is the only honest full disk. */
export const canMount = process.getuid?.() === 0 && spawnSync("unshare", ["-m", "true"]).status === 0;

/** A small file system of its own, unmounted when disposed of. */
export interface SmallDisk extends AsyncDisposable {
  /** Writes a file until there is no room left. */
  fill(): Promise<void>;
  /** Removes that file. */
  makeRoom(): Promise<void>;
}

/** Mounts a small file system on a folder; only where {@link canMount}. */
export function mountSmallDisk(folder: string, bytes: number): SmallDisk {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${bytes},mode=700`, "tmpfs", folder]);
  if (mounted.status !== 0) throw new Error(`Could not mount a small disk: ${String(mounted.stderr)}`);
  const filler = join(folder, "filler");
  return {
    fill: () => fill(filler),
    makeRoom: () => rm(filler),
    [Symbol.asyncDispose]: async () => void spawnSync("umount", ["-l", folder]),
  };
}

async function fill(path: string): Promise<void> {
  await using handle = await open(path, "w");
  for (const size of [65_536, 4_096]) {
    const block = Buffer.alloc(size, 1);
    try {
      for (;;) if ((await handle.write(block)).bytesWritten < size) break;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

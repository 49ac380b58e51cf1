import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { messageOf } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import type { HubOptions } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { openProgress } from "../output/progress.ts";
import { writeBody } from "../output/response-text.ts";
import { inline } from "../output/terminal-text.ts";

/** `sterna export`: writes everything as TriG, which imports to an equal store. */
export function exportCommand(io: CliIo): Command {
  return hubCommand("export", "Write what is in the hub as TriG: all with the owner's token, your own with yours.", [
    "sterna export -o backup.trig",
    'sterna export -o backup.trig.gz --token "$(cat data/owner-token)"',
    "sterna export | gzip > backup.trig.gz",
  ])
    .option("-o, --output <file>", "the file to write, whole or not at all; gzipped when it ends in .gz")
    .action(async (options: HubOptions & { readonly output?: string }) => {
      const hub = await hubOf(io, options);
      const response = await hub.send("api/export", { accept: "application/trig" });
      if (options.output === undefined || options.output === "-") return writeBody(io, response);
      const written = await writeFileWhole(io, response, resolve(io.cwd, options.output));
      if (options.json === true) await printJson(io, { file: options.output, bytes: written });
      else await io.stderr.write(`Wrote ${inline(options.output)}: ${(written / 1e6).toFixed(1)} MB of TriG.\n`);
    });
}

async function writeFileWhole(io: CliIo, response: Response, path: string): Promise<number> {
  const draft = `${path}.${process.pid}.part`;
  const progress = await openProgress(io, "export", undefined);
  let written = 0;
  const body: AsyncIterable<Uint8Array> = response.body ?? new ReadableStream<Uint8Array>();
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      written += chunk.byteLength;
      progress.update(written, "");
      yield chunk;
    }
  };
  try {
    // An export holds private posts, so nobody else reads it unless its owner says so.
    const file = createWriteStream(draft, { mode: 0o600 });
    if (path.endsWith(".gz"))
      await pipeline(counted, (await import("node:zlib")).createGzip(), file, { signal: io.signal });
    else await pipeline(counted, file, { signal: io.signal });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    if (io.signal.aborted) throw new CommandEnd(EXIT.interrupted, "");
    throw new CommandEnd(
      EXIT.refused,
      `Expected to write ${path}, but could not: ${messageOf(error)}. Nothing was left half written.`,
    );
  } finally {
    progress.stop();
  }
  return written;
}

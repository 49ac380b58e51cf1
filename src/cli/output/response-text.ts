import type { CliIo } from "../io.ts";
import { plain } from "./terminal-text.ts";

/**
 * Writes a response's body as it comes: its bytes unchanged into a file or pipe; on a terminal as text with control
 * characters made visible.
 */
export async function writeBody(io: CliIo, response: Response): Promise<void> {
  if (response.body === null) return;
  const body: AsyncIterable<Uint8Array> = response.body;
  const decoder = new TextDecoder();
  let last = 0x0a;
  for await (const chunk of body) {
    last = chunk.at(-1) ?? last;
    await io.stdout.write(
      io.stdout.isTTY ? plain(decoder.decode(chunk, { stream: true }).replaceAll("\r\n", "\n")) : chunk,
    );
  }
  if (io.stdout.isTTY && last !== 0x0a) await io.stdout.write("\n");
}

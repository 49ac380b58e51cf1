import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** The W3C's `sparql11` folder of August 2026 with its licence: a JSON object from paths to texts, gzipped. */
const PACKED = join(import.meta.dirname, "fixtures/w3c-sparql11.json.gz");

/** Unpacks the suite into a temporary folder, which goes away with the result. */
export async function unpackSuite(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sterna-w3c-"));
  const texts = JSON.parse(gunzipSync(await readFile(PACKED)).toString("utf8")) as Readonly<Record<string, string>>;
  for (const [path, text] of Object.entries(texts)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

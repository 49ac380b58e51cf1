// Compiles src/ to dist/: `node scripts/build.ts`. Does nothing when dist/ is newer than every source, unless `--fresh`.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const ENTRY = join(ROOT, "dist/sterna.js");

/** The time of the newest source, in milliseconds since 1970. */
function newestSource_ms(): number {
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).map((name) =>
    join(ROOT, "src", name),
  );
  const all = [...sources, join(ROOT, "tsconfig.json"), join(ROOT, "tsconfig.build.json")];
  return Math.max(...all.map((path) => statSync(path).mtimeMs));
}

function build(): number {
  // An installed package has dist/ and no sources.
  if (!existsSync(join(ROOT, "src"))) return existsSync(ENTRY) ? 0 : 1;
  const fresh = process.argv.includes("--fresh");
  if (!fresh && existsSync(ENTRY) && statSync(ENTRY).mtimeMs > newestSource_ms()) return 0;
  process.stderr.write("Building dist/ from src/ …\n");
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  const started = new Date();
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const { status } = spawnSync(tsc, ["-p", "tsconfig.build.json"], { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) {
    process.stderr.write("The build failed: expected every source to compile; see the messages above.\n");
    rmSync(join(ROOT, "dist"), { recursive: true, force: true });
    return 1;
  }
  chmodSync(ENTRY, 0o755);
  // As old as the start of the build: a source changed while it ran is seen by the next.
  utimesSync(ENTRY, started, started);
  return 0;
}

process.exitCode = build();

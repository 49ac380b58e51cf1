import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ENTRY = join(import.meta.dirname, "../src/sterna.ts");

/** Starts the command under a Node that says it is another version. */
function startUnder(version: string) {
  const disguise = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } })`;
  return spawnSync(process.execPath, ["--import", `data:text/javascript,${disguise}`, ENTRY, "--help"], {
    encoding: "utf8",
  });
}

describe("the sterna command", () => {
  it("says which Node it needs when started with an older one", () => {
    const { status, stderr, stdout } = startUnder("20.20.2");
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("needs Node.js 24 or later");
  });

  it("starts with a later one", () => {
    const { status, stderr, stdout } = startUnder("26.0.0");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain("serve");
  });
});

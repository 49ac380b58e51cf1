import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { freePort, freePorts } from "./free-port.ts";

const PORTS = 150;
const SCRIPT = `import { freePorts } from ${JSON.stringify(new URL("free-port.ts", import.meta.url).href)};
console.log(JSON.stringify(await freePorts(${PORTS})));`;

it("gives each port to one process and once", async () => {
  const elsewhere = Array.from({ length: 3 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", SCRIPT]);
    return JSON.parse(stdout) as readonly number[];
  });
  const own = await freePorts(PORTS);
  const all = [...own, ...(await Promise.all(elsewhere)).flat()];
  // The others may have ended one after the other, and then had the same block.
  expect(new Set(own).size).toBe(PORTS);
  expect(all.slice(PORTS).filter((port) => own.includes(port))).toEqual([]);
});

it("gives none that the system gives out by itself, and none that is taken", async () => {
  const port = await freePort();
  expect(port).toBeLessThan(32_768);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(port + 1, "127.0.0.1", resolve));
  expect(await freePort()).toBeGreaterThan(port + 1);
  await new Promise((resolve) => taken.close(resolve));
});

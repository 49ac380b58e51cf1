import { copyFile, open, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import { canMount, mountSmallDisk } from "../support/small-disk.ts";
import { HubProcess, type TestAccount } from "./hub-process.ts";
import { Commands } from "./sterna-command.ts";

/** What only a mistake of ours prints. */
const STACK = /\n\s+at /;
/** The size of the small disk. */
const DISK_BYTES = 3 * 1_048_576;

describe("a hub whose folder or port is in trouble", () => {
  let port = 0;
  let hub: HubProcess;
  let alice: TestAccount;
  let commands: Commands;
  const kept: string[] = [];

  beforeAll(async () => {
    commands = await Commands.open();
    port = await freePort();
    hub = await HubProcess.start({ port });
    alice = await hub.account("alice");
    kept.push(await alice.post("Kept, whatever comes"), await alice.post("And this one too"));
  });
  afterAll(async () => {
    await hub[Symbol.asyncDispose]();
    await commands[Symbol.asyncDispose]();
  });

  const serve = async (more: Readonly<Record<string, string>>) =>
    await commands.run(["serve"], { env: { STERNA_XMPP: "off", STERNA_LOG: "warn", ...more } });
  /** The hub goes on: healthy, everything there, the next post works. */
  const goesOn = async (): Promise<void> => {
    expect(await hub.health()).toMatchObject({ status: "ok" });
    kept.push(await alice.post("The next post"));
    expect([...(await hub.posts(alice.iri)).keys()].sort()).toEqual(kept.toSorted());
  };

  it("keeps its port: a second hub says which is taken and ends", async () => {
    const { code, stderr } = await serve({ STERNA_DATA: "second", STERNA_PORT: String(port) });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(new RegExp(`Expected .*${port}.*(taken|in use|listens).*(STERNA_PORT|--port)`, "s"));
    expect(stderr).not.toMatch(STACK);
    await goesOn();
    // The folder of the one that could not start is whole: it starts at another port.
    await using second = commands.start(["serve"], {
      env: { STERNA_XMPP: "off", STERNA_DATA: "second", STERNA_PORT: String(await freePort()) },
    });
    await second.prints("Sterna is up");
  });

  it("keeps its data: a second hub on the same folder names the first one and ends", async () => {
    const { code, stderr } = await serve({
      STERNA_DATA: join(hub.folder, "data"),
      STERNA_PORT: String(await freePort()),
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Expected to be the only hub using .*hub\.db.*pid \d+.*data folder/s);
    expect(stderr).not.toMatch(STACK);
    await goesOn();
  });

  it("says which options are wrong, all at once, and does not start", async () => {
    const { code, stderr } = await serve({
      STERNA_PORT: "99999",
      STERNA_BASE: "localhost",
      STERNA_LOG: "loud",
      XMPP_DOMAIN: "not a domain",
    });
    expect(code).toBe(2);
    expect(stderr).toMatch(/STERNA_PORT: expected a number from 0 to 65535, but got "99999"/);
    expect(stderr).toMatch(/STERNA_BASE: expected .*"localhost"/);
    expect(stderr).toMatch(/STERNA_LOG: expected .*"loud"/);
    expect(stderr).toMatch(/XMPP_DOMAIN: expected .*"not a domain"/);
  });

  it("does not start under other addresses than it began with", async () => {
    await hub.end("SIGTERM");
    const { code, stderr } = await serve({
      STERNA_DATA: join(hub.folder, "data"),
      STERNA_PORT: String(port),
      STERNA_BASE: "https://elsewhere.example/",
    });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(new RegExp(`STERNA_BASE.*began as ${hub.base}`, "s"));
    await hub.up();
    await goesOn();
  });

  it.each([
    ["overwritten in its middle", async (path: string) => await overwrite(path, 4_096, 60_000)],
    ["overwritten at its beginning", async (path: string) => await overwrite(path, 0, 100)],
    ["cut off", async (path: string) => await writeFile(path, (await readFile(path)).subarray(0, 20_000))],
    ["emptied", async (path: string) => await writeFile(path, "")],
  ])("does not start on a hub.db that was %s, leaves it as it is, and starts on a backup", async (_, damage) => {
    await hub.end("SIGTERM");
    const file = join(hub.folder, "data/hub.db");
    const backup = join(hub.folder, "backup.db");
    await copyFile(file, backup);
    await damage(file);
    const damaged = await readFile(file);
    const { code, stderr } = await serve({ STERNA_DATA: join(hub.folder, "data"), STERNA_PORT: String(port) });
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Expected .*hub\.db.*(damaged|empty).*backup.*import/s);
    expect(stderr).not.toMatch(STACK);
    expect(damaged.equals(await readFile(file))).toBe(true);
    await rename(backup, file);
    await hub.up();
    await goesOn();
  });
});

describe("a hub whose disk is full", () => {
  it("refuses what it cannot store, loses nothing, and goes on when there is room", async () => {
    const { stored, found } = canMount ? await onSmallDisk() : await inSmallStore();
    expect(found).toEqual(stored);
  });
});

interface Outcome {
  readonly stored: ReadonlyMap<string, string>;
  readonly found: ReadonlyMap<string, string>;
}

async function onSmallDisk(): Promise<Outcome> {
  await using hub = await HubProcess.start();
  await hub.end("SIGTERM");
  await using disk = mountSmallDisk(join(hub.folder, "data"), DISK_BYTES);
  await hub.up();
  const alice = await hub.account("alice");
  const stored = new Map<string, string>();
  for (let n = 0; n < 5; n++) stored.set(await alice.post(`Stored in time ${n}`), `Stored in time ${n}`);
  await disk.fill();
  await postUntilFull(hub, alice, stored);
  await disk.makeRoom();
  stored.set(await alice.post("Room again"), "Room again");
  expect(await hub.posts(alice.iri)).toEqual(stored);
  await hub.end("SIGKILL");
  await hub.up();
  const found = await hub.posts(alice.iri);
  await hub.end("SIGTERM");
  return { stored, found };
}

/** The same with a store of bounded size, where nothing may be mounted: there is room again after a restart. */
async function inSmallStore(): Promise<Outcome> {
  const preload = new URL("../fixtures/small-store.mjs", import.meta.url).href;
  const env: Record<string, string> = { NODE_OPTIONS: `--import=${preload}`, STORE_PAGES_MAX: "200" };
  await using hub = await HubProcess.start({ env });
  const alice = await hub.account("alice");
  const stored = new Map<string, string>();
  await postUntilFull(hub, alice, stored);
  await hub.end("SIGKILL");
  env["STORE_PAGES_MAX"] = "2000";
  await hub.up();
  stored.set(await alice.post("Room again"), "Room again");
  return { stored, found: await hub.posts(alice.iri) };
}

/** Posts until the hub refuses for want of room; then all that it took is there, whole, and the hub is well. */
async function postUntilFull(hub: HubProcess, alice: TestAccount, stored: Map<string, string>): Promise<void> {
  let refusal = "";
  for (let n = 0; n < 2_000 && refusal === ""; n++) {
    const text = `${"Room is getting scarce. ".repeat(150)}${n}`;
    try {
      stored.set(await alice.post(text), text);
    } catch (error) {
      refusal = error instanceof Error ? error.message : String(error);
    }
  }
  expect(refusal).toMatch(/507 .*disk is full.*nothing was stored/s);
  expect(stored.size).toBeGreaterThan(0);
  expect(await hub.health()).toMatchObject({ status: "ok" });
  expect(await hub.posts(alice.iri)).toEqual(stored);
  const [half] = await hub.select(
    "PREFIX sioc: <http://rdfs.org/sioc/ns#> SELECT (COUNT(*) AS ?n) { ?post a sioc:Post FILTER NOT EXISTS { ?post sioc:content ?text } }",
  );
  expect(half?.["n"]).toBe("0");
}

async function overwrite(path: string, from: number, length: number): Promise<void> {
  const { size } = await stat(path);
  await using handle = await open(path, "r+");
  await handle.write(Buffer.alloc(Math.min(length, size - from), 0x5a), 0, undefined, from);
}

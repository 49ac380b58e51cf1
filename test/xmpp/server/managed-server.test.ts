import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SERVICES_FOLDER } from "../../../scripts/services.ts";
import { isRefusal } from "../../../src/outcome/refusal.ts";
import { type ManagedServer, type StartProsodyOptions, startProsody } from "../../../src/xmpp/server/managed-server.ts";
import { prosodyAccountFiles, prosodyConfig } from "../../../src/xmpp/server/prosody-config.ts";
import { findProsody, type ProsodyProgram, unpackedProsody } from "../../../src/xmpp/server/prosody-program.ts";
import { freePort } from "../../support/free-port.ts";
import { describeNeeding } from "../../support/needing.ts";

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sterna-managed-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function program(): Promise<ProsodyProgram> {
  const found = await findProsody({ servicesFolder: SERVICES_FOLDER, fetch: false });
  if (isRefusal(found)) throw new Error(found.message);
  return found;
}

async function wish(more: Partial<StartProsodyOptions> = {}): Promise<StartProsodyOptions> {
  return {
    program: await program(),
    dataFolder: folder,
    components: [{ domain: "hub.localhost", secret: "s" }],
    componentPort: await freePort(),
    federation: { kind: "off" },
    log: silent,
    ...more,
  };
}

/** Resolves when the server is up under another process than now. */
function untilRestarted(server: ManagedServer): Promise<void> {
  const { status } = server;
  return new Promise((resolve) => {
    const stopListening = server.onStatus((next) => {
      if (next.kind !== "up" || (status.kind === "up" && status.pid === next.pid)) return;
      stopListening();
      resolve();
    });
  });
}

/** Opens a component stream and reads until a pattern comes (XEP-0114 §3). */
async function greet(port: number, domain: string, wanted: RegExp): Promise<string> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  try {
    const stream = "http://etherx.jabber.org/streams";
    socket.write(`<stream:stream xmlns='jabber:component:accept' xmlns:stream='${stream}' to='${domain}'>`);
    return await readUntil(socket, wanted);
  } finally {
    socket.destroy();
  }
}

async function readUntil(socket: Socket, wanted: RegExp): Promise<string> {
  let text = "";
  for await (const chunk of socket) {
    text += String(chunk);
    if (wanted.test(text)) return text;
  }
  throw new Error(`The stream ended with ${text}`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process that is gone but not yet waited for by its parent still has its number; its command line is empty. */
async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid) && (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")) !== "") {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function pidOf(server: ManagedServer): number {
  if (server.status.kind !== "up") throw new Error(`It is ${server.status.kind}.`);
  return server.status.pid;
}

await describeNeeding(["prosody"], "a managed Prosody", () => {
  it("takes its components on loopback as soon as it is started", async () => {
    await using server = await startProsody(await wish());
    expect(server.status).toMatchObject({ kind: "up", starts: 1 });
    expect(await greet(server.componentPort, "hub.localhost", /<stream:stream[^>]*id=/)).toContain("hub.localhost");
    expect(await greet(server.componentPort, "other.localhost", /<\/stream:stream>/)).toContain("host-unknown");
  });

  it("is restarted when it is killed, and says so", async () => {
    await using server = await startProsody(await wish());
    const seen: string[] = [];
    server.onStatus(({ kind }) => seen.push(kind));
    const first = pidOf(server);
    const restarted = untilRestarted(server);
    process.kill(first, "SIGKILL");
    await restarted;
    expect(seen).toEqual(["restarting", "up"]);
    expect(server.status).toMatchObject({ starts: 2 });
    await greet(server.componentPort, "hub.localhost", /<stream:stream[^>]*id=/);
  });

  it("tries again until its port is free, when another took it meanwhile", async () => {
    await using server = await startProsody(await wish());
    // Taken as soon as the dead server lets it go, which is before the first try.
    const taken = new Promise<Server>((resolve) => {
      const stopListening = server.onStatus(({ kind }) => {
        if (kind !== "restarting") return;
        stopListening();
        const other = createServer().listen(server.componentPort, "127.0.0.1", () => resolve(other));
      });
    });
    const complained = new Promise<string>((resolve) => {
      server.onStatus((status) => {
        if (status.kind === "restarting" && status.problem.includes("EADDRINUSE")) resolve(status.problem);
      });
    });
    const restarted = untilRestarted(server);
    process.kill(pidOf(server), "SIGKILL");
    const other = await taken;
    expect(await complained).toContain(`port ${server.componentPort}`);
    other.close();
    await restarted;
    expect(server.status.kind).toBe("up");
  });

  it("leaves nothing when it is stopped, even while it waits to restart", async () => {
    const server = await startProsody(await wish());
    const pid = pidOf(server);
    await server.stop();
    await server.stop();
    expect(server.status).toEqual({ kind: "stopped" });
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(folder, "prosody.pid"))).toBe(false);

    const again = await startProsody(await wish());
    const waiting = new Promise<void>((resolve) => {
      again.onStatus(({ kind }) => kind === "restarting" && resolve());
    });
    process.kill(pidOf(again), "SIGKILL");
    await waiting;
    await again.stop();
    expect(again.status).toEqual({ kind: "stopped" });
  });

  it("is killed when it does not stop", async () => {
    const server = await startProsody(await wish());
    const pid = pidOf(server);
    process.kill(pid, "SIGSTOP");
    await server.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it("stops when its signal is aborted", async () => {
    const abort = new AbortController();
    const server = await startProsody(await wish({ signal: abort.signal }));
    const stopped = new Promise<void>((resolve) => {
      server.onStatus(({ kind }) => kind === "stopped" && resolve());
    });
    const pid = pidOf(server);
    abort.abort();
    await stopped;
    expect(isAlive(pid)).toBe(false);
  });

  it("refuses a taken port, naming it", async () => {
    await using other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(startProsody(await wish({ componentPort: port }))).rejects.toMatchObject({
      code: "port-taken",
      message: expect.stringContaining(String(port)) as string,
    });
  });

  it("fails with the last words of a server that does not come up", async () => {
    const broken = join(folder, "broken");
    await writeFile(broken, "#!/bin/sh\necho 'startup error no such module' >&2\nexit 3\n");
    await chmod(broken, 0o755);
    const options = await wish({ program: { command: broken, parameters: [], env: {}, from: "machine" } });
    await expect(startProsody(options)).rejects.toMatchObject({
      code: "service-failed",
      message: expect.stringMatching(/exit code 3.*no such module/) as string,
    });
  });

  it("keeps secrets in files that only their owner can read", async () => {
    const accounts = [{ jid: "ann@localhost", password: "tern" }];
    await using _server = await startProsody(await wish({ accounts, c2sPort: await freePort() }));
    for (const path of ["prosody.cfg.lua", "data/localhost/accounts/ann.dat"]) {
      expect((await stat(join(folder, path))).mode & 0o077).toBe(0);
    }
  });

  it("lets accounts log in with SASL PLAIN", async () => {
    const accounts = [{ jid: "ann@localhost", password: 'a"b\\c' }];
    const c2sPort = await freePort();
    await using _server = await startProsody(await wish({ accounts, c2sPort }));
    const socket = connect(c2sPort, "127.0.0.1").setEncoding("utf8");
    const stream = "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'";
    const answer = Buffer.from('\0ann\0a"b\\c').toString("base64");
    socket.write(`<stream:stream ${stream} to='localhost'>`);
    socket.write(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${answer}</auth>`);
    expect(await readUntil(socket, /<(success|failure)/)).toContain("<success");
    socket.destroy();
  });

  it("ends with a hub that is killed, or is ended by the next one", async () => {
    const options = await wish();
    const hub = spawn(process.execPath, ["--input-type=module", "-"], { stdio: ["pipe", "pipe", "inherit"] });
    hub.stdin.end(`
      import { startProsody } from ${JSON.stringify(new URL("../../../src/xmpp/server/managed-server.ts", import.meta.url).href)};
      const silent = { info() {}, warn() {}, error() {} };
      const server = await startProsody({ ...${JSON.stringify(options)}, log: silent });
      console.log(server.status.pid);
    `);
    const [line] = (await once(createInterface({ input: hub.stdout }), "line")) as [string];
    const left = Number(line);
    hub.kill("SIGKILL");
    await once(hub, "exit");
    await using server = await startProsody(await wish());
    expect(pidOf(server)).not.toBe(left);
    await untilGone(left);
  });

  it("ends the server that a killed hub left behind, told by its pid file", async () => {
    const left = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", join(folder, "prosody.cfg.lua")]);
    const exit = once(left, "exit");
    await writeFile(join(folder, "prosody.pid"), `${left.pid}\n`);
    await using _server = await startProsody(await wish());
    expect(await exit).toEqual([null, "SIGTERM"]);
  });

  it("leaves alone a process that has the number in its pid file by chance", async () => {
    const stranger = spawn("sleep", ["600"]);
    await writeFile(join(folder, "prosody.pid"), `${stranger.pid}\n`);
    await using _server = await startProsody(await wish());
    expect(stranger.exitCode).toBe(null);
    expect(isAlive(stranger.pid ?? 0)).toBe(true);
    stranger.kill();
    await once(stranger, "exit");
  });
});

describe("findProsody", () => {
  it("takes the prosody on PATH first", async () => {
    const before = process.env["PATH"];
    await writeFile(join(folder, "prosody"), "#!/bin/sh\n");
    await chmod(join(folder, "prosody"), 0o755);
    process.env["PATH"] = `${folder}:${before}`;
    try {
      const found = await findProsody({ servicesFolder: folder, fetch: false });
      expect(found).toEqual({ command: join(folder, "prosody"), parameters: [], env: {}, from: "machine" });
    } finally {
      process.env["PATH"] = before;
    }
  });

  it("refuses with a sentence where what was fetched does not load", async () => {
    await mkdir(join(folder, "usr/bin"), { recursive: true });
    await writeFile(join(folder, "usr/bin/prosody"), "#!/usr/bin/env lua5.4\n");
    await writeFile(join(folder, "usr/bin/lua5.4"), "#!/bin/sh\necho 'no library' >&2\nexit 1\n");
    await chmod(join(folder, "usr/bin/lua5.4"), 0o755);
    const found = await unpackedProsody(folder);
    expect(found).toMatchObject({ code: "unavailable", message: expect.stringContaining("no library") as string });
  });

  it("refuses where nothing was fetched", async () => {
    expect(await unpackedProsody(folder)).toMatchObject({ kind: "refusal", code: "unavailable" });
  });
});

describe("prosodyConfig", () => {
  const plain = { componentPort: 1, federation: { kind: "off" } } as const;

  it("escapes what could end a Lua string", () => {
    const text = prosodyConfig({ ...plain, components: [{ domain: "a", secret: 'x"\n]] .. os.exit() --é' }] }, "/data");
    expect(text).toContain('component_secret = "x\\034\\010\\093\\093 .. os.exit\\040\\041 --\\195\\169"');
  });

  it("speaks to other servers only when told to", () => {
    const components = [{ domain: "a", secret: "s" }];
    expect(prosodyConfig({ ...plain, components }, "/data")).toContain('modules_disabled = { "tls", "s2s", "c2s" }');
    const federation = { kind: "on", interfaces: ["127.0.1.1"], port: 5269 } as const;
    const open = prosodyConfig({ ...plain, components, federation }, "/data");
    expect(open).toContain('modules_disabled = { "tls", "c2s" }');
    expect(open).toContain('s2s_interfaces = { "127.0.1.1" }');
  });

  it("can encrypt where it asks other servers to", () => {
    const federation = { kind: "on", interfaces: ["*"], port: 5269, certificatesFolder: "/certificates" } as const;
    const text = prosodyConfig({ ...plain, components: [{ domain: "a", secret: "s" }], federation }, "/data");
    expect(text).toContain('modules_enabled = { "disco", "dialback", "tls" }');
    expect(text).toContain("s2s_require_encryption = true");
  });

  it("names account files as Prosody does", () => {
    const files = prosodyAccountFiles([{ jid: "ann.lee@hub.example", password: "p" }]);
    expect([...files.keys()]).toEqual(["hub%2eexample/accounts/ann%2elee.dat"]);
  });
});

import { spawn } from "node:child_process";
import { access, constants, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type FetchProgress, fetchDebianPackages } from "./debian-packages.ts";

/** LIMIT: starting Lua and loading Prosody's libraries. */
const PROBE_TIMEOUT_MS = 10_000;
/** What Prosody is made of in Debian; `lua-unbound` resolves names, without it federation is slower. */
const PACKAGES = ["prosody", "lua-unbound"];
/** Loads what is compiled: shows at once a library that is missing or made for another machine. */
const PROBE = `require "lxp"; require "socket"; require "lfs"; require "util.encodings"; require "util.startup"`;

/** How to start a Prosody: a command with its first arguments and what it needs in its environment. */
export interface ProsodyProgram {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Whether it is the machine's own or lies in the services folder. */
  readonly from: "machine" | "services-folder";
}

/** Where to look for Prosody, and whether to fetch it. */
export interface FindProsodyOptions {
  /** The folder for programs fetched by this project; Prosody goes into its subfolder `prosody`. */
  readonly servicesFolder: string;
  /** Whether it may be fetched from Debian when it is nowhere; default true. */
  readonly fetch?: boolean;
  /** Called while something is fetched. */
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Finds a `prosody` on PATH, else in the services folder, else fetches Debian's into it (about 1 MB, no root).
 * Refuses with `unavailable` and what to do where none of that can be.
 */
export async function findProsody(options: FindProsodyOptions): Promise<ProsodyProgram | Refusal> {
  const own = await onPath("prosody");
  if (own !== undefined) return { command: own, parameters: [], env: {}, from: "machine" };
  const folder = join(resolve(options.servicesFolder), "prosody");
  const kept = await unpackedProsody(folder, options.signal);
  if (!isRefusal(kept)) return kept;
  if (options.fetch === false) return kept;
  const { onProgress, signal } = options;
  const fetched = await fetchDebianPackages({
    packages: PACKAGES,
    folder,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  if (isRefusal(fetched)) {
    return refuse(
      "unavailable",
      `No XMPP server is at hand: there is no prosody on PATH, and it could not be fetched. ${fetched.message} Or name a server of your own.`,
    );
  }
  return await unpackedProsody(folder, options.signal);
}

/** Prosody as unpacked under `folder`, made ready to run from there; refuses when it is not there or does not load. */
export async function unpackedProsody(folder: string, signal?: AbortSignal): Promise<ProsodyProgram | Refusal> {
  const script = await readFile(join(folder, "usr/bin/prosody"), "utf8").catch(() => undefined);
  if (script === undefined) return refuse("unavailable", `No XMPP server is at hand: there is no prosody on PATH.`);
  const interpreter = /^#!.*\b(lua[\d.]*)\s*$/m.exec(script)?.[1] ?? "lua5.4";
  const version = interpreter.slice("lua".length);
  const relocated = join(folder, "prosody.lua");
  await keepFile(relocated, script.replaceAll("/usr/lib/prosody", join(folder, "usr/lib/prosody")));
  const own = join(folder, "usr/bin", interpreter);
  const command = (await executable(own)) ? own : await onPath(interpreter);
  if (command === undefined)
    return refuse("unavailable", `Prosody in ${folder} needs ${interpreter}; remove the folder.`);
  const libraries = await libraryFolders(folder);
  const shared = join(folder, "usr/share/lua", version);
  const env = {
    LD_LIBRARY_PATH: [...libraries, process.env["LD_LIBRARY_PATH"] ?? ""].filter(Boolean).join(delimiter),
    // Two semicolons stand for Lua's own paths, where libraries lie that the machine has.
    LUA_PATH: `${shared}/?.lua;${shared}/?/init.lua;;`,
    LUA_CPATH: `${libraries.map((library) => `${library}/lua/${version}/?.so`).join(";")};;`,
  };
  const program = { command, parameters: [relocated], env, from: "services-folder" } as const;
  const problem = await probe(program, folder, signal);
  return problem ?? program;
}

/** Writes a file whole, and only when it differs: others may be starting from it at this moment. */
async function keepFile(path: string, text: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return;
  const partial = `${path}.${process.pid}.partial`;
  await writeFile(partial, text);
  await rename(partial, path);
}

/** The folders with shared libraries under an unpacked package: those of the machine's architecture, and `usr/lib`. */
export async function libraryFolders(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const base of [join(folder, "usr/lib"), join(folder, "lib")]) {
    const names = await readdir(base).catch(() => []);
    found.push(...names.filter((name) => name.includes("-linux-")).map((name) => join(base, name)), base);
  }
  return found;
}

/** Loads Prosody's libraries once; refuses with what the loader said. */
function probe(program: ProsodyProgram, folder: string, signal?: AbortSignal): Promise<undefined | Refusal> {
  const source = join(folder, "usr/lib/prosody");
  const paths = `package.path = "${source}/?.lua;" .. package.path; package.cpath = "${source}/?.so;" .. package.cpath;`;
  const limit = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  return new Promise((resolveProbe) => {
    const child = spawn(program.command, ["-e", `${paths} ${PROBE}`], {
      env: { ...process.env, ...program.env },
      stdio: ["ignore", "ignore", "pipe"],
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      if (said.length < 2_000) said += chunk;
    });
    const refusal = () => {
      const line = said.trim().split("\n")[0] ?? "";
      return refuse("unavailable", `Prosody in ${folder} does not load (${line}); it was made for another machine.`);
    };
    child.on("error", () => resolveProbe(refusal()));
    child.on("close", (code) => resolveProbe(code === 0 ? undefined : refusal()));
  });
}

/** The path of a command on PATH, or where Debian puts it. */
export async function onPath(command: string): Promise<string | undefined> {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/sbin"];
  for (const folder of folders) {
    const path = join(folder, command);
    if (folder !== "" && (await executable(path))) return path;
  }
  return undefined;
}

async function executable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

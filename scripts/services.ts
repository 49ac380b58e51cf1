// Programs that tests need and npm does not have: where they are on this machine, else fetched from Debian into
// `.services/` without root.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRefusal, type Refusal, refuse } from "../src/outcome/refusal.ts";
import { type FetchProgress, fetchDebianPackages } from "../src/xmpp/server/debian-packages.ts";
import { findProsody, libraryFolders, onPath } from "../src/xmpp/server/prosody-program.ts";

/** The project's own folder for what it fetched. */
export const SERVICES_FOLDER = join(import.meta.dirname, "../.services");

export const SERVICE_NAMES = [
  "prosody",
  "ejabberd",
  "chromium",
  "rapper",
  "jing",
  "rdflib",
  "slixmpp",
  "libervia",
  "dbus",
  "virtuoso",
] as const;

export type ServiceName = (typeof SERVICE_NAMES)[number];

/** How to start a program: command, first arguments, and what to add to the environment. */
export interface ServiceProgram {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface ServiceRecipe {
  /** Debian's packages. */
  readonly packages: readonly string[];
  /** Roughly what is downloaded, for the person who waits. */
  readonly size: string;
  /** The program as the machine has it. */
  onMachine(): Promise<ServiceProgram | undefined>;
  /** The program as unpacked under a folder. */
  unpacked(folder: string, libraries: readonly string[]): Promise<ServiceProgram | undefined>;
}

const RECIPES: Readonly<Record<Exclude<ServiceName, "prosody">, ServiceRecipe>> = {
  chromium: {
    packages: ["chromium", "fonts-dejavu-core"],
    size: "120 MB",
    onMachine: () => firstCommand(["chromium", "chromium-browser", "google-chrome"]),
    async unpacked(folder, libraries) {
      // Not usr/bin/chromium, a script that looks for the rest under /usr.
      const command = join(folder, "usr/lib/chromium/chromium");
      // Its sound library keeps a part in a folder of its own, which its build path names and we moved.
      const all = [...libraries, ...libraries.map((library) => join(library, "pulseaudio"))];
      return { command, parameters: [], env: { ...libraryPath(all), ...(await fontConfiguration(folder)) } };
    },
  },
  rapper: {
    packages: ["raptor2-utils"],
    size: "1 MB",
    onMachine: () => firstCommand(["rapper"]),
    unpacked: async (folder, libraries) => ({
      command: join(folder, "usr/bin/rapper"),
      parameters: [],
      env: libraryPath(libraries),
    }),
  },
  jing: {
    packages: ["jing", "default-jre-headless"],
    size: "45 MB",
    onMachine: () => firstCommand(["jing"]),
    async unpacked(folder, libraries) {
      const command = (await onPath("java")) ?? (await firstBelow(join(folder, "usr/lib/jvm"), "bin/java"));
      const jars = await readdir(join(folder, "usr/share/java")).catch(() => []);
      const classPath = jars.map((jar) => join(folder, "usr/share/java", jar)).join(":");
      const parameters = ["-cp", classPath, "com.thaiopensource.relaxng.util.Driver"];
      return command === undefined ? undefined : { command, parameters, env: libraryPath(libraries) };
    },
  },
  virtuoso: {
    packages: ["virtuoso-opensource-7-bin"],
    size: "9 MB",
    onMachine: () => firstCommand(["virtuoso-t"]),
    unpacked: async (folder, libraries) => ({
      command: join(folder, "usr/bin/virtuoso-t"),
      parameters: [],
      env: libraryPath(libraries),
    }),
  },
  ejabberd: {
    packages: ["ejabberd"],
    size: "30 MB",
    async onMachine() {
      const erl = await onPath("erl");
      const ebin = await ejabberdModules("/");
      return erl === undefined || ebin === undefined
        ? undefined
        : { command: erl, parameters: ["-pa", ebin], env: { ERL_LIBS: join(ebin, "../..") } };
    },
    async unpacked(folder, libraries) {
      const root = join(folder, "usr/lib/erlang");
      const erts = (await readdir(root).catch(() => [])).find((name) => name.startsWith("erts-"));
      const ebin = await ejabberdModules(folder);
      if (erts === undefined || ebin === undefined) return undefined;
      // Not bin/erl, a script that looks for the rest under /usr/lib/erlang.
      const bin = join(root, erts, "bin");
      const env = { ROOTDIR: root, BINDIR: bin, EMU: "beam", PROGNAME: "erl", ERL_LIBS: join(ebin, "../..") };
      return {
        command: join(bin, "erlexec"),
        parameters: ["-pa", ebin],
        env: { ...env, ...libraryPath(libraries) },
      };
    },
  },
  rdflib: pythonLibrary("rdflib", "1 MB"),
  slixmpp: pythonLibrary("slixmpp", "2 MB"),
  // The script that starts the backend, for Debian's Python; that of the command line is beside it.
  libervia: {
    packages: ["libervia-backend", "libervia-cli"],
    size: "20 MB",
    async onMachine() {
      const command = "/usr/share/libervia/launcher.py";
      return existsSync(command) ? { command, parameters: [], env: {} } : undefined;
    },
    unpacked: async (folder, libraries) => ({
      command: join(folder, "usr/share/libervia/launcher.py"),
      parameters: [],
      env: { ...libraryPath(libraries), PYTHONPATH: join(folder, "usr/lib/python3/dist-packages") },
    }),
  },
  dbus: {
    packages: ["dbus-daemon"],
    size: "1 MB",
    onMachine: () => firstCommand(["dbus-daemon"]),
    unpacked: async (folder, libraries) => ({
      command: join(folder, "usr/bin/dbus-daemon"),
      parameters: [],
      env: libraryPath(libraries),
    }),
  },
};

/** What {@link findService} may do. */
export interface FindServiceOptions {
  /** Whether it may be fetched; default false. */
  readonly fetch?: boolean;
  readonly onProgress?: (progress: FetchProgress) => void;
}

/** Finds a program by its name here; refuses with `unavailable` and what to do where it cannot be had. */
export async function findService(
  name: ServiceName,
  options: FindServiceOptions = {},
): Promise<ServiceProgram | Refusal> {
  const { fetch = false, onProgress } = options;
  const progress = onProgress === undefined ? {} : { onProgress };
  if (name === "prosody") return await findProsody({ servicesFolder: SERVICES_FOLDER, fetch, ...progress });
  const recipe = RECIPES[name];
  const own = await recipe.onMachine();
  if (own !== undefined) return own;
  const folder = join(SERVICES_FOLDER, name);
  if (!existsSync(folder)) {
    if (!fetch) return refuse("unavailable", `${name} is not on this machine; fetch it: npm run services -- ${name}`);
    const { packages } = recipe;
    const fetched = await fetchDebianPackages({ packages, folder, ...progress });
    if (isRefusal(fetched)) return fetched;
  }
  const program = await recipe.unpacked(folder, await libraryFolders(folder));
  if (program !== undefined && existsSync(program.command)) return program;
  return refuse("unavailable", `${name} in ${folder} is not whole; remove that folder and fetch it again.`);
}

/** Roughly how much fetching a program downloads. */
export function downloadSize(name: ServiceName): string {
  return name === "prosody" ? "1 MB" : RECIPES[name].size;
}

/** Python with a library that is its own, or unpacked for it. */
function pythonLibrary(name: string, size: string): ServiceRecipe {
  return {
    packages: [`python3-${name}`],
    size,
    async onMachine() {
      const command = "/usr/bin/python3";
      const loads = spawnSync(command, ["-c", `import ${name}`], { stdio: "ignore" }).status === 0;
      return loads ? { command, parameters: [], env: {} } : undefined;
    },
    async unpacked(folder, libraries) {
      const own = join(folder, "usr/bin/python3");
      const command = existsSync(own) ? own : "/usr/bin/python3";
      const env = { ...libraryPath(libraries), PYTHONPATH: join(folder, "usr/lib/python3/dist-packages") };
      return { command, parameters: [], env };
    },
  };
}

/** The folder with ejabberd's compiled modules under a root; its name has the version. */
async function ejabberdModules(root: string): Promise<string | undefined> {
  for (const library of await libraryFolders(root)) {
    const name = (await readdir(library).catch(() => [])).find((each) => each.startsWith("ejabberd-"));
    if (name !== undefined) return join(library, name, "ebin");
  }
  return undefined;
}

async function firstCommand(names: readonly string[]): Promise<ServiceProgram | undefined> {
  for (const name of names) {
    const command = await onPath(name);
    if (command !== undefined) return { command, parameters: [], env: {} };
  }
  return undefined;
}

async function firstBelow(folder: string, path: string): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  return names.map((name) => join(folder, name, path)).find((candidate) => existsSync(candidate));
}

function libraryPath(libraries: readonly string[]): Record<string, string> {
  return { LD_LIBRARY_PATH: libraries.join(":") };
}

/** Unpacked fonts are not where the machine's font configuration looks, if it has one at all. */
async function fontConfiguration(folder: string): Promise<Record<string, string>> {
  const file = join(folder, "fonts.conf");
  const text = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>${join(folder, "usr/share/fonts")}</dir>
  <cachedir>${join(folder, "fonts-cache")}</cachedir>
</fontconfig>
`;
  if ((await readFile(file, "utf8").catch(() => "")) !== text) await writeFile(file, text);
  return { FONTCONFIG_FILE: file };
}

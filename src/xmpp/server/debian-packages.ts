import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";

/** LIMIT: one run of apt-get or dpkg; Chromium with what it needs is about 150 MB. */
const RUN_TIMEOUT_MS = 15 * 60_000;
/** LIMIT: how much of a program's output is kept for its error sentence. */
const OUTPUT_CHARACTERS_MAX = 4 * 1024 * 1024;

/** How far fetching packages has come. */
export interface FetchProgress {
  readonly step: "lists" | "download" | "unpack";
  /** Percent of this step that is done, 0 to 100. */
  readonly percent: number;
  /** A sentence for the person who waits. */
  readonly text: string;
}

/** What to fetch, and where to. */
export interface FetchOptions {
  /** Names of Debian packages; what they depend on and the machine lacks comes with them. */
  readonly packages: readonly string[];
  /** The folder the packages are unpacked under (made when missing); replaced whole, and only when all went well. */
  readonly folder: string;
  readonly onProgress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
}

interface Finished {
  readonly code: number;
  readonly output: string;
}

/**
 * Fetches Debian packages for the release at hand and unpacks them under a folder, without root and without installing
 * anything: apt works out what the machine lacks, downloads and checks it; `dpkg -x` unpacks it. No maintainer script
 * runs. Package lists that are missing or outdated are fetched into the folder's own place.
 *
 * Refuses with `unavailable` where there is no apt-get or dpkg, no network, or no such package.
 */
export async function fetchDebianPackages(options: FetchOptions): Promise<undefined | Refusal> {
  const { folder, packages } = options;
  await mkdir(join(folder, ".."), { recursive: true });
  const work = await mkdtemp(`${folder}.partial-`);
  try {
    let problem = await downloadPackages(packages, work, [], options);
    if (isRefusal(problem) && problem.code === "remote-refused") {
      const lists = await updateLists(work, options);
      problem = isRefusal(lists) ? lists : await downloadPackages(packages, work, lists, options);
    }
    if (isRefusal(problem)) return refuse("unavailable", problem.message);
    const unpacked = await unpack(work, options);
    if (isRefusal(unpacked)) return unpacked;
    await rm(folder, { recursive: true, force: true });
    await rename(join(work, "root"), folder).catch((error: NodeJS.ErrnoException) => {
      // Another process fetched the same at the same time and was first; its folder is as good.
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
    return undefined;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Refuses with `remote-refused` where newer package lists may help. */
async function downloadPackages(
  packages: readonly string[],
  work: string,
  lists: readonly string[],
  options: FetchOptions,
): Promise<undefined | Refusal> {
  const wanted = ["-s", "install", "--no-install-recommends", "-o", "Debug::NoLocking=1", ...lists, ...packages];
  const simulated = await run("apt-get", wanted, options);
  if (isRefusal(simulated)) return simulated;
  if (simulated.code !== 0) return refuse("remote-refused", failure(packages, simulated));
  const versions = [...simulated.output.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm)].map(([, name, version]) => {
    return `${name}=${version}`;
  });
  // Installed already, but for somebody else's eyes only (its folder is wanted): nothing to fetch.
  if (versions.length === 0) return refuse("unavailable", `${packages.join(", ")}: apt says nothing is missing.`);
  const debs = join(work, "debs");
  await mkdir(debs);
  const title = `Downloading ${packages.join(", ")} (${versions.length} packages)`;
  const downloaded = await run(
    "apt-get",
    ["-q=2", "-o", "APT::Status-Fd=1", ...sandboxOptions(), ...lists, "download", ...versions],
    options,
    { folder: debs, step: "download", title },
  );
  if (isRefusal(downloaded)) return downloaded;
  if (downloaded.code === 0) return undefined;
  await rm(debs, { recursive: true, force: true });
  return refuse("remote-refused", failure(packages, downloaded));
}

/** Fetches package lists into a folder of our own, for a machine whose own are missing or outdated. */
async function updateLists(work: string, options: FetchOptions): Promise<readonly string[] | Refusal> {
  const state = join(work, "lists");
  const cache = join(work, "cache");
  await mkdir(join(state, "partial"), { recursive: true });
  await mkdir(join(cache, "archives/partial"), { recursive: true });
  const lists = ["-o", `Dir::State::lists=${state}`, "-o", `Dir::Cache=${cache}`];
  const title = "Reading the package lists of Debian";
  const updated = await run(
    "apt-get",
    ["-q=2", "-o", "APT::Status-Fd=1", ...sandboxOptions(), ...lists, "update"],
    options,
    { folder: work, step: "lists", title },
  );
  if (isRefusal(updated)) return updated;
  // Without a network apt-get warns and reports success, with nothing fetched.
  const fetched = (await readdir(state)).some((name) => name.includes("_Packages"));
  return updated.code === 0 && fetched ? lists : refuse("unavailable", failure(options.packages, updated));
}

async function unpack(work: string, options: FetchOptions): Promise<undefined | Refusal> {
  const debs = (await readdir(join(work, "debs"))).filter((name) => name.endsWith(".deb"));
  for (const [index, deb] of debs.entries()) {
    const text = `Unpacking ${deb}`;
    options.onProgress?.({ step: "unpack", percent: (100 * index) / debs.length, text });
    const unpacked = await run("dpkg", ["-x", join(work, "debs", deb), join(work, "root")], options);
    if (isRefusal(unpacked)) return unpacked;
    if (unpacked.code !== 0) return refuse("unavailable", failure(options.packages, unpacked));
  }
  options.onProgress?.({ step: "unpack", percent: 100, text: `Unpacked ${debs.length} packages` });
  return undefined;
}

/** apt run by root fetches as the user `_apt`, who may not write into our folder. */
function sandboxOptions(): readonly string[] {
  return process.getuid?.() === 0 ? ["-o", "APT::Sandbox::User=root"] : [];
}

/** Runs a program to its end; refuses with `unavailable` when there is no such program. */
function run(
  command: string,
  parameters: readonly string[],
  options: FetchOptions,
  watched?: { readonly folder: string; readonly step: FetchProgress["step"]; readonly title: string },
): Promise<Finished | Refusal> {
  const limit = AbortSignal.timeout(RUN_TIMEOUT_MS);
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      ...(watched === undefined ? {} : { cwd: watched.folder }),
      env: { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
      stdio: ["ignore", "pipe", "pipe"],
      signal: options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]),
    });
    let output = "";
    const take = (chunk: string) => {
      if (output.length < OUTPUT_CHARACTERS_MAX) output += chunk;
      const percent = watched && /dlstatus:\d+:([\d.]+):[^\n]*\n[^\n]*$/.exec(chunk)?.[1];
      if (watched && percent) {
        options.onProgress?.({ step: watched.step, percent: Number(percent), text: watched.title });
      }
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    child.on("error", (error) => {
      const why =
        error.name === "AbortError" ? "was stopped or took too long" : `could not be started: ${error.message}`;
      resolve(
        refuse(
          "unavailable",
          `Expected Debian's ${command} to fetch ${options.packages.join(", ")}, but it ${why}. Install ${options.packages.join(", ")} by hand, with what this machine installs programs with.`,
        ),
      );
    });
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

function failure(packages: readonly string[], finished: Finished): string {
  const errors = finished.output.split("\n").filter((line) => /^(E:|W: Failed to fetch|dpkg(-deb)?: error)/.test(line));
  const said = errors.length > 0 ? errors.slice(0, 3).join(" ") : `exit code ${finished.code}`;
  return `Fetching the Debian package ${packages.join(", ")} failed (${said}). Check the network and the machine's apt sources, or install it by hand: apt-get install ${packages.join(" ")}.`;
}

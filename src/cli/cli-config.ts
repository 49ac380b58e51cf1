import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { CommandEnd, EXIT } from "./exit-code.ts";
import type { CliIo } from "./io.ts";

/** What is kept about one hub: the account used when none is named, and the others by name. */
export interface SavedHub {
  readonly token?: string;
  readonly account?: string;
  /** Account name → token. */
  readonly accounts?: Readonly<Record<string, string>>;
}

/** The CLI's own settings. */
export interface CliConfig {
  /** URL of the hub used when none is named. */
  readonly default?: string;
  /** URL → hub. */
  readonly hubs: Readonly<Record<string, SavedHub>>;
}

/** Where the settings are: `$XDG_CONFIG_HOME/sterna/config.json`, by default below `~/.config`. */
export function configPath(io: Pick<CliIo, "env">): string {
  const home = io.env["XDG_CONFIG_HOME"] || join(io.env["HOME"] || homedir(), ".config");
  return join(home, "sterna", "config.json");
}

/**
 * Reads the settings; none is an empty one. Ends with `refused` when the file can be read by others (it holds tokens),
 * or is not what was written.
 */
export async function readCliConfig(io: CliIo): Promise<CliConfig> {
  const path = configPath(io);
  let text: string;
  try {
    const { mode } = await stat(path);
    // Windows has no such bits.
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8);
      throw new CommandEnd(
        EXIT.refused,
        `Expected ${path} to be readable by you only (mode 600), but it is ${shown}, and it holds tokens. Run: chmod 600 '${path}'`,
      );
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof CommandEnd) throw error;
    if (isMissing(error)) return { hubs: {} };
    throw new CommandEnd(EXIT.refused, `Expected to read ${path}, but could not: ${messageOf(error)}.`);
  }
  return parseCliConfig(text, path);
}

function parseCliConfig(text: string, path: string): CliConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const hubs = isRecord(value) ? (value["hubs"] ?? {}) : undefined;
  if (!isRecord(value) || !isRecord(hubs) || !Object.values(hubs).every(isRecord)) {
    throw new CommandEnd(
      EXIT.refused,
      `Expected ${path} to hold {"hubs": {…}} as JSON, but it does not. Mend it, or remove it and log in again.`,
    );
  }
  const standard = value["default"];
  return {
    hubs: hubs as CliConfig["hubs"],
    ...(typeof standard === "string" ? { default: standard } : {}),
  };
}

/**
 * Adds an account to the settings and makes it the one used; whole or not at all, mode 0600. Ends with `refused` when
 * they cannot be read or written.
 */
export async function saveAccount(io: CliIo, url: string, token: string, account: string | undefined): Promise<string> {
  const before = await readCliConfig(io);
  const hub = before.hubs[url] ?? {};
  const accounts = {
    ...hub.accounts,
    ...(hub.account !== undefined && hub.token !== undefined ? { [hub.account]: hub.token } : {}),
  };
  const saved: SavedHub =
    account === undefined ? { token, accounts } : { token, account, accounts: { ...accounts, [account]: token } };
  const after: CliConfig = { default: url, hubs: { ...before.hubs, [url]: saved } };
  const path = configPath(io);
  const draft = `${path}.${process.pid}.new`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(after, null, 2)}\n`, { mode: 0o600 });
    await chmod(draft, 0o600);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => undefined);
    throw new CommandEnd(EXIT.refused, `Expected to write ${path}, but could not: ${messageOf(error)}.`);
  }
  return path;
}

/** Whether a value is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

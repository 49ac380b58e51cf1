import { readFileSync } from "node:fs";
import type { ServeOption } from "./cli/commands/serve.ts";
import { CONFIG_OPTIONS, type ConfigFlags, type OptionName } from "./config-options.ts";
import { Fault } from "./outcome/fault.ts";

/** Reads options one by one, and collects every mistake, so that all can be reported at once. */
export class OptionReader {
  readonly mistakes: string[] = [];
  readonly #given = new Map<OptionName, { readonly value: string; readonly where: string }>();

  constructor(env: Readonly<Record<string, string | undefined>>, flags: ConfigFlags) {
    for (const option of CONFIG_OPTIONS) this.#read(option, env, flags);
  }

  #read(
    option: ServeOption & { name: OptionName },
    env: Readonly<Record<string, string | undefined>>,
    flags: ConfigFlags,
  ): void {
    const flag = flags[option.name];
    // An empty variable counts as not given, as compose files and systemd units have it.
    const variable = env[option.env] === "" ? undefined : env[option.env];
    const path = option.secret === true ? env[`${option.env}_FILE`] : undefined;
    if (flag !== undefined) this.#given.set(option.name, { value: flag, where: `--${option.flag}` });
    else if (variable !== undefined && path)
      this.mistakes.push(`${option.env}: expected it or ${option.env}_FILE, but got both.`);
    else if (variable !== undefined) this.#given.set(option.name, { value: variable, where: option.env });
    else if (path) this.#readFile(option, path);
  }

  #readFile(option: ServeOption & { name: OptionName }, path: string): void {
    try {
      const value = readFileSync(path, "utf8").replace(/\r?\n$/, "");
      if (value === "") this.mistakes.push(`${option.env}_FILE: expected a secret in ${path}, but it is empty.`);
      else this.#given.set(option.name, { value, where: `${option.env}_FILE` });
    } catch (error) {
      this.mistakes.push(`${option.env}_FILE: expected a readable file, but ${path} is not (${codeOf(error)}).`);
    }
  }

  given(name: OptionName): string | undefined {
    return this.#given.get(name)?.value;
  }

  text(name: OptionName): string {
    return this.given(name) ?? optionNamed(name).default;
  }

  /** Says what was wrong with an option; secrets are not repeated. */
  wrong(name: OptionName, why: string): void {
    const option: ServeOption = optionNamed(name);
    const got = this.#given.get(name);
    const came = option.secret === true ? "something else" : `"${(got?.value ?? "").slice(0, 80)}"`;
    this.mistakes.push(
      `${got?.where ?? option.env}: expected ${why}, but got ${got === undefined ? "nothing" : came}.`,
    );
  }

  /** A whole number within the bounds that the option's type names. */
  number(name: OptionName): number {
    const option = optionNamed(name);
    const text = this.text(name);
    const [, min, max] = /from (\d+) to (\d+)/.exec(option.type) ?? [];
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= Number(min) && value <= Number(max)) return value;
    this.wrong(name, `a ${option.type}`);
    return Number(option.default);
  }

  /** One of the words listed. */
  word<T extends string>(name: OptionName, words: readonly T[], otherwise: T): T {
    const text = this.given(name);
    if (text === undefined) return otherwise;
    const found = words.find((word) => word === text.toLowerCase());
    if (found === undefined) this.wrong(name, `one of ${words.join(", ")}`);
    return found ?? otherwise;
  }
}

function optionNamed(name: OptionName): (typeof CONFIG_OPTIONS)[number] {
  const found = CONFIG_OPTIONS.find((option) => option.name === name);
  if (found === undefined) throw new Fault("internal", `Expected an option of the table, but got "${name}".`);
  return found;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

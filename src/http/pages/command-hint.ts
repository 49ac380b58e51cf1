import { type Html, html } from "../html.ts";
import type { PageContext } from "./page-context.ts";

/** Pages that hold what is one account's alone, by their path below the base, and what shows the same to its account. */
const COMMANDS: readonly (readonly [path: RegExp, command: (name: string) => string])[] = [
  [/^[^/]+\/timeline$/, () => "sterna timeline"],
  [/^[^/]+\/suggestions$/, () => "sterna discover"],
  [/^[^/]+\/watches$/, () => "sterna watch list"],
  [/^[^/]+\/watches\/([\p{L}\p{N}_-]+)$/u, (name) => `sterna watch show ${name}`],
  [/^[^/]+\/graphs(?:\/.*)?$/, () => "sterna graph list"],
];

/**
 * How to see what this page does not show to everybody: a browser has no token. It says the same whether there is such
 * a thing or not, so that nobody learns of it. Undefined where nothing can be private.
 */
export function commandHint({ path }: PageContext): Html | undefined {
  const plain = decoded(path.replace(/\?.*$/s, ""));
  for (const [pattern, command] of COMMANDS) {
    const found = pattern.exec(plain);
    if (found === null) continue;
    return html`<p class="small soft">What is for its account alone is not shown by pages, which know no login. On the command line it is: <code>${command(found[1] ?? "")}</code></p>`;
  }
  return undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

import { readFileSync } from "node:fs";
import { cpus } from "node:os";

/** One line of the table. */
export interface TableRow {
  readonly title: string;
  /** Milliseconds by column. */
  readonly ours: Percentiles;
  /** Ours when the text, but for its IRIs, was never asked before. */
  readonly fresh: Percentiles;
  readonly http: Percentiles | undefined;
  readonly oxigraph: Percentiles;
  readonly comunica: Percentiles | "over" | undefined;
}

export interface Percentiles {
  readonly p50_ms: number;
  readonly p99_ms: number;
}

/** The table of the README, with where and when it was made. */
export function markdownTable(
  rows: readonly TableRow[],
  about: { readonly posts: number; readonly quads: number; readonly mean: number; readonly limit_ms: number },
): string {
  const over = `over ${about.limit_ms / 1_000} s`;
  const lines = rows.map(({ title, ours, fresh, http, oxigraph, comunica }) => {
    const plain = comunica === "over" ? over : comunica === undefined ? "" : shown(comunica.p50_ms);
    const ratio = times(oxigraph.p50_ms / ours.p50_ms);
    return [title, both(ours), shown(fresh.p50_ms), http === undefined ? "" : both(http), both(oxigraph), plain, ratio];
  });
  const table = [
    ["", "hub's engine", "asked the first time", "over HTTP", "Oxigraph", "plain Comunica", "Oxigraph : hub"],
    ["---", "---", "---", "---", "---", "---", "---"],
    ...lines,
    ["geometric mean", "", "", "", "", "", times(about.mean)],
  ];
  return [placeAndTime(about), "", ...table.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

function both({ p50_ms, p99_ms }: Percentiles): string {
  return `${shown(p50_ms)} / ${shown(p99_ms)}`;
}

function shown(time_ms: number): string {
  return time_ms >= 100 ? Math.round(time_ms).toLocaleString("en") : time_ms.toPrecision(2);
}

function times(ratio: number): string {
  return `${ratio >= 10 ? Math.round(ratio).toLocaleString("en") : ratio.toFixed(1)}×`;
}

/** What was measured, when, on what and with which versions, in a sentence. */
export function placeAndTime({ posts, quads }: { readonly posts: number; readonly quads: number }): string {
  const processors = cpus();
  const versions = ["@comunica/query-sparql", "n3", "oxigraph"].map((name) => `${name} ${versionOf(name)}`);
  const amount = `${posts.toLocaleString("en")} posts, ${quads.toLocaleString("en")} triples`;
  const machine = `${processors.length} × ${processors[0]?.model.trim() ?? "unknown processor"}`;
  const date = new Date().toISOString().slice(0, 10);
  return `${amount}; milliseconds, p50 / p99; ${date}, ${machine}, Node ${process.versions.node}, ${versions.join(", ")}.`;
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8"),
  );
  return String((manifest as { readonly version?: unknown }).version);
}

import type { Command } from "commander";
import { isRecord } from "../cli-config.ts";
import type { HubOptions } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { inline, type Paint, painter } from "../output/terminal-text.ts";

/** `sterna status`: how the hub is. */
export function statusCommand(io: CliIo): Command {
  return hubCommand("status", "Show how the hub is: accounts, posts, XMPP, what waits to be pushed.", [
    "sterna status",
    "sterna status --json | jq .outbox.queued",
  ]).action(async (options: HubOptions) => {
    const hub = await hubOf(io, options);
    const status = await hub.json("api/status");
    if (options.json === true) return printJson(io, status);
    await io.stdout.write(`${valueLines(status, painter(io), "").join("\n")}\n`);
  });
}

/** Any JSON as indented lines, in its own order. */
function valueLines(value: unknown, paint: Paint, indent: string): string[] {
  if (!isRecord(value)) return [`${indent}${scalarText(value)}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = paint("dim", `${indent}${nameText(key)}:`);
    if (Array.isArray(inner)) {
      if (inner.length === 0) return [`${name} none`];
      return [name, ...inner.flatMap((each) => [`${indent}  -`, ...valueLines(each, paint, `${indent}    `)])];
    }
    return isRecord(inner) ? [name, ...valueLines(inner, paint, `${indent}  `)] : [`${name} ${unitText(key, inner)}`];
  });
}

function nameText(key: string): string {
  return inline(
    key.replace(/_(s|ms)$/, "").replace(/([a-z])([A-Z])/g, (_, end, start) => `${end} ${String(start).toLowerCase()}`),
  );
}

function unitText(key: string, value: unknown): string {
  if (typeof value === "number" && key.endsWith("_s")) return durationText(value);
  return key.endsWith("_ms") ? `${scalarText(value)} ms` : scalarText(value);
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}

function scalarText(value: unknown): string {
  if (typeof value === "number") return Number.isInteger(value) ? value.toLocaleString("en") : String(value);
  return value === null || value === undefined
    ? "–"
    : inline(typeof value === "string" ? value : JSON.stringify(value));
}

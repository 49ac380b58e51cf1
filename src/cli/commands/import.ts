import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { type Command, Option } from "commander";
import { DROPPED } from "../../core/import/import-finding.ts";
import { formatInfo, formatOfFileName, RDF_FORMATS, type RdfFormat } from "../../rdf/format.ts";
import { isRecord, messageOf } from "../cli-config.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubClient, type HubOptions, textIn } from "../hub-client.ts";
import { hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { openProgress, type Progress } from "../output/progress.ts";
import { inline, painter } from "../output/terminal-text.ts";

/** LIMIT: refused things that are listed; the rest is counted. */
const REFUSALS_SHOWN_MAX = 20;
/** LIMIT: one line of the hub's report, in characters. */
const LINE_LENGTH_MAX = 16 * 1_024 * 1_024;

const DROPPED_WORDS: Readonly<Record<string, string>> = DROPPED;

interface ImportOptions extends HubOptions {
  readonly format?: RdfFormat;
}

/** What became of a file. */
interface ImportReport {
  readonly file: string;
  read: number;
  stored: number;
  unchanged: number;
  deleted: number;
  refused: number;
  /** Triples left out on purpose, by reason. */
  dropped: Record<string, number>;
  refusals: { readonly subject: string; readonly message: string }[];
  done: boolean;
  /** Why the reading ended early. */
  problem?: string;
}

/** `sterna import FILE…`: puts RDF of people and posts into the hub. */
export function importCommand(io: CliIo): Command {
  return hubCommand(
    "import",
    "Import people and posts from RDF files (SIOC, FOAF, SMOB, LSBench; an export of a hub).",
    [
      "sterna import posts.ttl.gz people.ttl.gz",
      "sterna import - --format nquads < export.nq",
      'sterna import backup.trig --token "$(cat data/owner-token)"',
    ],
  )
    .argument("<file...>", 'the files, also gzipped; "-" reads standard input. Importing again changes nothing')
    .addOption(
      new Option("-f, --format <format>", "the format, when the file's name does not tell").choices(
        RDF_FORMATS.map(({ format }) => format),
      ),
    )
    .action(async (files: string[], options: ImportOptions) => {
      const hub = await hubOf(io, options);
      // All names are checked before the first file goes out.
      const sources = await Promise.all(files.map((file) => openSource(io, file, options.format)));
      const reports: ImportReport[] = [];
      for (const source of sources) reports.push(await importOne(io, hub, source));
      await printReports(io, reports, options.json === true);
      if (reports.some(({ refused, problem }) => refused > 0 || problem !== undefined))
        throw new CommandEnd(EXIT.refused, "");
    });
}

interface Source {
  readonly file: string;
  readonly format: RdfFormat;
  readonly size?: number;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

async function openSource(io: CliIo, file: string, wanted: RdfFormat | undefined): Promise<Source> {
  const format = wanted ?? (file === "-" ? undefined : formatOfFileName(file));
  if (format === undefined) {
    const known = RDF_FORMATS.flatMap(({ extensions }) => extensions).join(", ");
    throw new CommandEnd(
      EXIT.usage,
      `Expected a file that ends in ${known} (also with .gz), but got "${file}". Name its format with --format.`,
    );
  }
  if (file === "-") return { file, format, bytes: () => io.stdin };
  const path = resolve(io.cwd, file);
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new Error("it is a folder");
    return { file, format, size: found.size, bytes: () => createReadStream(path) };
  } catch (error) {
    throw new CommandEnd(EXIT.usage, `Expected to read ${path}, but could not: ${messageOf(error)}.`);
  }
}

function newReport(file: string): ImportReport {
  const counts = { read: 0, stored: 0, unchanged: 0, deleted: 0, refused: 0 };
  return { file, ...counts, dropped: {}, refusals: [], done: false };
}

async function importOne(io: CliIo, hub: HubClient, source: Source): Promise<ImportReport> {
  const report = newReport(source.file);
  await using progress = disposable(await openProgress(io, inline(basename(source.file)), source.size));
  const show = (sent: number): void => progress.update(sent, `${report.stored} stored, ${report.refused} refused`);
  let sent = 0;
  const { gzipped, bytes } = await sniffGzip(source.bytes());
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of bytes) {
      sent += chunk.byteLength;
      show(sent);
      yield chunk;
    }
  };
  const response = await hub.send(`api/import?source=${encodeURIComponent(basename(source.file))}`, {
    method: "POST",
    accept: "application/x-ndjson",
    contentType: formatInfo(source.format).mediaType,
    headers: gzipped ? { "content-encoding": "gzip" } : {},
    body: counted(),
  });
  try {
    for await (const line of lines(response)) {
      take(report, line);
      show(sent);
    }
  } catch (error) {
    if (error instanceof CommandEnd) throw error;
    if (io.signal.aborted) throw new CommandEnd(EXIT.interrupted, "");
    throw new CommandEnd(
      EXIT.unreachable,
      `Expected the report to the end, but the connection broke (${messageOf(error)}). Import again: what is there already stays.`,
    );
  }
  if (!report.done)
    throw new CommandEnd(
      EXIT.refused,
      `Expected all of ${source.file} to be imported, but the report ended early. Import again: what is there already stays.`,
    );
  return report;
}

function disposable(progress: Progress): Progress & AsyncDisposable {
  return { ...progress, [Symbol.asyncDispose]: async () => progress.stop() };
}

/** Whether bytes begin as gzip does (RFC 1952 §2.3.1), and the same bytes again. */
async function sniffGzip(
  source: AsyncIterable<Uint8Array>,
): Promise<{ gzipped: boolean; bytes: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  while (head.byteLength < 2) {
    const next = await iterator.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  const bytes = async function* (): AsyncGenerator<Uint8Array> {
    if (head.byteLength > 0) yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { gzipped: head[0] === 0x1f && head[1] === 0x8b, bytes: bytes() };
}

async function* lines(response: Response): AsyncGenerator<unknown> {
  if (response.body === null) return;
  const body: AsyncIterable<Uint8Array> = response.body;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    if (rest.length > LINE_LENGTH_MAX) throw new Error("a line was longer than allowed");
    const whole = rest.split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) if (line.trim() !== "") yield JSON.parse(line);
  }
  if (rest.trim() !== "") yield JSON.parse(rest);
}

/** Takes one line of the report: counts so far, newly refused things, or the problem that ended it. */
function take(report: ImportReport, line: unknown): void {
  if (!isRecord(line)) return;
  const problem = textIn(line, "detail") ?? (line["kind"] === "refusal" ? textIn(line, "message") : undefined);
  if (problem !== undefined) throw new CommandEnd(EXIT.refused, `${report.file}: ${inline(problem)}`);
  for (const key of ["read", "stored", "unchanged", "deleted", "refused"] as const) {
    if (typeof line[key] === "number") report[key] = line[key];
  }
  for (const each of Array.isArray(line["refusals"]) ? line["refusals"] : []) {
    report.refusals.push({ subject: textIn(each, "subject") ?? "", message: textIn(each, "message") ?? "" });
  }
  const dropped = Object.entries(isRecord(line["dropped"]) ? line["dropped"] : {});
  for (const [reason, count] of dropped) if (typeof count === "number") report.dropped[reason] = count;
  const ended = textIn(line, "problem");
  if (ended !== undefined) report.problem = ended;
  if (line["done"] === true) report.done = true;
}

async function printReports(io: CliIo, reports: readonly ImportReport[], json: boolean): Promise<void> {
  if (json) return printJson(io, reports);
  const paint = painter(io);
  for (const { file, read, stored, unchanged, deleted, refused, dropped, refusals, problem } of reports) {
    const deletions = deleted === 0 ? "" : `, ${deleted} deletions`;
    await io.stdout.write(
      `${paint("bold", inline(file))}: ${stored} stored, ${unchanged} there already${deletions}, ${refused} refused (${read} triples read)\n`,
    );
    for (const [reason, count] of Object.entries(dropped)) {
      await io.stdout.write(`  left out ${count} triples: ${DROPPED_WORDS[reason] ?? inline(reason)}\n`);
    }
    if (problem !== undefined) await io.stderr.write(`  The reading ended early: ${inline(problem)}\n`);
    for (const each of refusals.slice(0, REFUSALS_SHOWN_MAX)) {
      await io.stderr.write(`  ${inline(each.subject)}: ${inline(each.message)}\n`);
    }
    if (refusals.length > REFUSALS_SHOWN_MAX) {
      await io.stderr.write(`  … and ${refusals.length - REFUSALS_SHOWN_MAX} more; --json lists all.\n`);
    }
  }
}

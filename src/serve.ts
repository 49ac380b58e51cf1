import { once } from "node:events";
import { resolve } from "node:path";
import pino from "pino";
import type { Config } from "./config.ts";
import type { Log } from "./hub/ports/hub-ports.ts";
import { startHub } from "./wire.ts";

/** How often the progress of a long start is drawn again. */
const DRAW_EVERY_MS = 100;
/** A start that is shorter than this draws nothing. */
const DRAW_AFTER_MS = 1_000;

/** Runs a hub until `signal` is aborted; says on standard output where it is and what to do first. */
export async function serveHub(config: Config, signal: AbortSignal): Promise<void> {
  const log = openLog(config);
  const bar = refillBar();
  await using hub = await startHub(config, log, {
    onRefill: bar.draw,
    onNews: (sentence) => process.stderr.write(`${sentence}\n`),
  });
  bar.end();
  const lines = [`Sterna is up at ${config.base}`];
  if (hub.url !== config.base) lines.push(`(listening on ${hub.url})`);
  if (hub.ports.records.reader.accounts().length === 0) {
    lines.push(
      "There is no account yet. Make yours, then post:",
      "  npx sterna account add alice",
      '  npx sterna post "Hello, world"',
      `(the owner's token is in ${hub.ownerTokenFile})`,
    );
  }
  if (config.xmpp.mode === "off") lines.push("XMPP is off (STERNA_XMPP=off): nothing is pushed to other hubs.");
  process.stdout.write(`${lines.join("\n")}\n`);
  if (!signal.aborted) await once(signal, "abort");
}

/** Makes the data folder and the owner's token without staying up; returns what to tell the person. */
export async function initHub(config: Config): Promise<readonly string[]> {
  await using hub = await startHub(
    { ...config, port: 0, host: "127.0.0.1", xmpp: { mode: "off", domain: config.xmpp.domain } },
    openLog({ ...config, log: { ...config.log, level: "error" } }),
  );
  return [
    `The hub ${config.base} is ready in ${resolve(config.data)}.`,
    `The owner's token is in ${hub.ownerTokenFile}; keep it to yourself.`,
    "Start it with: npx sterna serve",
  ];
}

function openLog({ log }: Config): Log {
  const destination = pino.destination({ dest: 2, sync: true });
  if (log.format === "json") return pino({ level: log.level, base: null }, destination);
  // For people: one line an event, its particulars behind it.
  const levels = { 30: "info", 40: "warn", 50: "error" } as const;
  return pino(
    { level: log.level, base: null, timestamp: false },
    {
      write: (line: string) => {
        const { level, msg, ...detail } = JSON.parse(line) as { level: 30 | 40 | 50; msg: string };
        const particulars = Object.entries(detail).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
        process.stderr.write(`${new Date().toISOString()} ${levels[level] ?? level} ${msg} ${particulars.join(" ")}\n`);
      },
    },
  );
}

/** A progress bar for reading the store back, drawn only when that takes long and somebody looks. */
function refillBar() {
  const begin = performance.now();
  let drawn = Number.NEGATIVE_INFINITY;
  return {
    draw: (done: number, total: number): void => {
      const now = performance.now();
      if (!process.stderr.isTTY || now - begin < DRAW_AFTER_MS || now - drawn < DRAW_EVERY_MS) return;
      drawn = now;
      const share = total === 0 ? 1 : done / total;
      const width = 30;
      const full = Math.round(share * width);
      const left_s = share === 0 ? 0 : (((now - begin) / share) * (1 - share)) / 1_000;
      process.stderr.write(
        `\rReading the store ${"█".repeat(full)}${"░".repeat(width - full)} ${Math.round(share * 100)}% of ${total} documents, ${left_s.toFixed(0)} s left `,
      );
    },
    end: (): void => {
      if (drawn > 0) process.stderr.write(`\r${" ".repeat(90)}\r`);
    },
  };
}

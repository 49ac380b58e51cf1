import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { findService } from "../scripts/services.ts";
import { type Instant, instantOf } from "../src/core/instant.ts";
import type { BareJid } from "../src/core/jid.ts";
import type { RecordChange } from "../src/hub/ports/records.ts";
import { isRefusal } from "../src/outcome/refusal.ts";
import type { NodeId } from "../src/pubsub/state.ts";
import { openRecords } from "../src/storage/records.ts";
import { HubProcess, type TestAccount } from "../test/scenarios/hub-process.ts";
import { startTestEjabberd } from "../test/support/ejabberd.ts";
import { startTestProsody } from "../test/support/prosody.ts";
import { component } from "./bare-component.ts";
import type { BenchResult } from "./run.ts";

const SECRET = "bench";
const HUB = "hub.localhost";
const BARE = "bare.localhost";
const READERS = "people.localhost";
const COMPONENTS = [HUB, BARE, READERS].map((domain) => ({ domain, secret: SECRET }));
const NODE = "urn:xmpp:microblog:0" as NodeId;
const NOW: Instant = instantOf(Date.UTC(2026, 0, 1));
const TEXT = "A tern flies from pole to pole and back each year, and sees more daylight than any other animal. #birds";
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
/** How much more memory a hub may have with all notifications queued than with a tenth of them. */
const GROWTH_MAX_MB = 64;

/** A server that the fan-out goes through. */
interface Server extends AsyncDisposable {
  serviceOf(domain: string): string;
  down(): Promise<void>;
  up(): Promise<void>;
}

/**
 * Notifications a second from a post's HTTP request until the last of `--subscribers` (1,000) has it, `--posts` (5) at
 * a time, on Prosody and, when it is there, on ejabberd. The peer, in the same run and taking turns: a bare component
 * that writes as many prepared stanzas of the same bytes through the same server. Bar: 0.9 of the peer (median of
 * `--rounds`, 5). With `--xep33` beside it, on ejabberd: the same by its multicast service (XEP-0033, 100 addresses a
 * stanza), and ejabberd's own pubsub with as many subscribers. And the memory of a hub whose server is away while `--queued` (100,000) notifications queue, and while
 * they are sent: at most 64 MB more than with a tenth of them.
 */
export async function run(options: Readonly<Record<string, string>> = {}): Promise<BenchResult> {
  const count = (name: string, usual: number): number => Number(options[name] ?? usual);
  const subscribers = count("subscribers", 1_000);
  const size = { subscribers, posts: count("posts", 5), rounds: count("rounds", 5), queued: count("queued", 100_000) };
  const figures: Record<string, number> = { subscribers, posts: size.posts, rounds: size.rounds };
  const ratios: Record<string, number> = {};
  const bars: Record<string, BenchResult["bars"][string]> = {};
  const hasEjabberd = !isRefusal(await findService("ejabberd"));
  const stanza = await capture();
  figures["stanza_bytes"] = Buffer.byteLength(stanza);
  for (const name of hasEjabberd ? ["prosody", "ejabberd"] : ["prosody"]) {
    if (options["server"] !== undefined && options["server"] !== name) continue;
    // By itself a hub multicasts where the server does: the bar is about one stanza for each recipient.
    await using server = await startServer(name, "{ access: none }");
    await using side = await openSide(server, size.subscribers);
    const rates = await compare(server, side, stanza, size);
    figures[`${name}_ours_a_second`] = rates.ours;
    figures[`${name}_bare_a_second`] = rates.bare;
    const ratio = rates.ours / rates.bare;
    ratios[`${name}_ours_to_bare`] = ratio;
    bars[`${name}_ours_to_bare`] = { value: ratio, bar: 0.9, ok: ratio >= 0.9 };
    if (size.queued === 0 || (hasEjabberd && name === "prosody" && options["server"] === undefined)) continue;
    const memory = await queueMany(server, side, size);
    for (const [key, value] of Object.entries(memory)) figures[`queue_${key}`] = value;
    const growth = memory.peak_mb - memory.tenth_mb;
    bars["queue_growth_mb"] = { value: growth, bar: GROWTH_MAX_MB, ok: growth <= GROWTH_MAX_MB };
  }
  if (options["xep33"] !== undefined && hasEjabberd) {
    const rates = await compareMulticast(stanza, size);
    figures["xep33_ours_a_second"] = rates.ours;
    figures["xep33_own_pubsub_a_second"] = rates.own;
    ratios["xep33_ours_to_own_pubsub"] = rates.ours / rates.own;
  }
  return { figures, ratios, bars };
}

interface Size {
  readonly subscribers: number;
  readonly posts: number;
  readonly rounds: number;
  readonly queued: number;
}

interface Side extends AsyncDisposable {
  readonly hub: HubProcess;
  readonly alice: TestAccount;
  /** Resolves when so many notifications have come since the last call ended. */
  arrived(count: number): Promise<void>;
  /** Lets the subscribers' component say something, and resolves when so many answers have come. */
  ask(xml: string, answers: number): Promise<void>;
}

async function startServer(name: string, multicast: string): Promise<Server> {
  if (name === "ejabberd") return await startTestEjabberd({ components: COMPONENTS, multicast });
  const prosody = await startTestProsody({ components: COMPONENTS });
  return { ...prosody, serviceOf: () => prosody.service };
}

/** A hub with an account and its subscribers, all of one silent component that counts. */
async function openSide(server: Server, subscribers: number): Promise<Side> {
  await using stack = new AsyncDisposableStack();
  const xmpp = { service: server.serviceOf(HUB), domain: HUB, secret: SECRET };
  const hub = stack.use(await HubProcess.start({ xmpp }));
  const alice = await hub.account("alice");
  await hub.end("SIGTERM");
  await subscribe(hub, alice.jid as BareJid, subscribers);
  await hub.up();
  const sockets: Socket[] = [];
  const open = async (domain: string): Promise<Socket> => {
    const socket = await component(server.serviceOf(domain), SECRET, domain);
    socket.on("error", () => undefined);
    sockets.push(socket);
    return socket;
  };
  stack.defer(() => sockets.forEach((socket) => socket.destroy()));
  let heard = 0;
  let answered = 0;
  let check = (): void => undefined;
  const read = (socket: Socket): void => {
    let tail = "";
    socket.on("data", (chunk: string) => {
      const text = tail + chunk;
      let at = -1;
      let end = 0;
      while ((at = text.indexOf("</message>", end)) >= 0) {
        heard += 1;
        end = at + "</message>".length;
      }
      answered += text.split("</iq>").length - 1;
      // An end tag may come in two parts.
      tail = text.slice(Math.max(end, text.length - "</message".length));
      check();
    });
  };
  let readers = await open(READERS);
  read(readers);
  const all = stack.move();
  return {
    hub,
    alice,
    async arrived(count) {
      if (readers.destroyed) {
        readers = await open(READERS);
        read(readers);
      }
      await new Promise<void>((resolve) => {
        check = () => {
          if (heard >= count) resolve();
        };
        check();
      });
      heard -= count;
    },
    async ask(xml, answers) {
      readers.write(xml);
      while (answered < answers) await wait(5);
      answered -= answers;
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

function readerOf(n: number): BareJid {
  return `reader${n}@${READERS}` as BareJid;
}

/** Writes subscriptions into a hub's records while it is down. */
async function subscribe(hub: HubProcess, service: BareJid, subscribers: number): Promise<void> {
  await using records = openRecords({ file: join(hub.folder, "data/hub.db"), log: silent });
  const changes = Array.from({ length: subscribers }, (_, n): RecordChange => {
    const subscription = { service, node: NODE, jid: readerOf(n), subid: `s${n}`, state: "subscribed", created: NOW };
    return { kind: "subscription-put", subscription } as RecordChange;
  });
  await records.transact(() => ({ changes, result: undefined }));
}

/** Both sides in turn; the median notifications a second of each. */
async function compare(server: Server, side: Side, stanza: string, { subscribers, posts, rounds }: Size) {
  await using writer = await startBareWriter(server, stanza, subscribers);
  const post = async (): Promise<void> => {
    for (let n = 0; n < posts; n++) await side.alice.post(TEXT);
  };
  return await takeTurns(side, subscribers * posts, rounds, { ours: post, bare: async () => writer.write(posts) });
}

const OWN_PUBSUB = "pubsub.localhost";

/** A hub whose server multicasts, and that server's own pubsub, in turn; the median notifications a second of each. */
async function compareMulticast(stanza: string, { subscribers, posts, rounds }: Size) {
  await using server = await startServer("ejabberd", "{ limits: { remote: { message: 100 } } }");
  await using side = await openSide(server, subscribers);
  const own = await component(server.serviceOf(BARE), SECRET, BARE);
  own.on("error", () => undefined);
  try {
    const ask = (inner: string, from: string, id: string): string =>
      `<iq from='${from}' to='${OWN_PUBSUB}' id='${id}' type='set'><pubsub xmlns='http://jabber.org/protocol/pubsub'>${inner}</pubsub></iq>`;
    const told = async (inner: string, id: string): Promise<void> => {
      const answer = once(own, "data");
      own.write(ask(inner, BARE, id));
      await answer;
    };
    await told("<create node='n'/>", "c");
    for (let n = 0; n < subscribers; n++) {
      await side.ask(ask(`<subscribe node='n' jid='${readerOf(n)}'/>`, readerOf(n), `s${n}`), 1);
    }
    const entry = /<entry\b[^]*<\/entry>/.exec(stanza)?.[0] ?? "";
    const publish = async (): Promise<void> => {
      for (let n = 0; n < posts; n++) {
        await told(`<publish node='n'><item id='i${++published}'>${entry}</item></publish>`, "p");
      }
    };
    let published = 0;
    const post = async (): Promise<void> => {
      for (let n = 0; n < posts; n++) await side.alice.post(TEXT);
    };
    return await takeTurns(side, subscribers * posts, rounds, { ours: post, own: publish });
  } finally {
    own.destroy();
  }
}

/** Each side in turn, so many rounds; the median notifications a second of each. */
async function takeTurns<K extends string>(
  side: Side,
  count: number,
  rounds: number,
  sides: Readonly<Record<K, () => Promise<void>>>,
): Promise<Readonly<Record<K, number>>> {
  const names = Object.keys(sides) as K[];
  const rates = new Map<K, number[]>(names.map((name) => [name, []]));
  // The first round warms all up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const begin = performance.now();
      await Promise.all([sides[name](), side.arrived(count)]);
      if (round > 0) rates.get(name)?.push((1_000 * count) / (performance.now() - begin));
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name) ?? [])])) as Record<K, number>;
}

/** The bare component in a process of its own, so that it shares nothing with who counts. */
async function startBareWriter(server: Server, stanza: string, subscribers: number) {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sterna-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "stanza.xml");
  await writeFile(file, stanza);
  const program = new URL("bare-writer.ts", import.meta.url).pathname;
  const parameters = [program, server.serviceOf(BARE), SECRET, BARE, READERS, String(subscribers), file];
  const child = spawn(process.execPath, parameters, { stdio: ["pipe", "pipe", "inherit"] });
  stack.defer(async () => {
    child.stdin.end();
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  });
  await once(child.stdout, "data");
  const all = stack.move();
  return {
    write: (times: number): void => void child.stdin.write(`${times}\n`),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The hub's resident memory while its server is away and notifications queue, and while they go out. */
async function queueMany(server: Server, side: Side, { subscribers, queued }: Size) {
  const posts = Math.ceil(queued / subscribers);
  await server.down();
  while ((await side.hub.health()).xmpp === "online") await wait(20);
  let peak_mb = 0;
  let tenth_mb = 0;
  let queued_mb = 0;
  for (let n = 1; n <= posts; n++) {
    await side.alice.post(TEXT);
    queued_mb = await residentMb(side.hub);
    if (n === Math.ceil(posts / 10)) tenth_mb = queued_mb;
    else if (n > posts / 10) peak_mb = Math.max(peak_mb, queued_mb);
  }
  await server.up();
  const begin = performance.now();
  let isDone = false;
  const done = side.arrived(posts * subscribers).then(() => {
    isDone = true;
  });
  while (!isDone) {
    peak_mb = Math.max(peak_mb, await residentMb(side.hub));
    await Promise.race([done, wait(100)]);
  }
  return { tenth_mb, all_mb: queued_mb, peak_mb, sent_s: (performance.now() - begin) / 1_000 };
}

async function residentMb(hub: HubProcess): Promise<number> {
  const status = await readFile(`/proc/${hub.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** The very bytes a hub writes for one subscriber, heard by what it takes for its server. */
async function capture(): Promise<string> {
  let heard = "";
  let socket: Socket | undefined;
  const found = Promise.withResolvers<string>();
  const server = createServer((connection) => {
    socket = connection.setEncoding("utf8").on("error", () => undefined);
    let isIn = false;
    connection.on("data", (text: string) => {
      heard += text;
      if (!isIn && heard.includes("</handshake>")) {
        isIn = true;
        connection.write("<handshake/>");
      } else if (!isIn && heard.includes("<stream:stream")) {
        const id = createHash("sha1").update(heard).digest("hex");
        connection.write(
          `<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' from='${HUB}' id='${id}'>`,
        );
      }
      // The second one: it names the post before it, as all that follow do.
      const [, stanza] = heard.match(/<message [^]*?<\/message>/g) ?? [];
      if (stanza !== undefined) found.resolve(stanza);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const service = `xmpp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await using hub = await HubProcess.start({ xmpp: { service, domain: HUB, secret: SECRET } });
    const alice = await hub.account("alice");
    await hub.end("SIGTERM");
    await subscribe(hub, alice.jid as BareJid, 1);
    heard = "";
    await hub.up();
    for (let n = 0; n < 2; n++) await alice.post(TEXT);
    return await found.promise;
  } finally {
    socket?.destroy();
    server.close();
  }
}

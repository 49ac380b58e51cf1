import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { HubProcess, type TestAccount } from "../test/scenarios/hub-process.ts";
import { freePort } from "../test/support/free-port.ts";
import { startTestProsody } from "../test/support/prosody.ts";

const SECRET = "bench";
const TEXT =
  "A tern flies from pole to pole and back each year, and sees more daylight than any other animal. #birds #travel https://example.org/terns";

/**
 * From the command line's HTTP request to the follower's SPARQL answer: two hubs on one Prosody. The peer, in the same
 * run and taking turns with it: one bare stanza of the same bytes from component to component through the same Prosody,
 * and one commit of the same bytes to a bare SQLite.
 * Bar: p50 at most 3 times the peer.
 *
 * Beside it, without a bar: all hops of a push with nothing between them (a POST, a commit, a stanza, a commit, an
 * event, a GET; bare-hops.ts), which is what no hub in two processes can be below.
 */
export async function run(options: Readonly<Record<string, string>> = {}) {
  const posts = Number(options["posts"] ?? 300);
  await using stack = new AsyncDisposableStack();
  const domains = ["here.localhost", "there.localhost", "a.localhost", "b.localhost", "c.localhost", "d.localhost"];
  const prosody = stack.use(
    await startTestProsody({ components: domains.map((domain) => ({ domain, secret: SECRET })) }),
  );
  const { service } = prosody;
  const start = async (domain: string): Promise<HubProcess> =>
    stack.use(await HubProcess.start({ port: await freePort(), xmpp: { service, domain, secret: SECRET } }));
  const here = await start("here.localhost");
  const there = await start("there.localhost");
  const alice = await here.account("alice");
  const bob = await there.account("bob");
  await bob.follow(alice.iri);
  const event = await notificationOf(here, alice);
  const bare = stack.use(await startBarePeer(service, event));
  const hubs = stack.use(await openPath(here.base, there.base, alice, bob));
  const hops = stack.use(await openBareHops(service, event));
  const ours: Round[] = [];
  const bareHops: Round[] = [];
  const peers: { readonly stanza_ms: number; readonly commit_ms: number }[] = [];
  for (let n = 0; n < posts + WARM_UP; n++) {
    const round = [await hubs.round(`${TEXT} ${n}`), await hops.round(`${TEXT} ${n}`), await bare.round()] as const;
    // The first rounds warm up all sides alike.
    if (n < WARM_UP) continue;
    ours.push(round[0]);
    bareHops.push(round[1]);
    peers.push(round[2]);
  }
  const p50 = <K extends string>(rounds: readonly Readonly<Record<K, number>>[], of: K): number =>
    percentile(
      rounds.map((each) => each[of]),
      0.5,
    );
  const push_p50 = p50(ours, "done_ms");
  const ratio = push_p50 / (p50(peers, "stanza_ms") + p50(peers, "commit_ms"));
  return {
    figures: {
      posts,
      push_p50_ms: push_p50,
      push_p99_ms: percentile(
        ours.map(({ done_ms }) => done_ms),
        0.99,
      ),
      accepted_p50_ms: p50(ours, "accepted_ms"),
      arrived_p50_ms: p50(ours, "arrived_ms"),
      bare_hops_p50_ms: p50(bareHops, "done_ms"),
      bare_hops_arrived_p50_ms: p50(bareHops, "arrived_ms"),
      bare_stanza_p50_ms: p50(peers, "stanza_ms"),
      bare_commit_p50_ms: p50(peers, "commit_ms"),
    },
    ratios: { push_to_bare: ratio, push_to_bare_hops: push_p50 / p50(bareHops, "done_ms") },
    bars: { push_to_bare: { value: ratio, bar: 3, ok: ratio <= 3 } },
  };
}

/** Rounds before those that count. */
const WARM_UP = 20;

/** When, after its beginning, the post was accepted, told to the follower, and found by its question. */
interface Round {
  readonly accepted_ms: number;
  readonly arrived_ms: number;
  readonly done_ms: number;
}

interface Holder {
  readonly name: string;
  readonly token: string;
}

/** The way of a post from the one to the other, by one kept-alive connection to each and the follower's events. */
async function openPath(authorBase: string, followerBase: string, by: Holder, reader: Holder) {
  const stack = new AsyncDisposableStack();
  const arrivals = stack.use(await watchTimeline(followerBase, reader));
  const author = stack.use(new Connection(authorBase));
  const follower = stack.use(new Connection(followerBase));
  return {
    async round(text: string): Promise<Round> {
      const begin = performance.now();
      const iri = await author.post(by, text);
      const accepted_ms = performance.now() - begin;
      await arrivals.of(iri);
      const arrived_ms = performance.now() - begin;
      while (!(await follower.ask(iri)));
      return { accepted_ms, arrived_ms, done_ms: performance.now() - begin };
    },
    [Symbol.asyncDispose]: async () => await stack.disposeAsync(),
  };
}

/** One kept-alive connection to a hub: what is measured is the hub, and not a client's way of asking. */
class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #base: string;

  constructor(base: string) {
    this.#base = base;
  }

  async call(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): Promise<unknown> {
    return await new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        method,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      };
      request(new URL(path, this.#base), options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(JSON.parse(text)));
      })
        .on("error", reject)
        .end(body);
    });
  }

  async post(account: Holder, text: string): Promise<string> {
    const headers = {
      accept: "application/json",
      "content-type": "application/json",
      authorization: `Bearer ${account.token}`,
    };
    const posted = await this.call("POST", `${account.name}/posts`, headers, JSON.stringify({ text }));
    return (posted as { readonly iri: string }).iri;
  }

  async ask(iri: string): Promise<boolean> {
    const query = `ASK { <${iri}> <http://rdfs.org/sioc/ns#content> ?text }`;
    const headers = { accept: "application/sparql-results+json" };
    const answer = await this.call("GET", `sparql?query=${encodeURIComponent(query)}`, headers);
    return (answer as { readonly boolean: boolean }).boolean;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** The notification of a real post, as the hub would send it: its entry from the feed within the event of XEP-0060. */
async function notificationOf(hub: HubProcess, account: TestAccount): Promise<string> {
  await account.post(`${TEXT} 0`);
  const feed = await (await fetch(`${hub.base}${account.name}/feed.atom`)).text();
  const [entry = ""] = /<entry[^]*<\/entry>/.exec(feed) ?? [];
  const items = `<items node="urn:xmpp:microblog:0"><item id="23obymajogjtl" publisher="${account.jid}">${entry}</item></items>`;
  return `<event xmlns="http://jabber.org/protocol/pubsub#event">${items}</event>`;
}

/** What comes into an account's timeline, as its page is told of it (server-sent events). */
async function watchTimeline(base: string, account: Holder) {
  const stop = new AbortController();
  const response = await fetch(`${base}${account.name}/timeline`, {
    headers: { accept: "text/event-stream", authorization: `Bearer ${account.token}` },
    signal: stop.signal,
  });
  const waiting = new Map<string, () => void>();
  const arrived = new Set<string>();
  const read = async (): Promise<void> => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      for (const [, iri = ""] of chunk.matchAll(/"iri":"([^"]+)"/g)) {
        arrived.add(iri);
        waiting.get(iri)?.();
      }
    }
  };
  read().catch(() => undefined);
  return {
    of: async (iri: string): Promise<void> => {
      if (!arrived.has(iri)) await new Promise<void>((resolve) => waiting.set(iri, resolve));
    },
    [Symbol.dispose]: () => stop.abort(),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The hops of a push with nothing between them, in two processes. */
async function openBareHops(service: string, event: string) {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "sterna-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "event.xml"), event);
  const start = async (role: string): Promise<string> => {
    const program = new URL("bare-hops.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [program, role, service, SECRET, folder], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    stack.defer(async () => {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    });
    const line = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
    return `http://127.0.0.1:${String(line.value)}/`;
  };
  const nobody = { name: "x", token: "x" };
  const path = stack.use(await openPath(await start("author"), await start("follower"), nobody, nobody));
  const opened = stack.move();
  return { round: path.round, [Symbol.asyncDispose]: async () => await opened.disposeAsync() };
}

/** The bare peer in a process of its own, so that it shares nothing with what is measured. */
async function startBarePeer(service: string, event: string) {
  const folder = await mkdtemp(join(tmpdir(), "sterna-bench-"));
  await writeFile(join(folder, "event.xml"), event);
  const child = spawn(
    process.execPath,
    [new URL("bare-stanza.ts", import.meta.url).pathname, service, SECRET, folder],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  return {
    async round(): Promise<{ readonly stanza_ms: number; readonly commit_ms: number }> {
      child.stdin.write("round\n");
      const line = await lines.next();
      return JSON.parse(String(line.value)) as { stanza_ms: number; commit_ms: number };
    },
    async [Symbol.asyncDispose](): Promise<void> {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

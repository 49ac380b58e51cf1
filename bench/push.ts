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
 */
export async function run(options: Readonly<Record<string, string>> = {}) {
  const posts = Number(options["posts"] ?? 300);
  await using stack = new AsyncDisposableStack();
  const domains = ["here.localhost", "there.localhost", "a.localhost", "b.localhost"];
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
  const bare = stack.use(await startBarePeer(service, await notificationOf(here, alice)));
  const arrivals = stack.use(await watchTimeline(bob));

  const author = stack.use(new Connection(here));
  const follower = stack.use(new Connection(there));
  const ours_ms: number[] = [];
  const accepted_ms: number[] = [];
  const arrived_ms: number[] = [];
  const stanza_ms: number[] = [];
  const commit_ms: number[] = [];
  for (let n = 0; n < posts + 20; n++) {
    const begin = performance.now();
    const iri = await author.post(alice, `${TEXT} ${n}`);
    const accepted = performance.now();
    await arrivals.of(iri);
    const arrived = performance.now();
    while (!(await follower.ask(iri)));
    const end = performance.now();
    const peer = await bare.round();
    // The first rounds warm up both sides alike.
    if (n < 20) continue;
    ours_ms.push(end - begin);
    accepted_ms.push(accepted - begin);
    arrived_ms.push(arrived - begin);
    stanza_ms.push(peer.stanza_ms);
    commit_ms.push(peer.commit_ms);
  }
  const peer_p50 = percentile(stanza_ms, 0.5) + percentile(commit_ms, 0.5);
  const ratio = percentile(ours_ms, 0.5) / peer_p50;
  return {
    figures: {
      posts,
      push_p50_ms: percentile(ours_ms, 0.5),
      push_p99_ms: percentile(ours_ms, 0.99),
      accepted_p50_ms: percentile(accepted_ms, 0.5),
      arrived_p50_ms: percentile(arrived_ms, 0.5),
      bare_stanza_p50_ms: percentile(stanza_ms, 0.5),
      bare_commit_p50_ms: percentile(commit_ms, 0.5),
    },
    ratios: { push_to_bare: ratio },
    bars: { push_to_bare: { value: ratio, bar: 3, ok: ratio <= 3 } },
  };
}

/** One kept-alive connection to a hub: what is measured is the hub, and not a client's way of asking. */
class Connection {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #hub: HubProcess;

  constructor(hub: HubProcess) {
    this.#hub = hub;
  }

  async call(method: string, path: string, headers: Readonly<Record<string, string>>, body = ""): Promise<unknown> {
    return await new Promise((resolve, reject) => {
      const options = {
        agent: this.#agent,
        method,
        headers: { ...headers, "content-length": Buffer.byteLength(body) },
      };
      request(new URL(path, this.#hub.base), options, (response) => {
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

  async post(account: TestAccount, text: string): Promise<string> {
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
async function watchTimeline(account: TestAccount) {
  const stop = new AbortController();
  const response = await fetch(`${account.hub.base}${account.name}/timeline`, {
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

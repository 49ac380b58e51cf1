import type { Command } from "commander";
import { isRecord, messageOf } from "../cli-config.ts";
import { serverEvents } from "../event-stream.ts";
import { CommandEnd, EXIT } from "../exit-code.ts";
import { type HubClient, type HubOptions, textIn } from "../hub-client.ts";
import { countOption, hubCommand, hubOf, printJson } from "../hub-command.ts";
import type { CliIo } from "../io.ts";
import { postText, type ShownPost, shownPost } from "../output/post-text.ts";
import { inline, painter } from "../output/terminal-text.ts";

/** LIMIT: posts of one page. */
const PAGE_POSTS_MAX = 100;
/** LIMIT: pages read to catch up with what came while the connection was lost. */
const CATCH_UP_PAGES_MAX = 50;
/** LIMIT: posts remembered so that none is printed twice. */
const SEEN_MAX = 20_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 30_000;

interface TimelineOptions extends HubOptions {
  readonly watch?: boolean;
  readonly n: string;
}

/** `sterna timeline`: the newest posts of the account and those it follows. */
export function timelineCommand(io: CliIo): Command {
  return hubCommand("timeline", "Show your newest posts and those of the accounts you follow.", [
    "sterna timeline -n 50",
    "sterna timeline --watch",
    "sterna timeline --json | jq '.posts[].text'",
  ])
    .option("-n <count>", "how many posts", "20")
    .option("-w, --watch", "stay, and print posts as they arrive (Ctrl-C ends)")
    .action(async (options: TimelineOptions) => {
      const count = countOption("-n", options.n, 10_000);
      const hub = await hubOf(io, options);
      if (options.watch === true) return new Watch(io, hub, options.json === true).run(count);
      if (options.json === true) return printJson(io, await readPages(hub, count));
      const { posts } = await readPages(hub, count);
      if (posts.length === 0)
        return io.stderr.write("Nothing here yet. Try: sterna post TEXT, or sterna follow ACCOUNT\n");
      const paint = painter(io);
      const shown = posts.map(shownPost).filter((post) => post !== undefined);
      await io.stdout.write(shown.map((post) => postText(post, paint, io.now())).join("\n"));
    });
}

interface Page {
  readonly posts: readonly unknown[];
  readonly newer?: string;
  readonly older?: string;
}

async function readPage(hub: HubClient, limit: number, before: string | undefined): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit), ...(before === undefined ? {} : { before }) });
  const answer = await hub.json(`${await hub.ownPath("timeline")}?${query.toString()}`);
  const posts = isRecord(answer) && Array.isArray(answer["posts"]) ? answer["posts"] : [];
  const older = textIn(answer, "older");
  return { posts, ...(older === undefined ? {} : { older }) };
}

async function readPages(hub: HubClient, count: number): Promise<Page> {
  const posts: unknown[] = [];
  let older: string | undefined;
  do {
    const page = await readPage(hub, Math.min(PAGE_POSTS_MAX, count - posts.length), older);
    posts.push(...page.posts);
    older = page.posts.length === 0 ? undefined : page.older;
  } while (older !== undefined && posts.length < count);
  return { posts, ...(older === undefined ? {} : { older }) };
}

/** A timeline that stays on the screen: prints each post once, also those that came while the connection was lost. */
class Watch {
  readonly #io: CliIo;
  readonly #hub: HubClient;
  readonly #json: boolean;
  /** Post → when it was last changed, as printed. */
  readonly #seen = new Map<string, string>();
  /** The creation time of the oldest post printed: what is older was left out on purpose. */
  #oldest = "";

  constructor(io: CliIo, hub: HubClient, json: boolean) {
    this.#io = io;
    this.#hub = hub;
    this.#json = json;
  }

  async run(count: number): Promise<void> {
    let wait_ms = RETRY_MS_MIN;
    for (let first = true; !this.#io.signal.aborted; ) {
      try {
        await this.#connected(first ? count : undefined, () => {
          first = false;
          wait_ms = RETRY_MS_MIN;
        });
        await this.#note("The hub closed the connection; trying again …");
      } catch (error) {
        if (this.#io.signal.aborted) break;
        const passing = !(error instanceof CommandEnd) || error.exitCode === EXIT.unreachable;
        if (first || !passing) throw error;
        await this.#note(`The connection was lost (${inline(messageOf(error))}); trying again …`);
      }
      await this.#io.pause(wait_ms);
      wait_ms = Math.min(wait_ms * 2, RETRY_MS_MAX);
    }
  }

  /** One connection: events are asked for first and the page after, so that nothing falls between. */
  async #connected(count: number | undefined, onOpen: () => void): Promise<void> {
    const path = await this.#hub.ownPath("timeline");
    const response = await this.#hub.send(path, { accept: "text/event-stream" });
    if (response.body === null) throw new Error("no events came");
    const body: AsyncIterable<Uint8Array> = response.body;
    if (count === undefined) await this.#print(await this.#missed());
    else {
      const { posts } = await readPages(this.#hub, count);
      this.#oldest = posts.length < count ? "" : (textIn(posts.at(-1), "created") ?? "");
      await this.#print(posts);
    }
    onOpen();
    for await (const { event, data } of serverEvents(body)) await this.#take(event, data);
  }

  /** What is in the timeline and as new as what was printed, as far back as to the first page that reaches it. */
  async #missed(): Promise<readonly unknown[]> {
    const missed: unknown[] = [];
    let older: string | undefined;
    for (let pages = 0; pages < CATCH_UP_PAGES_MAX; pages++) {
      const page = await readPage(this.#hub, PAGE_POSTS_MAX, older);
      missed.push(...page.posts);
      older = page.older;
      if (older === undefined || page.posts.some((post) => this.#seen.has(textIn(post, "iri") ?? ""))) break;
    }
    return missed.filter((post) => (textIn(post, "created") ?? "") >= this.#oldest);
  }

  /** Prints posts of a page, given newest first, oldest first. */
  async #print(posts: readonly unknown[]): Promise<void> {
    for (const value of posts.toReversed()) await this.#printOne(value, "posted");
  }

  async #printOne(value: unknown, kind: string): Promise<void> {
    const post = shownPost(value);
    if (post === undefined || !this.#isNew(post)) return;
    if (this.#json) await this.#io.stdout.write(`${JSON.stringify({ kind, ...(value as object) })}\n`);
    else await this.#io.stdout.write(`${postText(post, painter(this.#io), this.#io.now())}\n`);
  }

  #isNew(post: ShownPost): boolean {
    const changed = post.modified ?? post.created;
    if (this.#seen.get(post.iri) === changed) return false;
    this.#seen.set(post.iri, changed);
    if (this.#seen.size > SEEN_MAX) for (const [oldest] of this.#seen) return this.#seen.delete(oldest);
    return true;
  }

  async #take(event: string, data: string): Promise<void> {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      return;
    }
    if (event === "deleted") {
      const iri = textIn(value, "iri");
      if (iri === undefined) return;
      this.#seen.delete(iri);
      if (this.#json) await this.#io.stdout.write(`${JSON.stringify({ kind: "deleted", iri })}\n`);
      else await this.#io.stdout.write(`${painter(this.#io)("dim", `Deleted: ${inline(iri)}`)}\n\n`);
    } else if (event === "posted" || event === "edited") {
      await this.#printOne(isRecord(value) ? (value["post"] ?? value) : value, event);
    }
  }

  #note(text: string): Promise<void> {
    return this.#io.stderr.write(`${text}\n`);
  }
}

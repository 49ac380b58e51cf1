import { accountIris } from "../../core/hub-iris.ts";
import { epochMs } from "../../core/instant.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { watchTimeline } from "../posts/read-timeline.ts";
import { postText } from "./chat-text.ts";
import type { Talker } from "./talker.ts";

/** LIMIT: JIDs that followed posts go to as chat. */
const WATCHERS_MAX = 1_000;
/** LIMIT: posts a minute to one JID; more of them are in the timeline. */
const PUSHED_MAX = 20;
const PUSHED_MS = 60_000;
/** LIMIT: the newest posts pushed to one JID whose edits and deletes are told, in the place of what was said. */
const PUSHED_REMEMBERED_MAX = 500;
/** Older posts come by catching up, and are no news. */
const NEWS_MS = 86_400_000;
/** Where the list is kept: a JSON text of pairs, who is told and by which JID. */
const KEY = "chat-watchers";

interface Watcher {
  readonly jid: BareJid;
  readonly service: BareJid;
}

function readWatchers(text: string | undefined): readonly Watcher[] {
  const rows: unknown = JSON.parse(text ?? "[]");
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: unknown) => {
    const [jid, service] = Array.isArray(row) ? row.map((each) => parseBareJid(String(each))) : [];
    return jid === undefined || service === undefined || isRefusal(jid) || isRefusal(service) ? [] : [{ jid, service }];
  });
}

/** Turns the pushing of followed posts as chat messages to the talker's JID on or off; the sentence that says so. */
export async function setChatWatch(hub: HubPorts, { jid, by }: Talker, on: boolean): Promise<string | Refusal> {
  const service = by.account.jid;
  const others = (all: readonly Watcher[]) => all.filter((each) => each.jid !== jid || each.service !== service);
  const no = await hub.records.transact((reader) => {
    const rest = others(readWatchers(reader.meta(KEY)));
    if (on && rest.length >= WATCHERS_MAX) {
      return refuse(
        "too-many",
        `Posts are pushed as chat to ${WATCHERS_MAX} addresses already; subscribe with PubSub.`,
      );
    }
    const all = on ? [...rest, { jid, service }] : rest;
    const value = JSON.stringify(all.map((each) => [each.jid, each.service]));
    return { changes: [{ kind: "meta-put", key: KEY, value }], result: undefined };
  });
  if (isRefusal(no)) return no;
  const loop = loops.get(hub);
  if (on) loop?.begin({ jid, service });
  else loop?.end({ jid, service });
  return on ? "Posts of those you follow come here from now on; watch off ends that." : "No posts come here any more.";
}

interface WatchingLoop {
  begin(watcher: Watcher): void;
  end(watcher: Watcher): void;
}

const loops = new WeakMap<HubPorts, WatchingLoop>();

/** Begins to push followed posts as chat to whom it was asked for, until `signal`. */
export function startChatWatches(hub: HubPorts, signal: AbortSignal): void {
  const running = new Map<string, () => void>();
  const keyOf = ({ jid, service }: Watcher): string => `${jid} ${service}`;
  const loop: WatchingLoop = {
    begin: (watcher) => {
      loop.end(watcher);
      const stop = watch(hub, watcher);
      if (stop !== undefined) running.set(keyOf(watcher), stop);
    },
    end: (watcher) => {
      running.get(keyOf(watcher))?.();
      running.delete(keyOf(watcher));
    },
  };
  loops.set(hub, loop);
  for (const watcher of readWatchers(hub.records.reader.meta(KEY))) loop.begin(watcher);
  signal.addEventListener("abort", () => {
    for (const stop of running.values()) stop();
    running.clear();
  });
}

function watch(hub: HubPorts, { jid, service }: Watcher): (() => void) | undefined {
  const account = hub.records.reader.accountsOfLinkedJid(jid).find((each) => each.jid === service);
  if (account === undefined) return undefined;
  const { account: iri } = accountIris(hub.identity.base, account.name);
  let since_ms = 0;
  let count = 0;
  // In the order in which they were pushed; the oldest go.
  const pushed = new Set<Iri>();
  const stop = watchTimeline(hub, { kind: "account", account, iri }, ({ kind, iri: about, post }) => {
    const now_ms = epochMs(hub.now());
    // Of what was not pushed neither edits nor deletes are told.
    const isNews = kind === "posted" && post !== undefined && now_ms - epochMs(post.post.created) <= NEWS_MS;
    if (kind === "posted" ? !isNews || post.creator.iri === iri : !pushed.has(about)) return;
    // A JID that was taken from the account since gets nothing more.
    if (!hub.records.reader.accountsOfLinkedJid(jid).some((each) => each.jid === service)) return;
    if (now_ms - since_ms >= PUSHED_MS) [since_ms, count] = [now_ms, 0];
    if (++count > PUSHED_MAX) return;
    if (kind === "posted") pushed.add(about);
    else if (kind === "deleted") pushed.delete(about);
    const [oldest] = pushed;
    if (pushed.size > PUSHED_REMEMBERED_MAX && oldest !== undefined) pushed.delete(oldest);
    const text = post === undefined ? `(This post was deleted: ${about})` : postText(post);
    void (kind === "posted"
      ? hub.xmpp.say(service, jid, text, about)
      : hub.xmpp.say(service, jid, text, undefined, about));
  });
  return isRefusal(stop) ? undefined : stop;
}

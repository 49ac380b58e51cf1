import { CHAT_HELP, type ChatCommand } from "../../core/chat-command.ts";
import { accountIris, postIri } from "../../core/hub-iris.ts";
import { parseItemId } from "../../core/item-id.ts";
import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { followAccount, unfollowAccount } from "../following/follow-account.ts";
import { followedBy } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ListCursor, ListPage } from "../ports/records.ts";
import { deletePost } from "../posts/delete-post.ts";
import { postAt } from "../posts/item-place.ts";
import { type PostView, viewPosts } from "../posts/post-view.ts";
import { publishPost } from "../posts/publish-post.ts";
import { readTimeline } from "../posts/read-timeline.ts";
import { repostPost } from "../posts/repost-post.ts";
import { runQuery } from "../queries/run-query.ts";
import { answerText, postsText } from "./chat-text.ts";
import { setChatWatch } from "./chat-watches.ts";
import type { Talker } from "./talker.ts";
import { sayWatchAdded, sayWatches, sayWatchRemoved } from "./watch-commands.ts";

/** LIMIT: posts with the words of a search that are looked through for those of the timeline, and those it shows. */
const SEARCHED_MAX = 1_000;
const SEARCHED_AT_ONCE = 200;
const FOUND_MAX = 10;
/** LIMIT: how long a query may take that was asked by chat. */
const QUERY_MS = 60_000;

/** What a command is carried out with: the posts that numbers name, and when it is given up. */
export interface TalkTurn {
  readonly shown: readonly Iri[];
  readonly signal: AbortSignal;
}

/** Tells which posts an answer shows, so that they can be named by their numbers. */
export interface Shown {
  readonly text: string;
  readonly shown: readonly Iri[];
}

/** Carries out a command for the account of `talker`. Also for ad-hoc commands. */
export async function runChatCommand(
  hub: HubPorts,
  talker: Talker,
  command: ChatCommand,
  { shown, signal }: TalkTurn,
): Promise<string | Shown | Refusal> {
  const { by } = talker;
  switch (command.kind) {
    case "help":
      return CHAT_HELP;
    case "whoami":
      return `You are ${by.account.name} (${by.account.jid}), by your address ${talker.jid}: ${accountIris(hub.identity.base, by.account.name).profile}`;
    case "post":
      return await postByChat(hub, talker, command.text, undefined);
    case "reply": {
      const target = command.to === undefined ? (shown[0] ?? noPost()) : namedPost(hub, talker, command.to, shown);
      return isRefusal(target) ? target : await postByChat(hub, talker, command.text, target);
    }
    case "follow": {
      const followed = await followAccount(hub, by, command.target);
      if (isRefusal(followed)) return followed;
      return `Following ${followed.displayName ?? followed.jid ?? followed.account} (${followed.state}).`;
    }
    case "unfollow": {
      const left = await unfollowAccount(hub, by, command.target);
      return isRefusal(left) ? left : `Not following ${left.account} any more.`;
    }
    case "timeline": {
      const timeline = readTimeline(hub, by, { limit: command.limit });
      return isRefusal(timeline) ? timeline : list(timeline.posts, "Your timeline is empty; follow somebody.");
    }
    case "search":
      return search(hub, talker, command.words);
    case "query":
      return await query(hub, talker, command.text, signal);
    case "stop":
      return "Nothing is running that could be stopped. To post the word, write: post stop";
    case "delete": {
      const target = namedPost(hub, talker, command.post, shown);
      const deleted = isRefusal(target) ? target : await deletePost(hub, by, target);
      return isRefusal(deleted) ? deleted : `Deleted ${deleted.iri}`;
    }
    case "repost": {
      const target = namedPost(hub, talker, command.post, shown);
      const reposted = isRefusal(target) ? target : await repostPost(hub, by, target);
      return isRefusal(reposted) ? reposted : `Reposted ${reposted.post}`;
    }
    case "watch":
      return await setChatWatch(hub, talker, command.on);
    case "watch-add":
      return await sayWatchAdded(hub, talker, command);
    case "watch-list":
      return sayWatches(hub, talker);
    case "watch-remove":
      return await sayWatchRemoved(hub, talker, command.name);
  }
}

/** Posts a text of the account, as its JID that it came from. */
export async function postByChat(
  hub: HubPorts,
  { by, jid }: Talker,
  text: string,
  replyOf: Iri | undefined,
): Promise<Shown | Refusal> {
  const draft = { text, ...(replyOf === undefined ? {} : { replyOf }) };
  const published = await publishPost(hub, by, by.account.name, draft, { publisher: jid });
  return isRefusal(published) ? published : { text: `Posted ${published.iri}`, shown: [published.iri] };
}

function list(posts: readonly PostView[], none: string): Shown {
  const { text, shown } = postsText(posts);
  return posts.length === 0 ? { text: none, shown: [] } : { text, shown: shown.map(({ iri }) => iri) };
}

async function query(hub: HubPorts, { by }: Talker, text: string, stopped: AbortSignal): Promise<string | Refusal> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(QUERY_MS)]);
  try {
    const found = await runQuery(hub, by, text, { from: by.iri, signal });
    const said = isRefusal(found) ? found : await answerText(found);
    return stopped.aborted ? "Stopped." : said;
  } catch (fault) {
    // A query may fail while its answer is read.
    if (stopped.aborted) return "Stopped.";
    if (!(fault instanceof Fault)) throw fault;
    return fault.message;
  }
}

/** The newest posts of the timeline that the text index finds. */
function search(hub: HubPorts, { by }: Talker, words: string): Shown {
  const authors: ReadonlySet<string | undefined> = new Set([by.iri, ...followedBy(hub, by.iri)]);
  const found: Document[] = [];
  let [searched, older]: [number, ListCursor | undefined] = [0, undefined];
  do {
    const page: ListPage = hub.records.reader.list({
      scope: { kind: "text", words },
      limit: SEARCHED_AT_ONCE,
      audience: by.iri,
      ...(older === undefined ? {} : { olderThan: older }),
    });
    found.push(...page.documents.filter(({ kind, author }) => kind === "post" && authors.has(author)));
    searched += page.documents.length;
    older = page.older;
  } while (found.length < FOUND_MAX && older !== undefined && searched < SEARCHED_MAX);
  const among = older === undefined ? "" : ` among the newest ${searched} with these words`;
  return list(
    viewPosts(hub, found.slice(0, FOUND_MAX)),
    `Nothing${among}: no post of your timeline has all of these words.`,
  );
}

function noPost(): Refusal {
  return refuse(
    "not-found",
    "Expected a post to be shown before, but none was; name it by its address, or ask for the timeline.",
  );
}

/** The post meant by a number of the last list, an address, or the item id of an own post. */
function namedPost(hub: HubPorts, { by }: Talker, name: string, shown: readonly Iri[]): Iri | Refusal {
  if (/^\d{1,2}$/.test(name)) return shown[Number(name) - 1] ?? noPost();
  const at = name.includes(":") ? postAt(hub, name) : undefined;
  if (at !== undefined) return at;
  const id = parseItemId(name);
  return isRefusal(id) ? id : postIri(hub.identity.base, by.account.name, id);
}

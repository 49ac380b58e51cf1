import { CHAT_HELP, type ChatCommand, parseChat } from "../../core/chat-command.ts";
import { accountIris, postIri } from "../../core/hub-iris.ts";
import { parseItemId } from "../../core/item-id.ts";
import { type BareJid, bareOf, domainOf, type Jid, localOf } from "../../core/jid.ts";
import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Document } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { takeConfirmation, takeConfirmingWords } from "../accounts/jid-login.ts";
import { takeCode } from "../accounts/link-jid.ts";
import { followAccount, unfollowAccount } from "../following/follow-account.ts";
import { followedBy } from "../following/list-follows.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { ListCursor, ListPage } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import type { Confirmation } from "../ports/xmpp-link.ts";
import { deletePost } from "../posts/delete-post.ts";
import { postAt } from "../posts/item-place.ts";
import { type PostView, viewPosts } from "../posts/post-view.ts";
import { publishPost } from "../posts/publish-post.ts";
import { readTimeline } from "../posts/read-timeline.ts";
import { repostPost } from "../posts/repost-post.ts";
import { runQuery } from "../queries/run-query.ts";
import { countDropped, mayTalk, mayTellChatStranger } from "./chat-guard.ts";
import { answerText, chatText, postsText } from "./chat-text.ts";
import { setChatWatch } from "./chat-watches.ts";
import { inTurn, stopTurn } from "./turns.ts";
import { sayWatchAdded, sayWatches, sayWatchRemoved } from "./watch-commands.ts";

/** A chat message as it came: of a person, live, with a text. */
export interface ChatMessage {
  readonly from: Jid;
  readonly to: Jid;
  readonly body: string;
  /** The id of the message that it answers (XEP-0461); that of a shown post is the post's IRI. */
  readonly answers?: string;
  /** Why the body is not what the person wrote, or must not be taken for a new post. */
  readonly unusable?: "encrypted" | "correction";
  /** It confirms or denies a request over HTTP (XEP-0070), and says nothing else. */
  readonly confirmation?: Confirmation;
}

/** Who talks: an account by one of its linked JIDs, with whom it talks. */
export interface Talker {
  readonly by: Requester & { readonly kind: "account" };
  readonly jid: BareJid;
  /** The JID that was written to and answers. */
  readonly service: BareJid;
}

/** LIMIT: posts with the words of a search that are looked through for those of the timeline, and those it shows. */
const SEARCHED_MAX = 1_000;
const SEARCHED_AT_ONCE = 200;
const FOUND_MAX = 10;
/** LIMIT: how long a query may take that was asked by chat. */
const QUERY_MS = 60_000;
/** LIMIT: talks whose last lists and answers are remembered. */
const TALKS_REMEMBERED_MAX = 1_000;

/** What was shown and said last in a talk. */
interface Memory {
  readonly shown: readonly Iri[];
  readonly said: string;
}

const memories = new WeakMap<HubPorts, Map<string, Memory>>();

function memoryOf(hub: HubPorts): Map<string, Memory> {
  const known = memories.get(hub) ?? new Map<string, Memory>();
  memories.set(hub, known);
  return known;
}

function remember(hub: HubPorts, jid: BareJid, memory: Memory): void {
  const known = memoryOf(hub);
  known.delete(jid);
  const [oldest] = known.keys();
  if (known.size >= TALKS_REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
  known.set(jid, memory);
}

const UNUSABLE = {
  encrypted:
    "That came encrypted, which this hub cannot read; switch encryption off for this chat. Nothing was posted.",
  correction: "Corrections are not taken for posts; delete the post and write it again. Nothing was changed.",
} as const;

/**
 * Carries out a chat message of a linked JID and answers it; a code that was waited for links a JID. Strangers get one
 * sentence a day. Other hubs and components, floods and echoes of our own words are dropped with a count. What one JID
 * says is answered in order, one at a time; `stop` alone comes in between. Says whether it was answered.
 */
export async function talk(hub: HubPorts, message: ChatMessage): Promise<boolean> {
  const jid = bareOf(message.from);
  if (localOf(jid) === undefined || domainOf(jid) === hub.identity.domain) return dropped(hub, jid, "no person");
  if (message.confirmation !== undefined) {
    return takeConfirmation(hub, jid, message.confirmation) || dropped(hub, jid, "confirms nothing");
  }
  // What was given up answers for itself.
  if (/^\s*\/?stop\s*$/i.test(message.body) && stopTurn(hub, jid)) return true;
  return (await inTurn(hub, jid, (signal) => talkNow(hub, message, signal))) ?? dropped(hub, jid, "flood");
}

async function talkNow(hub: HubPorts, message: ChatMessage, signal: AbortSignal): Promise<boolean> {
  const { from, body, unusable } = message;
  const jid = bareOf(from);
  if (memoryOf(hub).get(jid)?.said === body.trim()) return dropped(hub, jid, "echo");
  const service = bareOf(message.to);
  const linked = await takeCode(hub, jid, body);
  if (linked !== undefined) return await answer(hub, service, from, linked, []);
  const confirmed = takeConfirmingWords(hub, jid, body);
  if (confirmed !== undefined) return await answer(hub, service, from, confirmed, memoryOf(hub).get(jid)?.shown ?? []);
  const talker = talkerOf(hub, jid, service);
  if (talker === undefined) {
    if (!mayTellChatStranger(hub, jid)) return dropped(hub, jid, "stranger");
    const sentence = `This is ${hub.identity.title}, ${hub.identity.base}: only linked addresses of its accounts can write here.`;
    return await answer(hub, service, from, sentence, []);
  }
  const may = mayTalk(hub, jid);
  if (may === "no") return dropped(hub, jid, "flood");
  if (may === "told")
    return await answer(hub, service, from, "Too many messages; wait a minute. This one was not taken.", []);
  if ("sentence" in talker) return await answer(hub, service, from, talker.sentence, []);
  const shown = memoryOf(hub).get(jid)?.shown ?? [];
  const said = unusable === undefined ? await carryOut(hub, talker, message, { shown, signal }) : UNUSABLE[unusable];
  if (isRefusal(said)) return await answer(hub, service, from, said.message, shown);
  if (typeof said === "string") return await answer(hub, service, from, said, shown);
  return await answer(hub, service, from, said.text, said.shown);
}

async function answer(hub: HubPorts, service: BareJid, to: Jid, text: string, shown: readonly Iri[]): Promise<true> {
  const said = chatText(text);
  remember(hub, bareOf(to), { shown, said: said.trim() });
  await hub.xmpp.say(service, to, said);
  return true;
}

function dropped(hub: HubPorts, from: BareJid, why: string): false {
  countDropped(hub, from, why);
  return false;
}

/** As which account a JID talks at `service`; undefined for strangers, a sentence where it is not clear. */
export function talkerOf(
  hub: HubPorts,
  jid: BareJid,
  service: BareJid,
): Talker | { readonly sentence: string } | undefined {
  const accounts = hub.records.reader.accountsOfLinkedJid(jid);
  const [first, second] = accounts;
  const account = localOf(service) === undefined ? first : accounts.find((each) => each.jid === service);
  if (account === undefined) return undefined;
  if (localOf(service) === undefined && second !== undefined) {
    const names = accounts.map((each) => each.jid).join(", ");
    return { sentence: `Your address is linked to more than one account; write to one of ${names}.` };
  }
  const { account: iri } = accountIris(hub.identity.base, account.name);
  return { by: { kind: "account", account, iri }, jid, service };
}

/** What a command is carried out with: the posts that numbers name, and when it is given up. */
export interface TalkTurn {
  readonly shown: readonly Iri[];
  readonly signal: AbortSignal;
}

/** Tells which posts an answer shows, so that they can be named by their numbers. */
interface Shown {
  readonly text: string;
  readonly shown: readonly Iri[];
}

async function carryOut(
  hub: HubPorts,
  talker: Talker,
  { body, answers }: ChatMessage,
  turn: TalkTurn,
): Promise<string | Shown | Refusal> {
  const command = parseChat(body);
  if (isRefusal(command)) return command;
  if (command.kind === "post" && answers !== undefined) {
    const known = postAt(hub, answers);
    // An answer to what is no post, such as our own help, is not meant for everybody.
    if (known === undefined) return "That answers a message that shows no post, so nothing was posted.";
    return await post(hub, talker, command.text, known);
  }
  return await runChatCommand(hub, talker, command, turn);
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
      return await post(hub, talker, command.text, undefined);
    case "reply": {
      const target = command.to === undefined ? (shown[0] ?? noPost()) : namedPost(hub, talker, command.to, shown);
      return isRefusal(target) ? target : await post(hub, talker, command.text, target);
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

async function post(
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

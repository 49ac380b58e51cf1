import { parseChat } from "../../core/chat-command.ts";
import { type BareJid, bareOf, domainOf, type Jid, localOf } from "../../core/jid.ts";
import { isRefusal, type Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import { takeConfirmation, takeConfirmingWords } from "../accounts/jid-login.ts";
import { takeCode } from "../accounts/link-jid.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Confirmation } from "../ports/xmpp-link.ts";
import { postAt } from "../posts/item-place.ts";
import { postByChat, runChatCommand, type Shown, type TalkTurn } from "./chat-commands.ts";
import { countDropped, mayTalk, mayTellChatStranger } from "./chat-guard.ts";
import { chatText } from "./chat-text.ts";
import { type Talker, talkerOf } from "./talker.ts";
import { inTurn, stopTurn } from "./turns.ts";

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
    return await postByChat(hub, talker, command.text, known);
  }
  return await runChatCommand(hub, talker, command, turn);
}

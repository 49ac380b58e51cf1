import { CHAT_POSTS_MAX, parseChat } from "../../core/chat-command.ts";
import { type BareJid, bareOf, type Jid } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import type { DiscoItem } from "../../pubsub/disco.ts";
import type { PubsubError } from "../../pubsub/reply.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import { countDropped, mayTalk } from "./chat-guard.ts";
import { chatText } from "./chat-text.ts";
import { runChatCommand, talkerOf } from "./talk.ts";

/** An ad-hoc command (XEP-0050) that linked JIDs may run: one form with one field, then done. */
export interface AdHocCommand {
  readonly node: string;
  readonly name: string;
  readonly kind: "post" | "follow" | "unfollow" | "timeline" | "search" | "query";
  readonly field: { readonly type: "text-single" | "text-multi"; readonly label: string; readonly value?: string };
}

const COMMANDS: readonly AdHocCommand[] = [
  { node: "sterna:post", name: "Post", kind: "post", field: { type: "text-multi", label: "Text" } },
  { node: "sterna:follow", name: "Follow", kind: "follow", field: { type: "text-single", label: "JID or page" } },
  { node: "sterna:unfollow", name: "Unfollow", kind: "unfollow", field: { type: "text-single", label: "JID or page" } },
  {
    node: "sterna:timeline",
    name: "Timeline",
    kind: "timeline",
    field: { type: "text-single", label: `How many posts, at most ${CHAT_POSTS_MAX}`, value: "5" },
  },
  { node: "sterna:search", name: "Search", kind: "search", field: { type: "text-single", label: "Words" } },
  { node: "sterna:query", name: "Query", kind: "query", field: { type: "text-multi", label: "SPARQL" } },
];

/** The command at a node; undefined when there is none. */
export function adHocCommand(node: string): AdHocCommand | undefined {
  return COMMANDS.find((command) => command.node === node);
}

/** The commands that `actor` may run at `jid`, as disco#items lists them (XEP-0050 §2.2). */
export function adHocItems(hub: HubPorts, jid: BareJid, actor: Jid): readonly DiscoItem[] {
  const talker = talkerOf(hub, bareOf(actor), jid);
  return talker === undefined || "sentence" in talker ? [] : COMMANDS.map(({ node, name }) => ({ jid, node, name }));
}

/** One step of a command: `text` is what was filled in, undefined at the first step. */
export interface AdHocStep {
  readonly command: AdHocCommand;
  readonly session: string;
  readonly text?: string;
}

/** A form to be filled in, or how it ended, as a sentence or more. */
export type AdHocReply =
  | { readonly kind: "form" }
  | { readonly kind: "ended"; readonly text: string; readonly failed: boolean };

/** Runs one step for a linked JID. Others get `forbidden` (XEP-0050 §4.4), floods `resource-constraint`. */
export async function runAdHoc(
  hub: HubPorts,
  { command, text }: AdHocStep,
  from: Jid,
  to: Jid,
): Promise<AdHocReply | PubsubError> {
  const jid = bareOf(from);
  const talker = talkerOf(hub, jid, bareOf(to));
  if (talker === undefined) return { kind: "error", condition: "forbidden" };
  if ("sentence" in talker) return { kind: "error", condition: "not-acceptable", text: talker.sentence };
  if (text === undefined) return { kind: "form" };
  if (mayTalk(hub, jid) !== "yes") {
    countDropped(hub, jid, "flood");
    return { kind: "error", condition: "resource-constraint", text: "Too many commands; wait a minute." };
  }
  const wanted = parseChat(`/${command.kind} ${text}`);
  const said = isRefusal(wanted)
    ? wanted
    : await runChatCommand(hub, talker, wanted, { shown: [], signal: new AbortController().signal });
  if (isRefusal(said)) return { kind: "ended", text: chatText(said.message), failed: true };
  return { kind: "ended", text: chatText(typeof said === "string" ? said : said.text), failed: false };
}

import { type Refusal, refuse } from "../outcome/refusal.ts";

/** What a person asks of the hub by a chat message. */
export type ChatCommand =
  | { readonly kind: "help" | "whoami" | "stop" }
  | { readonly kind: "post"; readonly text: string }
  /** `to` is a post as it was named: an address, an item id, or its number in what was shown last. */
  | { readonly kind: "reply"; readonly to?: string; readonly text: string }
  | { readonly kind: "follow" | "unfollow"; readonly target: string }
  | { readonly kind: "timeline"; readonly limit: number }
  | { readonly kind: "search"; readonly words: string }
  | { readonly kind: "query"; readonly text: string }
  | { readonly kind: "delete" | "repost"; readonly post: string }
  | { readonly kind: "watch"; readonly on: boolean }
  /** A standing query: SPARQL, or one of the hub's own by its name. */
  | { readonly kind: "watch-add"; readonly name: string; readonly query: string }
  | { readonly kind: "watch-list" }
  | { readonly kind: "watch-remove"; readonly name: string };

/** LIMIT: posts of a timeline shown in one chat message, and how many without a number. */
export const CHAT_POSTS_MAX = 20;
const CHAT_POSTS = 5;
/** LIMIT: the longest chat message read, in UTF-16 units. */
export const CHAT_LENGTH_MAX = 20_000;

/** The commands, one a line, as `help` shows them. */
export const CHAT_HELP = [
  "Whatever you write is posted. These words do something else:",
  "timeline [n]: the newest posts of those you follow",
  "reply [n or address] text: answers a post, without a number the one shown last (or use your program's reply)",
  "follow ADDRESS, unfollow ADDRESS: an account by its JID or page",
  "search words: posts of your timeline that have all of them",
  "query SPARQL: asks the hub's graph",
  "repost n, id or address: passes a post on to your followers",
  "delete n, id or address: deletes a post of yours",
  "watch on, watch off: followed posts come here as messages",
  "watch add NAME SPARQL (or mentions, replies, home, topic #tag), watch list, watch remove NAME: queries kept open",
  "stop: gives up the query that is running",
  "post text: posts a text that begins like a command",
  "whoami, help",
  "A slash before a word makes sure that it is a command.",
].join("\n");

const SPARQL_START = /^(?:#|BASE\b|PREFIX\b|SELECT\b|ASK\b|CONSTRUCT\b|DESCRIBE\b)/i;
/** One of the hub's own standing queries. */
const OWN_QUERY = /^(?:mentions|replies|home|topic\s+\S+|thread\s+\S+)$/i;
/** A post as people name it: an IRI, a number in a list, or an item id, which has no white space. */
const POST_NAME = /^(?:[a-z][a-z0-9+.-]*:\S+|\d{1,2})$/i;

/**
 * Reads a chat message. A word is a command only when what follows it fits ("follow the money" is a post), unless a
 * slash stands before it: then what does not fit is refused with `invalid`, as are unknown words. `//` posts a text
 * that begins with a slash. Refuses with `too-large` over {@link CHAT_LENGTH_MAX}, with `invalid` an empty text.
 */
export function parseChat(body: string): ChatCommand | Refusal {
  if (body.length > CHAT_LENGTH_MAX) {
    return refuse(
      "too-large",
      `Expected a message of at most ${CHAT_LENGTH_MAX} characters, but got ${body.length}; nothing was done.`,
    );
  }
  const text = body.replace(/\r\n?/g, "\n").trim();
  if (text === "") return refuse("invalid", "Expected a text or a command, but the message is empty; try help.");
  if (text.startsWith("//")) return { kind: "post", text: text.slice(1) };
  const slashed = text.startsWith("/");
  const [, word = "", rest = ""] = /^(\S+)\s*([\s\S]*)$/.exec(slashed ? text.slice(1) : text) ?? [];
  const command = readCommand(word.toLowerCase(), rest, slashed);
  if (command !== undefined) return command;
  if (!slashed) return { kind: "post", text };
  return refuse("invalid", whyUnclear(word));
}

function readCommand(word: string, rest: string, slashed: boolean): ChatCommand | undefined {
  switch (word) {
    case "help":
    case "whoami":
    case "stop":
      return rest === "" ? { kind: word } : undefined;
    case "post":
      return rest === "" ? undefined : { kind: "post", text: rest };
    case "reply":
      return readReply(rest);
    case "follow":
    case "unfollow":
      return isTarget(rest, slashed) ? { kind: word, target: rest } : undefined;
    case "timeline":
      return readTimeline(rest);
    case "search":
      return rest === "" || rest.includes("\n") ? undefined : { kind: "search", words: rest };
    case "query":
      return rest !== "" && (slashed || SPARQL_START.test(rest)) ? { kind: "query", text: rest } : undefined;
    case "delete":
    case "repost":
      return isPostName(rest, slashed) ? { kind: word, post: rest } : undefined;
    case "watch":
      return readWatch(rest, slashed);
    default:
      return undefined;
  }
}

function readReply(rest: string): ChatCommand | undefined {
  const [, first = "", more = ""] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
  if (POST_NAME.test(first)) return { kind: "reply", to: first, text: more };
  return rest === "" || POST_NAME.test(rest) ? undefined : { kind: "reply", text: rest };
}

function readWatch(rest: string, slashed: boolean): ChatCommand | undefined {
  const [, word = "", name, query = ""] = /^(\S+)(?:\s+(\S+)(?:\s+([\s\S]+))?)?$/.exec(rest) ?? [];
  const what = word.toLowerCase();
  if (name === undefined) {
    if (what === "on" || what === "off") return { kind: "watch", on: what === "on" };
    return what === "list" ? { kind: "watch-list" } : undefined;
  }
  if (what === "remove" && query === "") return { kind: "watch-remove", name };
  const isQuery = SPARQL_START.test(query) || OWN_QUERY.test(query) || (slashed && query !== "");
  return what === "add" && isQuery ? { kind: "watch-add", name, query } : undefined;
}

function readTimeline(rest: string): ChatCommand | undefined {
  if (rest === "") return { kind: "timeline", limit: CHAT_POSTS };
  if (!/^\d{1,6}$/.test(rest)) return undefined;
  return { kind: "timeline", limit: Math.min(Math.max(Number(rest), 1), CHAT_POSTS_MAX) };
}

/** Without a slash only what looks like an address: "follow me" is a sentence. */
function isTarget(text: string, slashed: boolean): boolean {
  return /^\S+$/.test(text) && (slashed || /[@:]/.test(text));
}

function isPostName(text: string, slashed: boolean): boolean {
  return POST_NAME.test(text) || (/^\S{6,128}$/.test(text) && (slashed || /\d/.test(text)));
}

const FORMS: Readonly<Record<string, string>> = {
  help: "/help",
  whoami: "/whoami",
  stop: "/stop",
  post: "/post text",
  reply: "/reply text, or /reply n text",
  follow: "/follow alice@hub.example",
  unfollow: "/unfollow alice@hub.example",
  timeline: "/timeline, or /timeline 10",
  search: "/search words",
  query: "/query SELECT …",
  delete: "/delete n, or its id or address",
  repost: "/repost n, or its id or address",
  watch: "/watch on, /watch off, /watch add NAME QUERY, /watch list, or /watch remove NAME",
};

function whyUnclear(word: string): string {
  const form = Object.hasOwn(FORMS, word.toLowerCase()) ? FORMS[word.toLowerCase()] : undefined;
  return form === undefined
    ? `Expected a command, but "/${word.slice(0, 40)}" is none; nothing was posted. Try /help, or begin with // to post it.`
    : `Expected ${form}, but the rest does not fit; nothing was posted.`;
}

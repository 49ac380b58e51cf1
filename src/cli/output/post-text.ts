import { isRecord } from "../cli-config.ts";
import { textIn } from "../hub-client.ts";
import { filesIn, filesText, type ShownFiles } from "./post-files.ts";
import { ago, countOf, inline, type Paint, plain } from "./terminal-text.ts";

/** A post as the hub's JSON has it, with nothing believed that is not a text. */
export interface ShownPost extends ShownFiles {
  readonly iri: string;
  readonly creatorName: string;
  readonly creatorJid?: string;
  readonly text: string;
  readonly created: string;
  readonly modified?: string;
  readonly replyOf?: string;
  readonly replyOfName?: string;
  readonly repostOf?: string;
  readonly quoteOf?: string;
  /** What it passes on or quotes, where that is known. */
  readonly original?: {
    readonly state: string;
    readonly creatorName?: string;
    readonly creatorJid?: string;
    readonly text?: string;
  };
  readonly likes?: number;
  readonly reactions?: readonly Reaction[];
}

/** An emoji, and how many reacted with it. */
interface Reaction {
  readonly emoji: string;
  readonly count: number;
}

/** Reads a post out of JSON; undefined when it is none. */
export function shownPost(value: unknown): ShownPost | undefined {
  const iri = textIn(value, "iri");
  const text = textIn(value, "text");
  if (!isRecord(value) || iri === undefined || text === undefined) return undefined;
  const optional = textsIn(value, ["creatorJid", "modified", "replyOf", "replyOfName", "repostOf", "quoteOf"]);
  const state = textIn(value["original"], "state");
  const original =
    state === undefined
      ? {}
      : { original: { state, ...textsIn(value["original"], ["creatorName", "creatorJid", "text"]) } };
  const creatorName = textIn(value, "creatorName") ?? textIn(value, "creator") ?? "somebody";
  return {
    iri,
    text,
    creatorName,
    created: textIn(value, "created") ?? "",
    ...optional,
    ...original,
    ...feelingsIn(value),
    ...filesIn(value),
  };
}

function textsIn(value: unknown, keys: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const found = textIn(value, key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
}

/** A post for a terminal: who and when on one line, the text indented, its IRI below. Safe to print. */
export function postText(post: ShownPost, paint: Paint, now_ms: number): string {
  const jid = post.creatorJid === undefined ? "" : ` ${paint("dim", inline(post.creatorJid))}`;
  const edited = post.modified === undefined ? "" : ", edited";
  const when = paint("dim", `· ${ago(post.created, now_ms)}${edited}`);
  const whom = post.replyOfName === undefined ? "" : `${inline(post.replyOfName)} `;
  const answers = post.replyOf === undefined ? "" : `  ${paint("dim", `↳ ${whom}${inline(post.replyOf)}`)}\n`;
  const head = `${paint("bold", inline(post.creatorName))}${jid}${reposted(post, paint)} ${when}`;
  return `${head}\n${answers}${body(post, paint)}${filesText(post, paint)}${feelings(post, paint)}  ${paint("cyan", inline(post.iri))}\n`;
}

/** The likes and reactions in the hub's JSON; what is no count is passed over. */
export function feelingsIn(value: unknown): Pick<ShownPost, "likes" | "reactions"> {
  if (!isRecord(value)) return {};
  const rows: readonly unknown[] = Array.isArray(value["reactions"]) ? value["reactions"] : [];
  const reactions = rows.flatMap((row) => {
    if (!isRecord(row) || typeof row["emoji"] !== "string" || typeof row["count"] !== "number") return [];
    return [{ emoji: row["emoji"], count: row["count"] }];
  });
  return {
    ...(typeof value["likes"] === "number" ? { likes: value["likes"] } : {}),
    ...(reactions.length === 0 ? {} : { reactions }),
  };
}

/** `1 like, 🎉 2`; empty where nobody has a feeling. */
export function feelingsText({ likes = 0, reactions = [] }: Pick<ShownPost, "likes" | "reactions">): string {
  const liked = likes === 0 ? [] : [countOf(likes, "like")];
  return [...liked, ...reactions.map(({ emoji, count }) => `${inline(emoji)} ${count}`)].join(", ");
}

function feelings(post: ShownPost, paint: Paint): string {
  const text = feelingsText(post);
  return text === "" ? "" : `  ${paint("dim", text)}\n`;
}

/** ` reposted Bob`, where it is a repost. */
function reposted({ repostOf, original }: ShownPost, paint: Paint): string {
  if (repostOf === undefined) return "";
  return ` reposted ${paint("bold", inline(original?.creatorName ?? repostOf))}`;
}

/** The words of a post, then what it quotes as a block of its own; of a repost what is passed on. */
function body({ text, repostOf, quoteOf, original }: ShownPost, paint: Paint): string {
  if (repostOf !== undefined && original?.state === "deleted") return `  ${paint("dim", "(deleted)")}\n`;
  if (repostOf !== undefined) return indented(original?.text ?? text, "  ");
  if (quoteOf === undefined) return indented(text, "  ");
  const who = original?.creatorName ?? quoteOf;
  const quoted = original?.text ?? (original?.state === "deleted" ? "(deleted)" : quoteOf);
  return `${indented(text, "  ")}  ${paint("dim", "│")} ${paint("bold", inline(who))}\n${indented(quoted, `  ${paint("dim", "│")} `)}`;
}

function indented(text: string, indent: string): string {
  return plain(text)
    .split("\n")
    .map((line) => `${indent}${line}\n`)
    .join("");
}

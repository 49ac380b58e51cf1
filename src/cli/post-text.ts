import { isRecord } from "./cli-config.ts";
import { textIn } from "./hub-client.ts";
import { ago, inline, type Paint, plain } from "./terminal-text.ts";

/** A post as the hub's JSON has it, with nothing believed that is not a text. */
export interface ShownPost {
  readonly iri: string;
  readonly creatorName: string;
  readonly creatorJid?: string;
  readonly text: string;
  readonly created: string;
  readonly modified?: string;
  readonly replyOf?: string;
}

/** Reads a post out of JSON; undefined when it is none. */
export function shownPost(value: unknown): ShownPost | undefined {
  const iri = textIn(value, "iri");
  const text = textIn(value, "text");
  if (!isRecord(value) || iri === undefined || text === undefined) return undefined;
  const optional = Object.fromEntries(
    (["creatorJid", "modified", "replyOf"] as const).flatMap((key) => {
      const found = textIn(value, key);
      return found === undefined ? [] : [[key, found]];
    }),
  );
  const creatorName = textIn(value, "creatorName") ?? textIn(value, "creator") ?? "somebody";
  return { iri, text, creatorName, created: textIn(value, "created") ?? "", ...optional };
}

/** A post for a terminal: who and when on one line, the text indented, its IRI below. Safe to print. */
export function postText(post: ShownPost, paint: Paint, now_ms: number): string {
  const jid = post.creatorJid === undefined ? "" : ` ${paint("dim", inline(post.creatorJid))}`;
  const edited = post.modified === undefined ? "" : ", edited";
  const when = paint("dim", `· ${ago(post.created, now_ms)}${edited}`);
  const answers = post.replyOf === undefined ? "" : `  ${paint("dim", `↳ ${inline(post.replyOf)}`)}\n`;
  const text = plain(post.text)
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
  return `${paint("bold", inline(post.creatorName))}${jid} ${when}\n${answers}${text}\n  ${paint("cyan", inline(post.iri))}\n`;
}

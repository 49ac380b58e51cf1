import { writeTerm } from "../../rdf/ntriples.ts";
import type { QueryAnswer } from "../ports/queries.ts";
import { type PostView, shownText } from "../posts/post-view.ts";

/** LIMIT: an answer in UTF-16 units, so that it fits into any server's stanza and a screen or two. */
export const ANSWER_LENGTH_MAX = 8_000;
/** LIMIT: rows of a query's answer. */
const ROWS_MAX = 50;
/** LIMIT: a post or value in a list. */
const SHOWN_LENGTH_MAX = 600;

// What a chat program might obey instead of show; tabs and line feeds stay. XML has no room for most of it anyway.
const UNSHOWN = /[\p{Cs}\uFFFE\uFFFF]|(?![\n\t])\p{Cc}|[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/gu;

/** Text from somebody else made safe to show in a chat, not longer than `length_max`. */
export function chatText(text: string, length_max: number = ANSWER_LENGTH_MAX): string {
  const whole = text.length > length_max ? `${text.slice(0, length_max - 1)}…` : text;
  return whole.replace(UNSHOWN, "");
}

/** A post for a chat: who, what, where; `number` names it in a list. */
export function postText(view: PostView, number?: number): string {
  const { iri, post, creator } = view;
  const line = (text: string): string => chatText(text, 200).replace(/\s+/g, " ");
  const who = line(creator.name) + (creator.jid === undefined ? "" : ` <${line(creator.jid)}>`);
  const answers = post.replyOf === undefined ? "" : `\n↳ ${line(post.replyOf)}`;
  const head = `${number === undefined ? "" : `${number}. `}${who} · ${post.created.slice(0, 16).replace("T", " ")}`;
  return `${head}${answers}\n${words(view)}\n${line(iri)}`;
}

/** The words of a post, and in front of or after them whose words it passes on or quotes. */
function words(view: PostView): string {
  const { post, original } = view;
  const of = post.repostOf ?? post.quoteOf;
  const said = chatText(shownText(view), SHOWN_LENGTH_MAX);
  if (of === undefined) return said;
  const whose = original?.kind === "here" ? chatText(original.view.creator.name, 200).replace(/\s+/g, " ") : of;
  if (post.repostOf !== undefined) return `reposted ${whose}:\n${said === "" ? "(deleted)" : said}`;
  const quoted = original?.kind === "here" ? chatText(shownText(original.view), SHOWN_LENGTH_MAX) : "";
  return `${said}\n> ${whose}: ${quoted.replaceAll("\n", "\n> ")}`;
}

/** As many numbered posts as fit into one answer. */
export function postsText(posts: readonly PostView[]): { readonly text: string; readonly shown: readonly PostView[] } {
  const parts: string[] = [];
  let length = 0;
  for (const post of posts) {
    const part = postText(post, parts.length + 1);
    length += part.length + 2;
    if (length > ANSWER_LENGTH_MAX && parts.length > 0) break;
    parts.push(part);
  }
  return { text: parts.join("\n\n"), shown: posts.slice(0, parts.length) };
}

/** A query's answer as lines: yes or no, triples, or a row of values each. What is more than fits is said. */
export async function answerText(answer: QueryAnswer): Promise<string> {
  if (answer.kind === "boolean") return answer.value ? "Yes." : "No.";
  const lines: string[] = [];
  let length = 0;
  for await (const line of linesOf(answer)) {
    length += line.length + 1;
    if (lines.length >= ROWS_MAX || length > ANSWER_LENGTH_MAX) {
      return `${lines.join("\n")}\n… and more: add LIMIT and OFFSET, or ask with sterna query.`;
    }
    lines.push(line);
  }
  return lines.length === 0 ? "Nothing found." : lines.join("\n");
}

async function* linesOf(answer: Exclude<QueryAnswer, { kind: "boolean" }>): AsyncGenerator<string> {
  if (answer.kind === "quads") {
    for await (const { subject, predicate, object } of answer.quads) {
      yield chatText([subject, predicate, object].map(writeTerm).join(" "), SHOWN_LENGTH_MAX);
    }
    return;
  }
  for await (const row of answer.rows) {
    const values = answer.variables.flatMap((name) => {
      const term = row.get(name);
      return term === undefined ? [] : [`${name}: ${term.value}`];
    });
    yield chatText(values.join(" | "), SHOWN_LENGTH_MAX).replace(/\s+/g, " ");
  }
}

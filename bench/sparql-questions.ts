import { readFileSync } from "node:fs";
import type { Iri } from "../src/rdf/iri.ts";
import { writeTerm } from "../src/rdf/ntriples.ts";
import { literal, namedNode, type Term } from "../src/rdf/term.ts";
import { randomFrom, type SocialGraph } from "./social-graph.ts";

/** How many times over a question is asked, each time about something else. */
const VARIANTS = 20;
/** Where the busiest accounts begin among them. */
const BUSIEST_FROM = 16;
/** A thread is looked for among this share of the posts. */
const THREAD_SOUGHT = 0.01;

/** A question to a microblog in SPARQL, asked about different accounts, tags and posts. */
export interface Question {
  readonly name: string;
  /** What it asks, for a table. */
  readonly title: string;
  readonly texts: readonly string[];
  /** The columns by which rows are ordered; rows that agree in them may change places. */
  readonly orderedBy: readonly string[];
  /** The LIMIT where rows may agree in their order, so that it is open which of them are left out. */
  readonly limit: number;
}

interface Asked {
  readonly file: string;
  readonly title: string;
  readonly orderedBy?: readonly string[];
  readonly limit?: number;
  readonly values: readonly Readonly<Record<string, Term>>[];
}

/** The eleven questions; that of an account is asked of middling accounts and of the busiest one. */
export function questionsAbout(graph: SocialGraph): readonly Question[] {
  const random = randomFrom(5);
  const below = (count: number): number => Math.floor(random() * count);
  const times = <T>(make: (at: number) => T): T[] => Array.from({ length: VARIANTS }, (_, at) => make(at));
  const account = (number: number): Term => namedNode(graph.iris(number).account);
  const post = (): Term => namedNode(graph.post(below(graph.posts)));
  const middling = (): number => Math.floor(graph.accounts * (0.3 + 0.4 * random()));
  /** An account that follows more than most do. */
  const curious = (): number => {
    for (;;) {
      const number = below(graph.accounts);
      const length = graph.follows[number]?.length ?? 0;
      if (length >= 20 && length < 100) return number;
    }
  };
  // No two posts are of the same time.
  const newest = { orderedBy: ["created"] };
  const asked: Readonly<Record<string, Asked>> = {
    account_middling: {
      file: "account",
      title: "last 20 of a middling account",
      ...newest,
      values: times(() => ({ account: account(middling()) })),
    },
    account_busiest: {
      file: "account",
      title: "last 20 of the busiest account",
      ...newest,
      values: [{ account: account(0) }],
    },
    home: {
      file: "home",
      title: "home timeline over 200 follows",
      ...newest,
      values: graph.readers.map((reader) => ({ me: account(reader) })),
    },
    thread: {
      file: "thread",
      title: "whole thread",
      orderedBy: ["created"],
      values: longThreads(
        graph,
        times(() => below(graph.posts)),
      ).map((start) => ({ start: namedNode(start) })),
    },
    tag: {
      file: "tag",
      title: "last 20 of a tag",
      ...newest,
      values: times((rank) => ({ tag: namedNode(graph.tag(rank)) })),
    },
    posts_per_account: {
      file: "posts-per-account",
      title: "posts per account, top 20",
      orderedBy: ["posts"],
      limit: 20,
      values: [{}],
    },
    friends_of_friends: {
      file: "friends-of-friends",
      title: "friends of friends not followed",
      values: times(() => ({ me: account(curious()) })),
    },
    contains: {
      file: "contains",
      title: "text contains",
      ...newest,
      values: times((at) => ({ word: literal(graph.word(at * at * 7)) })),
    },
    describe: { file: "describe", title: "DESCRIBE a post", values: times(() => ({ post: post() })) },
    follows: { file: "follows", title: "ASK a follow", values: times((at) => askedFollow(graph, below, at % 2 === 0)) },
    post: { file: "post", title: "all about one post", values: times(() => ({ post: post() })) },
    unanswered: {
      file: "unanswered",
      title: "unanswered mentions of me",
      ...newest,
      // The busiest are mentioned so often that others need long: they come last.
      values: times((at) => ({ me: account(at < BUSIEST_FROM ? middling() : at - BUSIEST_FROM) })),
    },
  };
  return Object.entries(asked).map(
    ([name, { file, title, values, orderedBy = [], limit = Number.MAX_SAFE_INTEGER }]) => {
      const text = readFileSync(new URL(`questions/${file}.rq`, import.meta.url), "utf8");
      return { name, title, orderedBy, limit, texts: values.map((each) => filledIn(text, each)) };
    },
  );
}

/** A query's text with values in the place of its parameters, as a person would have typed it. */
function filledIn(text: string, values: Readonly<Record<string, Term>>): string {
  const [, query = ""] = /^(?:#[^\n]*\n)*([^]*)$/.exec(text) ?? [];
  let filled = query;
  for (const [name, term] of Object.entries(values)) {
    filled = filled.replaceAll(new RegExp(`[?]${name}\\b`, "g"), () => writeTerm(term));
  }
  return filled;
}

function askedFollow(
  graph: SocialGraph,
  below: (count: number) => number,
  isSo: boolean,
): { readonly one: Term; readonly other: Term } {
  const one = below(graph.accounts);
  const followed = graph.follows[one] ?? [];
  const other = isSo ? (followed[below(followed.length)] ?? 0) : below(graph.accounts);
  return { one: namedNode(graph.iris(one).account), other: namedNode(graph.iris(other).account) };
}

/** For each of `places`, the post after it that stands in the longest chain of answers upward. */
function longThreads(graph: SocialGraph, places: readonly number[]): readonly Iri[] {
  return places.map((place) => {
    let [longest, found] = [-1, place];
    for (let post = place; post < Math.min(graph.posts, place + THREAD_SOUGHT * graph.posts); post++) {
      let length = 0;
      for (let up = graph.answered[post] ?? -1; up >= 0; up = graph.answered[up] ?? -1) length++;
      if (length > longest) [longest, found] = [length, post];
    }
    return graph.post(found);
  });
}

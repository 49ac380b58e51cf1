import { describe, expect, it } from "vitest";
import { SocialGraph } from "../../bench/social-graph.ts";
import { difference } from "../../bench/sparql-answer.ts";
import { questionsAbout } from "../../bench/sparql-questions.ts";
import { accountNameIn } from "../../src/core/hub-iris.ts";
import { composePost } from "../../src/core/posts/compose.ts";
import { type Post, postFromQuads } from "../../src/core/posts/post.ts";
import { isRefusal } from "../../src/outcome/refusal.ts";
import type { Document } from "../../src/rdf/document.ts";
import type { Iri } from "../../src/rdf/iri.ts";
import { writeNTriples } from "../../src/rdf/ntriples.ts";

const graph = new SocialGraph(500);
const documents = [...graph.documents()];
const posts = documents.filter(({ kind }) => kind === "post");

function postIn({ quads, graph: iri }: Document): Post {
  const post = postFromQuads(quads, iri);
  if (isRefusal(post)) throw new Error(post.message);
  return post;
}

/** What the hub makes of the same text. */
function composed(post: Post): unknown {
  const author = graph.iris(Number(accountNameIn(graph.base, post.creator)?.replace("user", "")));
  const answered = posts.find(({ graph: iri }) => iri === post.replyOf);
  return composePost(
    { text: post.text, ...(post.replyOf === undefined ? {} : { replyOf: post.replyOf }) },
    {
      iri: post.iri,
      author,
      ...(post.language === undefined ? {} : { language: post.language }),
      base: graph.base,
      now: post.created,
      characters_max: 5_000,
      ...(post.previousByDate === undefined ? {} : { previousByDate: post.previousByDate }),
      resolveMention: (name) => `${graph.base}${name}#account` as Iri,
      ...(answered?.author === undefined ? {} : { repliedAuthor: answered.author }),
    },
  );
}

describe("the graph that is asked about in benchmarks", () => {
  it("has the posts that the hub would compose of their texts", () => {
    expect(posts).toHaveLength(500);
    for (const each of posts) expect(postIn(each)).toEqual(composed(postIn(each)));
  });

  it("is the same each time", () => {
    const text = (all: Iterable<Document>): string => Array.from(all, ({ quads }) => writeNTriples(quads)).join("");
    expect(text(new SocialGraph(500).documents())).toBe(text(documents));
  });

  it("has an author of most posts, a fifth of answers, and readers that follow 200 each", () => {
    const byAuthor = Map.groupBy(posts, ({ author }) => author);
    const most = Math.max(...[...byAuthor.values()].map(({ length }) => length));
    expect(byAuthor.get(graph.iris(0).account)).toHaveLength(most);
    const answers = posts.filter((each) => postIn(each).replyOf !== undefined).length;
    expect(answers).toBeGreaterThan(70);
    expect(answers).toBeLessThan(130);
    for (const reader of graph.readers) expect(new Set(graph.follows[reader]).size).toBe(200);
  });
});

describe("the questions of the benchmark", () => {
  const questions = questionsAbout(graph);

  it("are filled in: no parameter is left", () => {
    expect(questions).toHaveLength(12);
    for (const { texts } of questions) {
      expect(new Set(texts).size).toBeGreaterThan(texts.length / 2);
      for (const text of texts) expect(text).not.toMatch(/^#|[?](me|start|tag|word|one|other)\b/m);
    }
  });
});

describe("comparing answers", () => {
  const ranked = { name: "", title: "", texts: [], orderedBy: ["posts"], limit: 4 };
  const answer = (...rows: readonly (readonly [row: string, key: string])[]) => ({
    rows: rows.map(([row]) => row),
    keys: rows.map(([, key]) => key),
  });

  it("lets rows that agree in their order change places, and a LIMIT choose among the last of them", () => {
    const one = answer(["a", "3"], ["b", "2"], ["c", "2"], ["d", "1"]);
    expect(difference(ranked, answer(["a", "3"], ["c", "2"], ["b", "2"], ["e", "1"]), one)).toBeUndefined();
  });

  it("tells of other rows, other order and missing rows", () => {
    const one = answer(["a", "3"], ["b", "2"], ["c", "1"]);
    expect(difference(ranked, answer(["a", "3"], ["x", "2"], ["c", "1"]), one)).toContain("x");
    expect(difference(ranked, answer(["b", "2"], ["a", "3"], ["c", "1"]), one)).toContain("row 0");
    expect(difference(ranked, answer(["a", "3"], ["b", "2"]), one)).toContain("2 rows instead of 3");
  });

  it("compares the last row too where the answer is shorter than its LIMIT", () => {
    expect(difference(ranked, answer(["a", "3"], ["x", "2"]), answer(["a", "3"], ["b", "2"]))).toContain("x");
  });
});

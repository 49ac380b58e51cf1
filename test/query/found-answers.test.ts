import { Parser } from "n3";
import { describe, expect, it } from "vitest";
import { askEngine } from "./random/ask-engine.ts";
import { lineOfRow } from "./random/compare-answers.ts";
import { PREFIXES } from "./random/sparql-text.ts";

/** An answer that the random queries found wrong, or hardly ever come by, as small as it gets. */
interface Found {
  readonly name: string;
  readonly data: string;
  readonly query: string;
  /** Rows in their order: variables and values, short. */
  readonly rows: readonly string[];
}

const AT_12 = '"2026-01-01T12:00:00Z"^^xsd:dateTime';
const LATER = '"2026-01-01T12:01:00Z"^^xsd:dateTime';

const FOUND: readonly Found[] = [
  {
    name: "a DISTINCT subselect whose variable is not bound inside keeps all that is joined with it",
    data: ":b :p :a . :a :p :a .",
    query: "SELECT * WHERE { ?a :p ?c { SELECT DISTINCT ?c WHERE { ?a :p ?a } } }",
    rows: ["?a :a ?c :a", "?a :b ?c :a"],
  },
  {
    name: "a DISTINCT subselect takes no rows away from what it is joined with",
    data: ":a :q :a ; :p :a .",
    query: "SELECT * WHERE { ?a ?r ?a . [ :p ?a ; :p ?a ] :p ?a { SELECT DISTINCT ?a WHERE { ?a :p ?a } } }",
    rows: ["?a :a ?r :p", "?a :a ?r :q"],
  },
  {
    name: "a post with two times comes with a time each time",
    data: `:x sioc:has_creator :c ; dcterms:created ${AT_12}, ${LATER} .`,
    query:
      "SELECT * WHERE { VALUES ?who { :c :b } ?post sioc:has_creator ?who . ?post dcterms:created ?at } ORDER BY DESC(?at) ?post LIMIT 20",
    rows: ["?at 12:01 ?post :x ?who :c", "?at 12:00 ?post :x ?who :c"],
  },
  {
    name: "posts of an account that is named twice come twice, each with its time",
    data: `:x sioc:has_creator :a ; dcterms:created ${AT_12} . :y sioc:has_creator :a ; dcterms:created ${LATER} .`,
    query:
      "SELECT ?post ?at WHERE { VALUES ?who { :a :a } ?post sioc:has_creator ?who . ?post dcterms:created ?at } ORDER BY DESC(?at) DESC(?post) LIMIT 5",
    rows: ["?at 12:01 ?post :y", "?at 12:01 ?post :y", "?at 12:00 ?post :x", "?at 12:00 ?post :x"],
  },
  {
    name: "the newest posts put in another order are in that order",
    data: `:x dcterms:created ${AT_12}, ${LATER} .`,
    query:
      "SELECT * WHERE { { SELECT DISTINCT ?post ?at WHERE { ?post dcterms:created ?at } ORDER BY DESC(?at) LIMIT 4 } } ORDER BY ?at",
    rows: ["?at 12:00 ?post :x", "?at 12:01 ?post :x"],
  },
  {
    name: "COUNT(DISTINCT *) does not count what a path goes through, nor blank nodes",
    data: ':c :t "a" ; :any "a" ; :p :x, :y . :x :q :z . :y :q :z .',
    query:
      "SELECT ?k ?l ?m WHERE { { SELECT (COUNT(DISTINCT *) AS ?k) WHERE { ?a !(:p|:q) ?c } } { SELECT (COUNT(DISTINCT *) AS ?l) WHERE { ?a :p/:q ?c } } { SELECT (COUNT(DISTINCT *) AS ?m) WHERE { ?a :p [] } } }",
    rows: ['?k "1"^^integer ?l "1"^^integer ?m "1"^^integer'],
  },
  {
    name: "texts go by code points, not by halves of surrogate pairs",
    data: ':a :t "\u{1F600}" . :b :t "\uFF5E" .',
    query: "SELECT ?a WHERE { ?a :t ?x } ORDER BY ?x",
    rows: ["?a :b", "?a :a"],
  },
  {
    name: "what is bound around EXISTS is bound in its OPTIONAL too",
    data: ":c :q :a . :a :p :a . :a :w 1 .",
    query: "SELECT * WHERE { ?b ?r ?a FILTER(EXISTS { ?a :p ?a OPTIONAL { ?b :w ?x } }) }",
    rows: ["?a :a ?b :a ?r :p", "?a :a ?b :c ?r :q"],
  },
  {
    name: "GRAPH has nothing where there are no named graphs, whatever stands in it",
    data: ":a :n 1 .",
    query: "SELECT * WHERE { ?a :n ?x GRAPH ?g { BIND(?a AS ?y) } }",
    rows: [],
  },
  {
    name: "a text and a number are neither equal nor not: that is an error",
    data: ':a :t "a" .',
    query: "SELECT ?a ((?x = 1) AS ?v) ((?x != 1) AS ?w) WHERE { ?a :t ?x }",
    rows: ["?a :a"],
  },
  {
    name: "the sum of what is not bound has no value",
    data: ":a :p :a .",
    query: "SELECT (SUM(?x) AS ?n) WHERE { ?a :p ?a }",
    rows: [""],
  },
];

const declared = (keyword: string, end: string): string =>
  Object.entries(PREFIXES)
    .map(([prefix, iri]) => `${keyword} ${prefix}: <${iri}>${end}`)
    .join("\n");

const short = (line: string): string =>
  line.replace(/<http:\/\/hub.example\/(\w+)>/g, ":$1").replace(/"2026-01-01T(\d\d:\d\d):00Z"\^\^dateTime/g, "$1");

describe("answers that random queries found wrong, or would find too seldom", () => {
  const rowsOf = async ({ data, query }: Found): Promise<readonly string[]> => {
    const open = new Parser().parse(`${declared("@prefix", " .")}\n${data}`);
    const world = { anonymous: true, open, own: [], hidden: [], gone: [] };
    const answer = await askEngine(world, `${declared("PREFIX", "")}\n${query}`);
    const found = answer.kind === "rows" ? answer.rows.map(lineOfRow).map(short) : [answer.kind];
    return query.includes("ORDER BY") ? found : found.sort();
  };

  it.each(FOUND)("$name", async (found) => {
    expect(await rowsOf(found)).toEqual(found.rows);
  });
});

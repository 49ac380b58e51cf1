import fc from "fast-check";
import { literal, namedNode, type Quad, type QuadObject, quad } from "../../../src/rdf/term.ts";
import { places, type World, worldOf } from "./random-data.ts";
import { plainQuery, type RandomQuery, selectQuery } from "./random-query.ts";
import { either, expand, pick, say, several } from "./sparql-text.ts";

// Microblog questions: newest first, of an account, of those it follows, of a tag, of a thread.

const ACCOUNTS = [":alice#account", ":bob#account", ":carol#account", ":dan#account"] as const;
const TAGS = [":tag/one", ":tag/two"] as const;
const POSTS = Array.from({ length: 9 }, (_, index) => `:posts/${index + 1}` as const);
const iri = (name: string): string => `<${expand(name)}>`;
const node = (name: string) => namedNode(expand(name));
const typed = (value: string, type: string) => literal(value, node(type));

/** Times a minute apart, some the same in other zones, some finer; what the hub itself writes. */
const goodTimes = fc
  .tuple(fc.integer({ min: 0, max: 5 }), fc.constantFrom("Z", "Z", ".5Z", ".25Z"))
  .map(([minute, tail]) => typed(`2026-01-01T12:0${minute}:00${tail}`, "xsd:dateTime"));
const zonedTimes = fc
  .integer({ min: 0, max: 5 })
  .map((minute) => typed(`2026-01-01T14:0${minute}:00+02:00`, "xsd:dateTime"));
const otherTimes: fc.Arbitrary<QuadObject> = fc.constantFrom(
  typed("2026-01-01T12:03:00", "xsd:dateTime"),
  typed("2026-01-01", "xsd:date"),
  typed("yesterday", "xsd:dateTime"),
  literal("2026-01-01T12:02:00Z"),
  typed("1", "xsd:integer"),
  node(":alice#account"),
  // The same moment in other forms, which are other terms.
  typed("2026-01-01T12:01:00.000Z", "xsd:dateTime"),
  typed("2026-01-01T12:01:00+00:00", "xsd:dateTime"),
);
const texts = fc.constantFrom(literal("a tern", "en"), literal("une sterne", "fr"), literal("a tern"), literal("b"));

/** One post with its properties, of which any may be missing, or be there twice. */
function postTriples(times: fc.Arbitrary<QuadObject>): fc.Arbitrary<readonly Quad[]> {
  const one = <T>(values: fc.Arbitrary<T>, likely: "always" | "mostly" | "seldom"): fc.Arbitrary<readonly T[]> => {
    const weights = { always: [0, 30, 2], mostly: [2, 12, 1], seldom: [5, 3, 1] }[likely];
    return fc.oneof(
      { weight: weights[1] ?? 1, arbitrary: values.map((value) => [value]) },
      { weight: weights[0] ?? 0, arbitrary: fc.constant([]) },
      { weight: weights[2] ?? 1, arbitrary: fc.tuple(values, values) },
    );
  };
  const names = (list: readonly string[]) => fc.constantFrom(...list).map(node);
  return fc
    .record({
      post: names(POSTS),
      "rdf:type": one(fc.constant(node("sioct:MicroblogPost")), "always"),
      "sioc:has_creator": one(names(ACCOUNTS), "always"),
      "dcterms:created": one(times, "always"),
      "sioc:has_container": one(names([":alice/posts", ":bob/posts"]), "mostly"),
      "sioc:content": one(texts, "mostly"),
      "sioc:topic": one(names(TAGS), "seldom"),
      "sioc:reply_of": one(names(POSTS), "seldom"),
      "sioc:addressed_to": one(names(ACCOUNTS.slice(0, 2)), "seldom"),
    })
    .map(({ post, ...properties }) =>
      Object.entries(properties).flatMap(([predicate, values]) =>
        (values as readonly QuadObject[]).map((value) => quad(post, node(predicate), value)),
      ),
    );
}

const follows = fc
  .tuple(fc.constantFrom(...ACCOUNTS.slice(0, 2)), fc.constantFrom(...ACCOUNTS))
  .map(([who, whom]) => [quad(node(who), node("sioc:follows"), node(whom))]);
const names = fc
  .tuple(fc.constantFrom(...ACCOUNTS), fc.constantFrom("Alice", "Bob"))
  .map(([who, name]) => [quad(node(who), node("foaf:name"), literal(name))]);

/** A hub's documents: public, for one account only, of another account, and taken back. */
function socialWorld(times: fc.Arbitrary<QuadObject>): fc.Arbitrary<World> {
  const documents = fc.oneof(
    { weight: 8, arbitrary: postTriples(times) },
    { weight: 4, arbitrary: follows },
    { weight: 1, arbitrary: names },
  );
  return fc
    .tuple(fc.array(fc.tuple(documents, places), { minLength: 1, maxLength: 24, size: "max" }), fc.boolean())
    .map(([placed, anonymous]) =>
      worldOf(
        placed.flatMap(([document, place]) => document.map((each) => [each, place] as const)),
        anonymous,
      ),
    );
}

const account = pick(...ACCOUNTS.map(iri));
const post = pick(...POSTS.map(iri));
const tag = pick(...TAGS.map(iri));

/** Whose posts: each begins with what there is a list of, newest first, in the store. */
const whose = either(
  [3, say`?post sioc:has_creator ${account} .`],
  [4, say`${account} sioc:follows ?who . ?post sioc:has_creator ?who .`],
  [2, say`?post sioc:topic ${tag} .`],
  [2, say`?post sioc:addressed_to ${account} .`],
  [1, pick("?post sioc:has_container <http://hub.example/alice/posts> .")],
  [2, pick("?post a sioct:MicroblogPost .")],
  [1, pick("?post sioc:has_creator ?who .")],
  [1, say`?post sioc:reply_of ${post} .`],
  [1, say`${post} (sioc:reply_of|^sioc:reply_of)* ?post .`],
  [1, say`?post sioc:reply_of+ ${post} .`],
  [2, say`VALUES ?who { ${account} ${account} } ?post sioc:has_creator ?who .`],
  [1, say`{ ?post sioc:topic ${tag} } UNION { ?post sioc:addressed_to ${account} }`],
  [1, say`{ ${account} sioc:follows ?who . ?post sioc:has_creator ?who } UNION { ?post sioc:has_creator ${account} }`],
  [1, say`${account} sioc:follows/^sioc:has_creator ?post .`],
  [3, say`${account} sioc:follows ?friend . ?friend sioc:follows ?who . ?post sioc:has_creator ?who .`],
  [1, say`?post sioc:has_creator ?who ; sioc:topic ${tag} .`],
  [1, pick("")],
);

const when = either(
  [8, pick("?post dcterms:created ?created .")],
  [1, pick("OPTIONAL { ?post dcterms:created ?created }")],
);

const moment = pick(
  '"2026-01-01T12:02:00Z"^^xsd:dateTime',
  '"2026-01-01T12:03:00Z"^^xsd:dateTime',
  '"2026-01-01T14:02:00+02:00"^^xsd:dateTime',
);

/** What else is asked of the posts. */
const extra = either(
  [2, pick("?post sioc:content ?text .")],
  [2, pick("OPTIONAL { ?post sioc:content ?text }")],
  [2, pick("?post sioc:has_creator ?who .")],
  [1, pick("OPTIONAL { ?who foaf:name ?name }")],
  [2, pick("OPTIONAL { ?reply sioc:reply_of ?post }")],
  [1, pick("OPTIONAL { ?reply sioc:reply_of ?post . ?reply dcterms:created ?later FILTER(?later > ?created) }")],
  [2, say`FILTER NOT EXISTS { ?reply sioc:reply_of ?post . ?reply sioc:has_creator ${account} }`],
  [1, say`FILTER EXISTS { ?post sioc:topic ${tag} }`],
  [1, pick("FILTER NOT EXISTS { ?post sioc:reply_of ?before }")],
  [1, say`MINUS { ?post sioc:topic ${tag} }`],
  [1, say`MINUS { ?post sioc:has_creator ${account} }`],
  [2, say`FILTER(?created ${pick("<", ">", "<=", ">=")} ${moment})`],
  [1, say`FILTER(?post != ${post})`],
  [1, say`FILTER(?who IN (${account}, ${account}))`],
  [1, say`FILTER(?who != ${account})`],
  [1, pick('FILTER(CONTAINS(STR(?text), "tern"))', 'FILTER(LANG(?text) = "en")', "FILTER(BOUND(?text))")],
  [1, say`?post sioc:topic ?tag .`],
  [1, say`${account} sioc:follows ?who .`],
  [1, pick("BIND(STRLEN(STR(?text)) AS ?length)")],
  [1, say`VALUES ?post { ${several(post, " ", 1, 3)} }`],
  [1, pick("{ SELECT ?who (COUNT(?any) AS ?posts) WHERE { ?any sioc:has_creator ?who } GROUP BY ?who }")],
);

const questionBody = fc
  .tuple(whose, when, fc.array(extra, { maxLength: 3 }), fc.boolean())
  .map(([who, created, extras, late]) => {
    // A variable may be bound once only.
    const others = extras.filter((each, index) => extras.indexOf(each) === index);
    return `{ ${(late ? [...others.filter((each) => !each.startsWith("BIND")), who, created] : [who, created, ...others]).join(" ")} }`;
  });

const newest = fc.constantFrom(
  [{ expression: "?created", descending: true }],
  [
    { expression: "?created", descending: true },
    { expression: "?post", descending: false },
  ],
  [
    { expression: "?created", descending: true },
    { expression: "?post", descending: true },
  ],
  [{ expression: "?created", descending: false }],
  [
    { expression: "?created", descending: true },
    { expression: "?text", descending: false },
  ],
  [
    { expression: "?who", descending: false },
    { expression: "?created", descending: true },
  ],
  [],
);
const limit = fc.constantFrom(1, 2, 3, 5, 20, 0, undefined);
const offset = fc.constantFrom(undefined, undefined, undefined, 1, 2);

const plainQuestions = fc
  .record({
    head: pick("SELECT ?post", "SELECT ?post ?created", "SELECT *", "SELECT ?post ?who ?text", "SELECT ?post ?reply"),
    where: questionBody,
    order: newest,
    limit,
    offset,
  })
  .map(selectQuery);

const distinctQuestions = fc
  .record({
    head: pick("SELECT DISTINCT ?post ?created", "SELECT DISTINCT ?post ?created ?who ?text", "SELECT DISTINCT *"),
    where: questionBody,
    order: newest.filter((keys) => keys.every(({ expression }) => expression !== "?text" && expression !== "?who")),
    limit,
    offset,
  })
  .map(selectQuery);

const counts = fc
  .record({
    key: pick("?who", "?tag", "?post"),
    count: pick("COUNT(*)", "COUNT(DISTINCT ?post)", "COUNT(?reply)", "MAX(?created)"),
    where: questionBody,
    descending: fc.boolean(),
    limit,
  })
  .map(({ key, count, where, descending, limit: most }) =>
    selectQuery({
      head: `SELECT ${key} (${count} AS ?${count.startsWith("MAX") ? "least" : "n"})`,
      where,
      grouping: `GROUP BY ${key}`,
      order: [
        { expression: count, descending },
        { expression: key, descending: false },
      ],
      limit: most,
    }),
  );

/** The newest posts first, then more about just those: the inner answer must be one only, so ties go by the post. */
const pages = fc
  .record({
    head: pick("SELECT DISTINCT ?post ?created", "SELECT ?post ?created", "SELECT ?post"),
    inner: whose,
    late: pick("", "?post sioc:content ?text .", "OPTIONAL { ?post sioc:topic ?tag }"),
    direction: pick("DESC", "DESC", "ASC"),
    slice: pick("LIMIT 1", "LIMIT 2", "LIMIT 4", "LIMIT 2 OFFSET 1"),
    extras: several(extra, " ", 0, 2),
    order: newest,
  })
  .map(({ head, inner, late, direction, slice, extras, order }) =>
    selectQuery({
      head: "SELECT *",
      where: `{ { ${head} WHERE { ${inner} ?post dcterms:created ?created . ${late} } ORDER BY ${direction}(?created) ?post STR(?created) ${slice} } ${extras} }`,
      order,
    }),
  );

const otherForms = either(
  [1, say`ASK { ${account} sioc:follows ${account} }`],
  [1, say`ASK ${questionBody}`],
  [1, say`CONSTRUCT { ?post sioc:has_creator ?who ; dcterms:created ?created } WHERE ${questionBody}`],
  [1, say`DESCRIBE ${post}`],
  [1, say`DESCRIBE ?post WHERE ${questionBody}`],
  [
    1,
    say`SELECT DISTINCT ?who WHERE { ${account} sioc:follows ?friend . ?friend sioc:follows ?who FILTER NOT EXISTS { ${account} sioc:follows ?who } }`,
  ],
).map(plainQuery);

/** Pairs of a hub's data and a question of it; page queries only where all times are comparable. */
export const questions: fc.Arbitrary<readonly [World, RandomQuery]> = fc
  .oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(socialWorld(goodTimes), fc.oneof(plainQuestions, distinctQuestions, counts, pages)),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(
        socialWorld(fc.oneof({ weight: 4, arbitrary: goodTimes }, { weight: 1, arbitrary: zonedTimes })),
        fc.oneof(plainQuestions, distinctQuestions, counts, pages),
      ),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(
        socialWorld(fc.oneof({ weight: 3, arbitrary: goodTimes }, { weight: 2, arbitrary: otherTimes })),
        fc.oneof(plainQuestions, distinctQuestions),
      ),
    },
    { weight: 1, arbitrary: fc.tuple(socialWorld(goodTimes), otherForms) },
  )
  .map(([world, query]) => [world, { ...query, calm: true }] as const);

// Writes scripts/sample/people.ttl and posts.ttl: a small made-up network in the shape LSBench has (accounts by
// sioc:account_of, authors by sioc:creator_of, sib:hashtag), for the demo. Seeded: the same files every time.
// Run: node scripts/generate-sample.ts
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PEOPLE = 30;
const POSTS = 200;
const FIRST_DAY = Date.parse("2026-05-01T06:00:00Z");

/** Numbers from 0 to 1 that look random and are the same every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = seeded(20_261_121);
const upTo = (count: number): number => Math.floor(random() * count);
function pick<L extends readonly [unknown, ...unknown[]]>(list: L): L[number] {
  return list[upTo(list.length)] ?? list[0];
}

const FIRST_NAMES = [
  "Nina",
  "Omar",
  "Yuki",
  "Łukasz",
  "Chloé",
  "Amara",
  "Jón",
  "Mei",
  "Søren",
  "Leila",
  "Tomás",
  "Ingrid",
  "Kofi",
  "Zoë",
  "Ravi",
] as const;
const LAST_NAMES = [
  "Berg",
  "Haddad",
  "Tanaka",
  "Nowak",
  "Durand",
  "Okafor",
  "Jónsdóttir",
  "Chen",
  "Holm",
  "Karimi",
] as const;
const PLACES = ["Oslo", "Lisbon", "Reykjavík", "Nairobi", "Kyoto", "Gdańsk", "Valparaíso", "Cape_Town"] as const;
const TOPICS = [
  ["terns", "Arctic terns over the harbour", "a colony of terns behind the dunes", "the first tern of the year"],
  ["weather", "rain since dawn", "a clear night after the storm", "fog so thick the ferry waited"],
  ["cycling", "forty kilometres against the wind", "a new chain and no more noise", "the coast road is open again"],
  ["books", "a chapter on bird migration", "an old atlas from the flea market", "the library stays open late"],
  [
    "semweb",
    "linking my sightings to open data",
    "one graph, many questions",
    "a query that found three friends of friends",
  ],
  ["music", "fiddles in the old boathouse", "a record I had long looked for", "rehearsal moved to Thursday"],
] as const;
const WAYS = [
  "Just saw this:",
  "Today:",
  "For the record:",
  "Anyone else?",
  "Cannot stop thinking about it:",
  "Note to self:",
] as const;

const PREFIXES = [
  ["xsd", "http://www.w3.org/2001/XMLSchema#"],
  ["foaf", "http://xmlns.com/foaf/0.1/"],
  ["dc", "http://purl.org/dc/elements/1.1/"],
  ["sioc", "http://rdfs.org/sioc/ns#"],
  ["sib", "http://www.ins.cwi.nl/sib/vocabulary/"],
  ["dbp", "http://dbpedia.org/resource/"],
  ["person", "https://sample.example/person/"],
  ["user", "https://sample.example/user/"],
  ["post", "https://sample.example/post/"],
  ["forum", "https://sample.example/forum/"],
]
  .map(([prefix, iri]) => `@prefix ${prefix}: <${iri}> .`)
  .join("\n");

function timeAt(minutes: number): string {
  return `"${new Date(FIRST_DAY + minutes * 60_000).toISOString().replace(".000Z", "Z")}"^^xsd:dateTime`;
}

function people(): string {
  const blocks: string[] = [];
  for (let number = 1; number <= PEOPLE; number++) {
    const friends = new Set<number>();
    while (friends.size < 2 + upTo(4)) friends.add(1 + upTo(PEOPLE));
    friends.delete(number);
    blocks.push(
      `person:p${number} a foaf:Person ;\n  foaf:firstName "${pick(FIRST_NAMES)}" ;\n  foaf:lastName "${pick(LAST_NAMES)}" ;\n` +
        `  foaf:based_near dbp:${pick(PLACES)} .`,
      `user:u${number} a sib:User, sioc:UserAccount ;\n  sioc:account_of person:p${number} ;\n  dc:date ${timeAt(number - PEOPLE * 60)}` +
        `${[...friends].map((friend) => ` ;\n  foaf:knows user:u${friend}`).join("")} .`,
    );
  }
  return blocks.join("\n");
}

function posts(): string {
  const blocks: string[] = [];
  let minutes = 0;
  for (let number = 1; number <= POSTS; number++) {
    minutes += 1 + upTo(120);
    const author = 1 + upTo(PEOPLE);
    const [tag, ...texts] = pick(TOPICS);
    const [other] = pick(TOPICS);
    const hashtags = other === tag || random() < 0.5 ? [tag] : [tag, other];
    // Four of five posts start something, the others answer one that is there.
    const answers = number > 10 && random() < 0.2 ? ` ;\n  sioc:reply_of post:po${1 + upTo(number - 1)}` : "";
    blocks.push(
      `post:po${number} a sib:Post, sioc:Post ;\n  dc:created ${timeAt(minutes)} ;\n` +
        `  sioc:content "${pick(WAYS)} ${pick(texts)}."${hashtags.map((each) => ` ;\n  sib:hashtag "${each}"`).join("")}${answers} .\n` +
        `forum:fo${author} sioc:container_of post:po${number} .\nuser:u${author} sioc:creator_of post:po${number} .`,
    );
  }
  return blocks.join("\n");
}

const folder = join(import.meta.dirname, "sample");
const heading = "# Made by scripts/generate-sample.ts: nobody in here exists.";
await mkdir(folder, { recursive: true });
await writeFile(join(folder, "people.ttl"), `${heading}\n${PREFIXES}\n${people()}\n`);
await writeFile(join(folder, "posts.ttl"), `${heading}\n${PREFIXES}\n${posts()}\n`);

import { type AccountIris, type AccountName, accountToQuads } from "../src/core/account.ts";
import { followToQuads } from "../src/core/follow.ts";
import { accountIris, postIri, tagIri } from "../src/core/hub-iris.ts";
import { type Instant, instantOf } from "../src/core/instant.ts";
import { mintItemId } from "../src/core/item-id.ts";
import type { BareJid } from "../src/core/jid.ts";
import { type Post, postToQuads } from "../src/core/posts/post.ts";
import { pubsubIri } from "../src/hub/pubsub/pubsub-iri.ts";
import type { NodeId } from "../src/pubsub/state.ts";
import type { Document } from "../src/rdf/document.ts";
import type { Iri } from "../src/rdf/iri.ts";

/** Numbers from 0 up to 1 that are always the same after the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Draws ranks from 0 up to `count`, each as often as 1 / (rank + 1)^exponent. */
function zipf(count: number, exponent: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1) ** exponent;
    sums[rank] = sum;
  }
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sums[middle] ?? sum) > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}

const START_MS = Date.UTC(2025, 0, 1);
const BETWEEN_POSTS_MS = 30_000;
const WORDS = 3_000;
const LANGUAGES = ["en", "en", "en", "en", "de", "fr", undefined];
const NODE = "urn:xmpp:microblog:0" as NodeId;
/** Readers that each follow this many, for the home timeline. */
const READERS = 20;
export const READER_FOLLOWS = 200;
const REPLIES = 0.2;
const MENTIONS = 0.1;
const LINKS = 0.15;
/** How often a reply comes from the one that the answered post is addressed to. */
const ANSWERS = 0.3;

/**
 * A hub's posts, accounts and follows, always the same for the same number of posts: authors, tags, words and those
 * who are followed by Zipf's law, how many each follows by a power law, every fifth post an answer to one that is
 * mostly recent. Accounts, tags and words stand by rank: number 0 is the busiest.
 */
export class SocialGraph {
  readonly base = "https://hub.example/" as Iri;
  readonly posts: number;
  readonly accounts: number;
  readonly tags: number;
  /** By number of the post. */
  readonly authors: Uint32Array;
  /** The post answered, or -1. */
  readonly answered: Int32Array;
  /** The account mentioned, or -1. */
  readonly mentioned: Int32Array;
  readonly topics: Uint32Array;
  /** Whom each account follows. */
  readonly follows: readonly (readonly number[])[];
  /** Accounts that follow {@link READER_FOLLOWS} others. */
  readonly readers: readonly number[];
  readonly #previous: Int32Array;
  readonly #words: readonly string[];
  readonly #iris: readonly AccountIris[];

  constructor(posts: number) {
    this.posts = posts;
    this.accounts = Math.max(300, Math.ceil(posts / 50));
    this.tags = Math.max(100, Math.ceil(posts / 100));
    this.#words = madeWords();
    this.#iris = Array.from({ length: this.accounts }, (_, account) => accountIris(this.base, nameOf(account)));
    this.authors = new Uint32Array(posts);
    this.answered = new Int32Array(posts).fill(-1);
    this.mentioned = new Int32Array(posts).fill(-1);
    this.topics = new Uint32Array(posts);
    this.#previous = new Int32Array(posts).fill(-1);
    this.#drawPosts();
    this.readers = Array.from({ length: READERS }, (_, at) => Math.floor(((at + 0.5) * this.accounts) / READERS));
    this.follows = this.#drawFollows();
  }

  #drawPosts(): void {
    const random = randomFrom(1);
    const author = zipf(this.accounts, 1, random);
    const tag = zipf(this.tags, 1, random);
    const newest = new Int32Array(this.accounts).fill(-1);
    const answers: number[] = [];
    for (let n = 0; n < this.posts; n++) {
      let by = author();
      if (n > 0 && random() < REPLIES) {
        const target = this.#drawTarget(n, answers, random);
        this.answered[n] = target;
        answers.push(n);
        const addressed = this.mentioned[target] ?? -1;
        if (addressed >= 0 && random() < ANSWERS) by = addressed;
      }
      if (random() < MENTIONS) this.mentioned[n] = author();
      this.authors[n] = by;
      this.topics[n] = tag();
      this.#previous[n] = newest[by] ?? -1;
      newest[by] = n;
    }
  }

  /** Half of the answers carry on a thread that was just carried on; the others go to what is mostly new. */
  #drawTarget(n: number, answers: readonly number[], random: () => number): number {
    const isCarriedOn = random() < 0.5;
    const back = Math.floor(random() ** 2 * Math.min(n, 5_000));
    return (isCarriedOn ? answers.at(-1 - Math.floor(random() * 20)) : undefined) ?? n - 1 - back;
  }

  #drawFollows(): readonly (readonly number[])[] {
    const random = randomFrom(2);
    const followed = zipf(this.accounts, 0.7, random);
    const readers = new Set(this.readers);
    return Array.from({ length: this.accounts }, (_, account) => {
      const drawn = Math.min(150, Math.floor(5 * (1 - random()) ** (-1 / 1.5)));
      const wanted = readers.has(account) ? READER_FOLLOWS : drawn;
      const found = new Set<number>();
      while (found.size < wanted) {
        const other = followed();
        if (other !== account) found.add(other);
      }
      return [...found];
    });
  }

  iris(account: number): AccountIris {
    const iris = this.#iris[account];
    if (iris === undefined) throw new RangeError(`Expected an account below ${this.accounts}, but got ${account}.`);
    return iris;
  }

  tagLabel(tag: number): string {
    return `${this.word(tag)}${tag}`;
  }

  tag(tag: number): Iri {
    return tagIri(this.base, this.tagLabel(tag));
  }

  word(rank: number): string {
    return this.#words[rank % WORDS] ?? "";
  }

  created(post: number): Instant {
    return instantOf(START_MS + post * BETWEEN_POSTS_MS + ((post * 7_919) % BETWEEN_POSTS_MS));
  }

  post(post: number): Iri {
    return postIri(this.base, nameOf(this.authors[post] ?? 0), mintItemId(this.created(post), post % 32_768));
  }

  /** All documents: profiles, follows, then posts from the oldest. */
  *documents(): Generator<Document, undefined> {
    for (let account = 0; account < this.accounts; account++) yield this.#profile(account);
    for (const [account, followed] of this.follows.entries()) {
      for (const other of followed) yield this.#follow(account, other);
    }
    const random = randomFrom(3);
    const word = zipf(WORDS, 1, random);
    for (let n = 0; n < this.posts; n++) yield documentOfPost(this.#draft(n, random, word));
  }

  #profile(account: number): Document {
    const iris = this.iris(account);
    const name = nameOf(account);
    const jid = `${name}@hub.example` as BareJid;
    const created = instantOf(START_MS);
    const quads = accountToQuads(
      {
        name,
        jid,
        displayName: `${capital(this.word(account))} ${capital(this.word(account * 7 + 1))}`,
        bio: `${capital(this.word(account + 5))} ${this.word(account + 9)} and ${this.word(account + 11)}.`,
        language: "en",
        linkedJids: [],
        created,
      },
      { iris, hub: this.base, pubsubNode: pubsubIri(jid, NODE) },
    );
    const stated = { graph: iris.profile, author: iris.account, created, received: created, quads };
    return { ...stated, kind: "profile", audience: "public", origin: { kind: "own" } };
  }

  #follow(account: number, other: number): Document {
    const { following, account: author } = this.iris(account);
    const graph = `${following}/${nameOf(other)}` as Iri;
    const created = instantOf(START_MS);
    const quads = followToQuads(author, this.iris(other).account);
    const stated = { graph, author, container: following, created, received: created, quads };
    return { ...stated, kind: "follow", audience: "public", origin: { kind: "own" } };
  }

  #draft(n: number, random: () => number, word: () => number): Post {
    const author = this.authors[n] ?? 0;
    const [answered, mentioned, previous] = [this.answered[n] ?? -1, this.mentioned[n] ?? -1, this.#previous[n] ?? -1];
    const topic = this.topics[n] ?? 0;
    const iris = this.iris(author);
    const language = LANGUAGES[Math.floor(random() * LANGUAGES.length)];
    const words = Array.from({ length: 6 + Math.floor(random() * 20) }, () => this.word(word()));
    const link =
      random() < LINKS ? (`https://example.org/articles/${Math.floor(random() ** 2 * 10_000)}` as Iri) : undefined;
    const addressed = new Set<Iri>();
    if (mentioned >= 0) addressed.add(this.iris(mentioned).account);
    const asked = answered < 0 ? author : (this.authors[answered] ?? author);
    if (asked !== author) addressed.add(this.iris(asked).account);
    const parts = [
      mentioned < 0 ? [] : [`@${nameOf(mentioned)}`],
      [capital(words.join(" "))],
      [`#${this.tagLabel(topic)}`],
      link === undefined ? [] : [link],
    ];
    return {
      iri: this.post(n),
      creator: iris.account,
      maker: iris.person,
      container: iris.container,
      text: parts.flat().join(" "),
      ...(language === undefined ? {} : { language }),
      created: this.created(n),
      ...(previous < 0 ? {} : { previousByDate: this.post(previous) }),
      ...(answered < 0 ? {} : { replyOf: this.post(answered) }),
      addressedTo: [...addressed],
      topics: [{ iri: this.tag(topic), label: this.tagLabel(topic) }],
      links: link === undefined ? [] : [link],
    };
  }
}

function documentOfPost(post: Post): Document {
  return {
    graph: post.iri,
    kind: "post",
    audience: "public",
    origin: { kind: "own" },
    author: post.creator,
    ...(post.container === undefined ? {} : { container: post.container }),
    created: post.created,
    received: post.created,
    quads: postToQuads(post),
  };
}

function nameOf(account: number): AccountName {
  return `user${account}` as AccountName;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** Words of two to four syllables, each once. */
function madeWords(): readonly string[] {
  const random = randomFrom(4);
  const pick = (letters: string): string => letters[Math.floor(random() * letters.length)] ?? "";
  const words = new Set<string>();
  while (words.size < WORDS) {
    const syllables = 2 + Math.floor(random() * 3);
    words.add(Array.from({ length: syllables }, () => pick("bcdfghklmnprstvw") + pick("aeiou")).join(""));
  }
  return [...words];
}

import type { AccountName } from "../src/core/account.ts";
import { followToQuads } from "../src/core/follow.ts";
import { accountIris, postIri } from "../src/core/hub-iris.ts";
import { type Instant, instantOf } from "../src/core/instant.ts";
import { mintItemId } from "../src/core/item-id.ts";
import { postToQuads } from "../src/core/posts/post.ts";
import type { Document } from "../src/rdf/document.ts";
import type { Iri } from "../src/rdf/iri.ts";
import { randomFrom } from "./social-graph.ts";

const START_MS = Date.UTC(2026, 0, 1);
const FOLLOWS = 10;
const TOPICS = 50;

/** Posts and follows of people on several hubs, always the same for the same numbers. */
export class FederatedGraph {
  readonly bases: readonly Iri[];
  readonly posts: number;
  readonly #accounts: number;
  readonly #random = randomFrom(5);
  readonly #documents: readonly Document[][];

  /** `accounts` and `posts` on each hub, besides the asker, who is on the first. */
  constructor(bases: readonly Iri[], { accounts, posts }: { readonly accounts: number; readonly posts: number }) {
    this.bases = bases;
    this.posts = posts;
    this.#accounts = accounts;
    this.#documents = bases.map((_, hub) => this.#make(hub));
  }

  /** The names of a hub's accounts. */
  namesOf(hub: number): readonly string[] {
    const names = Array.from({ length: this.#accounts }, (_, at) => `person${at}`);
    return hub === 0 ? ["asker", ...names] : names;
  }

  get asker(): Iri {
    return this.#iris(0, "asker").account;
  }

  topic(at: number): Iri {
    return `https://topics.example/${at}` as Iri;
  }

  documentsOf(hub: number): readonly Document[] {
    return this.#documents[hub] ?? [];
  }

  #iris(hub: number, name: string) {
    return accountIris(this.bases[hub] ?? ("" as Iri), name as AccountName);
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  #make(hub: number): Document[] {
    const documents: Document[] = [];
    for (const name of this.namesOf(hub)) {
      const { account: author, following: container } = this.#iris(hub, name);
      const followed = new Set<Iri>();
      while (followed.size < FOLLOWS) {
        const other = this.#iris(this.#below(this.bases.length), `person${this.#below(this.#accounts)}`).account;
        if (other !== author) followed.add(other);
      }
      for (const [at, other] of [...followed].entries()) {
        documents.push({
          ...stated(instantOf(START_MS)),
          graph: `${container}/${at}` as Iri,
          kind: "follow",
          author,
          container,
          quads: followToQuads(author, other),
        });
      }
    }
    for (let n = 0; n < this.posts; n++) documents.push(this.#post(hub, n));
    return documents;
  }

  #post(hub: number, n: number): Document {
    const name = `person${this.#below(this.#accounts)}` as AccountName;
    const { account: creator, person: maker, container } = this.#iris(hub, name);
    const created = instantOf(START_MS + n * 60_000 + hub * 7);
    const graph = postIri(this.bases[hub] ?? ("" as Iri), name, mintItemId(created, n % 32_768));
    const quads = postToQuads({
      iri: graph,
      creator,
      maker,
      container,
      text: `Post ${n} of hub ${hub}, about terns and other birds that cross the globe.`,
      created,
      addressedTo: [],
      topics: [{ iri: this.topic(this.#below(TOPICS)), label: "topic" }],
      links: [],
    });
    return { ...stated(created), graph, kind: "post", author: creator, container, quads };
  }
}

function stated(created: Instant) {
  return { audience: "public", origin: { kind: "own" }, created, received: created } as const;
}

import { type Quad, type QuadObject, quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { moat } from "../../vocab/moat.ts";
import { opo } from "../../vocab/opo.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sib } from "../../vocab/sib.ts";
import { sioc } from "../../vocab/sioc.ts";
import { skos } from "../../vocab/skos.ts";
import { tags } from "../../vocab/tags.ts";
import { keyOf, type SubjectIndex } from "./import-index.ts";
import { ACCOUNT_TYPES, CLASS_READ_AS, PERSON_TYPES, POST_TYPES, TAG_TYPES } from "./import-terms.ts";

/** One act of tagging, as SMOB wrote it. */
export interface Tagging {
  readonly tag: QuadObject;
  readonly meaning?: QuadObject;
}

/** What other subjects of an import say about its posts, accounts and people. */
export interface ImportLinks {
  readonly posts: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly persons: ReadonlySet<string>;
  /** Post → accounts that are its `sioc:creator_of`. */
  readonly creators: ReadonlyMap<string, ReadonlySet<string>>;
  /** Post → containers that are its `sioc:container_of`. */
  readonly containers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Post → posts that have it as `sioc:has_reply`, or hold it as a comment. */
  readonly answered: ReadonlyMap<string, ReadonlySet<string>>;
  readonly taggings: ReadonlyMap<string, readonly Tagging[]>;
  /** Tags that have nothing but a description: these triples go into each post that carries them. */
  readonly tags: ReadonlyMap<string, readonly Quad[]>;
  /** Person → accounts. */
  readonly accountsOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Account → persons. */
  readonly personsOf: ReadonlyMap<string, ReadonlySet<string>>;
  /** Blank nodes that say where somebody was while writing a post → that post. */
  readonly presences: ReadonlyMap<string, string>;
  /** Whether a triple is already said in another form by one of the maps above. */
  readonly consumed: (quad: Quad) => boolean;
}

const TAG_DESCRIPTION: ReadonlySet<string> = new Set(
  [rdf.type, rdfs.label, moat.name, tags.name].map((term) => term.value),
);
const TAG_LABELS: ReadonlySet<string> = new Set([moat.name, tags.name].map((term) => term.value));

function put(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set === undefined) map.set(key, new Set([value]));
  else set.add(value);
}

/** Walks an import once and finds out who is who and what points backwards. */
export function findLinks(index: SubjectIndex): ImportLinks {
  const posts = new Set<string>();
  const accounts = new Set<string>();
  const persons = new Set<string>();
  for (const [key, group] of index.groups) {
    if (index.hasType(key, POST_TYPES) || group.some((each) => each.predicate.value === sioc.content.value))
      posts.add(key);
    else if (key.startsWith("_:")) continue;
    else if (index.hasType(key, ACCOUNT_TYPES)) accounts.add(key);
    else if (index.hasType(key, PERSON_TYPES)) persons.add(key);
  }
  const back = findBackwards(index, posts, accounts, persons);
  const consumed = (each: Quad): boolean => {
    const object = keyOf(each.object);
    if (each.predicate.value === sib.like.value) return each.object.termType === "NamedNode";
    if (!posts.has(object)) return false;
    return (
      each.predicate.value === sioc.creator_of.value ||
      each.predicate.value === sioc.container_of.value ||
      each.predicate.value === sioc.has_reply.value
    );
  };
  return { posts, accounts, persons, ...back, taggings: findTaggings(index), tags: findTags(index), consumed };
}

function findBackwards(
  index: SubjectIndex,
  posts: ReadonlySet<string>,
  accounts: Set<string>,
  persons: Set<string>,
): Pick<ImportLinks, "creators" | "containers" | "answered" | "accountsOf" | "personsOf" | "presences"> {
  const creators = new Map<string, Set<string>>();
  const containers = new Map<string, Set<string>>();
  const answered = new Map<string, Set<string>>();
  const accountsOf = new Map<string, Set<string>>();
  const personsOf = new Map<string, Set<string>>();
  const presences = new Map<string, string>();
  const hold = (person: string, account: string): void => {
    // Accounts and people without an IRI stay inside the description of whoever has one.
    if (posts.has(person) || posts.has(account) || account.startsWith("_:") || person.startsWith("_:")) return;
    put(accountsOf, person, account);
    put(personsOf, account, person);
    if (index.groups.has(account)) accounts.add(account);
    if (index.groups.has(person) && !accounts.has(person)) persons.add(person);
  };
  for (const [key, group] of index.groups) {
    for (const each of group) {
      const object = keyOf(each.object);
      const predicate = each.predicate.value;
      if (predicate === sioc.account_of.value) hold(object, key);
      else if (predicate === foaf.account.value || predicate === foaf.holdsAccount.value) hold(key, object);
      else if (predicate === opo.customMessage.value && key.startsWith("_:") && posts.has(object))
        presences.set(key, object);
      else if (!posts.has(object)) continue;
      else if (predicate === sioc.creator_of.value) put(creators, object, key);
      else if (predicate === sioc.has_reply.value) put(answered, object, key);
      // COMPAT: LSBench says that a post is the container of its comments; a post answers, it does not contain.
      else if (predicate === sioc.container_of.value) {
        if (!posts.has(key)) put(containers, object, key);
        else if (index.objects(object, sioc.reply_of).length === 0) put(answered, object, key);
      }
    }
  }
  return { creators, containers, answered, accountsOf, personsOf, presences };
}

function findTaggings(index: SubjectIndex): Map<string, Tagging[]> {
  const found = new Map<string, Tagging[]>();
  for (const key of index.groups.keys()) {
    if (!isTagging(index, key)) continue;
    const [meaning] = index.objects(key, moat.tagMeaning);
    for (const resource of index.objects(key, tags.taggedResource)) {
      for (const tag of index.objects(key, tags.associatedTag)) {
        const list = found.get(keyOf(resource)) ?? [];
        list.push(meaning === undefined ? { tag } : { tag, meaning });
        found.set(keyOf(resource), list);
      }
    }
  }
  return found;
}

/** Whether a subject is an act of tagging. */
export function isTagging(index: SubjectIndex, key: string): boolean {
  return index.objects(key, tags.taggedResource).length > 0 && index.objects(key, tags.associatedTag).length > 0;
}

function findTags(index: SubjectIndex): Map<string, Quad[]> {
  const found = new Map<string, Quad[]>();
  for (const [key, group] of index.groups) {
    if (key.startsWith("_:") || !index.hasType(key, TAG_TYPES)) continue;
    const describes = (each: Quad): boolean =>
      TAG_DESCRIPTION.has(each.predicate.value) || each.predicate.value.startsWith(skos.namespace);
    if (group.every(describes)) found.set(key, group.map(readTagQuad));
  }
  return found;
}

function readTagQuad(each: Quad): Quad {
  if (TAG_LABELS.has(each.predicate.value)) return requad(each, rdfs.label, each.object);
  if (each.predicate.value !== rdf.type.value) return each;
  return requad(each, each.predicate, CLASS_READ_AS.get(each.object.value) ?? each.object);
}

function requad(each: Quad, predicate: Quad["predicate"], object: QuadObject): Quad {
  return quad(each.subject, predicate, object);
}

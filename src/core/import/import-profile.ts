import type { Iri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sioc } from "../../vocab/sioc.ts";
import { documentOf } from "../hub-iris.ts";
import type { DroppedCounts } from "./import-finding.ts";
import type { SubjectIndex } from "./import-index.ts";
import type { ImportLinks } from "./import-links.ts";
import { CLASS_READ_AS, PROPERTY_DROPPED, PROPERTY_READ_AS } from "./import-terms.ts";

/** Which document each subject that is no post belongs to: document IRI → subjects, accounts first. */
export function homesOf(keys: Iterable<string>, links: ImportLinks): Map<string, string[]> {
  const homes = new Map<string, string[]>();
  const all = [...keys];
  const accounts = all.filter((key) => links.accounts.has(key));
  const others = all.filter((key) => !links.accounts.has(key));
  for (const key of [...accounts, ...others]) {
    const home = homeOf(key, links);
    const there = homes.get(home);
    if (there === undefined) homes.set(home, [key]);
    else there.push(key);
  }
  return homes;
}

/** A person lives in the document of their first account, everything else in the document its IRI names. */
function homeOf(key: string, links: ImportLinks): string {
  const accounts = links.persons.has(key)
    ? [...(links.accountsOf.get(key) ?? [])].filter((each) => links.accounts.has(each))
    : [];
  const documents = accounts.map((each) => documentOf(each as Iri)).sort();
  const own = documentOf(key as Iri);
  return documents.includes(own) ? own : (documents[0] ?? own);
}

/**
 * The triples of a subject that is no post, normalised: old names read as ours, private data and noise left out, what
 * the posts already say left out; an account is typed as one and points to its person, a person has a name.
 */
export function readSubject(key: string, index: SubjectIndex, links: ImportLinks, dropped: DroppedCounts): Quad[] {
  const self = key.startsWith("_:") ? undefined : namedNode(key);
  const quads: Quad[] = [];
  for (const each of index.of(key)) {
    const predicate = PROPERTY_READ_AS.get(each.predicate.value) ?? each.predicate;
    const reason = PROPERTY_DROPPED.get(predicate.value);
    if (reason !== undefined) dropped.add(reason);
    else if (links.consumed(each)) continue;
    else if (predicate.value === rdf.type.value) addType(quads, each);
    else quads.push(predicate === each.predicate ? each : quad(each.subject, predicate, each.object));
  }
  // Nothing of its own was left: it was only named to say whose a post is.
  if (self === undefined || quads.length === 0) return quads;
  if (links.accounts.has(key)) addAccount(self, quads, links.personsOf.get(key));
  else if (links.persons.has(key)) addName(self, quads);
  return quads;
}

function addType(quads: Quad[], each: Quad): void {
  const object = CLASS_READ_AS.get(each.object.value) ?? each.object;
  if (!has(quads, each.predicate, object))
    quads.push(object === each.object ? each : quad(each.subject, each.predicate, object));
}

function has(quads: readonly Quad[], predicate: Quad["predicate"], object: Quad["object"]): boolean {
  return quads.some((each) => each.predicate.value === predicate.value && each.object.equals(object));
}

function addAccount(self: Quad["subject"], quads: Quad[], persons: ReadonlySet<string> | undefined): void {
  if (!has(quads, rdf.type, sioc.UserAccount)) quads.unshift(quad(self, rdf.type, sioc.UserAccount));
  for (const person of persons ?? []) {
    const object = namedNode(person);
    if (!has(quads, sioc.account_of, object)) quads.push(quad(self, sioc.account_of, object));
  }
}

function addName(self: Quad["subject"], quads: Quad[]): void {
  const first = (...predicates: readonly Quad["predicate"][]): string | undefined => {
    const found = quads.find((each) => predicates.some((predicate) => predicate.value === each.predicate.value));
    return found?.object.termType === "Literal" ? found.object.value : undefined;
  };
  if (first(foaf.name) !== undefined) return;
  const parts = [first(foaf.firstName, foaf.givenName), first(foaf.lastName, foaf.familyName, foaf.surname)];
  const name = parts.filter((part) => part !== undefined && part !== "").join(" ");
  if (name !== "") quads.push(quad(self, foaf.name, literal(name)));
}

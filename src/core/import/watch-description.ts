import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, type QuadObject, quad, type Term } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { prov } from "../../vocab/prov.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { type Instant, parseInstant } from "../instant.ts";

/** A standing query as an export says it; its answers are found anew, and secrets stay where they are. */
export interface WatchFacts {
  readonly iri: Iri;
  /** Whose it is. */
  readonly account: Iri;
  readonly name: string;
  readonly query: string;
  readonly isPublic: boolean;
  readonly created: Instant;
  readonly of?: { readonly what: string; readonly about?: string };
  /** Addresses of its webhooks. */
  readonly hooks: readonly string[];
}

/** A standing query as triples about its IRI; {@link watchFromDescription} reads them back. */
export function watchToQuads(watch: WatchFacts): Quad[] {
  const about = namedNode(watch.iri);
  const { of } = watch;
  const say = (predicate: Quad["predicate"], object: QuadObject): Quad => quad(about, predicate, object);
  return [
    say(rdf.type, sterna.StandingQuery),
    say(dcterms.title, literal(watch.name)),
    say(prov.wasAttributedTo, namedNode(watch.account)),
    say(sterna.audience, watch.isPublic ? sterna.Public : namedNode(watch.account)),
    say(sterna.queryText, literal(watch.query)),
    say(dcterms.created, literal(watch.created, xsd.dateTime)),
    ...(of === undefined ? [] : [say(sterna.builtIn, literal(of.what))]),
    ...(of?.about === undefined ? [] : [say(sterna.about, namedNode(of.about))]),
    ...watch.hooks.map((url) => say(sterna.webhook, isIri(url) ? namedNode(url) : literal(url))),
  ];
}

/** Whether these triples about one subject are a standing query. */
export function isWatchDescription(quads: readonly Quad[]): boolean {
  const isOne = quads.some((each) => each.predicate.equals(rdf.type) && each.object.equals(sterna.StandingQuery));
  return isOne && quads.some((each) => each.predicate.equals(sterna.queryText));
}

/** Reads a standing query back. Refuses with `invalid` what does not say whose it is, its name and since when. */
export function watchFromDescription(iri: Iri, quads: readonly Quad[]): WatchFacts | Refusal {
  const all = (predicate: Term): readonly string[] =>
    quads.filter((each) => each.predicate.value === predicate.value).map(({ object }) => object.value);
  const [account = ""] = all(prov.wasAttributedTo);
  const [name] = all(dcterms.title);
  const [query] = all(sterna.queryText);
  const [audience] = all(sterna.audience);
  const created = parseInstant(all(dcterms.created)[0] ?? "");
  if (name === undefined || query === undefined || !isIri(account)) {
    return refuse(
      "invalid",
      "Expected a standing query with dcterms:title, sterna:queryText and the account in prov:wasAttributedTo, but one is missing.",
    );
  }
  if (isRefusal(created)) return created;
  const [what] = all(sterna.builtIn);
  const [about] = all(sterna.about);
  return {
    iri,
    account,
    name,
    query,
    isPublic: audience === sterna.Public.value,
    created,
    ...(what === undefined ? {} : { of: { what, ...(about === undefined ? {} : { about }) } }),
    hooks: all(sterna.webhook),
  };
}

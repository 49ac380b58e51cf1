import type { Instant } from "../../core/instant.ts";
import type { Iri } from "../../rdf/iri.ts";
import { writeTerm } from "../../rdf/ntriples.ts";
import { literal, namedNode, type Term } from "../../rdf/term.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import { xsd } from "../../vocab/xsd.ts";

/** A SELECT of whom accounts follow (`?account ?followed`), `each_max` of each, so that none leaves out another. */
export function followsRequest(accounts: readonly Iri[], each_max: number): string {
  const follows = triple("?account", sioc.follows, "?followed");
  const parts = accounts.map(
    (account) => `{ SELECT ?account ?followed WHERE { ${valueOf(account)} ${follows} } LIMIT ${each_max} }`,
  );
  return `SELECT ?account ?followed WHERE { ${parts.join(" UNION ")} }`;
}

/**
 * A SELECT of who accounts are (`?account ?name ?jid`), when they posted last (`?last`) and what they post about
 * (`?topic`, a label, and how often, `?posts`; `topics_max` of each), by their posts since a time.
 */
export function profilesRequest(accounts: readonly Iri[], since: Instant, topics_max: number): string {
  const recent = [
    triple("?post", sioc.has_creator, "?account"),
    triple("?post", dcterms.created, "?created"),
    `FILTER(?created >= ${writeTerm(literal(since, xsd.dateTime))})`,
  ].join(" ");
  const about = `${triple("?post", sioc.topic, "?tag")} ${triple("?tag", rdfs.label, "?topic")}`;
  const parts = accounts.flatMap((account) => {
    const self = valueOf(account);
    return [
      `{ ${self} ${triple("?account", sioc.account_of, "?person")} ${triple("?person", foaf.name, "?name")} }`,
      `{ ${self} ${triple("?account", foaf.jabberID, "?jid")} }`,
      `{ SELECT ?account (MAX(?created) AS ?last) WHERE { ${self} ${recent} } GROUP BY ?account }`,
      `{ SELECT ?account ?topic (COUNT(?post) AS ?posts) WHERE { ${self} ${recent} ${about} } GROUP BY ?account ?topic ORDER BY DESC(?posts) LIMIT ${topics_max} }`,
    ];
  });
  return `SELECT ?account ?name ?jid ?last ?topic ?posts WHERE { ${parts.join(" UNION ")} }`;
}

function triple(subject: string, predicate: Term, object: string): string {
  return `${subject} ${writeTerm(predicate)} ${object} .`;
}

function valueOf(account: Iri): string {
  return `VALUES ?account { ${writeTerm(namedNode(account))} }`;
}

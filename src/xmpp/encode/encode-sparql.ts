import { headToXml } from "../../atom/sparql-results-xml.ts";
import { escapeText } from "../../atom/xml-text.ts";
import type { SparqlReply } from "../../hub/queries/xmpp/answer-iq.ts";
import { NS } from "../namespaces.ts";
import { pageToXml } from "./encode.ts";

/**
 * What answers SPARQL in an IQ: SPARQL Query Results XML as it is, or for graphs Turtle text within the binding's
 * `<query/>`; with the page's `<set/>` as its last child.
 */
export function sparqlToXml(reply: SparqlReply): string {
  if (reply.kind === "boolean") {
    return `<sparql xmlns="${NS.sparqlResults}"><head/><boolean>${reply.value}</boolean></sparql>`;
  }
  const { part } = reply;
  const ends = part?.first === undefined || part.last === undefined ? [] : [part.first, part.last];
  const set = part === undefined ? "" : pageToXml(ends, part.firstIndex, part.count);
  const rows = reply.rows.join("");
  if (reply.kind === "bindings") {
    return `<sparql xmlns="${NS.sparqlResults}">${headToXml(reply.variables)}<results>${rows}</results>${set}</sparql>`;
  }
  return `<query xmlns="${NS.sparql}"><turtle xmlns="${NS.sterna}">${rows}</turtle>${set}</query>`;
}

/** A question to another service, or to go on with its answer after a row; `askedBy` marks one between hubs. */
export function questionToXml(text: string, after: string | undefined, askedBy: string | undefined): string {
  const mark = askedBy === undefined ? "" : `<asked-by xmlns="${NS.sterna}">${escapeText(askedBy)}</asked-by>`;
  const place = after === undefined ? "" : `<after>${escapeText(after)}</after>`;
  return `<query xmlns="${NS.sparql}">${escapeText(text)}${mark}<set xmlns="${NS.rsm}">${place}</set></query>`;
}

import { as } from "../vocab/as.ts";
import { content } from "../vocab/content.ts";
import { dcterms } from "../vocab/dcterms.ts";
import { foaf } from "../vocab/foaf.ts";
import { geo } from "../vocab/geo.ts";
import { opo } from "../vocab/opo.ts";
import { PREFIXES } from "../vocab/prefixes.ts";
import { prov } from "../vocab/prov.ts";
import { rdfs } from "../vocab/rdfs.ts";
import { sd } from "../vocab/sd.ts";
import { sioc } from "../vocab/sioc.ts";
import { sioct } from "../vocab/sioct.ts";
import { skos } from "../vocab/skos.ts";
import { sterna } from "../vocab/sterna.ts";
import { void_ } from "../vocab/void.ts";
import { xsd } from "../vocab/xsd.ts";
import type { NamedNode } from "./term.ts";

type TermDefinition = string | { readonly "@id": string; readonly "@type": string };

const CLASSES: Readonly<Record<string, NamedNode>> = {
  MicroblogPost: sioct.MicroblogPost,
  Microblog: sioct.Microblog,
  Tag: sioct.Tag,
  UserAccount: sioc.UserAccount,
  Site: sioc.Site,
  Person: foaf.Person,
  OnlineAccount: foaf.OnlineAccount,
  Document: foaf.Document,
  Concept: skos.Concept,
  Hub: sterna.Hub,
  Like: as.Like,
  Reaction: sterna.Reaction,
  Tombstone: as.Tombstone,
  Dataset: void_.Dataset,
  Service: sd.Service,
  OnlinePresence: opo.OnlinePresence,
};

/** Values are text, with a language or without. */
const TEXTS: Readonly<Record<string, NamedNode>> = {
  content: sioc.content,
  encoded: content.encoded,
  name: foaf.name,
  nick: foaf.nick,
  accountName: foaf.accountName,
  jabberID: foaf.jabberID,
  label: rdfs.label,
  comment: rdfs.comment,
  prefLabel: skos.prefLabel,
  altLabel: skos.altLabel,
  title: dcterms.title,
  description: dcterms.description,
  format: dcterms.format,
  extent: dcterms.extent,
  lat: geo.lat,
  long: geo.long,
};

const TIMES: Readonly<Record<string, NamedNode>> = {
  created: dcterms.created,
  modified: dcterms.modified,
  issued: dcterms.issued,
  deleted: as.deleted,
  receivedAt: sterna.receivedAt,
};

/** Values are IRIs, so a plain string in the JSON is one. */
const LINKS: Readonly<Record<string, NamedNode>> = {
  creator: sioc.has_creator,
  maker: foaf.maker,
  container: sioc.has_container,
  owner: sioc.has_owner,
  space: sioc.has_space,
  replyOf: sioc.reply_of,
  reply: sioc.has_reply,
  addressedTo: sioc.addressed_to,
  topic: sioc.topic,
  linksTo: sioc.links_to,
  attachment: sioc.attachment,
  previousVersion: sioc.previous_version,
  previousByDate: sioc.previous_by_date,
  nextByDate: sioc.next_by_date,
  containerOf: sioc.container_of,
  creatorOf: sioc.creator_of,
  follows: sioc.follows,
  feed: sioc.feed,
  accountOf: sioc.account_of,
  account: foaf.account,
  homepage: foaf.homepage,
  page: foaf.page,
  img: foaf.img,
  depiction: foaf.depiction,
  knows: foaf.knows,
  primaryTopic: foaf.primaryTopic,
  exactMatch: skos.exactMatch,
  seeAlso: rdfs.seeAlso,
  isDefinedBy: rdfs.isDefinedBy,
  license: dcterms.license,
  actor: as.actor,
  object: as.object,
  wasAttributedTo: prov.wasAttributedTo,
  wasQuotedFrom: prov.wasQuotedFrom,
  repostOf: sterna.repostOf,
  quoteOf: sterna.quoteOf,
  pubsubNode: sterna.pubsubNode,
  receivedFrom: sterna.receivedFrom,
  sparqlEndpoint: void_.sparqlEndpoint,
};

function definitions(
  terms: Readonly<Record<string, NamedNode>>,
  define: (iri: string) => TermDefinition,
): Record<string, TermDefinition> {
  return Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, define(term.value)]));
}

/**
 * The JSON-LD context that each hub publishes at `/context.jsonld` and names in what it answers: plain names for the
 * terms of the model, `id` and `type`, and the prefixes for all the rest.
 */
export const JSONLD_CONTEXT: { readonly "@context": Readonly<Record<string, unknown>> } = Object.freeze({
  "@context": Object.freeze({
    "@version": 1.1,
    id: "@id",
    type: "@type",
    ...PREFIXES,
    // "content" names the text of a post, as everybody would expect; so its vocabulary goes by another prefix.
    rss: content.namespace,
    ...definitions(CLASSES, (iri) => iri),
    ...definitions(TEXTS, (iri) => iri),
    ...definitions(TIMES, (iri) => ({ "@id": iri, "@type": xsd.dateTime.value })),
    ...definitions(LINKS, (iri) => ({ "@id": iri, "@type": "@id" })),
  }),
});

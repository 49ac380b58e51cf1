import { SPARQL_BINDING_NS, SPARQL_RESULTS_NS } from "../atom/sparql-results-xml.ts";
import { sterna } from "../vocab/sterna.ts";

/** Namespaces on the wire, by what they are for. */
export const NS = {
  pubsub: "http://jabber.org/protocol/pubsub",
  pubsubEvent: "http://jabber.org/protocol/pubsub#event",
  pubsubErrors: "http://jabber.org/protocol/pubsub#errors",
  pubsubOwner: "http://jabber.org/protocol/pubsub#owner",
  discoInfo: "http://jabber.org/protocol/disco#info",
  discoItems: "http://jabber.org/protocol/disco#items",
  dataForms: "jabber:x:data",
  /** XEP-0050. */
  commands: "http://jabber.org/protocol/commands",
  /** XEP-0131. */
  shim: "http://jabber.org/protocol/shim",
  /** XEP-0070. */
  httpAuth: "http://jabber.org/protocol/http-auth",
  /** XEP-0313. */
  mam: "urn:xmpp:mam:2",
  /** XEP-0280. */
  carbons: "urn:xmpp:carbons:2",
  /** XEP-0461. */
  reply: "urn:xmpp:reply:0",
  /** XEP-0428. */
  fallback: "urn:xmpp:fallback:0",
  /** XEP-0308. */
  correction: "urn:xmpp:message-correct:0",
  /** XEP-0027. */
  openpgp: "jabber:x:encrypted",
  /** XEP-0297. */
  forward: "urn:xmpp:forward:0",
  /** XEP-0203. */
  delay: "urn:xmpp:delay",
  /** XEP-0033. */
  address: "http://jabber.org/protocol/address",
  /** XEP-0059. */
  rsm: "http://jabber.org/protocol/rsm",
  /** XEP-0413. */
  order: "urn:xmpp:order-by:1",
  /** XEP-0184. */
  receipts: "urn:xmpp:receipts",
  /** XEP-0199. */
  ping: "urn:xmpp:ping",
  /** XEP-0115. */
  caps: "http://jabber.org/protocol/caps",
  /** XEP-0172. */
  nick: "http://jabber.org/protocol/nick",
  /** XEP-0054. */
  vcard: "vcard-temp",
  /** XEP-0153. */
  vcardUpdate: "vcard-temp:x:update",
  /** XEP-0292. */
  vcard4: "urn:ietf:params:xml:ns:vcard-4.0",
  /** SPARQL in an IQ (W3C, 2005). */
  sparql: SPARQL_BINDING_NS,
  sparqlResults: SPARQL_RESULTS_NS,
  /** Of our own. */
  sterna: sterna.namespace,
  stanzas: "urn:ietf:params:xml:ns:xmpp-stanzas",
} as const;

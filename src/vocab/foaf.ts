// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Friend of a Friend: people, their names, pictures and accounts. */
export const foaf = Object.freeze({
  namespace: "http://xmlns.com/foaf/0.1/",
  /** Somebody or something that acts: a person, a group, a program. */
  Agent: namedNode("http://xmlns.com/foaf/0.1/Agent"),
  /** A document. */
  Document: namedNode("http://xmlns.com/foaf/0.1/Document"),
  /** Several agents together. */
  Group: namedNode("http://xmlns.com/foaf/0.1/Group"),
  /** A picture. */
  Image: namedNode("http://xmlns.com/foaf/0.1/Image"),
  /** An account at some service. */
  OnlineAccount: namedNode("http://xmlns.com/foaf/0.1/OnlineAccount"),
  /** A company, a society, an institution. */
  Organization: namedNode("http://xmlns.com/foaf/0.1/Organization"),
  /** A human being. */
  Person: namedNode("http://xmlns.com/foaf/0.1/Person"),
  /** A page whose subject is the person who made it. */
  PersonalProfileDocument: namedNode("http://xmlns.com/foaf/0.1/PersonalProfileDocument"),
  /** An account this agent holds. */
  account: namedNode("http://xmlns.com/foaf/0.1/account"),
  /** The name of the account at its service. */
  accountName: namedNode("http://xmlns.com/foaf/0.1/accountName"),
  /** The front page of the service where the account is. */
  accountServiceHomepage: namedNode("http://xmlns.com/foaf/0.1/accountServiceHomepage"),
  /** How many years old somebody is. */
  age: namedNode("http://xmlns.com/foaf/0.1/age"),
  /** A place somebody is near to. */
  based_near: namedNode("http://xmlns.com/foaf/0.1/based_near"),
  /** The day of birth, as month and day or a whole date. */
  birthday: namedNode("http://xmlns.com/foaf/0.1/birthday"),
  /** A picture that shows this. */
  depiction: namedNode("http://xmlns.com/foaf/0.1/depiction"),
  /** What a picture shows. */
  depicts: namedNode("http://xmlns.com/foaf/0.1/depicts"),
  /** The family name. */
  familyName: namedNode("http://xmlns.com/foaf/0.1/familyName"),
  /** The first name. */
  firstName: namedNode("http://xmlns.com/foaf/0.1/firstName"),
  /** The gender, in the person's own word. */
  gender: namedNode("http://xmlns.com/foaf/0.1/gender"),
  /** The given name. */
  givenName: namedNode("http://xmlns.com/foaf/0.1/givenName"),
  /** An account this agent holds; the old name of foaf:account, read on import. */
  holdsAccount: namedNode("http://xmlns.com/foaf/0.1/holdsAccount"),
  /** A page about somebody or something, kept by them. */
  homepage: namedNode("http://xmlns.com/foaf/0.1/homepage"),
  /** A picture that stands for a person. */
  img: namedNode("http://xmlns.com/foaf/0.1/img"),
  /** A page on something a person cares for. */
  interest: namedNode("http://xmlns.com/foaf/0.1/interest"),
  /** A document mainly about this. */
  isPrimaryTopicOf: namedNode("http://xmlns.com/foaf/0.1/isPrimaryTopicOf"),
  /** The XMPP address (JID) of an agent, as text. */
  jabberID: namedNode("http://xmlns.com/foaf/0.1/jabberID"),
  /** A person this person knows. */
  knows: namedNode("http://xmlns.com/foaf/0.1/knows"),
  /** The last name. */
  lastName: namedNode("http://xmlns.com/foaf/0.1/lastName"),
  /** A picture that stands for something. */
  logo: namedNode("http://xmlns.com/foaf/0.1/logo"),
  /** Something this agent made. */
  made: namedNode("http://xmlns.com/foaf/0.1/made"),
  /** The agent who made this. */
  maker: namedNode("http://xmlns.com/foaf/0.1/maker"),
  /** A mail address only this agent has, as a mailto: IRI. */
  mbox: namedNode("http://xmlns.com/foaf/0.1/mbox"),
  /** The SHA-1 sum of a mail address. */
  mbox_sha1sum: namedNode("http://xmlns.com/foaf/0.1/mbox_sha1sum"),
  /** An agent who belongs to this group. */
  member: namedNode("http://xmlns.com/foaf/0.1/member"),
  /** The name of somebody or something. */
  name: namedNode("http://xmlns.com/foaf/0.1/name"),
  /** A short name somebody goes by. */
  nick: namedNode("http://xmlns.com/foaf/0.1/nick"),
  /** The OpenID of an agent. */
  openid: namedNode("http://xmlns.com/foaf/0.1/openid"),
  /** A page about this. */
  page: namedNode("http://xmlns.com/foaf/0.1/page"),
  /** What a document is mainly about. */
  primaryTopic: namedNode("http://xmlns.com/foaf/0.1/primaryTopic"),
  /** The family name; an older term than foaf:familyName, read on import. */
  surname: namedNode("http://xmlns.com/foaf/0.1/surname"),
  /** A smaller version of a picture. */
  thumbnail: namedNode("http://xmlns.com/foaf/0.1/thumbnail"),
  /** How somebody is addressed: Dr, Ms. */
  title: namedNode("http://xmlns.com/foaf/0.1/title"),
  /** Something a document is about. */
  topic: namedNode("http://xmlns.com/foaf/0.1/topic"),
  /** The weblog of an agent. */
  weblog: namedNode("http://xmlns.com/foaf/0.1/weblog"),
});

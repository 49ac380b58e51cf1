// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** Terms for semantic microblogging hubs: where posts are pushed from, and how they came. */
export const sterna = Object.freeze({
  namespace: "https://w3id.org/sterna#",
  /** A named graph that a hub stores, replaces and deletes whole: a post, a profile, a follow, a note. */
  Document: namedNode("https://w3id.org/sterna#Document"),
  /**
   * A site that keeps the posts of its accounts as RDF, answers SPARQL about them and pushes them to other hubs over
   * XMPP PubSub.
   */
  Hub: namedNode("https://w3id.org/sterna#Hub"),
  /** Everybody: the audience of what is open to all. */
  Public: namedNode("https://w3id.org/sterna#Public"),
  /**
   * Somebody answers something with a single emoji: as:actor tells who, as:object to what, as:content the emoji. One
   * for each account, object and emoji. That somebody likes or has noticed it is no reaction but an as:Like.
   */
  Reaction: namedNode("https://w3id.org/sterna#Reaction"),
  /** A question that a hub keeps answering as posts arrive. */
  StandingQuery: namedNode("https://w3id.org/sterna#StandingQuery"),
  /** What such a question is about: the topic, or a post of the thread. */
  about: namedNode("https://w3id.org/sterna#about"),
  /**
   * Who may see a document: sterna:Public, or the one account named. A note that says sterna:Public of itself is
   * published; any other is for its account alone.
   */
  audience: namedNode("https://w3id.org/sterna#audience"),
  /** Which of a hub's own questions a standing query is, as a word: mentions, replies, home, topic, thread. */
  builtIn: namedNode("https://w3id.org/sterna#builtIn"),
  /**
   * Where a SPARQL service speaks the SPARQL 1.1 Graph Store HTTP Protocol: graphs are named by ?graph=IRI or ?default
   * behind it.
   */
  graphStore: namedNode("https://w3id.org/sterna#graphStore"),
  /**
   * What a document mainly describes, as a word: post, profile, follow, note, other. A note is a graph that an account
   * writes for itself.
   */
  kind: namedNode("https://w3id.org/sterna#kind"),
  /**
   * Computed by a hub's SPARQL endpoint, never stored: posts whose text holds all the words given, in any order,
   * whatever their case and accents.
   */
  matches: namedNode("https://w3id.org/sterna#matches"),
  /** How a document came to this hub, as a word: own, received, imported. */
  origin: namedNode("https://w3id.org/sterna#origin"),
  /**
   * The XMPP PubSub node that pushes what the account or container publishes, as an xmpp: IRI such as
   * xmpp:alice@hub.example?;node=urn:xmpp:microblog:0.
   */
  pubsubNode: namedNode("https://w3id.org/sterna#pubsubNode"),
  /** The XMPP PubSub service of a hub, as an xmpp: IRI. */
  pubsubService: namedNode("https://w3id.org/sterna#pubsubService"),
  /** The SPARQL text of a standing query. */
  queryText: namedNode("https://w3id.org/sterna#queryText"),
  /** The post that this post passes on with words of its own. */
  quoteOf: namedNode("https://w3id.org/sterna#quoteOf"),
  /**
   * Those who react to something with one emoji, as an as:Collection: as:content tells the emoji, as:totalItems how
   * many they are.
   */
  reactions: namedNode("https://w3id.org/sterna#reactions"),
  /** When a document came to this hub. */
  receivedAt: namedNode("https://w3id.org/sterna#receivedAt"),
  /** Who handed a document to this hub, as an xmpp: or http: IRI. */
  receivedFrom: namedNode("https://w3id.org/sterna#receivedFrom"),
  /** The post that this post passes on unchanged. */
  repostOf: namedNode("https://w3id.org/sterna#repostOf"),
  /** Where the answers of a standing query are POSTed to. An export names it without its secret. */
  webhook: namedNode("https://w3id.org/sterna#webhook"),
});

// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** ActivityStreams 2.0: likes and tombstones. */
export const as = Object.freeze({
  namespace: "https://www.w3.org/ns/activitystreams#",
  /** Somebody passes something on. */
  Announce: namedNode("https://www.w3.org/ns/activitystreams#Announce"),
  /** A longer text. */
  Article: namedNode("https://www.w3.org/ns/activitystreams#Article"),
  /** Several objects together. */
  Collection: namedNode("https://www.w3.org/ns/activitystreams#Collection"),
  /** Somebody makes something. */
  Create: namedNode("https://www.w3.org/ns/activitystreams#Create"),
  /** Somebody takes something away. */
  Delete: namedNode("https://www.w3.org/ns/activitystreams#Delete"),
  /** Somebody starts to follow somebody. */
  Follow: namedNode("https://www.w3.org/ns/activitystreams#Follow"),
  /** A picture. */
  Image: namedNode("https://www.w3.org/ns/activitystreams#Image"),
  /** Somebody likes something; as:actor tells who, as:object what. */
  Like: namedNode("https://www.w3.org/ns/activitystreams#Like"),
  /** A link with its particulars. */
  Link: namedNode("https://www.w3.org/ns/activitystreams#Link"),
  /** A short text. */
  Note: namedNode("https://www.w3.org/ns/activitystreams#Note"),
  /** Several objects in an order. */
  OrderedCollection: namedNode("https://www.w3.org/ns/activitystreams#OrderedCollection"),
  /** A person, as ActivityStreams has it. */
  Person: namedNode("https://www.w3.org/ns/activitystreams#Person"),
  /** What stays in the place of a thing that was deleted. */
  Tombstone: namedNode("https://www.w3.org/ns/activitystreams#Tombstone"),
  /** Somebody takes back an activity. */
  Undo: namedNode("https://www.w3.org/ns/activitystreams#Undo"),
  /** Somebody changes something. */
  Update: namedNode("https://www.w3.org/ns/activitystreams#Update"),
  /** Who does an activity. */
  actor: namedNode("https://www.w3.org/ns/activitystreams#actor"),
  /** Something that belongs to an object. */
  attachment: namedNode("https://www.w3.org/ns/activitystreams#attachment"),
  /** Who an object is by. */
  attributedTo: namedNode("https://www.w3.org/ns/activitystreams#attributedTo"),
  /** The text of an object. */
  content: namedNode("https://www.w3.org/ns/activitystreams#content"),
  /** When a thing was deleted. */
  deleted: namedNode("https://www.w3.org/ns/activitystreams#deleted"),
  /** What a tombstone was before. */
  formerType: namedNode("https://www.w3.org/ns/activitystreams#formerType"),
  /** What an object answers. */
  inReplyTo: namedNode("https://www.w3.org/ns/activitystreams#inReplyTo"),
  /** Those who like an object, as a collection. */
  likes: namedNode("https://www.w3.org/ns/activitystreams#likes"),
  /** The media type of an object. */
  mediaType: namedNode("https://www.w3.org/ns/activitystreams#mediaType"),
  /** A plain name of an object. */
  name: namedNode("https://www.w3.org/ns/activitystreams#name"),
  /** What an activity is done to. */
  object: namedNode("https://www.w3.org/ns/activitystreams#object"),
  /** When an object was published. */
  published: namedNode("https://www.w3.org/ns/activitystreams#published"),
  /** A summary of an object. */
  summary: namedNode("https://www.w3.org/ns/activitystreams#summary"),
  /** Something an object is tagged with. */
  tag: namedNode("https://www.w3.org/ns/activitystreams#tag"),
  /** For whom an object is. */
  to: namedNode("https://www.w3.org/ns/activitystreams#to"),
  /** How many objects a collection has, whether or not they are known. */
  totalItems: namedNode("https://www.w3.org/ns/activitystreams#totalItems"),
  /** When an object was changed. */
  updated: namedNode("https://www.w3.org/ns/activitystreams#updated"),
  /** Where an object can be looked at. */
  url: namedNode("https://www.w3.org/ns/activitystreams#url"),
});

// Generated from ontologies/ by scripts/generate-vocab.ts; change it there.
import { namedNode } from "../rdf/term.ts";

/** DCMI Metadata Terms: when a thing was made, by whom, in what form. */
export const dcterms = Object.freeze({
  namespace: "http://purl.org/dc/terms/",
  /** A file format. */
  MediaType: namedNode("http://purl.org/dc/terms/MediaType"),
  /** A summary. */
  abstract: namedNode("http://purl.org/dc/terms/abstract"),
  /** Who may see this. */
  accessRights: namedNode("http://purl.org/dc/terms/accessRights"),
  /** Another title. */
  alternative: namedNode("http://purl.org/dc/terms/alternative"),
  /** When this became or will become available. */
  available: namedNode("http://purl.org/dc/terms/available"),
  /** A standard this follows. */
  conformsTo: namedNode("http://purl.org/dc/terms/conformsTo"),
  /** Somebody who helped to make this. */
  contributor: namedNode("http://purl.org/dc/terms/contributor"),
  /** When a thing was first made. */
  created: namedNode("http://purl.org/dc/terms/created"),
  /** The agent mainly answerable for making this. */
  creator: namedNode("http://purl.org/dc/terms/creator"),
  /** A moment in the life of this. */
  date: namedNode("http://purl.org/dc/terms/date"),
  /** An account of a thing; for a medium, the text that stands in its place. */
  description: namedNode("http://purl.org/dc/terms/description"),
  /** Size or duration of a thing; for a file, its bytes. */
  extent: namedNode("http://purl.org/dc/terms/extent"),
  /** The file format of a thing, as a media type. */
  format: namedNode("http://purl.org/dc/terms/format"),
  /** The same in another format. */
  hasFormat: namedNode("http://purl.org/dc/terms/hasFormat"),
  /** Something that is part of this. */
  hasPart: namedNode("http://purl.org/dc/terms/hasPart"),
  /** A version of this. */
  hasVersion: namedNode("http://purl.org/dc/terms/hasVersion"),
  /** A name for this that is unique in some context. */
  identifier: namedNode("http://purl.org/dc/terms/identifier"),
  /** The thing that this gives in another format. */
  isFormatOf: namedNode("http://purl.org/dc/terms/isFormatOf"),
  /** The whole that this is part of. */
  isPartOf: namedNode("http://purl.org/dc/terms/isPartOf"),
  /** Something that points to this. */
  isReferencedBy: namedNode("http://purl.org/dc/terms/isReferencedBy"),
  /** What stands in the place of this now. */
  isReplacedBy: namedNode("http://purl.org/dc/terms/isReplacedBy"),
  /** The thing that this is a version of. */
  isVersionOf: namedNode("http://purl.org/dc/terms/isVersionOf"),
  /** When this was published. */
  issued: namedNode("http://purl.org/dc/terms/issued"),
  /** The language of a thing. */
  language: namedNode("http://purl.org/dc/terms/language"),
  /** The licence under which this may be used. */
  license: namedNode("http://purl.org/dc/terms/license"),
  /** When a thing was last changed. */
  modified: namedNode("http://purl.org/dc/terms/modified"),
  /** Who makes this available. */
  publisher: namedNode("http://purl.org/dc/terms/publisher"),
  /** Something this points to. */
  references: namedNode("http://purl.org/dc/terms/references"),
  /** Something that has to do with this. */
  relation: namedNode("http://purl.org/dc/terms/relation"),
  /** What this stands in the place of. */
  replaces: namedNode("http://purl.org/dc/terms/replaces"),
  /** Who holds which rights in this. */
  rights: namedNode("http://purl.org/dc/terms/rights"),
  /** What this was taken from. */
  source: namedNode("http://purl.org/dc/terms/source"),
  /** A place this is about or from. */
  spatial: namedNode("http://purl.org/dc/terms/spatial"),
  /** What this is about. */
  subject: namedNode("http://purl.org/dc/terms/subject"),
  /** A time this is about or from. */
  temporal: namedNode("http://purl.org/dc/terms/temporal"),
  /** A name given to a thing. */
  title: namedNode("http://purl.org/dc/terms/title"),
  /** The kind of thing this is. */
  type: namedNode("http://purl.org/dc/terms/type"),
  /** When this holds. */
  valid: namedNode("http://purl.org/dc/terms/valid"),
});

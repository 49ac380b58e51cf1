/** The RDF syntaxes read and written here. */
export type RdfFormat = "turtle" | "ntriples" | "nquads" | "trig" | "jsonld" | "rdfxml";

/** What is known of an RDF syntax. */
export interface FormatInfo {
  readonly format: RdfFormat;
  /** Its name for people. */
  readonly name: string;
  /** The registered media type, without parameters. */
  readonly mediaType: string;
  /** Other media types read as this one. */
  readonly alsoRead: readonly string[];
  /** File extensions with the dot, the usual one first. */
  readonly extensions: readonly [string, ...string[]];
  /** Whether it can carry named graphs. */
  readonly graphs: boolean;
  /** The W3C's IRI for the format (`formats:` in service descriptions), by local name. */
  readonly w3cName: string;
}

/** The one table of formats, in the order they are offered. */
export const RDF_FORMATS: readonly FormatInfo[] = Object.freeze([
  {
    format: "turtle",
    name: "Turtle",
    mediaType: "text/turtle",
    alsoRead: ["application/x-turtle"],
    extensions: [".ttl"],
    graphs: false,
    w3cName: "Turtle",
  },
  {
    format: "jsonld",
    name: "JSON-LD",
    mediaType: "application/ld+json",
    // COMPAT: ActivityStreams servers answer with their own type.
    alsoRead: ["application/activity+json"],
    extensions: [".jsonld", ".json"],
    graphs: true,
    w3cName: "JSON-LD",
  },
  {
    format: "rdfxml",
    name: "RDF/XML",
    mediaType: "application/rdf+xml",
    // COMPAT: FOAF files of old are often served so.
    alsoRead: ["application/xml", "text/xml"],
    extensions: [".rdf", ".owl", ".xml"],
    graphs: false,
    w3cName: "RDF_XML",
  },
  {
    format: "ntriples",
    name: "N-Triples",
    mediaType: "application/n-triples",
    alsoRead: [],
    extensions: [".nt"],
    graphs: false,
    w3cName: "N-Triples",
  },
  {
    format: "nquads",
    name: "N-Quads",
    mediaType: "application/n-quads",
    alsoRead: ["text/x-nquads"],
    extensions: [".nq"],
    graphs: true,
    w3cName: "N-Quads",
  },
  {
    format: "trig",
    name: "TriG",
    mediaType: "application/trig",
    alsoRead: ["application/x-trig"],
    extensions: [".trig"],
    graphs: true,
    w3cName: "TriG",
  },
] as const satisfies readonly FormatInfo[]);

const BY_FORMAT = new Map(RDF_FORMATS.map((info) => [info.format, info]));
const BY_MEDIA_TYPE = new Map(
  RDF_FORMATS.flatMap((info) => [info.mediaType, ...info.alsoRead].map((type) => [type, info.format] as const)),
);
const BY_EXTENSION = new Map(
  RDF_FORMATS.flatMap((info) => info.extensions.map((extension) => [extension, info.format] as const)),
);

/** The table's row for a format. */
export function formatInfo(format: RdfFormat): FormatInfo {
  return BY_FORMAT.get(format) as FormatInfo;
}

/** The format of a media type, whose case and parameters (`; charset=utf-8`) do not matter; undefined when not RDF. */
export function formatOfMediaType(mediaType: string): RdfFormat | undefined {
  const semicolon = mediaType.indexOf(";");
  return BY_MEDIA_TYPE.get((semicolon < 0 ? mediaType : mediaType.slice(0, semicolon)).trim().toLowerCase());
}

/** The format of a file name or path by its extension, also below `.gz`; undefined when it is none of ours. */
export function formatOfFileName(name: string): RdfFormat | undefined {
  const extension = /(\.[a-z0-9]+)(?:\.gz)?$/.exec(name.toLowerCase())?.[1];
  return extension === undefined ? undefined : BY_EXTENSION.get(extension);
}

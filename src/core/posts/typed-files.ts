import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { isIri } from "../../rdf/iri.ts";
import { FACETS_MAX, whyNotCarried } from "./compose.ts";
import { type Attachment, PLACE_NAME_LENGTH_MAX, type Place, placeAt } from "./post.ts";

/** LIMIT: UTF-16 code units of the words that stand for a file, and of its media type. */
export const DESCRIPTION_LENGTH_MAX = 2_000;
const FORMAT_LENGTH_MAX = 127;

/** RFC 6838 §4.2, without parameters. */
const MEDIA_TYPE = /^[a-z0-9][\w!#$&^.+-]{0,63}\/[a-z0-9][\w!#$&^.+-]{0,63}$/i;

/** What the ends of file names say of the files: what people attach to posts. */
const FORMATS: Readonly<Record<string, string>> = {
  avif: "image/avif",
  flac: "audio/flac",
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  m4a: "audio/mp4",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  oga: "audio/ogg",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  pdf: "application/pdf",
  png: "image/png",
  svg: "image/svg+xml",
  wav: "audio/wav",
  webm: "video/webm",
  webp: "image/webp",
};

/** A file as somebody names it. */
export interface TypedFile {
  readonly iri: string;
  readonly format?: string;
  readonly size_bytes?: number;
  readonly description?: string;
}

/** A place as somebody names it. */
export interface TypedPlace {
  readonly name?: string;
  readonly lat?: number;
  readonly long?: number;
}

/**
 * The files of a Draft as typed: addresses on the web, since a hub keeps no files of posts. A media type that is not
 * told is taken from the end of the address. Refuses with `invalid` and `too-large`.
 */
export function readFiles(typed: readonly TypedFile[]): readonly Attachment[] | Refusal {
  if (typed.length > FACETS_MAX) {
    return refuse("too-large", `Expected at most ${FACETS_MAX} files with a post, but got ${typed.length}.`);
  }
  const files = new Map<string, Attachment>();
  for (const each of typed) {
    const file = readFile(each);
    if (isRefusal(file)) return file;
    if (files.has(file.iri)) return refuse("invalid", `Expected each file once, but ${file.iri} came twice.`);
    files.set(file.iri, file);
  }
  return [...files.values()];
}

function readFile({ iri, format = formatByName(iri), size_bytes, description }: TypedFile): Attachment | Refusal {
  if (!isIri(iri) || !/^https?:/i.test(iri) || !URL.canParse(iri)) {
    const shown = iri.toWellFormed();
    return refuse(
      "invalid",
      `Expected the address of a file on the web (https://…), but got "${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}"; put the file on the web first, since posts name files and a hub keeps none.`,
    );
  }
  if (format !== undefined && (format.length > FORMAT_LENGTH_MAX || !MEDIA_TYPE.test(format))) {
    return refuse("invalid", `Expected a media type such as image/png, but got "${format.slice(0, 80)}".`);
  }
  if (size_bytes !== undefined && !(Number.isSafeInteger(size_bytes) && size_bytes >= 0 && size_bytes < 1e15)) {
    return refuse("invalid", `Expected a file's size as a number of bytes, but got ${size_bytes}.`);
  }
  const words =
    description === undefined ? undefined : readWords(description, "what a file shows", DESCRIPTION_LENGTH_MAX);
  if (isRefusal(words)) return words;
  return {
    iri,
    ...(format === undefined ? {} : { format: format.toLowerCase() }),
    ...(size_bytes === undefined ? {} : { size_bytes }),
    ...(words === undefined ? {} : { description: words }),
  };
}

function formatByName(iri: string): string | undefined {
  const end = /\.([a-z0-9]{2,5})$/i.exec(URL.parse(iri)?.pathname ?? "")?.[1]?.toLowerCase();
  return end === undefined || !Object.hasOwn(FORMATS, end) ? undefined : FORMATS[end];
}

/** The place of a Draft as typed: a name, a latitude and a longitude, or all three. Refuses with `invalid`. */
export function readPlace({ name, lat, long }: TypedPlace): Place | Refusal {
  const called = name === undefined ? undefined : readWords(name, "the name of a place", PLACE_NAME_LENGTH_MAX);
  if (isRefusal(called)) return called;
  if (lat === undefined && long === undefined) {
    if (called !== undefined) return { name: called };
    return refuse("invalid", "Expected a place with a name, or with a latitude and a longitude, but got neither.");
  }
  if (lat === undefined || long === undefined) {
    const [got, missing] = lat === undefined ? ["longitude", "latitude"] : ["latitude", "longitude"];
    return refuse("invalid", `Expected a latitude and a longitude, but got a ${got} only; add the ${missing}.`);
  }
  const point = placeAt(lat, long);
  if (point === undefined) {
    return refuse(
      "invalid",
      `Expected a latitude from -90 to 90 and a longitude from -180 to 180, but got ${lat} and ${long}.`,
    );
  }
  return called === undefined ? point : { ...point, name: called };
}

/** Words on one line; refused when they are too many, when there are none, or when XML cannot carry them. */
function readWords(text: string, what: string, length_max: number): string | Refusal {
  const words = text.replace(/\s+/g, " ").trim();
  if (words === "") return refuse("invalid", `Expected ${what}, but it is empty; write it, or leave it out.`);
  if (words.length > length_max) {
    return refuse("too-large", `Expected ${what} in at most ${length_max} characters, but got ${words.length}.`);
  }
  return whyNotCarried(words) ?? words;
}

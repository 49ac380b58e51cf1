import type { Command } from "commander";
import { CommandEnd, EXIT } from "./exit-code.ts";

/** What goes with a post, as options name it; false is what an edit takes away. */
export interface PostFilesOptions {
  readonly attach?: readonly string[] | false;
  readonly alt?: readonly string[];
  readonly place?: string | false;
  readonly lat?: string;
  readonly lon?: string;
}

const collect = (value: string, before: readonly string[] | false = []): readonly string[] => [
  ...(before || []),
  value,
];

/** Adds the options for files that go with a post, and for where it is written. */
export function withPostFiles(made: Command): Command {
  return made
    .option("--attach <url>", "a file on the web that goes with it, such as a picture; again for more files", collect)
    .option(
      "--alt <text>",
      "what the file shows, for who cannot see it; one for each --attach, in their order",
      collect,
    )
    .option("--place <name>", "where it is written, as people call the place")
    .option("--lat <degrees>", "its latitude, north positive")
    .option("--lon <degrees>", "its longitude, east positive");
}

/** Adds the options of an edit that takes files and place away. */
export function withoutPostFiles(made: Command): Command {
  return made.option("--no-attach", "take its files away").option("--no-place", "take its place away");
}

/** The fields `attachments` and `place` of the hub's JSON. Ends with `usage` when the options say nothing sensible. */
export function postFilesBody(options: PostFilesOptions): Readonly<Record<string, unknown>> {
  const { alt = [], place, lat, lon } = options;
  const attach = options.attach || [];
  if (alt.length > attach.length) {
    throw new CommandEnd(
      EXIT.usage,
      `Expected at most one --alt for each --attach, but got ${alt.length} for ${attach.length}.`,
    );
  }
  const attachments = attach.map((url, at) => {
    const description = alt[at];
    return { iri: fileUrl(url), ...(description === undefined ? {} : { description }) };
  });
  if ((lat === undefined) !== (lon === undefined)) {
    throw new CommandEnd(EXIT.usage, "Expected --lat and --lon together, but got one of them; add the other.");
  }
  const where = {
    ...(typeof place === "string" ? { name: place } : {}),
    ...(lat === undefined ? {} : { lat: degrees("--lat", lat) }),
    ...(lon === undefined ? {} : { long: degrees("--lon", lon) }),
  };
  const isPlaced = Object.keys(where).length > 0;
  if (place === false && isPlaced) {
    throw new CommandEnd(EXIT.usage, "Expected --no-place or a place, but got both; leave one out.");
  }
  return {
    ...(attachments.length > 0 || options.attach === false ? { attachments } : {}),
    ...(isPlaced ? { place: where } : place === false ? { place: null } : {}),
  };
}

function fileUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new CommandEnd(
    EXIT.usage,
    `Expected --attach with the address of a file on the web (https://…), but got "${text}"; put the file on the web first, since a hub keeps no files of posts.`,
  );
}

function degrees(name: string, text: string): number {
  if (/^[+-]?\d{1,3}(\.\d+)?$/.test(text)) return Number(text);
  throw new CommandEnd(EXIT.usage, `Expected ${name} in decimal degrees such as 47.65, but got "${text}".`);
}

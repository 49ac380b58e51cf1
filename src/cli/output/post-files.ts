import { isRecord } from "../cli-config.ts";
import { textIn } from "../hub-client.ts";
import { inline, type Paint } from "./terminal-text.ts";

/** A file that goes with a post. */
export interface ShownFile {
  readonly iri: string;
  readonly format?: string;
  readonly size_bytes?: number;
  readonly description?: string;
}

/** Where a post was written: what people call it, decimal degrees, or both. */
export interface ShownPlace {
  readonly name?: string;
  readonly lat?: number;
  readonly long?: number;
}

/** What goes with a post: files, and where it was written. */
export interface ShownFiles {
  readonly attachments?: readonly ShownFile[];
  readonly place?: ShownPlace;
}

/** The files and the place in the hub's JSON of a post; what is none is passed over. */
export function filesIn(value: unknown): ShownFiles {
  if (!isRecord(value)) return {};
  const rows: readonly unknown[] = Array.isArray(value["attachments"]) ? value["attachments"] : [];
  const attachments = rows.flatMap((row) => {
    const iri = textIn(row, "iri");
    const [format, description] = [textIn(row, "format"), textIn(row, "description")];
    const size_bytes = isRecord(row) ? row["size_bytes"] : undefined;
    return iri === undefined
      ? []
      : [
          {
            iri,
            ...(format === undefined ? {} : { format }),
            ...(typeof size_bytes === "number" ? { size_bytes } : {}),
            ...(description === undefined ? {} : { description }),
          },
        ];
  });
  const place = placeIn(value["place"]);
  return { ...(attachments.length === 0 ? {} : { attachments }), ...(place === undefined ? {} : { place }) };
}

function placeIn(value: unknown): ShownPlace | undefined {
  const { lat, long } = isRecord(value) ? value : {};
  const name = textIn(value, "name");
  const point = typeof lat === "number" && typeof long === "number" ? { lat, long } : undefined;
  return name === undefined ? point : { ...point, name };
}

/** A line for each file, and one for the place, its point as a `geo:` link (RFC 5870); empty where there is neither. Safe to print. */
export function filesText({ attachments = [], place }: ShownFiles, paint: Paint): string {
  const files = attachments.map(({ iri, format, size_bytes, description }) => {
    const size = size_bytes === undefined ? undefined : `${size_bytes.toLocaleString("en")} bytes`;
    const facts = [format, size].filter((fact) => fact !== undefined).join(", ");
    const named = description === undefined ? "" : `${inline(description)} `;
    return `  + ${named}${facts === "" ? "" : paint("dim", `(${inline(facts)}) `)}${paint("cyan", inline(iri))}\n`;
  });
  return `${files.join("")}${placeText(paint, place)}`;
}

function placeText(paint: Paint, { name, lat, long }: ShownPlace = {}): string {
  const called = name === undefined ? [] : [inline(name)];
  const point = lat === undefined ? [] : [paint("cyan", `geo:${lat},${long}`)];
  const parts = [...called, ...point];
  return parts.length === 0 ? "" : `  @ ${parts.join(" ")}\n`;
}

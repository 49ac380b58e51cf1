import { type Refusal, refuse } from "../outcome/refusal.ts";

/** One representation that can be had. */
export interface Offer<T> {
  /** The media type without parameters, lower case. */
  readonly mediaType: string;
  readonly value: T;
  /** `?format=` names it so. */
  readonly name?: string;
}

interface Range {
  readonly type: string;
  readonly subtype: string;
  readonly q: number;
}

const RANGE = /^([!#$%&'*+.^_`|~\w-]+)\/([!#$%&'*+.^_`|~\w-]+)$/;
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;

/**
 * Chooses what to answer with (RFC 9110 §12.5.1): for each offer the most specific range counts; the highest weight
 * wins, the earlier offer among equals. No Accept, or one in which nothing can be read, takes the first. Parameters
 * such as `charset` do not matter. Refuses with `not-acceptable` and the list of what there is (`accepted`).
 */
export function negotiate<T>(accept: string, offers: readonly Offer<T>[]): Offer<T> | Refusal {
  const ranges = readAccept(accept);
  if (ranges.length === 0 && offers[0] !== undefined) return offers[0];
  let best: Offer<T> | undefined;
  let highest = 0;
  for (const offer of offers) {
    const q = weightOf(offer.mediaType, ranges);
    if (q <= highest) continue;
    best = offer;
    highest = q;
  }
  return best ?? notAcceptable(`the Accept "${accept.slice(0, 200)}"`, offers);
}

/** The offer that `?format=` names, or {@link negotiate}'s choice without it. */
export function choose<T>(
  accept: string,
  format: string | null | undefined,
  offers: readonly Offer<T>[],
): Offer<T> | Refusal {
  if (format === null || format === undefined || format === "") return negotiate(accept, offers);
  const named = offers.find(({ name, mediaType }) => name === format || mediaType === format);
  return named ?? notAcceptable(`the format "${format.slice(0, 80)}"`, offers);
}

function notAcceptable(came: string, offers: readonly Offer<unknown>[]): Refusal {
  const accepted = offers.map(({ mediaType }) => mediaType);
  return refuse("not-acceptable", `Expected one of ${accepted.join(", ")} to be welcome, but got ${came}.`, {
    accepted,
  });
}

function readAccept(accept: string): Range[] {
  return accept.split(",").flatMap((part) => {
    const [range = "", ...parameters] = part.split(";").map((piece) => piece.trim().toLowerCase());
    const [, type, subtype] = RANGE.exec(range) ?? [];
    if (type === undefined || subtype === undefined || (type === "*" && subtype !== "*")) return [];
    const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, "");
    if (weight !== undefined && !WEIGHT.test(weight)) return [];
    return [{ type, subtype, q: weight === undefined ? 1 : Number(weight) }];
  });
}

function weightOf(mediaType: string, ranges: readonly Range[]): number {
  const [type, subtype] = mediaType.split("/");
  let [found, specificity] = [0, -1];
  for (const range of ranges) {
    const here =
      range.type === "*"
        ? 0
        : range.type !== type
          ? -1
          : range.subtype === "*"
            ? 1
            : range.subtype === subtype
              ? 2
              : -1;
    if (here < 0 || here < specificity) continue;
    found = here === specificity ? Math.max(found, range.q) : range.q;
    specificity = here;
  }
  return found;
}

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
 * wins, among equals what was named more exactly, then the earlier offer. No Accept, or one in which nothing can be
 * read, takes the first. Parameters such as `charset` do not matter. Refuses with `not-acceptable` and the list of what
 * there is (`accepted`).
 */
export function negotiate<T>(accept: string, offers: readonly Offer<T>[]): Offer<T> | Refusal {
  const ranges = readAccept(accept);
  if (ranges.length === 0 && offers[0] !== undefined) return offers[0];
  const [best] = offers
    .map((offer) => ({ offer, ...weightOf(offer.mediaType, ranges) }))
    .filter(({ q }) => q > 0)
    .sort((a, b) => b.q - a.q || b.specificity - a.specificity);
  return best?.offer ?? notAcceptable(`the Accept "${accept.slice(0, 200)}"`, offers);
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

function weightOf(mediaType: string, ranges: readonly Range[]): { readonly q: number; readonly specificity: number } {
  let [q, specificity] = [0, -1];
  for (const range of ranges) {
    const here = specificityOf(range, mediaType);
    if (here < 0 || here < specificity) continue;
    q = here === specificity ? Math.max(q, range.q) : range.q;
    specificity = here;
  }
  return { q, specificity };
}

/** How exactly a range names a type: 2 whole, 1 half, 0 as any, -1 not at all. */
function specificityOf({ type, subtype }: Range, mediaType: string): number {
  if (type === "*") return 0;
  if (!mediaType.startsWith(`${type}/`)) return -1;
  if (subtype === "*") return 1;
  return mediaType.length === type.length + 1 + subtype.length && mediaType.endsWith(`/${subtype}`) ? 2 : -1;
}

import type { DiscoForm, DiscoInfo } from "./disco.ts";

/** What an entity says in its presence of what it can do (XEP-0115 §4). */
export interface Caps {
  readonly node: string;
  readonly ver: string;
  /** The algorithm, such as `sha-1`; without it `ver` is of the old format and says nothing. */
  readonly hash?: string;
}

/** The algorithms whose hashes are checked, by their names on the wire and those of `node:crypto`. */
export const CAPS_HASHES: ReadonlyMap<string, string> = new Map([
  ["sha-1", "sha1"],
  ["sha-256", "sha256"],
]);

/** LIMIT: features, identities and forms of an answer that is looked at; what has more is taken for ill-formed. */
const ROWS_MAX = 500;

/**
 * The text whose hash is an entity's `ver` (XEP-0115 §5.1). Undefined where the answer is ill-formed (§5.4): something
 * is said twice, or has the delimiter in it, which would let one answer pass for another (§8.2).
 */
export function capsText(info: DiscoInfo): string | undefined {
  const identities = info.identities.map(
    ({ category, type, lang = "", name = "" }) => `${category}/${type}/${lang}/${name}`,
  );
  const forms = info.forms.filter(({ formType }) => formType !== "");
  const types = forms.map(({ formType }) => formType);
  const lists = [identities, info.features, types];
  if (lists.some((list) => list.length > ROWS_MAX || new Set(list).size < list.length)) return undefined;
  const parts = [
    ...sorted(identities),
    ...sorted(info.features),
    ...sorted(types).flatMap((type) => formParts(type, forms)),
  ];
  return parts.some((part) => part.includes("<")) ? undefined : parts.map((part) => `${part}<`).join("");
}

function formParts(type: string, forms: readonly DiscoForm[]): readonly string[] {
  const fields = forms.find(({ formType }) => formType === type)?.fields ?? [];
  const byName = fields.toSorted((a, b) => compare(a.name, b.name));
  return [type, ...byName.flatMap(({ name, values }) => [name, ...sorted(values)])];
}

/** The nodes an entity wants notifications of, by its features `NODE+notify` (XEP-0163 §4.3.2). */
export function notifiedNodes({ features }: Pick<DiscoInfo, "features">): ReadonlySet<string> {
  return new Set(
    features.filter((feature) => feature.endsWith("+notify")).map((feature) => feature.slice(0, -"+notify".length)),
  );
}

function sorted(texts: readonly string[]): readonly string[] {
  return texts.toSorted(compare);
}

/** By the bytes of UTF-8 (`i;octet`), which is the order of code points and not that of UTF-16 units. */
function compare(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

import type { Candidate, Voucher } from "../../core/suggestions.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { KnownGraph } from "./known-graph.ts";

/** LIMIT: accounts of one distance whose follows count. */
export const LEVEL_ACCOUNTS_MAX = 500;

/**
 * Whom an account does not follow yet and those follow who are near it, by what is known: those that most follow first.
 * `depth` is how far they may be.
 */
export function candidatesOf(
  known: KnownGraph,
  account: Iri,
  follows: readonly Iri[],
  depth: number,
): readonly Pick<Candidate, "account" | "followedBy">[] {
  const nearer = new Set<Iri>([account, ...follows]);
  const found = new Map<Iri, Voucher[]>();
  const seen = new Set<Iri>(nearer);
  let level: readonly Iri[] = follows.slice(0, LEVEL_ACCOUNTS_MAX);
  for (let distance = 1; distance < depth; distance++) {
    const next = new Set<Iri>();
    for (const voucher of level) {
      const its = known.followsOf(voucher)?.follows ?? [];
      for (const followed of its) {
        if (nearer.has(followed)) continue;
        const vouchers = found.get(followed) ?? [];
        vouchers.push({ account: voucher, follows: its.length, distance });
        found.set(followed, vouchers);
        if (!seen.has(followed)) next.add(followed);
      }
    }
    for (const each of next) seen.add(each);
    level = [...next].slice(0, LEVEL_ACCOUNTS_MAX);
  }
  const candidates = Array.from(found, ([each, followedBy]) => ({ account: each, followedBy }));
  return candidates.sort((a, b) => b.followedBy.length - a.followedBy.length || (a.account < b.account ? -1 : 1));
}

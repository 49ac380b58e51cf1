import { AskedHub } from "./asked-hub.ts";
import { baseOfAccount } from "./believed.ts";

/** LIMIT: hubs asked for one query. */
export const NETWORK_HUBS_MAX = 16;
/** LIMIT: hubs beyond {@link NETWORK_HUBS_MAX} that are named each; the others are counted. */
const LEFT_NAMED_MAX = 16;

/** A hub that did not help, and why, as a sentence. */
export interface NetworkWarning {
  readonly hub: string;
  readonly message: string;
}

/** The other hubs that one question goes to, in the order in which they became known, and those that did not help. */
export class WalkHubs {
  readonly warnings: NetworkWarning[] = [];
  /** The base of the hub that asks. */
  readonly #own: string;
  readonly #hubs = new Map<string, AskedHub>();
  readonly #left = new Set<string>();
  /** The place of the last warning about them. */
  #leftAt = 0;

  constructor(own: string) {
    this.#own = own;
  }

  get all(): readonly AskedHub[] {
    return [...this.#hubs.values()];
  }

  get bases(): readonly string[] {
    return [...this.#hubs.keys()];
  }

  /** How many triples came of all of them. */
  get triples(): number {
    return this.all.reduce((sum, { quads }) => sum + quads.length, 0);
  }

  /** Takes the hubs of these accounts among those to be asked. */
  add(accounts: Iterable<string>): void {
    for (const account of accounts) {
      const base = baseOfAccount(account);
      if (base === undefined || base === this.#own || this.#hubs.has(base) || this.#left.has(base)) continue;
      if (this.#hubs.size < NETWORK_HUBS_MAX) this.#hubs.set(base, new AskedHub(base, this.#hubs.size + 1));
      else this.#leave(base);
    }
  }

  #leave(base: string): void {
    this.#left.add(base);
    const why = `a query asks at most ${NETWORK_HUBS_MAX} hubs.`;
    const more = this.#left.size - LEFT_NAMED_MAX;
    if (more > 1) this.warnings.splice(this.#leftAt, 1, { hub: base, message: `${more} more were not asked: ${why}` });
    else this.#leftAt = this.warn(base, `${base} was not asked: ${why}`);
  }

  /** Says why a hub did not help; gives the warning's place. */
  warn(hub: string, message: string): number {
    return this.warnings.push({ hub, message }) - 1;
  }
}

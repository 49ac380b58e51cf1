/** How fast something may go, and how many are remembered. */
export interface BucketLimits {
  /** Tokens that a bucket gains in a second. */
  readonly perSecond: number;
  /** LIMIT: tokens that a bucket holds; a new one is full. */
  readonly burst: number;
  /** LIMIT: buckets kept; the one not used for longest goes first, and is full when it comes back. */
  readonly buckets_max: number;
}

interface Bucket {
  tokens: number;
  at_ms: number;
}

/** Token buckets by key. The time is handed in, and may stand still or go back: then nothing is gained. */
export class TokenBuckets {
  readonly #limits: BucketLimits;
  /** The one used last is last. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(limits: BucketLimits) {
    this.#limits = limits;
  }

  /** Takes a token of `key` out; false where there is none. */
  take(key: string, now_ms: number): boolean {
    const { perSecond, burst } = this.#limits;
    const bucket = this.#buckets.get(key) ?? this.#begin(now_ms);
    const gained = (Math.max(0, now_ms - bucket.at_ms) / 1_000) * perSecond;
    bucket.tokens = Math.min(burst, bucket.tokens + gained);
    bucket.at_ms = now_ms;
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  /** How many buckets are kept. */
  get size(): number {
    return this.#buckets.size;
  }

  #begin(now_ms: number): Bucket {
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size >= this.#limits.buckets_max && oldest !== undefined) this.#buckets.delete(oldest);
    return { tokens: this.#limits.burst, at_ms: now_ms };
  }
}

import type { Instant } from "../../core/instant.ts";

/**
 * Where notifications do not arrive, or did not lately: a host by its domain, or a person by the bare JID. What is in
 * order has no record.
 */
export interface Destination {
  /** A domain, or a bare JID. */
  readonly name: string;
  /**
   * Of a host: `down` is tried with one delivery at a time while the others are held; `draining` answers again, and
   * what was held goes out; `left` was tried often enough, so nothing is queued but one delivery a day; `up` is only
   * remembered for its tries of the day, or for `noReceipts`. Of a person: `bouncing`, and `suspended` when that lasted.
   */
  readonly state: "down" | "draining" | "left" | "up" | "bouncing" | "suspended";
  /** When it came into this state; of a person, of the first bounce. */
  readonly since: Instant;
  /** Tries without an answer since then; of a person, bounces. */
  readonly attempts: number;
  /** How often the host was tried since `day`, which is at most a day ago. */
  readonly tries: number;
  readonly day: Instant;
  /** Not tried again before. */
  readonly nextAttempt: Instant;
  /** The condition that came back; undefined when nothing did. */
  readonly problem?: string;
  /** The host answers but knows no receipts (XEP-0184), so none is waited for. */
  readonly noReceipts?: true;
}

/** States of a host in which its deliveries are held. */
export const HOLDING: readonly Destination["state"][] = ["down", "draining", "left"];

import type { Document, Tombstone } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Instant } from "../instant.ts";
import type { WatchFacts } from "./watch-description.ts";

/** What reading an import needs to know. */
export interface ImportContext {
  /** The hub's base IRI, ends in `/`: where tags live, and what "own" means. */
  readonly base: Iri;
  /** When the import came; stands in for the creation time of what carries none. */
  readonly now: Instant;
  /** The account whose stars SMOB's `rev:rating 1` are; without it stars are dropped and counted. */
  readonly starredBy?: Iri;
  /**
   * Whether the file's own word on origin and audience counts (the owner restoring an export). Otherwise every
   * document that comes in is `imported` and public.
   */
  readonly restore?: boolean;
  /** Documents whose IRI starts with this are the importing account's own notes, which may be private. */
  readonly notes?: string;
}

/** Why a triple was left out on purpose. */
export const DROPPED = {
  private: "private data: network and mail addresses, birthdays",
  noise: "browser, device and school year",
  title: 'titles without a word of their own ("null", "Update - …")',
  star: "stars that belong to no account",
} as const;
export type DroppedReason = keyof typeof DROPPED;

/** One thing found in an import, in the order in which it should be stored. */
export type ImportFinding =
  | { readonly kind: "document"; readonly document: Document }
  | { readonly kind: "deleted"; readonly tombstone: Tombstone }
  | { readonly kind: "watch"; readonly watch: WatchFacts }
  | { readonly kind: "refused"; readonly subject: string; readonly message: string }
  /** Comes last, once: how many triples were left out, by reason (reasons without any are not named). */
  | { readonly kind: "dropped"; readonly counts: Readonly<Partial<Record<DroppedReason, number>>> };

/** A refused subject: what was expected, what came, what to do. */
export function refusedFinding(subject: string, message: string): ImportFinding {
  return { kind: "refused", subject, message };
}

/** Counts what is left out. */
export class DroppedCounts {
  readonly counts: Partial<Record<DroppedReason, number>> = {};

  add(reason: DroppedReason): void {
    this.counts[reason] = (this.counts[reason] ?? 0) + 1;
  }
}

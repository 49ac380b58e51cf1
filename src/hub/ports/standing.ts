import type { AccountName } from "../../core/account.ts";
import type { Instant } from "../../core/instant.ts";
import type { ItemId } from "../../core/item-id.ts";
import type { Refusal } from "../../outcome/refusal.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Dataset } from "./queries.ts";
import type { CommittedDocuments } from "./records.ts";

/** One answer of a standing query: the values of its variables as `termId`, without those that are unbound. */
export interface StandingAnswer {
  readonly values: Readonly<Record<string, string>>;
  /** What a CONSTRUCT makes of it, as N-Triples. */
  readonly triples?: string;
}

/** Values (as `termId`) that the answers in question have for some variables; without any it is all answers. */
export interface AnswerSeed {
  readonly values: Readonly<Record<string, string>>;
  /** Whether answers can only have been added; `values` may then be about variables that answers do not say. */
  readonly onlyAdds: boolean;
}

/** What to keep open. */
export interface StandingWish {
  readonly text: string;
  /** What relative IRIs in it are resolved against. */
  readonly base: Iri;
  readonly dataset: Dataset;
}

/** What is known of a query that is kept open. */
export interface StandingShape {
  readonly variables: readonly string[];
  /** Whether it has to be looked at for nearly every post, as nothing in it tells them apart. */
  readonly isBroad: boolean;
}

/** The queries that are kept open, and the index that says which of them a commit can touch. */
export interface StandingQueries {
  /**
   * Reads a query and keeps it under `id`, in the place of an older one. Refuses with `malformed`,
   * `forbidden`, `invalid` and `too-large` what cannot be kept open.
   */
  add(id: string, wish: StandingWish): StandingShape | Refusal;
  remove(id: string): void;
  /** The queries whose answers a commit that is in the query store may have changed, and which answers. */
  touched(changes: CommittedDocuments["changes"]): ReadonlyMap<string, readonly AnswerSeed[]>;
  /**
   * The present answers with the seed's values, each by a key of its own. Refuses with `not-found`, and with
   * `too-large` and `timed-out` beyond the bounds of one evaluation.
   */
  answers(id: string, seed: AnswerSeed): Promise<ReadonlyMap<string, StandingAnswer> | Refusal>;
  /** The text of the program's own `sparql/NAME.rq` with IRIs for its parameters. */
  builtIn(name: string, iris: Readonly<Record<string, Iri>>): string;
}

/** A standing query of an account, as `hub.db` holds it. */
export interface Watch {
  readonly account: AccountName;
  /** Letters, digits, `-` and `_`; unlike those of the account's other watches. */
  readonly name: string;
  readonly query: string;
  /** Whether everybody may read its answers; it then reads what is public only. */
  readonly isPublic: boolean;
  readonly isBroad: boolean;
  /** What an answer says; answers are found by the value of the first. */
  readonly variables: readonly string[];
  readonly created: Instant;
  /** Which of the program's own queries it is, and what about. */
  readonly of?: { readonly what: string; readonly about?: string };
  /** Why it was stopped, as a sentence, and when; its answers stay as they were. */
  readonly problem?: string;
  readonly stopped?: Instant;
  /** How often the hub has let it go on by itself. */
  readonly restarts?: number;
}

/** One answer that is known of a watch, and the PubsubItem that tells of it. */
export interface WatchAnswer extends StandingAnswer {
  readonly item: ItemId;
}

/** What names a watch. */
export type WatchPlace = Pick<Watch, "account" | "name">;

/** Reads of watches and their answers. */
export interface WatchReader {
  watch(place: WatchPlace): Watch | undefined;
  /** By account and name. */
  watches(account?: AccountName): readonly Watch[];
  watchAnswer(place: WatchPlace, item: ItemId): WatchAnswer | undefined;
  /** In no order; those whose first variable has this value, when one is given. */
  watchAnswers(place: WatchPlace, first?: string): readonly WatchAnswer[];
  watchAnswerCount(place: WatchPlace): number;
}

/** One change to the watches. */
export type WatchChange =
  | { readonly kind: "watch-put"; readonly watch: Watch }
  /** With its answers. */
  | { readonly kind: "watch-removed"; readonly place: WatchPlace }
  | { readonly kind: "watch-answer-put"; readonly watch: Watch; readonly answer: WatchAnswer }
  | { readonly kind: "watch-answer-removed"; readonly place: WatchPlace; readonly item: ItemId };

/** What adding a watch needs beside the records. */
export interface WatchDesk {
  readonly standing: StandingQueries;
  /** Compares all answers of a watch with what is known of them; resolves when that is written down. */
  readonly refresh: (place: WatchPlace) => Promise<void>;
  /** Calls back for each answer of a watch that comes, is told again or goes; returns the way to stop. */
  readonly listen: (place: WatchPlace, listener: WatchListener) => () => void;
}

/** What befell an answer: the answer, or only its item when it is one no more. */
export type WatchEvent =
  | { readonly kind: "answer"; readonly answer: WatchAnswer }
  | { readonly kind: "retracted"; readonly item: ItemId };
export type WatchListener = (event: WatchEvent) => void;

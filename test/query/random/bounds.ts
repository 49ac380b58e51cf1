import type { Iri } from "../../../src/rdf/iri.ts";

/** Base of relative IRIs in random queries. */
export const BASE = "http://hub.example/" as Iri;
/** Whose private graph the queries see. */
export const REQUESTER = "http://hub.example/alice#account" as Iri;
/** Whose private graph they must not see. */
export const OTHER = "http://hub.example/mallory#account" as Iri;
/** LIMIT: rows after which a random query is dropped as too much to compare. */
export const ROWS_MAX = 1_000;
/** LIMIT: how long Comunica may take for one random query. */
export const TIME_MS = 1_500;
/** LIMIT: how long a thread may be silent before it is ended, and another started. */
export const SILENCE_MS = 30_000;
/** LIMIT: how long it may be silent at first, while it loads what it answers with. */
export const START_MS = 120_000;

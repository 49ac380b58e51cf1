import { type Column, number, optionalText, type Row, type SqlDatabase, text } from "../database/sql-database.ts";
import { comparePositions, type Position } from "./list-position.ts";

/** LIMIT: places read from one range at a time, so that a merge of many reads little from each. */
const CHUNK_MAX = 16;

/** A place and the document there. */
export interface Entry extends Position {
  readonly id: number;
}

/** One stretch of an index that stands in list order: a table, and columns with their values. */
export interface Range {
  readonly table: "documents" | "document_references";
  readonly columns: readonly string[];
  readonly values: readonly Column[];
}

/** Which way a list is read from a place, leaving the place itself out. */
export type Direction = "older" | "newer";

/** The entry of a row with `id`, `created` and `graph`. */
export function entryOf(row: Row): Entry {
  return { id: number(row, "id"), created: text(row, "created"), graph: text(row, "graph") };
}

/** A range being read: what was read and not yet taken, and the next place of the merge. */
interface Reading {
  readonly range: Range;
  chunk: readonly Entry[];
  next: number;
  ended: boolean;
  head: Entry;
}

/**
 * Merges the first `count` places of all ranges, which are of one shape (same table and columns). Only the ranges whose
 * first place is among the first `count` of all first places can contribute, so the others are read no further.
 */
export function mergeRanges(
  database: SqlDatabase,
  ranges: readonly Range[],
  from: Position,
  way: Direction,
  count: number,
): Entry[] {
  const [only] = ranges;
  if (only === undefined) return [];
  if (ranges.length === 1) return readRange(database, only, from, way, count);
  const order = way === "older" ? (a: Position, b: Position) => comparePositions(b, a) : comparePositions;
  const readings = readHeads(database, ranges, from, way)
    .sort((one, other) => order(one.head, other.head))
    .slice(0, count);
  const merged: Entry[] = [];
  while (merged.length < count) {
    const reading = readings.shift();
    if (reading === undefined) break;
    merged.push(reading.head);
    if (!advance(database, reading, way, Math.min(CHUNK_MAX, count - merged.length))) continue;
    const place = readings.findIndex((one) => order(reading.head, one.head) < 0);
    readings.splice(place < 0 ? readings.length : place, 0, reading);
  }
  return merged;
}

/** Moves a reading to its next place, reading up to `wanted` more; false at its end. */
function advance(database: SqlDatabase, reading: Reading, way: Direction, wanted: number): boolean {
  if (reading.next === reading.chunk.length && !reading.ended && wanted > 0) {
    reading.chunk = readRange(database, reading.range, reading.head, way, wanted);
    reading.next = 0;
    reading.ended = reading.chunk.length < wanted;
  }
  const next = reading.chunk[reading.next++];
  if (next === undefined) return false;
  reading.head = next;
  return true;
}

/** The ranges that hold anything, each at its first place: one statement, as there may be hundreds. */
function readHeads(database: SqlDatabase, ranges: readonly Range[], from: Position, way: Direction): Reading[] {
  const [first] = ranges;
  if (first === undefined) return [];
  const wanted = JSON.stringify(ranges.map(({ values }) => values));
  return database.all(statementsFor(first, way).heads, from.created, from.graph, wanted).flatMap((row) => {
    const range = ranges[number(row, "place")];
    const found = optionalText(row, "head");
    if (range === undefined || found === undefined) return [];
    const [id, created, graph] = JSON.parse(found) as [number, string, string];
    return [{ range, chunk: [], next: 0, ended: false, head: { id, created, graph } }];
  });
}

function readRange(database: SqlDatabase, range: Range, from: Position, way: Direction, count: number): Entry[] {
  return database.all(statementsFor(range, way).range, ...range.values, from.created, from.graph, count).map(entryOf);
}

interface Statements {
  /** Places of one range: its values, a place twice over (created, graph), how many. */
  readonly range: string;
  /** The first place of each of many: a place, JSON of their values. */
  readonly heads: string;
}

const STATEMENTS = new Map<string, Statements>();

/** The statements for a shape of ranges, made once for each of the few shapes there are. */
function statementsFor({ table, columns }: Range, way: Direction): Statements {
  const shape = `${way} ${table} ${columns.join(" ")}`;
  let statements = STATEMENTS.get(shape);
  if (statements === undefined) {
    const id = table === "documents" ? "id" : "document";
    const bound = way === "older" ? "(created, graph) < (?, ?)" : "(created, graph) > (?, ?)";
    const direction = way === "older" ? "DESC" : "ASC";
    const order = `ORDER BY created ${direction}, graph ${direction}`;
    const equal = columns.map((column) => `${column} = ?`).join(" AND ");
    const equalWanted = columns.map((column, at) => `${column} = wanted.value ->> ${at}`).join(" AND ");
    statements = {
      range: `SELECT ${id} AS id, created, graph FROM ${table} WHERE ${equal} AND ${bound} ${order} LIMIT ?`,
      heads: `SELECT wanted.key AS place, (
          SELECT json_array(${id}, created, graph) FROM ${table} WHERE ${equalWanted} AND ${bound} ${order} LIMIT 1
        ) AS head FROM json_each(?) AS wanted`,
    };
    STATEMENTS.set(shape, statements);
  }
  return statements;
}

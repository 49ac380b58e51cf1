import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** A value of a column. */
export type Column = SQLInputValue;

/** A row as `node:sqlite` gives it. */
export type Row = Record<string, unknown>;

/** An open SQLite database that prepares each statement once. */
export class SqlDatabase {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens `file`, making it when there is none and it is not only read. Throws what `node:sqlite` throws. */
  constructor(file: string, options: { readonly busyTimeout_ms: number; readonly readOnly?: boolean }) {
    this.file = file;
    this.#database = new DatabaseSync(file, {
      timeout: options.busyTimeout_ms,
      enableForeignKeyConstraints: true,
      readOnly: options.readOnly === true,
    });
  }

  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  get isTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs statements without values or rows: schema, pragmas, transaction control. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a change and says how many rows it touched and the id of the row inserted last. */
  run(sql: string, ...values: Column[]): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
    return { changes: Number(changes), id: Number(lastInsertRowid) };
  }

  /** The first row, if any. */
  get(sql: string, ...values: Column[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  /** All rows. */
  all(sql: string, ...values: Column[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  /** Rows one at a time; to be read to the end or given up before the same statement runs again. */
  iterate(sql: string, ...values: Column[]): IterableIterator<Row> {
    return this.#statement(sql).iterate(...values);
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** A text column that is never NULL. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw new TypeError(`Expected text in column ${column}, but got ${typeof value}.`);
}

/** A text column that may be NULL. */
export function optionalText(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" ? value : undefined;
}

/** A number column that is never NULL. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw new TypeError(`Expected a number in column ${column}, but got ${typeof value}.`);
}

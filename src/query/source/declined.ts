/** Why the source leaves an operation to the engine in front of it. */
export class Declined extends Error {
  /** Whether other parts of the query can still be taken. */
  readonly isPart: boolean;

  constructor(what: string, isPart = true) {
    super(what);
    this.isPart = isPart;
  }
}

/** The parts of an algebra operation that are read here; Traqula's own types say it more narrowly. */
export interface Raw {
  readonly type: string;
  readonly [key: string]: unknown;
}

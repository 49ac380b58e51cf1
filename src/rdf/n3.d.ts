/**
 * What `rdf/` and `storage/` use of n3 2.x. Written here because the published types (`@types/n3`) lag behind at 1.x
 * and come in only by accident, below Comunica.
 */
declare module "n3" {
  import type { EventEmitter } from "node:events";
  import type * as RDF from "@rdfjs/types";

  export const DataFactory: RDF.DataFactory;

  /** A term from N3's internal id: an IRI, `_:label`, `"text"`, `"text"@language` or `"text"^^datatype`. */
  export function termFromId(id: string): RDF.Term;
  /** N3's internal id of a term; see {@link termFromId}. */
  export function termToId(term: RDF.Term): string;

  export interface Token {
    readonly type: string;
    readonly line: number;
    /** Zero-based UTF-16 columns; `end` is exclusive and stands on `endLine` where there is one. */
    readonly start: number;
    readonly end: number;
    readonly endLine?: number;
  }

  export interface LexerOptions {
    /** N-Triples and N-Quads. */
    readonly lineMode?: boolean;
  }

  export class Lexer {
    constructor(options?: LexerOptions);
    /** The token read last, also when the parse stopped behind it. */
    readonly previousToken: Token | undefined;
  }

  export interface ParserOptions {
    readonly format?: string;
    readonly baseIRI?: string;
    readonly factory?: RDF.DataFactory;
    /** Prefix of labelled blank nodes, `_:b0_`; unique within the process when left out. */
    readonly blankNodePrefix?: string;
    readonly lexer?: Lexer;
  }

  /** The `context` of the errors that {@link Parser} throws. */
  export interface ParseContext {
    readonly line: number;
    readonly token: Token | undefined;
    readonly previousToken: Token | undefined;
  }

  export class Parser {
    constructor(options?: ParserOptions);
    /** Parses the whole text at once; throws an Error with a `context`. */
    parse(input: string): RDF.Quad[];
    /** Parses as `data` events come, synchronously within `emit`; the end is told by `null`. */
    parse(input: EventEmitter, onQuad: (error: Error | null, quad: RDF.Quad | null) => void): void;
  }

  export interface StoreOptions {
    readonly entityIndex?: EntityIndex;
    readonly factory?: RDF.DataFactory;
  }

  /** Terms to numbers, shared by stores that intern the same terms once. */
  export class EntityIndex {
    constructor(options?: { readonly factory?: RDF.DataFactory });
  }

  type Pattern = RDF.Term | null | undefined;

  export class Store {
    constructor(quads?: Iterable<RDF.Quad> | null, options?: StoreOptions);
    readonly size: number;
    /** Adds and says whether the quad was new. */
    addQuad(quad: RDF.Quad): boolean;
    addQuad(subject: RDF.Term, predicate: RDF.Term, object: RDF.Term, graph?: RDF.Term): boolean;
    addQuads(quads: readonly RDF.Quad[]): void;
    add(quad: RDF.Quad): this;
    /** Removes and says whether the quad was there. */
    removeQuad(quad: RDF.Quad): boolean;
    removeQuad(subject: RDF.Term, predicate: RDF.Term, object: RDF.Term, graph?: RDF.Term): boolean;
    removeQuads(quads: readonly RDF.Quad[]): void;
    delete(quad: RDF.Quad): this;
    has(quad: RDF.Quad): boolean;
    has(subject: Pattern, predicate: Pattern, object: Pattern, graph?: Pattern): boolean;
    match(
      subject?: Pattern,
      predicate?: Pattern,
      object?: Pattern,
      graph?: Pattern,
    ): RDF.Stream & Iterable<RDF.Quad> & { readonly size: number };
    getQuads(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): RDF.Quad[];
    readQuads(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): Generator<RDF.Quad>;
    countQuads(subject: Pattern, predicate: Pattern, object: Pattern, graph: Pattern): number;
    forEach(
      callback: (quad: RDF.Quad, store: Store) => void,
      subject?: Pattern,
      predicate?: Pattern,
      object?: Pattern,
      graph?: Pattern,
    ): void;
    forSubjects(callback: (subject: RDF.Term) => void, predicate: Pattern, object: Pattern, graph: Pattern): void;
    forPredicates(callback: (predicate: RDF.Term) => void, subject: Pattern, object: Pattern, graph: Pattern): void;
    forObjects(callback: (object: RDF.Term) => void, subject: Pattern, predicate: Pattern, graph: Pattern): void;
    getSubjects(predicate: Pattern, object: Pattern, graph: Pattern): RDF.Term[];
    getObjects(subject: Pattern, predicate: Pattern, graph: Pattern): RDF.Term[];
    getGraphs(subject: Pattern, predicate: Pattern, object: Pattern): RDF.Term[];
    [Symbol.iterator](): Iterator<RDF.Quad>;
  }
}

/** What `rdf/` uses of jsonld 9, which comes without types. */
declare module "jsonld" {
  import type * as RDF from "@rdfjs/types";

  export interface RemoteDocument {
    readonly documentUrl: string;
    readonly document: unknown;
    readonly contextUrl: null;
  }

  export interface Options {
    readonly base?: string;
    readonly documentLoader: (url: string) => Promise<RemoteDocument>;
    /** Whether arrays of one value become that value. */
    readonly compactArrays?: boolean;
    readonly compactToRelative?: boolean;
    /** Whether the input is in expanded form already. */
    readonly skipExpansion?: boolean;
    /** Whether to wrap the result in `@graph` even when there is one node. */
    readonly graph?: boolean;
  }

  interface JsonLd {
    expand(input: unknown, options: Options): Promise<object[]>;
    /** Plain objects with `termType` and `value`, without `equals`. */
    toRDF(input: unknown, options: Options): Promise<RDF.Quad[]>;
    fromRDF(dataset: readonly RDF.Quad[], options?: { readonly useNativeTypes?: boolean }): Promise<object[]>;
    compact(input: unknown, context: object, options: Options): Promise<Record<string, unknown>>;
  }

  const jsonld: JsonLd;
  export default jsonld;
}

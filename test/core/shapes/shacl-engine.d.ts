/** What the shapes' test uses of two packages that come without types. */
declare module "shacl-engine" {
  import type * as RDF from "@rdfjs/types";

  export class Validator {
    constructor(shapes: unknown, options: { readonly factory: unknown });
    validate(
      data: { readonly dataset: unknown; readonly terms: readonly RDF.Term[] },
      shapes: readonly { readonly terms: readonly RDF.Term[] }[],
    ): Promise<{ readonly conforms: boolean }>;
  }
}

declare module "rdf-validate-shacl/src/defaultEnv.js" {
  import type * as RDF from "@rdfjs/types";

  const environment: { dataset(quads: readonly RDF.Quad[]): unknown };
  export default environment;
}

import fc from "fast-check";

/** Prefixes that every random query may use. */
export const PREFIXES: Readonly<Record<string, string>> = {
  "": "http://hub.example/",
  xsd: "http://www.w3.org/2001/XMLSchema#",
  rdf: "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
  sioc: "http://rdfs.org/sioc/ns#",
  sioct: "http://rdfs.org/sioc/types#",
  foaf: "http://xmlns.com/foaf/0.1/",
  dcterms: "http://purl.org/dc/terms/",
};

/** The full IRI of a prefixed name. */
export function expand(name: string): string {
  const colon = name.indexOf(":");
  return `${PREFIXES[name.slice(0, colon)] ?? ""}${name.slice(colon + 1)}`;
}

/** A query with the declarations of the prefixes it uses in front. */
export function withPrefixes(body: string): string {
  const used = Object.keys(PREFIXES).filter((prefix) =>
    new RegExp(`(?<![\\w:])${prefix}:(?=[a-zA-Z])`).test(body.replace(/"(?:[^"\\]|\\.)*"/g, '""')),
  );
  return [...used.map((prefix) => `PREFIX ${prefix}: <${PREFIXES[prefix] ?? ""}>`), body].join("\n");
}

/** A text with random parts: a template whose holes are texts or arbitraries of them. */
export function say(texts: TemplateStringsArray, ...holes: readonly (string | fc.Arbitrary<string>)[]): Text {
  const arbitraries = holes.map((hole) => (typeof hole === "string" ? fc.constant(hole) : hole));
  return fc.tuple(...arbitraries).map((parts) => String.raw({ raw: texts }, ...parts));
}

/** An arbitrary piece of SPARQL. */
export type Text = fc.Arbitrary<string>;

/** One of some texts; the first is the simplest. */
export function pick(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}

/** One of some arbitraries, by weight; the first is the simplest, to which others shrink. */
export function either(...choices: readonly (readonly [number, Text])[]): Text {
  return fc.oneof({ withCrossShrink: true }, ...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
}

/** Between `min` and `max` pieces with `between` between them. */
export function several(piece: Text, between: string, min: number, max: number): Text {
  return fc.array(piece, { minLength: min, maxLength: max }).map((pieces) => pieces.join(between));
}

/** A family of texts by depth, each made once, so that grammars may be recursive. */
export function byDepth(make: (depth: number) => Text): (depth: number) => Text {
  const made = new Map<number, Text>();
  return (depth) => {
    const at = Math.max(0, depth);
    let text = made.get(at);
    if (text === undefined) {
      text = make(at);
      made.set(at, text);
    }
    return text;
  };
}

import { PREFIXES } from "../vocab/prefixes.ts";
import { writeIri } from "./escape.ts";
import type { Iri } from "./iri.ts";

/** Prefix to namespace. */
export type Prefixes = Readonly<Record<string, string>>;

// A part of PN_LOCAL (Turtle §6.5 [168s]) that needs no escapes; what is outside is written as a whole IRI.
const SIMPLE_LOCAL = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** LIMIT: IRIs a {@link Namespaces} remembers. */
const CACHE_MAX = 2_000;

/** A prefix table turned round, with the names made so far. */
class Namespaces {
  readonly prefixes: Prefixes;
  readonly #prefixOf: ReadonlyMap<string, string>;
  readonly #named = new Map<string, { readonly prefix: string; readonly text: string } | null>();

  constructor(prefixes: Prefixes) {
    this.prefixes = prefixes;
    this.#prefixOf = new Map(Object.entries(prefixes).map(([prefix, namespace]) => [namespace, prefix]));
  }

  /** `prefix:local`, or null when the IRI lies in none of the namespaces or its rest is not simple. */
  name(iri: string): { readonly prefix: string; readonly text: string } | null {
    const known = this.#named.get(iri);
    if (known !== undefined) return known;
    const cut = Math.max(iri.lastIndexOf("#"), iri.lastIndexOf("/")) + 1;
    const prefix = this.#prefixOf.get(iri.slice(0, cut));
    const local = iri.slice(cut);
    if (prefix === undefined || !SIMPLE_LOCAL.test(local)) return null;
    // Only names of vocabularies are kept; those of posts would never come again.
    if (this.#named.size >= CACHE_MAX) this.#named.clear();
    const name = { prefix, text: `${prefix}:${local}` };
    this.#named.set(iri, name);
    return name;
  }
}

const OURS = new Namespaces(PREFIXES);

/** Shortens IRIs for one Turtle text, and remembers which prefixes it used. */
export class TurtleNames {
  readonly #namespaces: Namespaces;
  readonly #used = new Set<string>();
  readonly #baseIri: Iri | undefined;
  readonly #basePage: string;
  readonly #baseOrigin: string;

  constructor(options: { readonly prefixes?: Prefixes | undefined; readonly baseIri?: Iri | undefined }) {
    const { prefixes, baseIri } = options;
    this.#namespaces = prefixes === undefined || prefixes === PREFIXES ? OURS : new Namespaces(prefixes);
    this.#baseIri = baseIri;
    this.#basePage = baseIri?.replace(/#.*$/, "") ?? "";
    this.#baseOrigin = /^https?:\/\/[^/?#]+/.exec(this.#basePage)?.[0] ?? "";
  }

  /** The IRI as prefixed name, relative reference or in full. */
  iri(iri: string): string {
    const name = this.#namespaces.name(iri);
    if (name !== null) {
      this.#used.add(name.prefix);
      return name.text;
    }
    const absolute = writeIri(iri);
    return this.#baseIri === undefined ? absolute : (this.#relative(iri) ?? absolute);
  }

  /** Only the two forms of relative reference that every reader resolves alike: `#fragment` and `/path`. */
  #relative(iri: string): string | undefined {
    const page = this.#basePage;
    if (iri.startsWith(page) && (iri.length === page.length || iri[page.length] === "#")) {
      return `<${iri.slice(page.length)}>`;
    }
    const origin = this.#baseOrigin;
    if (origin === "" || !iri.startsWith(origin) || iri[origin.length] !== "/") return undefined;
    const path = iri.slice(origin.length);
    // Dot segments would be resolved away, and two slashes would begin another host.
    return path.startsWith("//") || /\/\.\.?(?:[/?#]|$)/.test(path) ? undefined : `<${path}>`;
  }

  /** The `@base` and `@prefix` lines for all that was shortened so far. */
  directives(): string {
    const base = this.#baseIri === undefined ? "" : `@base ${writeIri(this.#baseIri)} .\n`;
    const lines = [...this.#used].sort().map((prefix) => directive(prefix, this.#namespaces.prefixes));
    return base + lines.join("");
  }

  /** All the lines that may ever be needed, for texts whose end is not known when they begin. */
  allDirectives(): string {
    const base = this.#baseIri === undefined ? "" : `@base ${writeIri(this.#baseIri)} .\n`;
    const { prefixes } = this.#namespaces;
    return (
      base +
      Object.keys(prefixes)
        .sort()
        .map((prefix) => directive(prefix, prefixes))
        .join("")
    );
  }
}

function directive(prefix: string, prefixes: Prefixes): string {
  return `@prefix ${prefix}: ${writeIri(prefixes[prefix] ?? "")} .\n`;
}

import { isXmlText } from "../atom/xml-text.ts";
import type { Literal, NamedNode, Quad, QuadObject, QuadSubject } from "../rdf/term.ts";
import { PREFIXES } from "../vocab/prefixes.ts";
import { rdf } from "../vocab/rdf.ts";
import { xsd } from "../vocab/xsd.ts";
import { escapeHtml, Html, html, textContentOf } from "./html.ts";

/**
 * The prefixes declared in each page. None of them is also the scheme of IRIs that people use (`geo:`, `tags:`), since
 * RDFa reads `about="geo:1,2"` as a prefixed name where `geo` is declared.
 */
const PAGE_PREFIXES = [
  "as",
  "dcterms",
  "foaf",
  "owl",
  "prov",
  "rdf",
  "rdfs",
  "sd",
  "sioc",
  "sioct",
  "skos",
  "sterna",
  "void",
  "xsd",
] as const;

/** The value of the `prefix` attribute on `<html>`. */
export const PREFIX_ATTRIBUTE = PAGE_PREFIXES.map((prefix) => `${prefix}: ${PREFIXES[prefix] ?? ""}`).join(" ");

/** How an element that says something looks. */
export interface ElementLook {
  readonly tag?: "span" | "bdi" | "div" | "p" | "article" | "li" | "strong";
  readonly class?: string;
  /** The text's direction follows its first strong character. */
  readonly autoDirection?: boolean;
}

/**
 * Writes the quads of a page into it as RDFa 1.1, each once, and remembers which are still unsaid: those go into a table
 * at the foot, so that the page says exactly what its other formats say. Every element names its subject, property,
 * language and datatype itself, so that nothing depends on what stands around it.
 *
 * Text whose element holds just that text carries no `content` attribute. COMPAT: Raptor 2.0.15 collapses white space
 * in `content`, and reads names by case as XML does; so what only HTML readers should see is in upper case: `REL`, of
 * which Raptor makes triples in every host language, and `DATATYPE="xsd:string"`, which for it is another literal than
 * one without, while rdfa-streaming-parser 3 needs it to see through `lang=""`. The value of an
 * `rdf:XMLLiteral` or `rdf:HTML` stands as the text of its element, which both take for it as it is; any attribute with
 * `>` in it would make Raptor begin the value there.
 */
export class RdfaWriter {
  readonly #about = new Map<string, Quad[]>();
  readonly #unsaid: Set<Quad>;
  readonly #blankNodes = new Map<string, string>();

  constructor(quads: Iterable<Quad>) {
    this.#unsaid = new Set(quads);
    for (const quad of this.#unsaid) {
      const key = placeOf(quad.subject, quad.predicate);
      const objects = this.#about.get(key);
      if (objects === undefined) this.#about.set(key, [quad]);
      else objects.push(quad);
    }
  }

  /** What is said at one place. */
  objects(subject: string, predicate: NamedNode): readonly QuadObject[] {
    return (this.#about.get(`<${subject}> ${predicate.value}`) ?? []).map(({ object }) => object);
  }

  /** The IRI said first at one place. */
  iri(subject: string, predicate: NamedNode): string | undefined {
    return this.objects(subject, predicate).find(({ termType }) => termType === "NamedNode")?.value;
  }

  /** Shows a text, and says the literal of that place which reads exactly so, if there is one. */
  text(subject: string | undefined, predicate: NamedNode, shown: Html | string, look: ElementLook = {}): Html {
    const body = typeof shown === "string" ? html`${shown}` : shown;
    const value = textContentOf(body);
    const said = this.#find(
      subject,
      predicate,
      ({ object }) => object.termType === "Literal" && object.value === value && !isMarkup(object),
    );
    if (said === undefined || !isXmlText(value)) return element(look, "", body);
    return element(look, this.#literal(said), body);
  }

  /** Shows something in the place of a literal: a date in words, a number with its unit. */
  value(subject: string, predicate: NamedNode, shown: Html | string, look: ElementLook = {}): Html {
    const body = typeof shown === "string" ? html`${shown}` : shown;
    const said = this.#find(
      subject,
      predicate,
      ({ object }) => object.termType === "Literal" && isOneLine(object) && !isMarkup(object),
    );
    if (said === undefined) return element(look, "", body);
    return element(look, `${this.#literal(said)} content="${escapeHtml(said.object.value)}"`, body);
  }

  /** Shows something in the place of an IRI: mostly a link to it. */
  link(
    subject: string | undefined,
    predicate: NamedNode,
    object: string | undefined,
    shown: Html | string,
    look: ElementLook = {},
  ): Html {
    const body = typeof shown === "string" ? html`${shown}` : shown;
    const said =
      object === undefined
        ? undefined
        : this.#find(
            subject,
            predicate,
            (quad) => quad.object.termType === "NamedNode" && quad.object.value === object,
          );
    return element(look, said === undefined ? "" : this.#relation(said), body);
  }

  /** All that the page has not said so far, in its cells. */
  table(): Html | undefined {
    const left = [...this.#unsaid].filter(
      // What XML cannot carry, RDF/XML refuses too.
      ({ object }) => object.termType !== "Literal" || isXmlText(object.value),
    );
    if (left.length === 0) return undefined;
    const subjects = Map.groupBy(left, ({ subject }) => placeOf(subject));
    return html`<table class="data"><tbody>${[...subjects.values()].map((quads) => this.#rows(quads))}</tbody></table>`;
  }

  #rows(quads: readonly Quad[]): Html {
    const subject = quads[0]?.subject;
    const name = subject === undefined ? "" : this.#name(subject);
    return html`<tr><th colspan="2" scope="rowgroup">${name}</th></tr>${quads.map(
      (quad) => html`<tr><th scope="row">${shortName(quad.predicate.value)}</th><td>${this.#cell(quad)}</td></tr>`,
    )}`;
  }

  #cell(quad: Quad): Html {
    const { object } = quad;
    if (object.termType !== "Literal") return element({}, this.#relation(quad), html`${this.#name(object)}`);
    return element({ class: "text", autoDirection: true }, this.#literal(quad), html`${object.value}`);
  }

  #find(subject: string | undefined, predicate: NamedNode, fits: (quad: Quad) => boolean): Quad | undefined {
    return subject === undefined ? undefined : this.#about.get(`<${subject}> ${predicate.value}`)?.find(fits);
  }

  #relation(quad: Quad): string {
    this.#unsaid.delete(quad);
    return `${this.#subject(quad)} resource="${escapeHtml(this.#name(quad.object))}"`;
  }

  #literal(quad: Quad): string {
    this.#unsaid.delete(quad);
    return this.#subject(quad) + typing(quad.object as Literal);
  }

  #subject({ subject, predicate }: Quad): string {
    return ` about="${escapeHtml(this.#name(subject))}" property="${escapeHtml(shortName(predicate.value))}"`;
  }

  #name(term: QuadSubject | QuadObject): string {
    if (term.termType !== "BlankNode") return term.value;
    const known = this.#blankNodes.get(term.value);
    if (known !== undefined) return known;
    const name = `_:b${this.#blankNodes.size}`;
    this.#blankNodes.set(term.value, name);
    return name;
  }
}

function placeOf(subject: QuadSubject, predicate?: Quad["predicate"]): string {
  const place = subject.termType === "NamedNode" ? `<${subject.value}>` : `_:${subject.value}`;
  return predicate === undefined ? place : `${place} ${predicate.value}`;
}

function element({ tag = "span", class: name, autoDirection }: ElementLook, attributes: string, body: Html): Html {
  const look = `${name === undefined ? "" : ` class="${name}"`}${autoDirection === true ? ' dir="auto"' : ""}`;
  if (attributes === "" && look === "" && tag === "span") return body;
  return new Html(`<${tag}${look}${attributes}>${body.markup}</${tag}>`);
}

function typing({ language, datatype }: Literal): string {
  if (language !== "") return ` lang="${escapeHtml(language)}" xml:lang="${escapeHtml(language)}"`;
  // Without this a literal would take the language of the page.
  if (datatype.value === xsd.string.value) return ' lang="" xml:lang="" DATATYPE="xsd:string"';
  return ` datatype="${escapeHtml(shortName(datatype.value))}"`;
}

/** Datatypes of which readers take an element's markup too, so that its text must stand alone in it. */
function isMarkup({ datatype }: Literal): boolean {
  return datatype.value === rdf.XMLLiteral.value || datatype.value === rdf.HTML.value;
}

/** Whether a value comes through a `content` attribute unchanged, see {@link RdfaWriter}. */
function isOneLine({ value }: Literal): boolean {
  return isXmlText(value) && value === value.trim() && !/[\t\n\r]|\s\s/.test(value);
}

/** A name with one of the page's prefixes, or the IRI in full. */
function shortName(iri: string): string {
  const prefix = PAGE_PREFIXES.find((each) => iri.startsWith(PREFIXES[each] ?? "\0"));
  const local = prefix === undefined ? "" : iri.slice((PREFIXES[prefix] ?? "").length);
  return prefix !== undefined && /^[A-Za-z_][\w-]*$/.test(local) ? `${prefix}:${local}` : iri;
}

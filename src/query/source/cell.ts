import type { Term } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { xsd } from "../../vocab/xsd.ts";

/** A term laid open for comparing and computing. */
export type Cell = { readonly kind: "iri" | "blank" | "triple"; readonly value: string } | LiteralCell;

export interface LiteralCell {
  readonly kind: "literal";
  readonly value: string;
  readonly datatype: string;
  /** Lower case; empty for none. */
  readonly language: string;
}

export const XSD_STRING = xsd.string.value;
export const XSD_BOOLEAN = xsd.boolean.value;
export const XSD_INTEGER = xsd.integer.value;
const LANG_STRING = rdf.langString.value;

/** Reads the text that N3 keeps of a term ({@link QuadIndex.textOf}). */
export function cellOfText(text: string): Cell {
  const first = text.charCodeAt(0);
  // '"'
  if (first === 0x22) {
    const end = text.lastIndexOf('"');
    const value = text.slice(1, end);
    if (end === text.length - 1) return { kind: "literal", value, datatype: XSD_STRING, language: "" };
    // '@'
    if (text.charCodeAt(end + 1) === 0x40) {
      const [language = ""] = text.slice(end + 2).split("--");
      return { kind: "literal", value, datatype: LANG_STRING, language: language.toLowerCase() };
    }
    return { kind: "literal", value, datatype: text.slice(end + 3), language: "" };
  }
  // '_'
  if (first === 0x5f) return { kind: "blank", value: text.slice(2) };
  // '<', around an IRI that looks like something else
  if (first === 0x3c) return { kind: "iri", value: text.slice(1, -1) };
  // '.' or '[': a quoted triple
  if (first === 0x2e || first === 0x5b) return { kind: "triple", value: text };
  return { kind: "iri", value: text };
}

export function cellOfTerm(term: Term): Cell {
  switch (term.termType) {
    case "NamedNode":
      return { kind: "iri", value: term.value };
    case "BlankNode":
      return { kind: "blank", value: term.value };
    case "Literal":
      return {
        kind: "literal",
        value: term.value,
        datatype: term.datatype.value,
        language: term.language.toLowerCase(),
      };
    default:
      return { kind: "triple", value: term.value };
  }
}

export function stringCell(value: string): LiteralCell {
  return { kind: "literal", value, datatype: XSD_STRING, language: "" };
}

/** A string with the language that `like` has. */
export function stringLike(like: LiteralCell, value: string): LiteralCell {
  return { kind: "literal", value, datatype: like.datatype, language: like.language };
}

export function integerCell(value: number): LiteralCell {
  return { kind: "literal", value: value.toFixed(0), datatype: XSD_INTEGER, language: "" };
}

export function booleanCell(value: boolean): LiteralCell {
  return { kind: "literal", value: String(value), datatype: XSD_BOOLEAN, language: "" };
}

/** Whether it is a plain or language-tagged string. */
export function isStringy(cell: Cell): cell is LiteralCell {
  return cell.kind === "literal" && (cell.datatype === XSD_STRING || cell.language !== "");
}

/** What is made of a plain or language-tagged string; undefined for all else. */
export function onText<T>(a: Cell | undefined, apply: (text: LiteralCell) => T): T | undefined {
  return a !== undefined && isStringy(a) ? apply(a) : undefined;
}

import { type Refusal, refuse } from "../outcome/refusal.ts";

declare const iriBrand: unique symbol;

/** An absolute IRI (RFC 3987) that is safe to write between `<` and `>` in Turtle and SPARQL. */
export type Iri = string & { readonly [iriBrand]: true };

/** LIMIT: the longest IRI taken in, in UTF-16 code units. */
export const IRI_LENGTH_MAX = 2_048;

// RFC 3987 §2.2 with the characters that Turtle's IRIREF excludes (Turtle §6.5 [18]), and those XML cannot carry.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is excluded.
const ABSOLUTE_IRI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\u0000-\u0020<>"{}|^`\\\ufffe\uffff]*$/;

/** Whether `text` is an absolute IRI within the length bound. */
export function isIri(text: string): text is Iri {
  return text.length <= IRI_LENGTH_MAX && ABSOLUTE_IRI.test(text) && text.isWellFormed();
}

/** Reads an absolute IRI, refusing with `invalid` what is relative, too long, or has characters no IRI may have. */
export function parseIri(text: string): Iri | Refusal {
  if (isIri(text)) return text;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return refuse("invalid", `Expected an absolute IRI such as https://hub.example/alice, but got "${shown}".`);
}

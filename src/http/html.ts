/** Markup that may stand in a page as it is. Made only by {@link html} and {@link trustedMarkup}. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand in a template: text is escaped, `undefined` and `false` are nothing, lists stand side by side. */
export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // Parsers turn a raw carriage return into a line feed.
  "\r": "&#13;",
};

/** A text as element content or as an attribute value between quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'\r]/g, (character) => ESCAPES[character] ?? character);
}

/**
 * A template that escapes whatever is put into it, so that a page can only hold markup that was written here. Pages are
 * well-formed XML at the same time, since RDFa readers exist that parse them so.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = strings[0] ?? "";
  for (const [at, value] of values.entries()) markup += markupOf(value) + (strings[at + 1] ?? "");
  return new Html(markup);
}

/** Markup from elsewhere that is known to be safe: what the sanitiser gives, or a constant. */
export function trustedMarkup(markup: string): Html {
  return new Html(markup);
}

function markupOf(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escapeHtml(value);
  if (typeof value === "number") return String(value);
  if (value instanceof Html) return value.markup;
  return value.map(markupOf).join("");
}

const ENTITIES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(ESCAPES).map(([character, entity]) => [entity, character]),
);

/** The text that a reader of `markup` sees, which {@link html} made. */
export function textContentOf({ markup }: Html): string {
  return markup.replace(/<[^>]*>/g, "").replace(/&[#a-z0-9]+;/g, (entity) => ENTITIES[entity] ?? entity);
}

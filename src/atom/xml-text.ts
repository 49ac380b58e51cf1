// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNCARRIED = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/** Whether a text has only characters that XML 1.0 §2.2 allows: no control characters, no lone surrogates. */
export function isXmlText(text: string): boolean {
  return text.search(UNCARRIED) < 0 && text.isWellFormed();
}

/**
 * A text with U+FFFD in the place of each character that XML cannot carry; for what people read, never for data. A name
 * or a text from elsewhere may have one, and it would keep readers from all that stands around it.
 */
export function legibleText(text: string): string {
  return isXmlText(text) ? text : text.toWellFormed().replace(UNCARRIED, "\uFFFD");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser turns a raw carriage return into a line feed (XML 1.0 §2.11), and white space in attributes into spaces.
  "\r": "&#13;",
};

/** A text as element content. */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

/** A text as an attribute value between double quotes. */
export function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\r\n\t]/g, (character) => ESCAPES[character] ?? `&#${character.charCodeAt(0)};`);
}

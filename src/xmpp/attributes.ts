import { escapeAttribute } from "../atom/xml-text.ts";

/** Attributes as text; those without a value are left out. */
export function attributes(values: Readonly<Record<string, string | undefined>>): string {
  let text = "";
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) text += ` ${name}="${escapeAttribute(value)}"`;
  return text;
}

import { LinkifyIt } from "linkify-it";

/** A part of a text that means something: a link, a `#tag`, or an `@mention`. Positions are UTF-16 offsets. */
export type Facet =
  | { readonly kind: "link"; readonly start: number; readonly end: number; readonly href: string }
  | { readonly kind: "tag"; readonly start: number; readonly end: number /** Without `#`. */; readonly label: string }
  | {
      readonly kind: "mention";
      readonly start: number;
      readonly end: number;
      readonly name: string;
      /** The domain after a second `@`, if there is one. */
      readonly domain?: string;
    };

const linkify = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: false, fuzzyIP: false })
  .add("ftp:", null)
  .add("mailto:", null)
  .add("//", null);

// Letters, marks, digits, connectors and emoji sequences (ZWJ, ZWNJ, variation selectors, skin tones, keycaps left out).
const TAG_CHARACTER = String.raw`[\p{L}\p{M}\p{N}\p{Pc}\p{Extended_Pictographic}\p{Emoji_Modifier}\u200C\u200D\uFE0F\u00B7\u05F3\u05F4\u30FB]`;
const NOT_AFTER = String.raw`(?<![\p{L}\p{N}\p{M}\p{Pc}&/#＃@])`;
// A tag has at least one character that is not a digit, joiner or connector, so that "#1" stays a number.
const TAG = new RegExp(
  `${NOT_AFTER}[#＃](?=${TAG_CHARACTER}*[\\p{L}\\p{Extended_Pictographic}])(${TAG_CHARACTER}{1,100})`,
  "gu",
);
const LABEL = String.raw`[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}-]*[\p{L}\p{N}\p{M}])?`;
const MENTION = new RegExp(
  String.raw`${NOT_AFTER}@([\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_.-]*[\p{L}\p{N}\p{M}_])?)(?:@(${LABEL}(?:\.${LABEL})*))?(?![\p{L}\p{N}@])`,
  "gu",
);

/**
 * The links, tags and mentions of a text, in order and without overlap; a link wins over what stands inside it.
 * Links keep to `http` and `https` (a bare `example.org` becomes `https://example.org`), IDN as typed.
 */
export function findFacets(text: string): readonly Facet[] {
  const links: Facet[] = (linkify.match(text) ?? [])
    .filter((found) => found.schema === "" || found.schema === "http:" || found.schema === "https:")
    .flatMap((found) => {
      const href = absoluteHref(found.schema === "" ? found.url.replace(/^http:/, "https:") : found.url);
      return href === undefined ? [] : [{ kind: "link", start: found.index, end: found.lastIndex, href }];
    });
  const others: Facet[] = [];
  for (const found of text.matchAll(TAG)) {
    const label = found[1]?.replace(/(?:\u200C|\u200D|\u00B7|\u05F3|\u05F4|\u30FB)+$/u, "") ?? "";
    others.push({ kind: "tag", start: found.index, end: found.index + 1 + label.length, label });
  }
  for (const found of text.matchAll(MENTION)) {
    const [whole, name = "", domain] = found;
    const place = { start: found.index, end: found.index + whole.length, name };
    others.push(domain === undefined ? { kind: "mention", ...place } : { kind: "mention", ...place, domain });
  }
  const free = others.filter((facet) => !links.some((link) => facet.start < link.end && link.start < facet.end));
  return [...links, ...free].sort((a, b) => a.start - b.start);
}

/** The URL in the form a browser would ask for (IDN in `xn--` form, characters no IRI may have percent-encoded). */
function absoluteHref(url: string): string | undefined {
  return URL.parse(url)?.href;
}

import { type Refusal, refuse } from "../outcome/refusal.ts";
import { epochMs, type Instant } from "./instant.ts";

declare const itemIdBrand: unique symbol;

/** The id of a post within its container, and of the PubsubItem that carries it: 6 to 128 characters, no white space. */
export type ItemId = string & { readonly [itemIdBrand]: true };

const ALPHABET = "234567abcdefghijklmnopqrstuvwxyz";

/** Reads an item id given by somebody else; refuses with `invalid` (XEP-0060 §12.8, `xmpp-interop` names). */
export function parseItemId(text: string): ItemId | Refusal {
  if (text.length >= 6 && text.length <= 128 && !/[\s\p{C}]/u.test(text)) return text as ItemId;
  return refuse(
    "invalid",
    `Expected an item id of 6 to 128 characters without white space, but got "${text.slice(0, 140)}".`,
  );
}

/**
 * A new id of 13 characters that sorts by time: 10 of milliseconds and 3 of `tiebreak` (0 to 32,767; a counter that
 * grows within one millisecond and starts at random), both in a sortable base 32.
 */
export function mintItemId(now: Instant, tiebreak: number): ItemId {
  const digits = (value: number, count: number): string => {
    let text = "";
    for (let rest = value, at = 0; at < count; at++, rest = Math.floor(rest / 32)) text = ALPHABET[rest % 32] + text;
    return text;
  };
  return `${digits(epochMs(now), 10)}${digits(tiebreak, 3)}` as ItemId;
}

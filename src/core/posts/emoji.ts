import { type Refusal, refuse } from "../../outcome/refusal.ts";

declare const emojiBrand: unique symbol;

/** One emoji in the one form that counts as it: with U+FE0F exactly where Unicode asks for it. */
export type Emoji = string & { readonly [emojiBrand]: true };

/** LIMIT: UTF-16 units of one emoji; the longest family that keyboards offer has 25. */
const EMOJI_LENGTH_MAX = 64;

// UTS #51 §1.4.9, without what is no emoji by itself (digits, `#`, `*`). Not `\p{RGI_Emoji}`: a newer emoji than this
// program's Unicode knows is one too.
const SIGN = String.raw`(?:\p{RI}\p{RI}|[0-9#*]\uFE0F?\u20E3|(?!\p{RI})(?:\p{Extended_Pictographic}|\p{Emoji_Presentation})(?:\p{Emoji_Modifier}|\uFE0F)?(?:[\u{E0020}-\u{E007E}]+\u{E007F})?)`;
const ONE_EMOJI = new RegExp(`^${SIGN}(?:\\u200D${SIGN})*$`, "u");

const NEEDS_SELECTOR =
  /(?!\p{Emoji_Presentation})(\p{Extended_Pictographic}|[0-9#*](?=\u20E3))(?![\uFE0F\p{Emoji_Modifier}])/gu;
const NEEDS_NO_SELECTOR = /(\p{Emoji_Presentation})\uFE0F/gu;

/**
 * Reads a text that is a single emoji, as people and clients write it (with or without U+FE0F, with white space
 * around). Refuses with `invalid` all else.
 */
export function parseEmoji(text: string): Emoji | Refusal {
  const trimmed = text.trim();
  if (trimmed.length <= EMOJI_LENGTH_MAX && ONE_EMOJI.test(trimmed)) {
    return trimmed.replace(NEEDS_NO_SELECTOR, "$1").replace(NEEDS_SELECTOR, "$1\uFE0F") as Emoji;
  }
  return refuse("invalid", `Expected a single emoji such as 🎉, but got "${text.slice(0, 40).toWellFormed()}".`);
}

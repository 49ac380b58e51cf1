import { type Instant, parseInstant } from "../core/instant.ts";
import { type Emoji, parseEmoji } from "../core/posts/emoji.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { standAlone } from "./xml.ts";
import type { XmlElement } from "./xml-element.ts";
import { escapeText } from "./xml-text.ts";

/** The namespace of XEP-0470 Pubsub Attachments, also its feature and the beginning of its nodes. */
export const ATTACHMENTS_NS = "urn:xmpp:pubsub-attachments:1";
export const SUMMARY_NS = "urn:xmpp:pubsub-attachments:summary:1";

/** LIMIT: emojis that one person attaches to one item. */
export const REACTIONS_MAX = 20;
/** LIMIT: different emojis that everybody together attaches to one item; a summary lists them all. */
export const SUMMARY_REACTIONS_MAX = 200;

/** What one person attaches to an item (XEP-0470 §4.1). */
export interface Attachments {
  /** They have noticed it: what we, as most, call a like. */
  readonly noticed?: { readonly timestamp?: Instant };
  /** Each emoji once. */
  readonly reactions: readonly Emoji[];
  readonly reactionsTimestamp?: Instant;
  /** What is not known here, each as XML that stands alone: whoever changes an item keeps it (§4.1.1). */
  readonly others: readonly string[];
}

export const NO_ATTACHMENTS: Attachments = { reactions: [], others: [] };

/** Whether nothing is attached. */
export function isEmpty({ noticed, reactions, others }: Attachments): boolean {
  return noticed === undefined && reactions.length === 0 && others.length === 0;
}

/** The payload of an attachment item. */
export function attachmentsToXml({ noticed, reactions, reactionsTimestamp, others }: Attachments): string {
  const seen = noticed === undefined ? "" : `<noticed${timestamp(noticed.timestamp)}/>`;
  const signs = reactions.map((emoji) => `<reaction>${escapeText(emoji)}</reaction>`).join("");
  const reacted = reactions.length === 0 ? "" : `<reactions${timestamp(reactionsTimestamp)}>${signs}</reactions>`;
  return `<attachments xmlns="${ATTACHMENTS_NS}">${seen}${reacted}${others.join("")}</attachments>`;
}

function timestamp(at: Instant | undefined): string {
  return at === undefined ? "" : ` timestamp="${at}"`;
}

/**
 * Reads the payload of an attachment item. Refuses with `malformed` another root element (XEP-0470 §4.5), a
 * `timestamp` that is no time (XEP-0082) and a reaction that is no emoji (§5), with `shape-violated` too many reactions.
 */
export function attachmentsFromXml(element: XmlElement): Attachments | Refusal {
  if (!element.is("attachments", ATTACHMENTS_NS)) {
    const got = `<${element.getName()}> in "${element.getNS() ?? ""}"`;
    return refuse("malformed", `Expected <attachments> in "${ATTACHMENTS_NS}", but got ${got}.`);
  }
  const [noticed] = element.getChildren("noticed", ATTACHMENTS_NS);
  const groups = element.getChildren("reactions", ATTACHMENTS_NS);
  const noticedAt = noticed === undefined ? undefined : timestampOf(noticed);
  if (isRefusal(noticedAt)) return noticedAt;
  const reactedAt = groups[0] === undefined ? undefined : timestampOf(groups[0]);
  if (isRefusal(reactedAt)) return reactedAt;
  const reactions = emojisOf(groups.flatMap((group) => group.getChildren("reaction", ATTACHMENTS_NS)));
  if (isRefusal(reactions)) return reactions;
  const known = new Set([...element.getChildren("noticed", ATTACHMENTS_NS), ...groups]);
  return {
    ...(noticed === undefined ? {} : { noticed: noticedAt === undefined ? {} : { timestamp: noticedAt } }),
    reactions,
    ...(reactedAt === undefined || reactions.length === 0 ? {} : { reactionsTimestamp: reactedAt }),
    others: element
      .getChildElements()
      .filter((child) => !known.has(child))
      .map(standAlone),
  };
}

function timestampOf({ attrs }: XmlElement): Instant | Refusal | undefined {
  const text = attrs["timestamp"];
  const at = text === undefined ? undefined : parseInstant(text);
  return isRefusal(at) ? refuse("malformed", at.message) : at;
}

function emojisOf(elements: readonly XmlElement[]): readonly Emoji[] | Refusal {
  const found = new Set<Emoji>();
  for (const element of elements) {
    const emoji = parseEmoji(element.getText());
    if (isRefusal(emoji)) return refuse("malformed", emoji.message);
    found.add(emoji);
  }
  if (found.size <= REACTIONS_MAX) return [...found];
  return refuse(
    "shape-violated",
    `Expected at most ${REACTIONS_MAX} reactions of one person, but got ${found.size}; leave some out.`,
  );
}

/** How many people attached what to an item (XEP-0470 §4.6). */
export interface Summary {
  readonly noticed: number;
  /** By emoji; each at least once. */
  readonly reactions: ReadonlyMap<Emoji, number>;
}

/** The payload of a summary item; the most frequent emoji first. */
export function summaryToXml({ noticed, reactions }: Summary): string {
  const rows = [...reactions].sort(([, a], [, b]) => b - a);
  const signs = rows.map(([emoji, count]) => `<reaction${countOf(count)}>${escapeText(emoji)}</reaction>`).join("");
  const seen = noticed === 0 ? "" : `<noticed count="${noticed}"/>`;
  return `<summary xmlns="${SUMMARY_NS}">${seen}${signs === "" ? "" : `<reactions>${signs}</reactions>`}</summary>`;
}

// XEP-0470 §4.8.2: an emoji that is there once has none.
function countOf(count: number): string {
  return count === 1 ? "" : ` count="${count}"`;
}

/** Reads the payload of a summary item; what cannot be read in it is passed over. */
export function summaryFromXml(element: XmlElement): Summary {
  const noticed = element.getChild("noticed", SUMMARY_NS);
  const rows = element.getChild("reactions", SUMMARY_NS)?.getChildren("reaction", SUMMARY_NS) ?? [];
  const reactions = rows.flatMap((row) => {
    const emoji = parseEmoji(row.getText());
    return isRefusal(emoji) ? [] : [[emoji, numberIn(row, 1)] as const];
  });
  return { noticed: noticed === undefined ? 0 : numberIn(noticed, 1), reactions: new Map(reactions) };
}

function numberIn({ attrs }: XmlElement, otherwise: number): number {
  const text = attrs["count"] ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}

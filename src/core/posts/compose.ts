import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { type Iri, isIri } from "../../rdf/iri.ts";
import type { AccountIris } from "../account.ts";
import { tagIri, tagKey } from "../hub-iris.ts";
import type { Instant } from "../instant.ts";
import type { Draft } from "./draft.ts";
import { findFacets } from "./facets.ts";
import { asRepost, type Post, type Tag } from "./post.ts";

/** LIMIT: how many links, tags and mentions of one post are kept each. */
export const FACETS_MAX = 100;

/** What composing needs to know besides the draft. */
export interface ComposeContext {
  readonly iri: Iri;
  readonly author: AccountIris;
  /** The account's own language, used when the draft names none. */
  readonly language?: string;
  readonly base: Iri;
  readonly now: Instant;
  /** LIMIT: the longest text in Unicode code points. */
  readonly characters_max: number;
  /** The author's newest post, named as this one's predecessor. */
  readonly previousByDate?: Iri;
  /** The account a mention means, if it is known here. */
  readonly resolveMention: (name: string, domain: string | undefined) => Iri | undefined;
  /** Who wrote the post that is answered, if it is known here. */
  readonly repliedAuthor?: Iri;
}

// What XML 1.0 §2.2 cannot carry, and lone surrogates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const UNCARRIED = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Cs}/u;

/** Whether a BCP 47 tag is well formed enough to stand in RDF (`langtag`, RFC 5646 §2.1, without grandfathered forms). */
export function isLanguageTag(text: string): boolean {
  return text.length <= 35 && /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(text);
}

/**
 * Turns a Draft into a Post: finds links, tags and mentions, keeps the language, bounds the length. The words of a
 * repost are somebody else's: they are cut where another hub allows longer posts, and nothing is found in them.
 */
export function composePost(draft: Draft, context: ComposeContext): Post | Refusal {
  if (draft.repostOf === undefined) return composeOwn(draft, context);
  const post = composeOwn({ ...draft, text: cutText(draft.text, context.characters_max) }, context);
  return isRefusal(post) ? post : asRepost(post, draft.repostOf);
}

/** A text of at most `characters_max` code points, as the bound counts them. */
export function cutText(text: string, characters_max: number): string {
  if (text.length <= characters_max) return text;
  const characters = [...text];
  return characters.length <= characters_max ? text : `${characters.slice(0, characters_max - 1).join("")}…`;
}

function composeOwn(draft: Draft, context: ComposeContext): Post | Refusal {
  const text = checkText(draft.text, context.characters_max);
  if (isRefusal(text)) return text;
  const language = draft.language ?? context.language;
  if (language !== undefined && !isLanguageTag(language)) {
    return refuse("invalid", `Expected a language tag such as en or pt-BR, but got "${language.slice(0, 40)}".`);
  }
  const facets = readFacets(text, context);
  const addressedTo = new Set(facets.mentions);
  if (context.repliedAuthor !== undefined && context.repliedAuthor !== context.author.account) {
    addressedTo.add(context.repliedAuthor);
  }
  return {
    iri: context.iri,
    creator: context.author.account,
    maker: context.author.person,
    container: context.author.container,
    text,
    ...(language === undefined ? {} : { language: language.toLowerCase() }),
    ...(draft.xhtml === undefined ? {} : { xhtml: draft.xhtml }),
    created: context.now,
    ...(context.previousByDate === undefined ? {} : { previousByDate: context.previousByDate }),
    ...(draft.replyOf === undefined ? {} : { replyOf: draft.replyOf }),
    ...(draft.quoteOf === undefined ? {} : { quoteOf: draft.quoteOf }),
    addressedTo: [...addressedTo],
    topics: facets.topics,
    links: [...new Set([...facets.links, ...(draft.links ?? [])])].slice(0, FACETS_MAX),
    ...(draft.attachments === undefined || draft.attachments.length === 0
      ? {}
      : { attachments: draft.attachments.slice(0, FACETS_MAX) }),
    ...(draft.place === undefined || draft.place === null ? {} : { place: draft.place }),
  };
}

/**
 * Turns the Draft of an edit into the Post that takes the place of `before`; what an edit cannot change is kept.
 * Refuses with `invalid` to edit a repost, whose words are somebody else's.
 */
export function composeEdit(
  draft: Draft,
  before: Post,
  context: Omit<ComposeContext, "iri" | "previousByDate"> & { readonly previousVersion: Iri },
): Post | Refusal {
  if (before.repostOf !== undefined || draft.repostOf !== undefined) {
    return refuse("invalid", "A repost has no words of its own to edit; take it back, or quote the post.");
  }
  const replyOf = draft.replyOf ?? before.replyOf;
  const quoteOf = draft.quoteOf ?? before.quoteOf;
  const language = draft.language ?? before.language;
  const attachments = draft.attachments ?? before.attachments;
  const place = draft.place === undefined ? before.place : draft.place;
  const kept = {
    // What it goes with on the web stays; what only the old words named does not.
    links: draft.links ?? besidesText(before),
    ...(replyOf === undefined ? {} : { replyOf }),
    ...(quoteOf === undefined ? {} : { quoteOf }),
    ...(language === undefined ? {} : { language }),
    ...(attachments === undefined ? {} : { attachments }),
    ...(place === undefined ? {} : { place }),
  };
  const composed = composePost({ ...draft, ...kept }, { ...context, iri: before.iri });
  if (isRefusal(composed)) return composed;
  return {
    ...composed,
    created: before.created,
    modified: context.now,
    previousVersion: context.previousVersion,
    ...(before.previousByDate === undefined ? {} : { previousByDate: before.previousByDate }),
  };
}

function besidesText({ text, links }: Post): readonly Iri[] {
  const written = new Set<string>(findFacets(text).flatMap((facet) => (facet.kind === "link" ? [facet.href] : [])));
  return links.filter((link) => !written.has(link));
}

function checkText(typed: string, characters_max: number): string | Refusal {
  const text = typed.replace(/\r\n?/g, "\n").replace(/\s+$/u, "").replace(/^\n+/, "");
  if (text.trim() === "") return refuse("invalid", "Expected the text of a post, but it is empty; write something.");
  // Code points, not UTF-16 units, so that an emoji counts as typed in most scripts.
  if (text.length > characters_max) {
    const characters = [...text].length;
    if (characters > characters_max) {
      return refuse(
        "too-large",
        `Expected at most ${characters_max} characters, but got ${characters}; shorten the post by ${characters - characters_max}.`,
        { characters, characters_max },
      );
    }
  }
  return whyNotCarried(text) ?? text;
}

/** Refuses with `invalid` a text with characters that XML, and so a feed or a stanza, cannot carry. */
export function whyNotCarried(text: string): Refusal | undefined {
  const bad = UNCARRIED.exec(text);
  if (bad === null) return undefined;
  const code = (bad[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return refuse(
    "invalid",
    `Expected text that XML can carry, but character ${bad.index + 1} is the control character U+${code}; remove it.`,
  );
}

function readFacets(
  text: string,
  context: ComposeContext,
): { readonly mentions: Iri[]; readonly topics: Tag[]; readonly links: Iri[] } {
  const mentions = new Set<Iri>();
  const topics = new Map<string, Tag>();
  const links = new Set<Iri>();
  for (const facet of findFacets(text)) {
    switch (facet.kind) {
      case "link":
        if (isIri(facet.href) && links.size < FACETS_MAX) links.add(facet.href);
        break;
      case "tag": {
        const key = tagKey(facet.label);
        const iri = tagIri(context.base, facet.label);
        if (isIri(iri) && !topics.has(key) && topics.size < FACETS_MAX) topics.set(key, { iri, label: key });
        break;
      }
      case "mention": {
        const account = context.resolveMention(facet.name, facet.domain);
        if (account !== undefined && mentions.size < FACETS_MAX) mentions.add(account);
        break;
      }
    }
  }
  return { mentions: [...mentions], topics: [...topics.values()], links: [...links] };
}

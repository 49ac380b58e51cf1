import type { Entry } from "./entry.ts";
import { hasMarkup } from "./xhtml.ts";
import { ATOM_NS, entryToXml } from "./xml.ts";
import { escapeAttribute, escapeText, legibleText } from "./xml-text.ts";

const TOMBSTONES_NS = "http://purl.org/atompub/tombstones/1.0";

/** An Atom feed (RFC 4287 §4.1.1), one page of it (RFC 5005 §3), as values. */
export interface Feed {
  readonly id: string;
  readonly title: string;
  readonly updated: string;
  readonly selfHref: string;
  /** The page for people. */
  readonly alternateHref: string;
  readonly authorName: string;
  readonly authorUri?: string;
  readonly entries: readonly Entry[];
  /** RFC 6721. */
  readonly deleted?: readonly { readonly ref: string; readonly when: string }[];
  readonly firstHref?: string;
  /** Newer and older pages. */
  readonly previousHref?: string;
  readonly nextHref?: string;
  readonly generatorVersion?: string;
}

/** The feed as an XML document. */
export function feedToXml(feed: Feed): string {
  const link = (rel: string, href: string | undefined, type?: string): string =>
    href === undefined
      ? ""
      : `<link rel="${rel}" href="${escapeAttribute(href)}"${type === undefined ? "" : ` type="${type}"`}/>`;
  const uri = feed.authorUri === undefined ? "" : `<uri>${escapeText(feed.authorUri)}</uri>`;
  const version = feed.generatorVersion === undefined ? "" : ` version="${escapeAttribute(feed.generatorVersion)}"`;
  const head = [
    `<id>${escapeText(feed.id)}</id>`,
    `<title type="text">${escapeText(feed.title)}</title>`,
    `<updated>${feed.updated}</updated>`,
    `<author><name>${escapeText(feed.authorName)}</name>${uri}</author>`,
    `<generator${version}>Sterna</generator>`,
    link("self", feed.selfHref, "application/atom+xml"),
    link("alternate", feed.alternateHref, "text/html"),
    link("first", feed.firstHref, "application/atom+xml"),
    link("previous", feed.previousHref, "application/atom+xml"),
    link("next", feed.nextHref, "application/atom+xml"),
  ].filter((line) => line !== "");
  const deleted = (feed.deleted ?? []).map(
    ({ ref, when }) => `<at:deleted-entry xmlns:at="${TOMBSTONES_NS}" ref="${escapeAttribute(ref)}" when="${when}"/>`,
  );
  const entries = feed.entries.map((entry) => entryToXml(forFeed(entry)));
  const parts = [legibleText(head.join("\n")), ...deleted, ...entries];
  return `<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="${ATOM_NS}">\n${parts.join("\n")}\n</feed>\n`;
}

/**
 * An entry as feeds have it. RFC 4287 §4.1.2 allows one `content` only: the markup takes the place of the plain text,
 * where it says more; and two alternates only when they differ in type, which the `xmpp:` one says nothing about.
 */
function forFeed(entry: Entry): Entry {
  const { text, xhtml, ...rest } = entry;
  if (xhtml === undefined || text === undefined) return entry;
  return hasMarkup(xhtml) ? { ...rest, xhtml } : { ...rest, text };
}

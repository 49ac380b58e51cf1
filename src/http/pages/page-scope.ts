import { type Html, type HtmlValue, html } from "../html.ts";
import type { RdfaWriter } from "../rdfa-writer.ts";
import type { PageContext } from "./page-context.ts";

/** What the parts of one page share. */
export interface PageScope {
  readonly context: PageContext;
  readonly rdfa: RdfaWriter;
}

/**
 * Where a link to `iri` goes: for this hub's own IRIs the path alone, so that pages also work when the hub is reached
 * by another address than its base. Undefined for schemes no page links to, such as `javascript:`.
 */
export function hrefOf({ base }: PageContext, iri: string): string | undefined {
  const rest = iri.startsWith(base) ? iri.slice(base.length) : undefined;
  // A path that began with two slashes would be the name of another host (RFC 3986 §4.2); browsers read `\` as `/`, and
  // pass over tabs and line ends (WHATWG URL §4.4).
  if (rest !== undefined && !/^[/\\\t\n\r]/.test(rest)) return new URL(base).pathname + rest;
  return /^(https?|xmpp):/i.test(iri) ? iri : undefined;
}

/**
 * A link, or only its text where nothing may link there. Links to elsewhere say that this hub does not vouch for them.
 */
export function linkTo({ context }: PageScope, iri: string, shown: HtmlValue, name?: string): Html {
  const href = hrefOf(context, iri);
  if (href === undefined) return html`${shown}`;
  const look = name === undefined ? undefined : html` class="${name}"`;
  // Upper case: see RdfaWriter.
  const rel = href === iri ? html` REL="nofollow noopener ugc"` : undefined;
  return html`<a${look} href="${href}"${rel}>${shown}</a>`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** An instant for people: `21 Nov 2026, 06:00` in UTC. */
export function timeOf(instant: string): Html {
  const [date = "", clock = ""] = instant.split("T");
  const [year, month, day] = date.split("-");
  const text = `${Number(day)} ${MONTHS[Number(month) - 1] ?? ""} ${year}, ${clock.slice(0, 5)}`;
  return html`<time datetime="${instant}" title="${instant.replace("T", " ").replace("Z", " UTC")}">${text}</time>`;
}

/** `1 reply`, `2 replies`. */
export function countOf(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** The query of the page's own address. */
export function queryOf({ path }: PageContext): URLSearchParams {
  return new URLSearchParams(path.replace(/^[^?]*/, ""));
}

/** Links to the pages before and after this one, as long as this one. */
export function paging(
  scope: PageScope,
  page: { readonly subject: string; readonly newer?: string | undefined; readonly older?: string | undefined },
): Html | undefined {
  const { subject, newer, older } = page;
  if (newer === undefined && older === undefined) return undefined;
  const limit = queryOf(scope.context).get("limit");
  const turn = (cursor: string | undefined, parameter: string, shown: string): Html => {
    if (cursor === undefined) return html`<span></span>`;
    const wish = new URLSearchParams({ [parameter]: cursor, ...(limit === null ? {} : { limit }) });
    return linkTo(scope, `${subject}?${wish.toString()}`, shown);
  };
  return html`<nav class="turn" aria-label="Pages">${turn(newer, "after", "← Newer")}${turn(older, "before", "Older →")}</nav>`;
}

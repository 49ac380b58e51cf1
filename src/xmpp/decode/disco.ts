import type { XmlElement } from "../../atom/xml-element.ts";
import type { DiscoForm, DiscoInfo, DiscoItem } from "../../pubsub/disco.ts";
import type { PageRequest } from "../../pubsub/state.ts";
import { NS } from "../namespaces.ts";

/** LIMIT: rows read of one answer. */
const ROWS_MAX = 1_000;

/** Reads an answer to disco#info (XEP-0030 §3.1). */
export function discoInfoOf(answer: XmlElement): DiscoInfo {
  const query = answer.getChild("query", NS.discoInfo);
  const identities = (query?.getChildren("identity", NS.discoInfo) ?? []).slice(0, ROWS_MAX).map(({ attrs }) => ({
    category: attrs["category"] ?? "",
    type: attrs["type"] ?? "",
    ...(attrs["name"] === undefined ? {} : { name: attrs["name"] }),
    ...(attrs["xml:lang"] === undefined ? {} : { lang: attrs["xml:lang"] }),
  }));
  const features = (query?.getChildren("feature", NS.discoInfo) ?? [])
    .slice(0, ROWS_MAX)
    .map(({ attrs }) => attrs["var"] ?? "");
  const forms = (query?.getChildren("x", NS.dataForms) ?? []).slice(0, ROWS_MAX).map(formOf);
  return { identities, features, forms };
}

function formOf(form: XmlElement): DiscoForm {
  const fields = form
    .getChildren("field", NS.dataForms)
    .slice(0, ROWS_MAX)
    .map((field) => ({
      name: field.attrs["var"] ?? "",
      ...(field.attrs["type"] === undefined ? {} : { type: field.attrs["type"] }),
      ...(field.attrs["label"] === undefined ? {} : { label: field.attrs["label"] }),
      values: field.getChildren("value", NS.dataForms).map((value) => value.getText()),
    }));
  const named = fields.find(({ name }) => name === "FORM_TYPE");
  return {
    // Of another type than hidden it names no form (XEP-0128, XEP-0115 §5.4).
    formType: (named?.type ?? "hidden") === "hidden" ? (named?.values[0] ?? "") : "",
    fields: fields.filter(({ name }) => name !== "FORM_TYPE"),
  };
}

/** Reads an answer to disco#items (XEP-0030 §4.1) with its page (XEP-0059). */
export function discoItemsOf(
  answer: XmlElement,
  page: PageRequest,
): {
  readonly items: readonly DiscoItem[];
  readonly count?: number;
  readonly last?: string;
  readonly complete: boolean;
} {
  const query = answer.getChild("query", NS.discoItems);
  const items = (query?.getChildren("item", NS.discoItems) ?? []).slice(0, ROWS_MAX).map(({ attrs }) => ({
    jid: attrs["jid"] ?? "",
    ...(attrs["node"] === undefined ? {} : { node: attrs["node"] }),
    ...(attrs["name"] === undefined ? {} : { name: attrs["name"] }),
  }));
  const set = answeredPageOf(query);
  return {
    items,
    complete: isLastPage(items.length, page, set),
    ...(set?.count === undefined ? {} : { count: set.count }),
    ...(set?.last === undefined ? {} : { last: set.last }),
  };
}

/** What XEP-0059 says in an answer. */
export interface AnsweredPage {
  readonly count?: number;
  /** Position of the first row in the whole list. */
  readonly index?: number;
  readonly last?: string;
}

/** Reads it; undefined where nothing is said, since the service does not page. */
export function answeredPageOf(parent: XmlElement | undefined): AnsweredPage | undefined {
  const set = parent?.getChild("set", NS.rsm);
  if (set === undefined) return undefined;
  const number = (text: string | null | undefined): number | undefined =>
    text !== undefined && text !== null && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
  const count = number(set.getChildText("count", NS.rsm));
  const index = number(set.getChild("first", NS.rsm)?.attrs["index"]);
  const last = set.getChildText("last", NS.rsm);
  return {
    ...(count === undefined ? {} : { count }),
    ...(index === undefined ? {} : { index }),
    ...(last ? { last } : {}),
  };
}

/**
 * Whether the list goes no further than this page, in the direction asked for. A service may give fewer rows than were
 * asked for (XEP-0059 §2.1), so few rows alone say so only where the answer does not tell its place in the list.
 */
export function isLastPage(rows: number, { max, after, before }: PageRequest, set: AnsweredPage | undefined): boolean {
  if (set === undefined || rows === 0) return true;
  if (set.index === undefined || set.count === undefined) return rows < max;
  const backwards = before !== undefined && after === undefined;
  return backwards ? set.index === 0 : set.index + rows >= set.count;
}

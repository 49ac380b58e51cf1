import type { XmlElement } from "../atom/xml-element.ts";
import type { DiscoForm, DiscoInfo, DiscoItem } from "../pubsub/disco.ts";
import { NS } from "./namespaces.ts";

/** LIMIT: rows read of one answer. */
const ROWS_MAX = 1_000;

/** Reads an answer to disco#info (XEP-0030 §3.1). */
export function discoInfoOf(answer: XmlElement): DiscoInfo {
  const query = answer.getChild("query", NS.discoInfo);
  const identities = (query?.getChildren("identity", NS.discoInfo) ?? []).slice(0, ROWS_MAX).map(({ attrs }) => ({
    category: attrs["category"] ?? "",
    type: attrs["type"] ?? "",
    ...(attrs["name"] === undefined ? {} : { name: attrs["name"] }),
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
  return {
    formType: fields.find(({ name }) => name === "FORM_TYPE")?.values[0] ?? "",
    fields: fields.filter(({ name }) => name !== "FORM_TYPE"),
  };
}

/** Reads an answer to disco#items (XEP-0030 §4.1) with its page (XEP-0059). */
export function discoItemsOf(answer: XmlElement): {
  readonly items: readonly DiscoItem[];
  readonly count?: number;
  readonly last?: string;
} {
  const query = answer.getChild("query", NS.discoItems);
  const items = (query?.getChildren("item", NS.discoItems) ?? []).slice(0, ROWS_MAX).map(({ attrs }) => ({
    jid: attrs["jid"] ?? "",
    ...(attrs["node"] === undefined ? {} : { node: attrs["node"] }),
    ...(attrs["name"] === undefined ? {} : { name: attrs["name"] }),
  }));
  return { items, ...pageOf(query) };
}

/** What XEP-0059 says in an answer. */
export function pageOf(parent: XmlElement | undefined): { readonly count?: number; readonly last?: string } {
  const set = parent?.getChild("set", NS.rsm);
  const count = set?.getChildText("count", NS.rsm);
  const last = set?.getChildText("last", NS.rsm);
  return {
    ...(count !== undefined && count !== null && /^\d{1,12}$/.test(count) ? { count: Number(count) } : {}),
    ...(last ? { last } : {}),
  };
}

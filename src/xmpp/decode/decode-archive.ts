import type { XmlElement } from "../../atom/xml-element.ts";
import { epochMs, type Instant, instantOf, parseInstant } from "../../core/instant.ts";
import { bareOf } from "../../core/jid.ts";
import { isRefusal } from "../../outcome/refusal.ts";
import { parseNodeId } from "../../pubsub/configuration.ts";
import { NS } from "../namespaces.ts";
import { submittedForm } from "./decode-form.ts";
import { pageOf } from "./decode-page.ts";
import { type Addressed, type Incoming, refused } from "./incoming.ts";

/** LIMIT: the longest id of a question, which is handed back with each answer. */
const QUERY_ID_LENGTH_MAX = 200;

/**
 * Reads a question to a node's archive (XEP-0313 §4, XEP-0442 §2). The archive holds the items that are there, each as
 * it was last published, in the order of that; the service by itself has none.
 */
export function decodeArchive(query: XmlElement, type: "get" | "set", { to }: Addressed): Incoming {
  if (query.getName() !== "query") return refused("feature-not-implemented");
  if (type === "get") return { kind: "archive-form" };
  const nodeText = query.attrs["node"];
  if (nodeText === undefined) return refused("feature-not-implemented");
  const node = parseNodeId(nodeText);
  if (isRefusal(node)) return refused("item-not-found");
  const times = timesOf(query);
  if ("kind" in times) return times;
  const page = pageOf(query, undefined);
  if (typeof page === "string") return refused(page);
  const queryid = query.attrs["queryid"]?.slice(0, QUERY_ID_LENGTH_MAX);
  return {
    kind: "archive",
    ...(queryid === undefined ? {} : { queryid }),
    request: {
      kind: "items",
      service: bareOf(to),
      node,
      ids: [],
      page: { ...page, order: "modification", oldestFirst: true, ...times },
    },
  };
}

/** The span of time asked about (§4.1.2); a field that is not known is not searched by. */
function timesOf(query: XmlElement): { readonly since?: Instant; readonly until?: Instant } | Incoming {
  if (query.getChild("x", NS.dataForms) === undefined) return {};
  const form = submittedForm(query);
  if (form === undefined || form.cancelled || form.formType !== NS.mam) return refused("bad-request");
  let times: { readonly since?: Instant; readonly until?: Instant } = {};
  for (const { name, values } of form.fields) {
    if (name !== "start" && name !== "end") return refused("feature-not-implemented");
    const time = parseInstant(values[0] ?? "");
    if (isRefusal(time) || epochMs(time) < 1) return refused("bad-request");
    times = name === "end" ? { ...times, until: time } : { ...times, since: instantOf(epochMs(time) - 1) };
  }
  return times;
}

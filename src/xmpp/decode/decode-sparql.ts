import type { XmlElement } from "../../atom/xml-element.ts";
import type { SparqlQuestion } from "../../hub/queries/xmpp/answer-iq.ts";
import type { PagePlace, PageWish } from "../../hub/queries/xmpp/kept-answers.ts";
import { NS } from "../namespaces.ts";
import { type Incoming, refused } from "./incoming.ts";

/** LIMIT: characters of a row's id, and of the base of a hub that asks. */
const ROW_LENGTH_MAX = 200;
const BASE_LENGTH_MAX = 2_048;

/** Reads `<query/>` of the binding of 2005: its text is the query, a `<set/>` in it (XEP-0059) asks for a page. */
export function decodeSparql(query: XmlElement, type: "get" | "set"): Incoming {
  if (query.getName() !== "query") return refused("bad-request");
  if (type !== "get")
    return unreadable("not-allowed", "Expected an IQ of the type get, but got set: nothing is changed over XMPP.");
  const page = pageIn(query);
  if (page === "unreadable") return unreadable("bad-request", PAGE_SENTENCE);
  const askedBy = query.getChildText("asked-by", NS.sterna)?.slice(0, BASE_LENGTH_MAX);
  const question: SparqlQuestion = {
    text: query.getText(),
    ...(page === undefined ? {} : { page }),
    ...(askedBy === undefined ? {} : { askedBy }),
  };
  return { kind: "sparql", question };
}

const PAGE_SENTENCE =
  "Expected a <set/> with <max/> as a number and at most one of <after/>, <before/> and <index/>, but it reads otherwise.";

function unreadable(condition: "bad-request" | "not-allowed", text: string): Incoming {
  return { kind: "refused", error: { kind: "error", condition, text } };
}

/** The page that is asked for (XEP-0059 §2). */
function pageIn(query: XmlElement): PageWish | "unreadable" | undefined {
  const set = query.getChild("set", NS.rsm);
  if (set === undefined) return undefined;
  const max = numberIn(set, "max");
  const place = placeIn(set);
  if (max === "unreadable" || place === undefined) return "unreadable";
  return { place, ...(max === undefined ? {} : { max }) };
}

function numberIn(set: XmlElement, name: string): number | "unreadable" | undefined {
  const text = set.getChildText(name, NS.rsm)?.trim();
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : "unreadable";
}

function placeIn(set: XmlElement): PagePlace | undefined {
  const index = numberIn(set, "index");
  const after = set.getChildText("after", NS.rsm);
  const before = set.getChildText("before", NS.rsm);
  const told = [index, after ?? undefined, before ?? undefined].filter((each) => each !== undefined);
  if (told.length > 1 || index === "unreadable") return undefined;
  if (index !== undefined) return { kind: "index", index };
  const row = after ?? before ?? "";
  if (row.length > ROW_LENGTH_MAX) return undefined;
  if (row !== "") return { kind: typeof after === "string" ? "after" : "before", row };
  return { kind: before === undefined || before === null ? "start" : "end" };
}

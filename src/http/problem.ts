import type { FaultCode } from "../outcome/fault.ts";
import type { Refusal, RefusalCode } from "../outcome/refusal.ts";

/** A problem (RFC 9457 §3.1): why a request was not done, for programs and people. */
export interface Problem {
  /** `about:blank`: the status and {@link Problem.code} say what kind it is (RFC 9457 §4.2.1). */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** One sentence: what was expected, what came, what to do. */
  readonly detail: string;
  readonly code: RefusalCode | FaultCode;
  readonly [particular: string]: unknown;
}

/** The one table from reasons to HTTP (RFC 9110 §15, RFC 6585). */
const STATUS: Readonly<Record<RefusalCode, readonly [status: number, title: string]>> = {
  malformed: [400, "Malformed"],
  invalid: [400, "Invalid"],
  "shape-violated": [422, "Not in the expected shape"],
  "too-large": [413, "Too large"],
  unauthenticated: [401, "No valid token"],
  forbidden: [403, "Forbidden"],
  "not-the-author": [403, "Not the author"],
  "not-found": [404, "Not found"],
  gone: [410, "Deleted"],
  "method-not-allowed": [405, "Method not allowed"],
  "not-acceptable": [406, "Not acceptable"],
  "unsupported-media-type": [415, "Unsupported media type"],
  conflict: [409, "Conflict"],
  "precondition-failed": [412, "Precondition failed"],
  "not-implemented": [501, "Not implemented"],
  "remote-refused": [502, "Refused by the other side"],
  "remote-unreachable": [502, "The other side cannot be reached"],
  "timed-out": [504, "Took too long"],
  "too-many": [429, "Too many at once"],
  unavailable: [503, "Not available now"],
};

/** A Refusal as a problem; its particulars become members, but never take the place of the standard ones. */
export function problemOf(refusal: Refusal): Problem {
  const [status, title] = STATUS[refusal.code];
  return { ...refusal.detail, type: "about:blank", title, status, detail: refusal.message, code: refusal.code };
}

/** What broke, without what only the hub's owner should read; that stands in the log. */
export function problemOfFault(code: FaultCode): Problem {
  const full = code === "store-full";
  return {
    type: "about:blank",
    title: full ? "Insufficient storage" : "Something broke",
    status: full ? 507 : 500,
    detail: full
      ? "The hub's disk is full, so nothing was stored; its owner has to make room. Try again later."
      : "Something broke in the hub, and its log says what; what was stored before is still there. Try again, or tell the hub's owner.",
    code,
  };
}

/** Seconds to wait: as the Refusal's detail `retryAfter_s` says, else 5. */
function retryAfterOf(problem: Problem): number {
  const said = problem["retryAfter_s"];
  return typeof said === "number" && said > 0 ? Math.ceil(said) : 5;
}

/** Headers that belong to a problem's status. */
export function problemHeaders(problem: Problem): Readonly<Record<string, string>> {
  switch (problem.status) {
    case 401:
      return { "www-authenticate": 'Bearer realm="Sterna hub"' };
    case 405:
      return { allow: Array.isArray(problem["allowed"]) ? problem["allowed"].join(", ") : "" };
    case 429:
    case 503:
      return { "retry-after": String(retryAfterOf(problem)) };
    default:
      return {};
  }
}

import Koa, { type Context } from "koa";
import { authenticate } from "../hub/accounts/authenticate.ts";
import type { GraphStore } from "../hub/graphs/graph-store.ts";
import { hubGraphStore } from "../hub/graphs/own-graphs.ts";
import type { HubPorts } from "../hub/ports/hub-ports.ts";
import { Fault } from "../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../outcome/refusal.ts";
import { Refused } from "../outcome/refused.ts";
import type { Answer, Exchange, Handler } from "./exchange.ts";
import { problemOf, problemOfFault } from "./problem.ts";
import { readTarget } from "./request-target.ts";
import { findRoute, methodsOf } from "./route-table.ts";
import { ROUTES } from "./routes.ts";
import { sendAnswer, sendProblem } from "./send.ts";

/** LIMIT: milliseconds a body that nobody reads any more may go on coming before its connection is cut. */
const LINGER_MS = 10_000;

/**
 * What scripts on other sites may send (Fetch §3.2): to read anything, and to change graphs by SPARQL and the Graph Store
 * Protocol. A token comes in a header that they must have been given, so nothing is done on a bystander's behalf.
 */
const CORS_HEADERS = "Accept, Authorization, Content-Type, If-Match, If-None-Match, Last-Event-ID";
const CORS_EXPOSED = "Allow, ETag, Link, Location, Retry-After, Vary";

/** Every answer has these: pages need no script, come from nowhere else and are framed by nobody. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; img-src * data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "access-control-allow-origin": "*",
  "access-control-expose-headers": CORS_EXPOSED,
};

/** What the app is beside its hub. */
export interface AppOptions {
  readonly version: string;
  /** What SPARQL and the Graph Store Protocol work on, when it is not the hub's own graphs. */
  readonly graphs?: GraphStore;
}

/**
 * The hub's HTTP side: linked-data pages, SPARQL, feeds, WebFinger, and the JSON that the command line uses. Whatever
 * host a request names, IRIs are those of `hub.identity.base`, and paths are below its path. The event `closing` ends
 * streams that have no end of their own.
 */
export function createApp(hub: HubPorts, { version, graphs = hubGraphStore(hub) }: AppOptions): Koa {
  const app = new Koa();
  const closing = new AbortController();
  app.once("closing", () => closing.abort());
  app.on("error", (error: unknown) => {
    if (isPeersLeaving(error)) return;
    hub.log.warn({ reason: error instanceof Error ? error.message : String(error) }, "http-answer-broken");
  });
  app.use(async (ctx) => {
    ctx.set(SECURITY_HEADERS);
    const gone = new AbortController();
    ctx.res.once("close", () => {
      if (!ctx.res.writableFinished) gone.abort();
    });
    lingerBriefly(ctx);
    const target = readTarget(ctx.req.url ?? "/", hub.identity.base);
    if (isRefusal(target)) return sendProblem(ctx, problemOf(target), undefined);
    const exchange: Exchange = {
      ...target,
      hub,
      graphs,
      version,
      by: { kind: "anonymous" },
      method: ctx.method,
      params: {},
      header: (name) => ctx.get(name),
      request: ctx.req,
      gone: gone.signal,
      closing: closing.signal,
    };
    try {
      const answer = await answerOf(exchange, ctx);
      if (isRefusal(answer)) sendProblem(ctx, problemOf(answer), exchange);
      else await sendAnswer(ctx, answer);
    } catch (error) {
      if (gone.signal.aborted) ctx.respond = false;
      else if (error instanceof Refused) sendProblem(ctx, problemOf(error.refusal), exchange);
      else sendProblem(ctx, problemOfFault(report(hub, ctx, error)), exchange);
    }
  });
  return app;
}

async function answerOf(exchange: Exchange, ctx: Context): Promise<Answer | Refusal> {
  const found = findRoute(ROUTES, exchange.segments);
  if (found === undefined) {
    return refuse("not-found", `Expected something of this hub, but there is nothing at /${exchange.path}.`);
  }
  const allowed = methodsOf(found.route);
  if (exchange.method === "OPTIONS") {
    const [first, second] = exchange.segments;
    return optionsAnswer(allowed, first === "sparql" || second === "graphs");
  }
  const handler = handlerOf(found.route.methods, exchange.method);
  if (handler === undefined) {
    const message = `Expected ${allowed.join(", ")} at /${exchange.path}, but got ${exchange.method.slice(0, 20)}.`;
    return refuse("method-not-allowed", message, { allowed });
  }
  const token = tokenOf(exchange.header("authorization"));
  if (isRefusal(token)) return token;
  const by = authenticate(exchange.hub, token);
  if (isRefusal(by)) return by;
  if (by.kind !== "anonymous") ctx.set("cache-control", "private, no-cache");
  return await handler({ ...exchange, by, params: found.params });
}

function handlerOf(methods: Readonly<Partial<Record<string, Handler>>>, method: string): Handler | undefined {
  const asked = method === "HEAD" ? "GET" : method;
  return Object.hasOwn(methods, asked) ? methods[asked] : undefined;
}

/** RFC 6750 §2.1. */
function tokenOf(authorization: string): string | undefined | Refusal {
  if (authorization === "") return undefined;
  const token = /^Bearer +([^\s,]+) *$/i.exec(authorization)?.[1];
  return (
    token ?? refuse("unauthenticated", 'Expected "Authorization: Bearer TOKEN", but got another kind; log in again.')
  );
}

function optionsAnswer(allowed: readonly string[], graphs: boolean): Answer {
  const readable = allowed.filter((method) => method === "GET" || method === "HEAD" || graphs);
  return {
    status: 204,
    headers: {
      allow: allowed.join(", "),
      "access-control-allow-methods": readable.join(", "),
      "access-control-allow-headers": CORS_HEADERS,
      "access-control-max-age": "86400",
    },
  };
}

function report(hub: HubPorts, ctx: Context, error: unknown) {
  const code = error instanceof Fault ? error.code : "internal";
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  hub.log.error({ method: ctx.method, path: ctx.path.slice(0, 200), code, reason }, "http-failed");
  return code;
}

/** Lets a peer finish sending what nobody reads any more, so that it gets its answer; but not for ever. */
function lingerBriefly({ req, res }: Context): void {
  res.once("finish", () => {
    if (req.complete || req.destroyed) return;
    req.resume();
    const timer = setTimeout(() => req.socket.destroy(), LINGER_MS);
    req.once("close", () => clearTimeout(timer));
  });
}

function isPeersLeaving(error: unknown): boolean {
  const { code, name } = (error ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return (
    name === "AbortError" || ["ERR_STREAM_PREMATURE_CLOSE", "ECONNRESET", "EPIPE", "ABORT_ERR"].includes(String(code))
  );
}

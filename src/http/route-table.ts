import type { Handler } from "./exchange.ts";

/** A place and what can be done there. `{name}` stands for one segment, percent-decoded. */
export interface Route {
  readonly pattern: string;
  /** `HEAD` follows from `GET`. */
  readonly methods: Readonly<Partial<Record<"GET" | "POST" | "PUT" | "PATCH" | "DELETE", Handler>>>;
}

/** A route that fits a path. */
export interface FoundRoute {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * The first route whose pattern fits the decoded segments. A `{name}` fits any one segment but the empty one, so
 * literal routes stand before.
 */
export function findRoute(routes: readonly Route[], segments: readonly string[]): FoundRoute | undefined {
  for (const route of routes) {
    const parts = route.pattern === "" ? [""] : route.pattern.split("/");
    if (parts.length !== segments.length) continue;
    const params: Record<string, string> = {};
    const fits = parts.every((part, at) => {
      const segment = segments[at] ?? "";
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      if (name === undefined) return part === segment;
      params[name] = segment;
      return segment !== "";
    });
    if (fits) return { route, params };
  }
  return undefined;
}

/** The methods of a route as `Allow` lists them. */
export function methodsOf({ methods }: Route): readonly string[] {
  return [...Object.keys(methods).flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method])), "OPTIONS"];
}

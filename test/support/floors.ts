import { parseAst } from "vitest/node";

/** What one room (a folder of `src/`, or the files directly in it) may use. Everything else is refused. */
interface Room {
  readonly floor: 0 | 1 | 2 | 3 | 4;
  /** Rooms of the same floor it may import; lower floors it may always. */
  readonly beside?: readonly string[];
  /** Packages and builtins; a list after the colon narrows what may be taken from it, `types` to types only. */
  readonly packages: Readonly<Record<string, "all" | "types" | readonly string[]>>;
}

const all = (...names: readonly string[]): Record<string, "all"> =>
  Object.fromEntries(names.map((name) => [name, "all"] as const));

/** The house: see ARCHITECTURE.md. A package that is new to a room gets its line here, on purpose. */
export const ROOMS: Readonly<Record<string, Room>> = {
  outcome: { floor: 0, packages: {} },
  vocab: { floor: 0, beside: ["rdf"], packages: {} },
  rdf: {
    floor: 0,
    beside: ["outcome", "vocab"],
    packages: {
      ...all("@rdfjs/types", "n3", "jsonld", "rdfxml-streaming-parser", "node:buffer", "node:events"),
      // A hash is pure; randomness from the same module is not.
      "node:crypto": ["createHash"],
    },
  },
  // Punycode is pure; the rest of that module knows files.
  core: { floor: 1, packages: { ...all("linkify-it"), "node:url": ["domainToUnicode"] } },
  pubsub: { floor: 1, beside: ["core"], packages: {} },
  atom: { floor: 1, beside: ["core"], packages: all("ltx") },
  hub: { floor: 2, packages: {} },
  storage: {
    floor: 3,
    packages: all(
      "@rdfjs/types",
      "n3",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:path",
      "node:sqlite",
      "node:timers/promises",
      "node:worker_threads",
    ),
  },
  query: {
    floor: 3,
    packages: {
      ...all("@comunica", "@traqula", "@rdfjs/types", "rdf-data-factory"),
      ...all("asynciterator", "node:events", "node:fs", "node:fs/promises", "node:path"),
      ...all("node:stream", "node:timers/promises", "node:url", "node:worker_threads"),
      // MD5() and UUID() of SPARQL, and HTTP Digest, which stores ask for.
      "node:crypto": ["createHash", "randomBytes", "randomUUID"],
      // Ends a regular expression that would never end.
      "node:vm": ["Context", "createContext", "Script"],
      n3: "types",
    },
  },
  xmpp: {
    floor: 3,
    packages: all(
      "@xmpp/component",
      "ltx",
      "node:child_process",
      "node:crypto",
      "node:events",
      "node:fs/promises",
      "node:net",
      "node:path",
      "node:timers/promises",
    ),
  },
  http: {
    floor: 3,
    packages: all(
      "koa",
      "sanitize-html",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:path",
      "node:stream",
      "node:stream/promises",
      "node:timers/promises",
      "node:url",
      "node:zlib",
    ),
  },
  feeds: {
    floor: 3,
    packages: {
      ...all("node:dns", "node:dns/promises", "node:http", "node:https", "node:net"),
      ...all("node:stream", "node:stream/consumers", "node:timers/promises", "node:zlib"),
      // What goes to webhooks is signed.
      "node:crypto": ["createHmac"],
    },
  },
  cli: {
    floor: 3,
    packages: all(
      "cli-progress",
      "commander",
      "node:fs",
      "node:fs/promises",
      "node:os",
      "node:path",
      "node:readline/promises",
      "node:stream",
      "node:stream/promises",
      "node:timers/promises",
      "node:zlib",
    ),
  },
  "": {
    floor: 4,
    packages: all(
      "cli-progress",
      "commander",
      "pino",
      "node:child_process",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:module",
      "node:net",
      "node:os",
      "node:path",
      "node:perf_hooks",
      "node:url",
      "node:v8",
      "node:vm",
      "node:worker_threads",
    ),
  },
};

/** Packages that the command line must not wait for. */
export const SLOW_PACKAGES: readonly string[] = ["@comunica", "n3", "koa", "jsonld", "@xmpp/component"];

/** Globals that give another answer each time, or reach outside; the pure floors (0 and 1) are handed what they need. */
const IMPURE_GLOBALS = new Set([
  "crypto",
  "fetch",
  "globalThis",
  "performance",
  "process",
  "setImmediate",
  "setInterval",
  "setTimeout",
]);

/** One `import`, `export … from`, `import()` or `import("…").Type`. */
export interface Reference {
  readonly specifier: string;
  /** Gone when the types are stripped. */
  readonly typeOnly: boolean;
  /** Loaded when asked for, not at the start. */
  readonly dynamic: boolean;
  /** What is taken by name; undefined for everything. */
  readonly names: readonly string[] | undefined;
}

interface AstNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";

/** Every node below one, with the key and parent it hangs on. */
function* walk(
  node: AstNode,
  parent?: AstNode,
  key?: string,
): Generator<readonly [AstNode, AstNode | undefined, string | undefined]> {
  yield [node, parent, key] as const;
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (isNode(child)) yield* walk(child, node, name);
    }
  }
}

function parse(path: string, text: string): AstNode {
  // oxlint-disable-next-line typescript/no-deprecated -- the only one of vite's parsers that vitest hands on
  return parseAst(text, { lang: path.endsWith(".d.ts") ? "dts" : "ts" }) as unknown as AstNode;
}

/** Everything a source refers to. `specifier` is `?` where it is computed and cannot be known. */
export function referencesOf(path: string, text: string): readonly Reference[] {
  const found: Reference[] = [];
  for (const [node] of walk(parse(path, text))) {
    const dynamic = node.type === "ImportExpression";
    const typeNode = node.type === "TSImportType";
    const declared = ["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration"].includes(node.type);
    if (!(dynamic || typeNode || declared)) continue;
    // `export const x` has no source.
    if (declared && !isNode(node["source"])) continue;
    const source = node["source"] as { value?: unknown };
    const specifiers = (node["specifiers"] ?? []) as readonly AstNode[];
    const kindOf = (one: AstNode) => one["importKind"] ?? one["exportKind"];
    const typeOnly =
      typeNode ||
      kindOf(node) === "type" ||
      (specifiers.length > 0 && specifiers.every((one) => kindOf(one) === "type"));
    const named = specifiers.length > 0 && specifiers.every((one) => one.type === "ImportSpecifier");
    const names = named ? specifiers.map((one) => String((one["imported"] as { name?: string }).name)) : undefined;
    found.push({ specifier: typeof source.value === "string" ? source.value : "?", typeOnly, dynamic, names });
  }
  return found;
}

/** The room of a path below `src/`: its folder, or "" for a file directly in it. */
export function roomOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

/** The path below `src/` that a relative specifier in `path` leads to. */
export function resolveReference(path: string, specifier: string): string {
  return new URL(specifier, `file:///src/${path}`).pathname.replace("/src/", "");
}

/** The package of a specifier: `@scope/name` or `name`, builtins whole. */
function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Whether a package is one of the listed ones, which may name a whole scope (`@comunica`). */
export function isListed(specifier: string, listed: readonly string[]): string | undefined {
  const name = packageOf(specifier);
  return listed.find((one) => one === name || (name.startsWith("@") && one === name.split("/")[0]));
}

/**
 * What in one source is against the house rules, a sentence each: imports up or across, packages that the room may not
 * have, barrels, default exports, and what is not pure on the pure floors. `path` is relative to `src/`.
 */
export function violationsOf(path: string, text: string): readonly string[] {
  const name = roomOf(path);
  const room = ROOMS[name];
  if (room === undefined) return [`${path}: the room ${name}/ is not known; give it a floor in test/support/floors.ts`];
  const references = referencesOf(path, text).flatMap((reference) => {
    const problem = reference.specifier.startsWith(".")
      ? problemOfImport(path, room, reference)
      : problemOfPackage(room, reference);
    return problem === undefined ? [] : [`${path}: ${problem}`];
  });
  const others = problemsOfShape(path, text, room.floor <= 1).map((problem) => `${path}: ${problem}`);
  return [...references, ...others];
}

function problemOfImport(path: string, room: Room, { specifier }: Reference): string | undefined {
  const target = resolveReference(path, specifier);
  if (target.startsWith("/")) return `imports ${specifier}, outside of src/`;
  const name = roomOf(target);
  const other = ROOMS[name];
  if (other === undefined) return `imports ${specifier} from a room that is not known`;
  if (name === roomOf(path) || other.floor < room.floor || room.beside?.includes(name) === true) return undefined;
  return `on floor ${room.floor} imports ${specifier} from ${name === "" ? "the top" : `${name}/`} on floor ${other.floor}`;
}

function problemOfPackage(room: Room, { specifier, typeOnly, names }: Reference): string | undefined {
  if (specifier === "?") return "has an import() whose target is computed";
  const listed = isListed(specifier, Object.keys(room.packages));
  const allowed = listed === undefined ? undefined : room.packages[listed];
  if (allowed === undefined) return `imports ${specifier}, which this room may not use`;
  if (allowed === "all" || typeOnly) return undefined;
  if (allowed === "types") return `imports more than types from ${specifier}`;
  const more = (names ?? ["everything"]).filter((one) => !allowed.includes(one));
  return more.length === 0
    ? undefined
    : `imports ${more.join(", ")} from ${specifier}, where only ${allowed.join(", ")} may be`;
}

function problemsOfShape(path: string, text: string, pure: boolean): readonly string[] {
  const problems: string[] = [];
  if (/(^|\/)index\.ts$/.test(path)) problems.push("is a barrel");
  // A declaration file describes somebody else's module as it is.
  const declares = path.endsWith(".d.ts");
  for (const [node, parent, key] of walk(parse(path, text))) {
    const exportsDefault =
      node.type === "ExportDefaultDeclaration" ||
      (node.type === "ExportSpecifier" && (node["exported"] as { name?: string }).name === "default");
    if (exportsDefault && !declares) problems.push("has a default export");
    if (node.type === "ExportAllDeclaration" && !declares) problems.push("exports everything of another file");
    const impurity = pure && !declares ? impurityOf(node, parent, key) : undefined;
    if (impurity !== undefined) problems.push(`uses ${impurity} on a pure floor`);
  }
  return problems;
}

function impurityOf(node: AstNode, parent: AstNode | undefined, key: string | undefined): string | undefined {
  const nameOf = (value: unknown) => (isNode(value) && value.type === "Identifier" ? value["name"] : undefined);
  if (node.type === "NewExpression" && nameOf(node["callee"]) === "Date") {
    return (node["arguments"] as readonly unknown[]).length === 0 ? "new Date()" : undefined;
  }
  if (node.type === "CallExpression" && nameOf(node["callee"]) === "Date") return "Date()";
  if (node.type === "MemberExpression") {
    const member = `${String(nameOf(node["object"]))}.${String(nameOf(node["property"]))}`;
    return member === "Date.now" || member === "Math.random" ? member : undefined;
  }
  if (node.type !== "Identifier") return undefined;
  // A property or a key of that name is not the global.
  const isName = (key === "property" || key === "key") && parent?.["computed"] !== true;
  return !isName && IMPURE_GLOBALS.has(String(node["name"])) ? String(node["name"]) : undefined;
}

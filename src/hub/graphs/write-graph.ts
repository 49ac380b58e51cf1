import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { Quad } from "../../rdf/term.ts";
import type { Requester } from "../ports/requester.ts";
import type { GraphName, GraphStore } from "./graph-store.ts";
import { GraphWorkspace } from "./graph-workspace.ts";

/** On what state of a graph a change depends (RFC 9110 §13.1). */
export interface GraphCondition {
  /** Only one of these versions. */
  readonly versions?: readonly string[];
  /** Only when it is there, or only when it is not. */
  readonly there?: boolean;
}

/** How often a change begins anew when the graph was changed under it. */
const ATTEMPTS_MAX = 3;

/** Puts triples in the place of a graph's (`PUT`), or beside them (`POST`). Tells whether the graph is new. */
export async function writeGraph(
  store: GraphStore,
  by: Requester,
  graph: GraphName,
  quads: readonly Quad[],
  { how, condition = {} }: { readonly how: "replace" | "merge"; readonly condition?: GraphCondition },
): Promise<{ readonly created: boolean } | Refusal> {
  return await attempt(store, by, graph, condition, (work, created) => {
    const no = how === "replace" ? work.replace(graph, quads) : withGraph(work, graph, quads, created);
    return no ?? { created };
  });
}

function withGraph(work: GraphWorkspace, graph: GraphName, quads: readonly Quad[], created: boolean) {
  return created ? work.replace(graph, quads) : work.insert(graph, quads);
}

/** Takes a graph away (`DELETE`). Refuses with `not-found` when there is none. */
export async function removeGraph(
  store: GraphStore,
  by: Requester,
  graph: GraphName,
  condition: GraphCondition = {},
): Promise<{ readonly removed: GraphName } | Refusal> {
  return await attempt(store, by, graph, condition, (work, absent) => {
    if (absent) return refuse("not-found", `Expected a graph that is there, but <${graph}> is not.`);
    return work.replace(graph, graph === "default" ? [] : undefined) ?? { removed: graph };
  });
}

async function attempt<T extends object>(
  store: GraphStore,
  by: Requester,
  graph: GraphName,
  condition: GraphCondition,
  change: (work: GraphWorkspace, absent: boolean) => T | Refusal,
): Promise<T | Refusal> {
  const no = store.mayWrite(by, graph);
  if (no !== undefined) return no;
  for (let attempt = 1; ; attempt++) {
    const stored = store.read(by, graph);
    const unmet = whyUnmet(graph, stored?.version, condition);
    if (unmet !== undefined) return unmet;
    const work = new GraphWorkspace(store, by);
    const done = change(work, stored === undefined);
    if (isRefusal(done)) return done;
    const refused = await store.commit(by, work.changes());
    if (refused === undefined) return done;
    if (refused.detail?.["again"] !== true || attempt === ATTEMPTS_MAX) return refused;
  }
}

function whyUnmet(graph: GraphName, version: string | undefined, condition: GraphCondition): Refusal | undefined {
  const { versions, there } = condition;
  const met =
    (versions === undefined || (version !== undefined && versions.includes(version))) &&
    (there === undefined || there === (version !== undefined));
  if (met) return undefined;
  const present = version === undefined ? "is not there" : `is at version ${version}`;
  return refuse(
    "precondition-failed",
    `Expected <${graph}> as the request's condition says, but it ${present}; read it again.`,
  );
}

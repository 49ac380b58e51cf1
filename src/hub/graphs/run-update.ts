import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { Refused } from "../../outcome/refused.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { QueryGraphs } from "../ports/queries.ts";
import type { Requester } from "../ports/requester.ts";
import type { GraphTarget, NamedDataset, UpdateStep } from "../ports/sparql-syntax.ts";
import { type GraphName, type GraphStore, graphNameOf } from "./graph-store.ts";
import { GraphWorkspace } from "./graph-workspace.ts";
import { hubGraphStore } from "./own-graphs.ts";
import { TripleMaker } from "./triple-maker.ts";

/** LIMIT: milliseconds that one update may take, each of its questions besides having a bound of its own. */
export const UPDATE_TIME_MAX_MS = 60_000;
/** Operations after which other requests have a turn. */
const TURN_STEPS = 10;
/** How often an update begins anew when a graph was changed under it. */
const ATTEMPTS_MAX = 3;

/** How to run an update. */
export interface UpdateWish {
  readonly signal?: AbortSignal;
  readonly baseIri?: Iri;
  /** Who asks, as one text, for the bound on queries at once. */
  readonly from?: string;
  /** `using-graph-uri` and `using-named-graph-uri` (SPARQL 1.1 Protocol §2.2.3). */
  readonly using?: NamedDataset;
}

/** What an update did. */
export interface UpdateDone {
  /** Triples put in and taken out, each once for each graph. */
  readonly inserted: number;
  readonly deleted: number;
  /** The graphs that are different now, with the triples they have; without a number those that are gone. */
  readonly graphs: readonly { readonly graph: GraphName; readonly triples?: number }[];
}

/**
 * Runs a SPARQL 1.1 Update request: all of it or nothing, in one transaction. Its operations see what those before did.
 * Only graphs that the store lets the requester write are changed; everything else is refused with the reason. So is
 * LOAD, which with SILENT does nothing. A graph that was changed by somebody else meanwhile makes it begin anew.
 */
export async function runUpdate(
  hub: HubPorts,
  by: Requester,
  text: string,
  wish: UpdateWish = {},
  store: GraphStore = hubGraphStore(hub),
): Promise<UpdateDone | Refusal> {
  const no = store.mayUpdate(by);
  if (no !== undefined) return no;
  const baseIri = wish.baseIri ?? hub.identity.base;
  const steps = hub.sparql.readUpdate(text, baseIri);
  if (isRefusal(steps)) return steps;
  const modifies = steps.some(
    (step) => step.kind === "modify" && (step.using !== undefined || step.with !== undefined),
  );
  if (wish.using !== undefined && modifies) {
    return refuse(
      "invalid",
      "Expected the dataset in the parameters using-graph-uri and using-named-graph-uri or in USING and WITH, but got both.",
    );
  }
  for (let attempt = 1; ; attempt++) {
    const update = new Update(hub, by, store, { ...wish, baseIri });
    const done = await update.run(steps);
    const again = isRefusal(done) && done.detail?.["again"] === true;
    if (!again || attempt === ATTEMPTS_MAX) return done;
  }
}

type TargetStep = Extract<UpdateStep, { readonly target: GraphTarget }>;

class Update {
  readonly #hub: HubPorts;
  readonly #by: Requester;
  readonly #store: GraphStore;
  readonly #wish: UpdateWish & { readonly baseIri: Iri };
  readonly #work: GraphWorkspace;
  readonly #maker: TripleMaker;

  constructor(hub: HubPorts, by: Requester, store: GraphStore, wish: UpdateWish & { readonly baseIri: Iri }) {
    this.#hub = hub;
    this.#by = by;
    this.#store = store;
    this.#wish = wish;
    this.#work = new GraphWorkspace(store, by);
    this.#maker = new TripleMaker(`u${hub.hash(hub.newSecret(8)).slice(0, 12)}`);
  }

  async run(steps: readonly UpdateStep[]): Promise<UpdateDone | Refusal> {
    const until_ms = performance.now() + UPDATE_TIME_MAX_MS;
    for (const [at, step] of steps.entries()) {
      const no = performance.now() > until_ms ? tooSlow() : await this.#step(step);
      if (no !== undefined) return no;
      if (at % TURN_STEPS === TURN_STEPS - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    const changes = this.#work.changes();
    const counts = this.#work.counts();
    if (changes.length > 0) {
      const no = await this.#store.commit(this.#by, changes);
      if (no !== undefined) return no;
    }
    return {
      ...counts,
      graphs: changes.map(({ graph, quads }) => (quads === undefined ? { graph } : { graph, triples: quads.length })),
    };
  }

  async #step(step: UpdateStep): Promise<undefined | Refusal> {
    switch (step.kind) {
      case "insert-data": {
        const ground = this.#maker.fillIn(step.quads, new Map(), new Map());
        return isRefusal(ground) ? ground : this.#write([], ground);
      }
      case "delete-data": {
        const ground = this.#maker.fillIn(step.quads, new Map(), new Map());
        return isRefusal(ground) ? ground : this.#write(ground, []);
      }
      case "modify":
        return await this.#modify(step);
      case "clear":
      case "drop":
        return this.#empty(step);
      case "create":
        return this.#create(step);
      case "copy":
      case "move":
      case "add":
        return this.#transfer(step);
      case "load":
        // SILENT asks to go on when nothing can be had (SPARQL 1.1 Update §3.1.4), which is so here always.
        if (step.silent) return undefined;
        return refuse(
          "forbidden",
          `LOAD is not open here: the hub fetches nothing on a request. Fetch <${step.source}> yourself and send its triples by PUT or POST to the graph store.`,
        );
    }
  }

  async #modify(step: Extract<UpdateStep, { readonly kind: "modify" }>): Promise<undefined | Refusal> {
    // What may not be written is refused before anything is asked.
    for (const { graph } of [...step.delete, ...step.insert]) {
      const name = graphNameOf(graph);
      const no = name === undefined ? undefined : this.#store.mayWrite(this.#by, name);
      if (no !== undefined) return no;
    }
    const using = this.#wish.using ?? step.using;
    const graphs = this.#work.dataset(step.graphs, { using, merged: step.with });
    if (isRefusal(graphs)) return graphs;
    const { signal, baseIri, from } = this.#wish;
    const found = await this.#hub.queries.adHoc(step.where, {
      dataset: this.#store.dataset(this.#by),
      ...(isJustDataset(graphs) ? {} : { graphs }),
      baseIri,
      ...(from === undefined ? {} : { requester: from }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (isRefusal(found)) return found;
    if (found.kind !== "bindings") return undefined;
    const removed: Quad[] = [];
    const added: Quad[] = [];
    try {
      for await (const row of found.rows) {
        const blanks = new Map<string, Term>();
        for (const [patterns, into] of [
          [step.delete, removed],
          [step.insert, added],
        ] as const) {
          const filled = this.#maker.fillIn(patterns, row, blanks);
          if (isRefusal(filled)) return filled;
          for (const each of filled) into.push(each);
        }
      }
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
    return this.#write(removed, added);
  }

  #write(removed: readonly Quad[], added: readonly Quad[]): undefined | Refusal {
    // First out, then in (SPARQL 1.1 Update §3.1.3).
    for (const [quads, into] of [
      [removed, false],
      [added, true],
    ] as const) {
      for (const [graph, triples] of byGraph(quads)) {
        const no = into ? this.#work.insert(graph, triples) : this.#work.delete(graph, triples);
        if (no !== undefined) return no;
      }
    }
    return undefined;
  }

  #empty({ kind, target, silent }: TargetStep): undefined | Refusal {
    const all = target === "all" || target === "named";
    const graphs: readonly GraphName[] = all ? this.#work.names() : [target];
    for (const graph of target === "all" ? [...graphs, "default" as const] : graphs) {
      const no = this.#store.mayWrite(this.#by, graph);
      if (no !== undefined) return no;
      if (this.#work.read(graph) === undefined && graph !== "default") {
        if (silent) continue;
        return noSuchGraph(graph);
      }
      const done = this.#work.replace(graph, kind === "drop" && graph !== "default" ? undefined : []);
      if (done !== undefined) return done;
    }
    return undefined;
  }

  #create({ target, silent }: TargetStep): undefined | Refusal {
    const graph = target as Iri;
    const no = this.#store.mayWrite(this.#by, graph);
    if (no !== undefined) return no;
    if (this.#work.read(graph) === undefined) return this.#work.replace(graph, []);
    return silent
      ? undefined
      : refuse("conflict", `Expected a graph that is not there yet, but <${graph}> is; leave CREATE out.`);
  }

  #transfer({
    kind,
    from,
    to,
    silent,
  }: Extract<UpdateStep, { readonly kind: "copy" | "move" | "add" }>): undefined | Refusal {
    const [source, target] = [from as GraphName, to as GraphName];
    const no =
      this.#store.mayWrite(this.#by, target) ?? (kind === "move" ? this.#store.mayWrite(this.#by, source) : undefined);
    if (no !== undefined) return no;
    if (source === "default" && this.#store.defaultGraph === "view") {
      return refuse(
        "forbidden",
        "The default graph is all that you may see and cannot be copied; choose its triples by INSERT … WHERE.",
      );
    }
    if (source === target) return undefined;
    const triples = this.#work.read(source) ?? (source === "default" ? new Map<string, Quad>() : undefined);
    if (triples === undefined) return silent ? undefined : noSuchGraph(source);
    const copied = this.#maker.copy(triples);
    if (isRefusal(copied)) return copied;
    if (kind === "add") return this.#work.insert(target, copied);
    const done = this.#work.replace(target, copied);
    if (done !== undefined || kind === "copy") return done;
    return this.#work.replace(source, source === "default" ? [] : undefined);
  }
}

/** Whether the graphs are no other than the dataset: then the engine may answer in its own, faster way. */
function isJustDataset({ quads, withDataset, without = [] }: QueryGraphs): boolean {
  return withDataset && quads.length === 0 && without.length === 0;
}

function tooSlow(): Refusal {
  return refuse(
    "timed-out",
    `Expected an update that is done within ${UPDATE_TIME_MAX_MS / 1_000} seconds, but this one is not; do less at once.`,
  );
}

function noSuchGraph(graph: GraphTarget): Refusal {
  return refuse(
    "not-found",
    `Expected a graph that is there, but <${graph}> is not; write SILENT where that does not matter.`,
  );
}

function byGraph(quads: readonly Quad[]): ReadonlyMap<GraphName, readonly Quad[]> {
  const groups = new Map<GraphName, Quad[]>();
  for (const each of quads) {
    const name = graphNameOf(each.graph) ?? "default";
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [each]);
    else group.push(each);
  }
  return groups;
}

import { certain, type Node, possible, union } from "./node.ts";
import { isOpenTo } from "./open-to.ts";
import { Once, type Operator, type Run } from "./operator.ts";
import { UnionJoin } from "./operators/combine.ts";
import { Distinct, Slice } from "./operators/restrict.ts";
import { Table, TableJoin } from "./operators/table.ts";
import { planGraph, planLeft, planMinus } from "./plans/combine.ts";
import { planExtend } from "./plans/filters.ts";
import { planGroup } from "./plans/group.ts";
import { planJoin } from "./plans/joins.ts";
import { planOrder } from "./plans/order.ts";
import {
  ALL,
  type Env,
  extended,
  NOTHING,
  type Planned,
  type Planning,
  type Wanted,
  without,
} from "./plans/planning.ts";
import { innerRun } from "./run.ts";

/** Nodes that look at all their solutions at once. */
const BY_THEMSELVES: ReadonlySet<Node["type"]> = new Set(["distinct", "slice", "group", "order"] as const);

/** Makes plans for one run: which family of operations a node belongs to, and whether it is planned by itself. */
export class Planner implements Planning {
  readonly run: Run;
  readonly walks: boolean;
  readonly constants: ReadonlySet<string>;

  constructor(run: Run, options: { readonly walks: boolean; readonly constants?: ReadonlySet<string> }) {
    this.run = run;
    this.walks = options.walks;
    this.constants = options.constants ?? new Set();
  }

  plan(node: Node): Operator {
    return this.goOn(node, new Once(), NOTHING, undefined, ALL).operator;
  }

  goOn(node: Node, input: Operator, env: Env, wanted: Wanted | undefined, limit: number): Planned {
    const outer = without(env.possible, this.constants);
    if (outer.size > 0 && !isOpenTo(node, outer)) return this.#planTable(node, input, env);
    // What counts or compares solutions does so by itself for each solution before it.
    if (BY_THEMSELVES.has(node.type) && !(input instanceof Once)) {
      const operator = new UnionJoin(input, [this.inner(node, env)], "with each of");
      return { operator, env: extended(env, node), inOrder: false };
    }
    switch (node.type) {
      case "pattern":
      case "repeat":
      case "search":
      case "values":
        return planJoin(this, { type: "join", parts: [node], filters: [] }, input, env, wanted);
      case "join":
        return planJoin(this, node, input, env, wanted);
      case "union": {
        const branches = node.parts.map((part) => this.inner(part, env));
        return { operator: new UnionJoin(input, branches), env: extended(env, node), inOrder: false };
      }
      case "graph":
        return planGraph(this, node, input, env);
      case "left":
        return planLeft(this, node, input, env, wanted);
      case "minus":
        return planMinus(this, node, input, env, wanted);
      case "extend": {
        const below = wanted?.variable === node.variable ? undefined : wanted;
        const inner = this.goOn(node.input, input, env, below, limit);
        return { ...inner, operator: planExtend(this, inner, node), env: extended(inner.env, node) };
      }
      case "group":
        return { operator: planGroup(this, node, input, env), env: extended(env, node), inOrder: false };
      case "project":
        return this.goOn(node.input, input, env, wanted, limit);
      case "distinct": {
        const inner = this.goOn(node.input, input, env, wanted, ALL);
        const slots = [...possible(node)].map((name) => this.run.slotOf(name));
        return { ...inner, operator: new Distinct(inner.operator, slots, this.run) };
      }
      case "order":
        return planOrder(this, node, input, env, limit);
      case "slice": {
        const inner = this.goOn(node.input, input, env, wanted, node.offset + node.limit);
        return { ...inner, operator: new Slice(inner.operator, node.offset, node.limit) };
      }
    }
  }

  inner(node: Node, env: Env): Operator {
    return this.goOn(node, new Once(), env, undefined, ALL).operator;
  }

  innerWith(constants: ReadonlySet<string>, node: Node, env: Env): Operator {
    const all = union([this.constants, constants]);
    return new Planner(this.run, { walks: this.walks, constants: all }).inner(node, env);
  }

  #planTable(node: Node, input: Operator, env: Env): Planned {
    const shared = [...certain(node)].filter((name) => env.certain.has(name));
    const table = this.table(node, possible(node), shared);
    return { operator: new TableJoin(input, table, this.run), env: extended(env, node), inOrder: false };
  }

  table(node: Node, shown: ReadonlySet<string>, shared: readonly string[]): Table {
    const inner = innerRun(this.run);
    const plan = new Planner(inner, { walks: this.walks }).plan(node);
    const both = (name: string): readonly [number, number] => [inner.slotOf(name), this.run.slotOf(name)];
    return new Table(plan, inner, [...shown].map(both), shared.map(both));
  }
}

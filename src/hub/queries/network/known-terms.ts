import { isRefusal } from "../../../outcome/refusal.ts";
import type { Quad, Term } from "../../../rdf/term.ts";
import type { HubPorts } from "../../ports/hub-ports.ts";
import type { NetworkPattern, NetworkQuestion, NetworkValues } from "../../ports/network-plan.ts";
import type { QueryOptions } from "../../ports/queries.ts";
import { type Unit, variablesIn } from "./question-units.ts";

/** LIMIT: terms that a variable may be for them to narrow what is asked. */
export const VALUES_MAX = 500;

/**
 * What the variables of a question can be, judged by the patterns of which all that matters is at hand: those terms and
 * no others, though some of them may turn out not to be it.
 */
export class KnownTerms {
  readonly #hub: HubPorts;
  readonly #question: NetworkQuestion;
  readonly #units: readonly Unit[];
  readonly #options: QueryOptions;
  readonly #found = new Map<string, Promise<readonly Term[] | undefined>>();

  constructor(hub: HubPorts, question: NetworkQuestion, units: readonly Unit[], options: QueryOptions) {
    this.#hub = hub;
    this.#question = question;
    this.#units = units;
    this.#options = options;
  }

  /**
   * The terms that `variable` can be in solutions of a group, where the units in `closed` are known whole; undefined
   * when nothing is known of it, or too much. `quads` gives those of other hubs that came so far.
   */
  async of(
    group: number,
    variable: string,
    closed: ReadonlySet<number>,
    quads: () => readonly Quad[],
  ): Promise<readonly Term[] | undefined> {
    let least: readonly Term[] | undefined;
    for (const [at, place] of this.#around(group, variable)) {
      if (!place) continue;
      const found = await this.#inGroup(at, variable, closed, quads);
      if (found !== undefined && (least === undefined || found.length < least.length)) least = found;
    }
    return least;
  }

  /** A group and those around it that narrow this variable. */
  *#around(group: number, variable: string): Generator<readonly [at: number, narrows: boolean]> {
    let narrows = true;
    for (let at: number | undefined = group; at !== undefined; ) {
      const each: NetworkQuestion["groups"][number] | undefined = this.#question.groups[at];
      if (each === undefined) return;
      yield [at, narrows];
      if (each.through?.includes(variable) === false) narrows = false;
      at = each.within;
    }
  }

  #inGroup(
    group: number,
    variable: string,
    closed: ReadonlySet<number>,
    quads: () => readonly Quad[],
  ): Promise<readonly Term[] | undefined> {
    const { patterns, values } = this.#connected(group, variable, closed);
    const own = values.filter((each) => each.variable === variable);
    const isNamed = own.length > 0 || variablesIn(patterns).includes(variable);
    if (!isNamed) return Promise.resolve(undefined);
    if (patterns.length === 0) return Promise.resolve(within(own[0]?.terms ?? []));
    const units = this.#units.filter((unit) => unit.group === group && closed.has(unit.at)).map(({ at }) => at);
    const key = `${group} ${variable} ${units.join()}`;
    let found = this.#found.get(key);
    if (found === undefined) {
      found = this.#ask(patterns, values, variable, quads);
      this.#found.set(key, found);
    }
    return found;
  }

  /** The patterns known whole, and the values, that hang together with a variable. */
  #connected(group: number, variable: string, closed: ReadonlySet<number>) {
    const waiting = this.#units
      .filter((unit) => unit.group === group && closed.has(unit.at))
      .flatMap((unit) => unit.patterns);
    const reached = new Set([variable]);
    const patterns: NetworkPattern[] = [];
    for (let isNew = true; isNew; ) {
      isNew = false;
      for (const [at, pattern] of waiting.entries()) {
        const names = variablesIn([pattern]);
        if (!names.some((name) => reached.has(name))) continue;
        patterns.push(pattern);
        waiting.splice(at, 1);
        for (const name of names) reached.add(name);
        isNew = true;
        break;
      }
    }
    const values = (this.#question.groups[group]?.values ?? []).filter((each) => reached.has(each.variable));
    return { patterns, values };
  }

  async #ask(
    patterns: readonly NetworkPattern[],
    values: readonly NetworkValues[],
    variable: string,
    quads: () => readonly Quad[],
  ): Promise<readonly Term[] | undefined> {
    if (values.some(({ terms }) => terms.length > VALUES_MAX)) return undefined;
    const text = this.#hub.sparql.networkBindings(patterns, values, variable, VALUES_MAX + 1);
    const others = quads();
    const graphs = others.length === 0 ? {} : { graphs: { quads: others, withDataset: true } };
    const answer = await this.#hub.queries.adHoc(text, { ...this.#options, ...graphs });
    // What cannot be told narrows nothing; whatever is wrong is said of the whole query.
    if (isRefusal(answer) || answer.kind !== "bindings") return undefined;
    const rows = await Array.fromAsync(answer.rows);
    return within(rows.flatMap((row) => row.get("value") ?? []));
  }
}

function within(terms: readonly Term[]): readonly Term[] | undefined {
  return terms.length > VALUES_MAX ? undefined : terms;
}

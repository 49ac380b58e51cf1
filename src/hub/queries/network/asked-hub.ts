import type { Quad } from "../../../rdf/term.ts";
import type { NetworkBranch } from "../../ports/network-plan.ts";
import { apart, maySay } from "./believed.ts";

/** How a hub of the network stands in one question, for those who are told. */
export interface NetworkHub {
  readonly hub: string;
  readonly requests: number;
  readonly triples: number;
  readonly time_ms: number;
}

/** One hub while a question is on its way. */
export class AskedHub {
  readonly base: string;
  /** How its blank nodes begin. */
  readonly blanks: string;
  requests = 0;
  isPending = false;
  /** Whether it gave no answer, so that it is not asked again. */
  isLost = false;
  time_ms = 0;
  /** The units whose triples it gave, or has none of. */
  readonly done = new Set<number>();
  /** What it is believed to have said. */
  quads: readonly Quad[] = [];
  #branches: readonly NetworkBranch[] = [];
  #isAgain = false;

  constructor(base: string, number: number) {
    this.base = base;
    this.blanks = `hub${number}.`;
  }

  get report(): NetworkHub {
    return { hub: this.base, requests: this.requests, triples: this.quads.length, time_ms: this.time_ms };
  }

  /** Begins a request; gives what it is to ask for. */
  begin(wanted: readonly NetworkBranch[]): readonly NetworkBranch[] {
    // Blank nodes of two answers are different, so what hangs from them is asked for with them again.
    this.#isAgain = this.quads.some(({ subject, object }) =>
      [subject, object].some(({ termType }) => termType === "BlankNode"),
    );
    const branches = this.#isAgain ? [...this.#branches, ...wanted] : wanted;
    this.#branches = [...this.#branches, ...wanted];
    this.requests++;
    this.isPending = true;
    return branches;
  }

  /** Takes of an answer what the hub is believed about and `isHere` has not already; gives that. */
  take(answer: readonly Quad[], isHere: (subject: string) => boolean): readonly Quad[] {
    const known = new Map<string, boolean>();
    const isKnown = (subject: string): boolean => {
      const is = known.get(subject) ?? isHere(subject);
      known.set(subject, is);
      return is;
    };
    const news = answer
      .filter((each) => maySay(this.base, each))
      .filter(({ subject }) => subject.termType !== "NamedNode" || !isKnown(subject.value))
      .map((each) => apart(each, this.blanks));
    this.quads = this.#isAgain ? news : [...this.quads, ...news];
    return news;
  }
}

import type { DocumentStep } from "../tables/document-trail.ts";
import type { QuadStore } from "../triples/quad-store.ts";
import {
  type ReplicaPatch,
  type ReplicaStep,
  type ReplicaTurn,
  replicaStep,
  type StatedDocument,
  standingOf,
} from "./replica-patch.ts";

/**
 * Stands before the query store and passes what it is told on to whoever keeps a copy, as one Patch a commit. Without
 * a follower nothing is written down.
 */
export class ReplicaFeed {
  readonly #store: QuadStore;
  readonly #followers = new Set<(patch: ReplicaPatch) => void>();
  #steps: ReplicaStep[] = [];
  #turns: readonly ReplicaTurn[] | undefined;
  #sequence = 0;

  constructor(store: QuadStore) {
    this.#store = store;
  }

  /** The sequence of the last commit. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Calls back with every commit from now on, in order; returns the way to stop. */
  follow(follower: (patch: ReplicaPatch) => void): () => void {
    const heard = (patch: ReplicaPatch): void => follower(patch);
    this.#followers.add(heard);
    return () => this.#followers.delete(heard);
  }

  /** Says which commit the steps that follow belong to. */
  begin(steps: readonly DocumentStep[]): void {
    const isFollowed = this.#followers.size > 0;
    this.#turns = (isFollowed ? steps : []).map(({ graph, before, after }) => ({
      graph,
      before: standingOf(before),
      after: standingOf(after),
    }));
  }

  add(document: StatedDocument): void {
    this.#store.add(document);
    if (this.#followers.size > 0) this.#steps.push(replicaStep("add", document));
  }

  remove(document: StatedDocument): void {
    this.#store.remove(document);
    if (this.#followers.size > 0) this.#steps.push(replicaStep("remove", document));
  }

  /** Ends a commit. */
  advance(): void {
    this.#store.advance();
    const [steps, turns] = [this.#steps, this.#turns];
    this.#steps = [];
    this.#turns = undefined;
    // Without a commit it was the filling at the start.
    if (turns === undefined) return;
    this.#sequence++;
    for (const follower of this.#followers) follower({ sequence: this.#sequence, turns, steps });
  }
}

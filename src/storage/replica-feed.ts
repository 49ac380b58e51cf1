import type { DocumentStep } from "./document-trail.ts";
import type { QuadStore } from "./quad-store.ts";
import {
  type ReplicaMark,
  type ReplicaPatch,
  type ReplicaStep,
  replicaStep,
  type StatedDocument,
} from "./replica-patch.ts";

/**
 * Stands before the query store and passes what it is told on to whoever keeps a copy, as one Patch a commit. Without
 * a follower nothing is written down.
 */
export class ReplicaFeed {
  readonly #store: QuadStore;
  readonly #followers = new Set<(patch: ReplicaPatch) => void>();
  #steps: ReplicaStep[] = [];
  #mark: ReplicaMark | undefined;
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
    // One that the commit left as it was would tell nothing.
    const telling = steps.find(
      ({ before, after }) => before?.version !== after?.version || before?.heat !== after?.heat,
    );
    if (telling === undefined) return;
    const { graph, after } = telling;
    this.#mark = after === undefined ? { graph } : { graph, version: after.version, heat: after.heat };
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
    const [steps, mark] = [this.#steps, this.#mark];
    this.#steps = [];
    this.#mark = undefined;
    // Without a mark it was the filling at the start.
    if (mark === undefined) return;
    this.#sequence++;
    for (const follower of this.#followers) follower({ sequence: this.#sequence, mark, steps });
  }
}

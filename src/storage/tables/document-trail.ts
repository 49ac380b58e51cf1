import type { CommittedDocuments, Delivery } from "../../hub/ports/records.ts";
import type { Iri } from "../../rdf/iri.ts";
import type { SqlDatabase } from "../database/sql-database.ts";
import type { HeldDocument } from "./stored-document.ts";

/** A document before and after a batch. */
export interface DocumentStep {
  readonly graph: Iri;
  readonly before: HeldDocument | undefined;
  readonly after: HeldDocument | undefined;
  /** False when only its heat changed. */
  readonly written: boolean;
}

/**
 * What a batch of decisions did to documents: each with what it was before the first and is after the last; and which
 * Deliveries it queued.
 * Also holds back the text index, whose rows are written once, before they are needed or committed.
 */
export class DocumentTrail {
  /** In the order in which they were queued. */
  readonly deliveries: Delivery[] = [];
  readonly #steps = new Map<Iri, DocumentStep>();
  /** The text to index by document id; undefined takes the row out first. */
  #texts: { readonly id: number; readonly text: string | undefined }[] = [];

  changed(graph: Iri, before: HeldDocument | undefined, after: HeldDocument | undefined): void {
    const earlier = this.#steps.get(graph);
    this.#steps.set(graph, { graph, before: earlier === undefined ? before : earlier.before, after, written: true });
  }

  reheated(graph: Iri, before: HeldDocument, after: HeldDocument): void {
    const earlier = this.#steps.get(graph) ?? { before, written: false };
    this.#steps.set(graph, { graph, before: earlier.before, after, written: earlier.written });
  }

  queued(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.deliveries.push(delivery);
  }

  indexText(id: number, text: string): void {
    this.#texts.push({ id, text });
  }

  unindexText(id: number): void {
    this.#texts.push({ id, text: undefined });
  }

  /** Writes the text index that was held back. */
  flushTexts(database: SqlDatabase): void {
    const texts = this.#texts;
    this.#texts = [];
    for (const { id, text } of texts) {
      if (text === undefined) database.run("DELETE FROM document_text WHERE rowid = ?", id);
      else database.run("INSERT INTO document_text (rowid, content) VALUES (?, ?)", id, text);
    }
  }

  /** All documents that were there before or are there now. */
  steps(): readonly DocumentStep[] {
    return [...this.#steps.values()].filter(({ before, after }) => before !== undefined || after !== undefined);
  }
}

/** The steps as those who listen to commits are told them. */
export function committedChanges(steps: readonly DocumentStep[]): CommittedDocuments["changes"] {
  return steps
    .filter(({ written }) => written)
    .map(({ graph, before, after }) => ({
      graph,
      ...(before === undefined ? {} : { before: before.document }),
      ...(after === undefined ? {} : { after: after.document }),
    }));
}

import { Fault } from "../../outcome/fault.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import type { DocumentKind } from "../../rdf/document.ts";
import type { Iri } from "../../rdf/iri.ts";
import { parseTurtle } from "../../rdf/parse.ts";
import { literal, type Quad, quad, type Term } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sh } from "../../vocab/sh.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sterna } from "../../vocab/sterna.ts";
import { xsd } from "../../vocab/xsd.ts";
import { compileNodeShapes, type NodeShape, type PropertyShape } from "./shape-compiler.ts";
import { shortName, showTerm } from "./shape-constraint.ts";

/** The compiled shapes of every kind of document. */
export interface Shapes {
  /**
   * Checks a document against the shapes of its kind. With `focus`, that thing must pass (the post, the account, the
   * follower); without it, everything the shape is about, of which there must be something. In a profile all persons
   * must pass too. Documents of the kinds `note` and `other` have no shape.
   * @returns the first violation as a Refusal `shape-violated`, naming property, what was expected and what came
   */
  check(kind: DocumentKind, quads: readonly Quad[], focus?: Iri): Refusal | undefined;
}

/** Options of the hub that take the place of values in the shapes. */
export interface ShapeOptions {
  /** The longest text of a post in characters (code points). */
  readonly postCharacters_max?: number;
}

/** For each kind the shape of its focus, and shapes of other things in it. */
const SHAPES_OF_KIND: Readonly<
  Record<DocumentKind, { readonly focus: string; readonly others: readonly string[] } | undefined>
> = {
  post: { focus: `${sterna.namespace}PostShape`, others: [] },
  profile: { focus: `${sterna.namespace}AccountShape`, others: [`${sterna.namespace}PersonShape`] },
  follow: { focus: `${sterna.namespace}FollowShape`, others: [] },
  note: undefined,
  other: undefined,
};

/**
 * Compiles the SHACL shapes in Turtle texts (`ontologies/*-shape.ttl`).
 * @throws Fault `configuration` when a text is not Turtle, uses SHACL beyond what is compiled, or a shape is missing
 */
export function compileShapes(texts: readonly string[], options: ShapeOptions = {}): Shapes {
  const { postCharacters_max } = options;
  const quads = texts.flatMap(readTurtle);
  const compiled = compileNodeShapes(
    postCharacters_max === undefined ? quads : withContentBound(quads, postCharacters_max),
  );
  const shapeOf = (iri: string): NodeShape => {
    const shape = compiled.get(iri);
    if (shape === undefined)
      throw new Fault("configuration", `Expected the shape ${iri} in ontologies/, but it is not there.`);
    return shape;
  };
  const checks = new Map(
    Object.entries(SHAPES_OF_KIND).flatMap(([kind, shapes]) =>
      shapes === undefined
        ? []
        : [[kind, { focus: shapeOf(shapes.focus), others: shapes.others.map(shapeOf) }] as const],
    ),
  );
  return {
    check(kind, quads, focus) {
      const shapes = checks.get(kind);
      return shapes && checkDocument(shapes.focus, shapes.others, quads, focus);
    },
  };
}

function readTurtle(text: string): readonly Quad[] {
  const quads = parseTurtle(text, sterna.namespace as Iri);
  if (isRefusal(quads)) throw new Fault("configuration", `A shape in ontologies/ cannot be read: ${quads.message}`);
  return quads;
}

/** The shapes with another bound on the length of `sioc:content`. */
function withContentBound(quads: readonly Quad[], characters_max: number): readonly Quad[] {
  const ofContent = quads.filter(({ predicate, object }) => predicate.equals(sh.path) && object.equals(sioc.content));
  return quads.map((one) =>
    one.predicate.equals(sh.maxLength) && ofContent.some(({ subject }) => subject.equals(one.subject))
      ? quad(one.subject, one.predicate, literal(`${characters_max}`, xsd.integer))
      : one,
  );
}

function checkDocument(
  shape: NodeShape,
  others: readonly NodeShape[],
  quads: readonly Quad[],
  focus: Iri | undefined,
): Refusal | undefined {
  if (focus !== undefined) {
    const node = quads.find(({ subject }) => subject.value === focus && subject.termType === "NamedNode")?.subject;
    if (node === undefined) return refuseEmpty(`something about ${shown(focus)}`);
    const bad = checkNode(shape, node, quads);
    if (bad !== undefined) return bad;
  } else {
    const targets = targetsOf(shape, quads);
    if (targets.length === 0) return refuseEmpty(`a ${shortName(shape.targetClass ?? shape.targetSubjectsOf ?? "")}`);
    for (const target of targets) {
      const bad = checkNode(shape, target, quads);
      if (bad !== undefined) return bad;
    }
  }
  for (const other of others) {
    for (const target of targetsOf(other, quads)) {
      const bad = checkNode(other, target, quads);
      if (bad !== undefined) return bad;
    }
  }
  return undefined;
}

function refuseEmpty(what: string): Refusal {
  return refuse(
    "shape-violated",
    `Expected ${what} in the document, but nothing of that is there; add it and send it again.`,
  );
}

/** What a shape is about. LIMIT: as many as there are subjects; each costs one pass over the quads. */
function targetsOf(shape: NodeShape, quads: readonly Quad[]): readonly Quad["subject"][] {
  const targets = new Map<string, Quad["subject"]>();
  for (const { subject, predicate, object } of quads) {
    const ofClass = predicate.value === rdf.type.value && object.value === shape.targetClass;
    if (ofClass || predicate.value === shape.targetSubjectsOf)
      targets.set(`${subject.termType} ${subject.value}`, subject);
  }
  return [...targets.values()];
}

function checkNode(shape: NodeShape, node: Quad["subject"], quads: readonly Quad[]): Refusal | undefined {
  for (const constraint of shape.constraints) {
    if (!constraint.holds(node)) return refuseShape(node, undefined, `to be ${constraint.expected}`, showTerm(node));
  }
  const values = new Map<string, Term[]>();
  for (const { subject, predicate, object } of quads) {
    if (subject.value !== node.value || subject.termType !== node.termType) continue;
    const known = values.get(predicate.value);
    if (known === undefined) values.set(predicate.value, [object]);
    else known.push(object);
  }
  for (const property of shape.properties) {
    const bad = checkProperty(property, node, distinct(values.get(property.path) ?? []));
    if (bad !== undefined) return bad;
  }
  return undefined;
}

/** A triple said twice is one triple. */
function distinct(terms: readonly Term[]): readonly Term[] {
  if (terms.length < 2) return terms;
  const seen = new Map<string, Term>();
  for (const term of terms) {
    const kind = term.termType === "Literal" ? `${term.language} ${term.datatype.value}` : term.termType;
    seen.set(`${kind} ${term.value}`, term);
  }
  return [...seen.values()];
}

function checkProperty(property: PropertyShape, node: Term, values: readonly Term[]): Refusal | undefined {
  const { minCount, maxCount, needed, constraints } = property;
  if (values.length < minCount || values.length > maxCount) {
    return refuseShape(
      node,
      property,
      countExpected(minCount, maxCount),
      values.length === 0 ? "none" : `${values.length}`,
    );
  }
  for (const value of needed) {
    if (!values.some((one) => one.equals(value))) {
      return refuseShape(
        node,
        property,
        `to include ${showTerm(value)}`,
        values.map(showTerm).slice(0, 3).join(", ") || "none",
      );
    }
  }
  for (const value of values) {
    for (const constraint of constraints) {
      if (constraint.holds(value)) continue;
      return refuseShape(node, property, `to be ${constraint.expected}`, constraint.came?.(value) ?? showTerm(value));
    }
  }
  return undefined;
}

function countExpected(minCount: number, maxCount: number): string {
  if (minCount === maxCount) return `exactly ${minCount === 1 ? "once" : `${minCount} times`}`;
  if (minCount === 0) return `at most ${maxCount === 1 ? "once" : `${maxCount} times`}`;
  if (maxCount === Number.POSITIVE_INFINITY) return `at least ${minCount === 1 ? "once" : `${minCount} times`}`;
  return `${minCount} to ${maxCount} times`;
}

function shown(iri: string): string {
  return `<${iri.length > 120 ? `${iri.slice(0, 120)}…` : iri}>`;
}

function refuseShape(node: Term, property: PropertyShape | undefined, expected: string, came: string): Refusal {
  const about = node.termType === "NamedNode" ? shown(node.value) : "a blank node";
  const what = property === undefined ? about : `${property.name} of ${about}`;
  const message = `Expected ${what} ${expected}, but got ${came}; correct it and send it again.`;
  return refuse(
    "shape-violated",
    message,
    property === undefined ? { focus: about } : { focus: about, property: property.path },
  );
}

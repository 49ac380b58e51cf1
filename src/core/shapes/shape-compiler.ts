import { Fault } from "../../outcome/fault.ts";
import type { Quad, Term } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { sh } from "../../vocab/sh.ts";
import {
  anyOf,
  type Constraint,
  datatype,
  maxLength,
  minLength,
  nodeKind,
  oneOf,
  pattern,
  shortName,
} from "./shape-constraint.ts";

/** What the values of one property must be. */
export interface PropertyShape {
  readonly path: string;
  /** The path for people. */
  readonly name: string;
  readonly minCount: number;
  readonly maxCount: number;
  /** Values that must be among those that come. */
  readonly needed: readonly Term[];
  readonly constraints: readonly Constraint[];
}

/** What a thing must be. */
export interface NodeShape {
  readonly targetClass: string | undefined;
  readonly targetSubjectsOf: string | undefined;
  readonly constraints: readonly Constraint[];
  readonly properties: readonly PropertyShape[];
}

type About = ReadonlyMap<string, readonly Term[]>;

type MakeConstraint = (object: Term, graph: ShapeGraph) => Constraint | undefined;

/** Terms that constrain single values, and how. `undefined` means the object makes no sense. */
const VALUE_CONSTRAINTS: ReadonlyMap<string, MakeConstraint> = new Map<string, MakeConstraint>([
  [sh.nodeKind.value, (object) => nodeKind(object.value)],
  [sh.datatype.value, (object) => datatype(object.value)],
  [sh.minLength.value, (object) => minLength(count(object))],
  [sh.maxLength.value, (object) => maxLength(count(object))],
  [sh.pattern.value, (object) => pattern(object.value)],
  [sh.in.value, (object, graph) => oneOf(graph.list(object))],
  [sh.or.value, (object, graph) => anyOf(graph.list(object).map((one) => graph.alternative(one)))],
]);

const OF_PROPERTIES = new Set<string>([sh.path, sh.minCount, sh.maxCount, sh.hasValue].map((term) => term.value));
const OF_NODES = new Set<string>([sh.targetClass, sh.targetSubjectsOf, sh.property].map((term) => term.value));
/** Said to people only. */
const IGNORED = new Set<string>([sh.name, sh.description, sh.order].map((term) => term.value));

function fault(message: string): Fault {
  return new Fault("configuration", `${message} See ontologies/*-shape.ttl and src/core/shapes/shape-compiler.ts.`);
}

function count(term: Term): number {
  const value = Number(term.value);
  if (!Number.isSafeInteger(value) || value < 0)
    throw fault(`Expected a whole number in a shape, but got "${term.value}".`);
  return value;
}

/** The shapes' own triples, to be compiled. */
class ShapeGraph {
  readonly #about = new Map<string, Map<string, Term[]>>();

  constructor(quads: Iterable<Quad>) {
    for (const { subject, predicate, object } of quads) {
      const about = this.#about.get(subject.value) ?? new Map<string, Term[]>();
      about.set(predicate.value, [...(about.get(predicate.value) ?? []), object]);
      this.#about.set(subject.value, about);
    }
  }

  nodeShapes(): readonly (readonly [string, NodeShape])[] {
    return [...this.#about]
      .filter(([, about]) => about.get(rdf.type.value)?.some((type) => type.equals(sh.NodeShape)))
      .map(([iri, about]) => [iri, this.#nodeShape(about)] as const);
  }

  #of(term: Term): About {
    return this.#about.get(term.value) ?? new Map<string, Term[]>();
  }

  #nodeShape(about: About): NodeShape {
    return {
      targetClass: single(about, sh.targetClass.value)?.value,
      targetSubjectsOf: single(about, sh.targetSubjectsOf.value)?.value,
      constraints: this.#constraints(about, OF_NODES),
      properties: (about.get(sh.property.value) ?? []).map((property) => this.#propertyShape(this.#of(property))),
    };
  }

  #propertyShape(about: About): PropertyShape {
    const path = single(about, sh.path.value);
    if (path?.termType !== "NamedNode")
      throw fault("Expected sh:path with one property; other paths are not compiled.");
    const minCount = single(about, sh.minCount.value);
    const maxCount = single(about, sh.maxCount.value);
    return {
      path: path.value,
      name: shortName(path.value),
      minCount: minCount === undefined ? 0 : count(minCount),
      maxCount: maxCount === undefined ? Number.POSITIVE_INFINITY : count(maxCount),
      needed: about.get(sh.hasValue.value) ?? [],
      constraints: this.#constraints(about, OF_PROPERTIES),
    };
  }

  /** A member of `sh:or`: value constraints only. */
  alternative(term: Term): readonly Constraint[] {
    const constraints = this.#constraints(this.#of(term), new Set());
    if (constraints.length === 0)
      throw fault("Expected each member of sh:or to constrain the value, but one says nothing.");
    return constraints;
  }

  #constraints(about: About, others: ReadonlySet<string>): readonly Constraint[] {
    const found: Constraint[] = [];
    for (const [term, objects] of about) {
      const make = VALUE_CONSTRAINTS.get(term);
      if (make === undefined) {
        if (!term.startsWith(sh.namespace) || others.has(term) || IGNORED.has(term)) continue;
        throw fault(`Expected the SHACL terms that are compiled here, but got ${shortName(term)}.`);
      }
      for (const object of objects) {
        const constraint = make(object, this);
        if (constraint === undefined)
          throw fault(`Expected a value that ${shortName(term)} can take, but got "${object.value}".`);
        found.push(constraint);
      }
    }
    return found;
  }

  list(head: Term): readonly Term[] {
    const items: Term[] = [];
    for (let at = head; !at.equals(rdf.nil); ) {
      const first = single(this.#of(at), rdf.first.value);
      const rest = single(this.#of(at), rdf.rest.value);
      if (first === undefined || rest === undefined) throw fault("Expected a list in a shape, but it is broken.");
      items.push(first);
      at = rest;
    }
    return items;
  }
}

function single(about: About, term: string): Term | undefined {
  const objects = about.get(term) ?? [];
  if (objects.length > 1)
    throw fault(`Expected ${shortName(term)} at most once in a shape, but got it ${objects.length} times.`);
  return objects[0];
}

/**
 * Compiles node shapes to plain tables, by their IRI. Exactly the constraints of SHACL Core that our shapes use are
 * known (`sh:nodeKind datatype minCount maxCount minLength maxLength pattern in hasValue or`).
 * @throws Fault `configuration` on any other SHACL term, so that no rule is passed over in silence
 */
export function compileNodeShapes(quads: Iterable<Quad>): ReadonlyMap<string, NodeShape> {
  return new Map(new ShapeGraph(quads).nodeShapes());
}

import { type Iri, isIri } from "../../../rdf/iri.ts";
import { namedNode, type Term } from "../../../rdf/term.ts";
import { dcterms } from "../../../vocab/dcterms.ts";
import { rdf } from "../../../vocab/rdf.ts";
import { sioc } from "../../../vocab/sioc.ts";
import { sterna } from "../../../vocab/sterna.ts";
import type {
  NetworkBranch,
  NetworkPattern,
  NetworkPeriod,
  NetworkPlace,
  NetworkValues,
} from "../../ports/network-plan.ts";
import type { HubFacts } from "./hub-descriptions.ts";
import type { Unit } from "./question-units.ts";

/** LIMIT: triples of the rarest predicate of a unit for it to be asked whole without waiting for what may narrow it. */
const SMALL_TRIPLES = 500;

/** What a unit needs of one hub: nothing, or branches of a request, which may be narrower when more is known. */
export type HubWish =
  | { readonly kind: "none" }
  | { readonly kind: "now" | "later"; readonly branches: readonly NetworkBranch[] };

/** What is known where a wish is made. */
export interface WishContext {
  readonly base: string;
  readonly facts: HubFacts;
  readonly periods: readonly NetworkPeriod[];
  /** Accounts all of whose posts are here, and whether a thing is a post that is here. */
  readonly kept: ReadonlySet<Iri>;
  readonly isHere: (iri: string) => boolean;
  /** Things of other hubs that notes here speak about; undefined is: perhaps any. */
  readonly annotated: readonly string[] | undefined;
  /** What a variable can be; undefined when it is not known. */
  readonly terms: ReadonlyMap<string, readonly Term[]>;
  /** How blank nodes of this hub begin. */
  readonly blanks: string;
  /** Whether something else of the question may still tell what the unit's variables can be. */
  readonly mayNarrow: boolean;
}

const NONE: HubWish = { kind: "none" };

/** What a unit needs of a hub. */
export function wishOf(unit: Unit, context: WishContext): HubWish {
  const { annotated } = context;
  const noted = notedBranches(unit, context);
  const isSplit = annotated === undefined && unit.patterns.length > 1;
  const whole = isSplit ? splitWish(unit, context) : wholeWish(unit, context);
  if (noted.length === 0) return whole;
  return whole.kind === "none"
    ? { kind: "now", branches: noted }
    : { ...whole, branches: [...whole.branches, ...noted] };
}

/** Each pattern by itself, where what stands here may be the rest. */
function splitWish(unit: Unit, context: WishContext): HubWish {
  const wishes = unit.patterns.map((pattern) => wholeWish({ ...unit, patterns: [pattern] }, context));
  const branches = wishes.flatMap((wish) => (wish.kind === "none" ? [] : wish.branches));
  if (branches.length === 0) return NONE;
  return { kind: wishes.some(({ kind }) => kind === "later") ? "later" : "now", branches };
}

/** The patterns by themselves, for things that notes here say something of too. */
function notedBranches({ subject, patterns }: Unit, { base, annotated, terms }: WishContext): readonly NetworkBranch[] {
  if (annotated === undefined || annotated.length === 0 || patterns.length === 1 || "term" in subject) return [];
  const possible = terms.get(subject.variable);
  const named = annotated
    .filter((iri) => iri.startsWith(base) && (possible === undefined || possible.some(({ value }) => value === iri)))
    .map((iri) => namedNode(iri));
  if (named.length === 0) return [];
  const values = [{ variable: subject.variable, terms: named }];
  return patterns.map((pattern) => ({ patterns: [pattern], values, except: [] }));
}

function wholeWish(unit: Unit, context: WishContext): HubWish {
  const { subject, patterns } = unit;
  const { base, facts } = context;
  if ("term" in subject) {
    const { termType, value } = subject.term;
    if (termType !== "NamedNode" || !value.startsWith(base) || context.isHere(value)) return NONE;
    // Of one thing each pattern is asked by itself: what stands here may be the rest.
    return { kind: "now", branches: patterns.map((pattern) => ({ patterns: [pattern], values: [], except: [] })) };
  }
  if (patterns.some((pattern) => !mayMatch(pattern, facts)) || isOutside(unit, context)) return NONE;
  const creators = creatorsIn(unit, context);
  if (creators?.length === 0) return NONE;
  const subjects = subjectsIn(subject.variable, context);
  if (subjects?.length === 0) return NONE;
  const values = valuesOf(unit, context, { subjects, creators });
  if (values.some(({ terms }) => terms.length === 0)) return NONE;
  const except = creators === undefined ? [...context.kept].filter((account) => account.startsWith(base)) : [];
  const isNarrow = values.length > 0 || patterns.some(isSelective) || isSmall(patterns, facts);
  return { kind: isNarrow || !context.mayNarrow ? "now" : "later", branches: [{ patterns, values, except }] };
}

/** Whether a hub has what a pattern asks for, as far as it tells. */
function mayMatch({ predicate, object }: NetworkPattern, { predicates, classes }: HubFacts): boolean {
  if (!("term" in predicate)) return true;
  if (predicates !== undefined && !predicates.has(predicate.term.value) && !isSearch(predicate)) return false;
  return !(
    classes !== undefined &&
    predicate.term.equals(rdf.type) &&
    "term" in object &&
    !classes.has(object.term.value)
  );
}

/** Text search is a property that no triple has. */
function isSearch(predicate: NetworkPlace): boolean {
  return "term" in predicate && predicate.term.equals(sterna.matches);
}

/** Whether a date must be outside of the time that a hub has posts of. */
function isOutside({ patterns }: Unit, { facts, periods }: WishContext): boolean {
  const dates = patterns.filter(({ predicate }) => "term" in predicate && predicate.term.equals(dcterms.created));
  return dates.some(({ object }) => {
    if ("term" in object) return false;
    return periods.some(
      ({ variable, from, until }) =>
        variable === object.variable && (isBefore(facts.until, from) || isBefore(until, facts.from)),
    );
  });
}

function isBefore(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return Date.parse(one) < Date.parse(other);
}

/** Whose posts a unit is about, as far as that is known: accounts of this hub whose posts are not here. */
function creatorsIn({ patterns }: Unit, { base, facts, kept, terms }: WishContext): readonly Term[] | undefined {
  let found: readonly Term[] | undefined;
  for (const { predicate, object } of patterns) {
    if (!("term" in predicate) || !predicate.term.equals(sioc.has_creator)) continue;
    const told = "term" in object ? [object.term] : terms.get(object.variable);
    const all = told ?? (facts.accounts === undefined ? undefined : [...facts.accounts].map((iri) => namedNode(iri)));
    found = all?.filter(
      ({ termType, value }) =>
        termType === "NamedNode" &&
        value.startsWith(base) &&
        !kept.has(value as Iri) &&
        facts.accounts?.has(value) !== false,
    );
    // Of all accounts that a hub has only those are told apart whose posts are here.
    if (told === undefined && found !== undefined && found.length === all?.length) found = undefined;
  }
  return found;
}

/** Which things of this hub a unit is about; undefined when that is not known. */
function subjectsIn(variable: string, { base, terms, blanks, isHere }: WishContext): readonly Term[] | undefined {
  const all = terms.get(variable);
  // A blank node cannot be asked for by name.
  if (all === undefined || all.some((term) => term.termType === "BlankNode" && term.value.startsWith(blanks))) {
    return undefined;
  }
  return all.filter(
    ({ termType, value }) => termType === "NamedNode" && value.startsWith(base) && isIri(value) && !isHere(value),
  );
}

function valuesOf(
  { subject, patterns, variables }: Unit,
  { terms }: WishContext,
  known: { readonly subjects: readonly Term[] | undefined; readonly creators: readonly Term[] | undefined },
): readonly NetworkValues[] {
  const values: NetworkValues[] = [];
  for (const variable of variables) {
    const isSubject = "variable" in subject && subject.variable === variable;
    const isCreator = patterns.some(
      ({ predicate, object }) =>
        "term" in predicate &&
        predicate.term.equals(sioc.has_creator) &&
        "variable" in object &&
        object.variable === variable,
    );
    const told = isSubject ? known.subjects : isCreator ? known.creators : terms.get(variable);
    if (told !== undefined && told.every(({ termType }) => termType !== "BlankNode"))
      values.push({ variable, terms: told });
  }
  return values;
}

/** Whether a pattern names a thing, so that few triples match it. */
function isSelective({ predicate, object }: NetworkPattern): boolean {
  return "term" in object && !("term" in predicate && predicate.term.equals(rdf.type));
}

function isSmall(patterns: readonly NetworkPattern[], { predicates, sizes = predicates }: HubFacts): boolean {
  if (sizes === undefined) return false;
  const counts = patterns.map(({ predicate }) =>
    "term" in predicate ? (sizes.get(predicate.term.value) ?? 0) : Number.POSITIVE_INFINITY,
  );
  return Math.min(...counts) <= SMALL_TRIPLES;
}

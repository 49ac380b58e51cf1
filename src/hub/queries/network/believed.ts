import { blankNode, type Quad, quad, type Term } from "../../../rdf/term.ts";
import { sioc } from "../../../vocab/sioc.ts";

/** Where the hub of an account is: what it says about itself starts so (`Upstream.authority`). */
export function baseOfAccount(account: string): string | undefined {
  const url = URL.parse(account);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "") return undefined;
  return new URL("..", url).href;
}

/** A hub speaks about what is its own, and does not put posts into the mouths of others. */
export function maySay(base: string, { subject, predicate, object }: Quad): boolean {
  if (subject.termType === "NamedNode" && !subject.value.startsWith(base)) return false;
  return !predicate.equals(sioc.has_creator) || (object.termType === "NamedNode" && object.value.startsWith(base));
}

/** A triple whose blank nodes are those of one hub's answer: they are different, whatever they are called. */
export function apart({ subject, predicate, object }: Quad, hub: string): Quad {
  return quad(labelled(subject, hub) as never, predicate, labelled(object, hub) as never);
}

function labelled(term: Term, hub: string): Term {
  return term.termType === "BlankNode" ? blankNode(`${hub}.${term.value}`) : term;
}

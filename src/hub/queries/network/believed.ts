import { blankNode, type Quad, quad, type Term } from "../../../rdf/term.ts";
import { sioc } from "../../../vocab/sioc.ts";

/** Where the hub of an account is: what it says about itself starts so (`Upstream.authority`). */
export function baseOfAccount(account: string): string | undefined {
  const url = URL.parse(account);
  if (url === null || (url.protocol !== "https:" && url.protocol !== "http:") || url.username !== "") return undefined;
  return new URL(".", url).href;
}

/** A hub speaks about what is its own, and does not put posts into the mouths of others. */
export function maySay(base: string, { subject, predicate, object }: Quad): boolean {
  if (subject.termType === "NamedNode" && !subject.value.startsWith(base)) return false;
  return !predicate.equals(sioc.has_creator) || (object.termType === "NamedNode" && object.value.startsWith(base));
}

/** A triple whose blank nodes begin as one hub's do: those of others are different, whatever they are called. */
export function apart({ subject, predicate, object }: Quad, blanks: string): Quad {
  return quad(labelled(subject, blanks) as never, predicate, labelled(object, blanks) as never);
}

function labelled(term: Term, blanks: string): Term {
  return term.termType === "BlankNode" ? blankNode(`${blanks}${term.value}`) : term;
}

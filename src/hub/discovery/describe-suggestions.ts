import type { Iri } from "../../rdf/iri.ts";
import { isIri } from "../../rdf/iri.ts";
import { literal, namedNode, type Quad, quad } from "../../rdf/term.ts";
import { rdf } from "../../vocab/rdf.ts";
import { rdfs } from "../../vocab/rdfs.ts";
import { sioc } from "../../vocab/sioc.ts";
import type { Suggestions } from "./suggest.ts";

/**
 * Suggestions as data, for their account alone: `rdfs:member` of the list, `sioc:name`, the hub (`sioc:has_space`), and
 * who follows them (`sioc:follows`) as their hubs say.
 */
export function suggestionsToQuads(list: Iri, { suggestions }: Suggestions): readonly Quad[] {
  return suggestions.flatMap(({ account, name, hub, followedBy }) => {
    const self = namedNode(account);
    return [
      quad(namedNode(list), rdfs.member, self),
      quad(self, rdf.type, sioc.UserAccount),
      quad(self, sioc.name, literal(name)),
      ...(isIri(hub) && /^https?:/.test(hub) ? [quad(self, sioc.has_space, namedNode(hub))] : []),
      ...followedBy.map((voucher) => quad(namedNode(voucher.account), sioc.follows, self)),
    ];
  });
}

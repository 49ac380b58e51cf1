import type { Iri } from "../rdf/iri.ts";
import type { AccountIris, AccountName } from "./account.ts";
import type { ItemId } from "./item-id.ts";

/** All IRIs of the account `name` on the hub at `base` (which ends in `/`). */
export function accountIris(base: Iri, name: AccountName): AccountIris {
  const profile = `${base}${encodeURIComponent(name)}`;
  return {
    profile: profile as Iri,
    person: `${profile}#me` as Iri,
    account: `${profile}#account` as Iri,
    container: `${profile}/posts` as Iri,
    following: `${profile}/following` as Iri,
    followers: `${profile}/followers` as Iri,
    feed: `${profile}/feed.atom` as Iri,
    graphs: `${profile}/graphs` as Iri,
  };
}

/** The IRI of a post of `name`, `https://hub.example/alice/posts/<id>`. */
export function postIri(base: Iri, name: AccountName, id: ItemId): Iri {
  return `${accountIris(base, name).container}/${encodeURIComponent(id)}` as Iri;
}

/** What tells two hashtags apart: compatibility-composed, lower case (`#Café` and `#CAFÉ` are one). */
export function tagKey(label: string): string {
  return label.normalize("NFKC").toLowerCase().normalize("NFC");
}

/** The IRI of a hashtag (without `#`) on the hub at `base`. */
export function tagIri(base: Iri, label: string): Iri {
  return `${base}tags/${encodeURIComponent(tagKey(label))}` as Iri;
}

/** The name of the account of this hub that `iri` (any of its IRIs, or one below them) belongs to, if it has that form. */
export function accountNameIn(base: Iri, iri: string): string | undefined {
  if (!iri.startsWith(base)) return undefined;
  const segment = /^[^/#?]+/.exec(iri.slice(base.length))?.[0];
  if (segment === undefined) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The item id in a post's IRI below `container`, or undefined when it is not one. */
export function itemIdIn(container: Iri, iri: string): ItemId | undefined {
  if (!iri.startsWith(`${container}/`)) return undefined;
  const rest = iri.slice(container.length + 1);
  if (rest === "" || /[/#?]/.test(rest)) return undefined;
  try {
    return decodeURIComponent(rest) as ItemId;
  } catch {
    return undefined;
  }
}

/** The IRI of the document that `iri` is described in: itself without its fragment. */
export function documentOf(iri: Iri): Iri {
  const hash = iri.indexOf("#");
  return hash < 0 ? iri : (iri.slice(0, hash) as Iri);
}

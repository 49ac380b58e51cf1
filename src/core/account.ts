import type { Iri } from "../rdf/iri.ts";
import type { Instant } from "./instant.ts";
import type { BareJid } from "./jid.ts";

declare const nameBrand: unique symbol;

/** An account's name on its hub: the first path segment of its IRIs and the local part of its JID. */
export type AccountName = string & { readonly [nameBrand]: true };

/** An account (`sioc:UserAccount`) of this hub and the person (`foaf:Person`) behind it. */
export interface Account {
  readonly name: AccountName;
  /** `name@hub-domain`: where its PubsubNode lives. */
  readonly jid: BareJid;
  readonly displayName: string;
  readonly bio?: string;
  readonly homepage?: Iri;
  readonly image?: Iri;
  /** BCP 47; the language of posts that name none. */
  readonly language?: string;
  /** Other JIDs of the same person, who may publish here. */
  readonly linkedJids: readonly BareJid[];
  readonly created: Instant;
}

/** The IRIs of one account of this hub; all follow from the hub's base IRI and the name. */
export interface AccountIris {
  /** The profile document and page, `https://hub.example/alice`. */
  readonly profile: Iri;
  /** `…/alice#me`. */
  readonly person: Iri;
  /** `…/alice#account`. */
  readonly account: Iri;
  /** `…/alice/posts`. */
  readonly container: Iri;
  /** `…/alice/following`. */
  readonly following: Iri;
  /** `…/alice/followers`. */
  readonly followers: Iri;
  /** `…/alice/feed.atom`. */
  readonly feed: Iri;
}

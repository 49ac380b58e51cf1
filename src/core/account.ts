import { type Refusal, refuse } from "../outcome/refusal.ts";
import { type Iri, isIri } from "../rdf/iri.ts";
import { literal, type NamedNode, namedNode, type Quad, type QuadObject, quad, type Term } from "../rdf/term.ts";
import { dcterms } from "../vocab/dcterms.ts";
import { foaf } from "../vocab/foaf.ts";
import { rdf } from "../vocab/rdf.ts";
import { rdfs } from "../vocab/rdfs.ts";
import { sioc } from "../vocab/sioc.ts";
import { sioct } from "../vocab/sioct.ts";
import { sterna } from "../vocab/sterna.ts";
import { xsd } from "../vocab/xsd.ts";
import type { Instant } from "./instant.ts";
import type { BareJid } from "./jid.ts";
import type { PictureFacts, PictureId } from "./picture.ts";

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
  /** The picture that `image` is the address of, when it is kept here. */
  readonly picture?: PictureFacts & { readonly id: PictureId };
  /** BCP 47; the language of posts that name none. */
  readonly language?: string;
  /** Other JIDs of the same person, who may publish here. */
  readonly linkedJids: readonly BareJid[];
  /** Where its posts since then stand too: the microblog of one of its linked JIDs. */
  readonly alsoAt?: { readonly jid: BareJid; readonly since: Instant };
  /** Whom it follows is for itself alone. */
  readonly privateFollows?: true;
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
  /** `…/alice/graphs`: where its notes are. */
  readonly graphs: Iri;
}

/** Names that stand for something else in the hub's paths. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "api",
  "sparql",
  "tags",
  "health",
  "context",
  "vocabulary",
  "style",
  "static",
  "login",
  "logout",
  "settings",
  "search",
  "about",
  "admin",
  "hub",
  "favicon",
  "robots",
]);

/** LIMIT: the longest account name in characters. */
export const ACCOUNT_NAME_LENGTH_MAX = 64;
/** LIMIT: the longest display name and bio in characters. */
export const DISPLAY_NAME_LENGTH_MAX = 100;
export const BIO_LENGTH_MAX = 2_000;

/**
 * Reads an account name: a letter or digit, then letters, digits, `_` and `-`, lower case and NFC, so that it is at
 * the same time a path segment and the local part of a JID. Refuses with `invalid`, or `conflict` when reserved.
 */
export function parseAccountName(text: string): AccountName | Refusal {
  const name = text.normalize("NFKC").toLowerCase().normalize("NFC");
  if (name.length > ACCOUNT_NAME_LENGTH_MAX || !/^[\p{L}\p{N}][\p{L}\p{N}\p{M}_-]*$/u.test(name)) {
    return refuse(
      "invalid",
      `Expected an account name of 1 to ${ACCOUNT_NAME_LENGTH_MAX} letters, digits, "_" or "-", but got "${text.slice(0, 80)}".`,
    );
  }
  if (RESERVED_NAMES.has(name)) {
    return refuse("conflict", `The name "${name}" is used by the hub itself; choose another one.`);
  }
  return name as AccountName;
}

/** What a profile document says besides the account's own fields. */
export interface ProfilePlace {
  readonly iris: AccountIris;
  readonly hub: Iri;
  /** The `xmpp:` IRI of the account's PubsubNode; absent while the hub has no XMPP. */
  readonly pubsubNode?: Iri;
}

/** The profile document's quads: the Person, the Account and its Container. */
export function accountToQuads(account: Account, place: ProfilePlace): Quad[] {
  const { iris } = place;
  const person = namedNode(iris.person);
  const self = namedNode(iris.account);
  const container = namedNode(iris.container);
  const quads: Quad[] = [];
  const say = (subject: NamedNode, predicate: NamedNode, object: QuadObject | undefined): void => {
    if (object !== undefined) quads.push(quad(subject, predicate, object));
  };
  const text = (value: string): QuadObject =>
    account.language === undefined ? literal(value) : literal(value, account.language);
  const iri = (value: Iri | undefined): QuadObject | undefined => (value === undefined ? undefined : namedNode(value));

  say(person, rdf.type, foaf.Person);
  say(person, foaf.name, literal(account.displayName));
  say(person, foaf.nick, literal(account.name));
  say(person, foaf.account, self);
  say(person, rdfs.comment, account.bio === undefined ? undefined : text(account.bio));
  say(person, foaf.homepage, iri(account.homepage));
  say(person, foaf.img, iri(account.image));
  say(self, rdf.type, sioc.UserAccount);
  say(self, rdf.type, foaf.OnlineAccount);
  say(self, sioc.account_of, person);
  say(self, foaf.accountName, literal(account.name));
  say(self, sioc.feed, namedNode(iris.feed));
  say(self, foaf.jabberID, literal(account.jid));
  say(self, sterna.pubsubNode, iri(place.pubsubNode));
  say(self, dcterms.created, literal(account.created, xsd.dateTime));
  say(container, rdf.type, sioct.Microblog);
  say(container, sioc.has_owner, self);
  say(container, sioc.has_space, namedNode(place.hub));
  return quads;
}

/** What is known of any account, here or on another hub, from its profile's quads. */
export interface AccountProfile {
  readonly account: Iri;
  readonly person?: Iri;
  readonly displayName?: string;
  readonly bio?: string;
  readonly jid?: string;
  readonly image?: Iri;
  readonly homepage?: Iri;
  readonly container?: Iri;
  readonly feed?: Iri;
  /** As written: an `xmpp:` IRI. */
  readonly pubsubNode?: string;
}

/** Reads what `quads` say about `account`; unknown things are left out. */
export function profileFromQuads(quads: Iterable<Quad>, account: Iri): AccountProfile {
  const all = [...quads];
  const objects = (subject: string, predicate: Term): Term[] =>
    all.filter((q) => q.subject.value === subject && q.predicate.value === predicate.value).map((q) => q.object);
  const iriOf = (subject: string, predicate: Term): Iri | undefined =>
    objects(subject, predicate)
      .filter((term) => term.termType === "NamedNode")
      .map((term) => term.value)
      .find(isIri);
  const textOf = (subject: string, predicate: Term): string | undefined => objects(subject, predicate)[0]?.value;
  const backwards = (predicate: Term, object: string): Iri | undefined =>
    all
      .filter((q) => q.predicate.value === predicate.value && q.object.value === object)
      .map((q) => q.subject.value)
      .find(isIri);

  const person = iriOf(account, sioc.account_of) ?? backwards(foaf.account, account);
  const jid = textOf(account, foaf.jabberID) ?? (person && textOf(person, foaf.jabberID));
  const found: { [K in keyof AccountProfile]: AccountProfile[K] | undefined } = {
    account,
    person,
    displayName:
      (person && (textOf(person, foaf.name) ?? textOf(person, foaf.nick))) ??
      textOf(account, sioc.name) ??
      textOf(account, foaf.accountName),
    bio: person && textOf(person, rdfs.comment),
    jid: jid?.replace(/^xmpp:/, ""),
    image: (person && (iriOf(person, foaf.img) ?? iriOf(person, foaf.depiction))) ?? iriOf(account, sioc.avatar),
    homepage: person && iriOf(person, foaf.homepage),
    container: backwards(sioc.has_owner, account),
    feed: iriOf(account, sioc.feed),
    pubsubNode: iriOf(account, sterna.pubsubNode),
  };
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined),
  ) as unknown as AccountProfile;
}

/** The accounts that `quads` describe: everything typed `sioc:UserAccount` (or SIOC's older `sioc:User`), or held by somebody. */
export function accountsIn(quads: Iterable<Quad>): readonly Iri[] {
  const found = new Set<Iri>();
  for (const { subject, predicate, object } of quads) {
    const typed = predicate.value === rdf.type.value && object.value === sioc.UserAccount.value;
    const holds = predicate.value === sioc.account_of.value;
    if ((typed || holds) && isIri(subject.value)) found.add(subject.value);
  }
  return [...found];
}

import type { NamedNode } from "../../rdf/term.ts";
import { dc } from "../../vocab/dc.ts";
import { dcterms } from "../../vocab/dcterms.ts";
import { foaf } from "../../vocab/foaf.ts";
import { moat } from "../../vocab/moat.ts";
import { sib } from "../../vocab/sib.ts";
import { sioc } from "../../vocab/sioc.ts";
import { sioct } from "../../vocab/sioct.ts";
import { sioctype } from "../../vocab/sioctype.ts";
import { smob } from "../../vocab/smob.ts";
import { sterna } from "../../vocab/sterna.ts";
import { tags } from "../../vocab/tags.ts";
import type { DroppedReason } from "./import-finding.ts";

const iris = (...terms: readonly (NamedNode | string)[]): ReadonlySet<string> =>
  new Set(terms.map((term) => (typeof term === "string" ? term : term.value)));

// COMPAT: classes as LSBench 1.0 and SMOB 2 spell them; none of these is in SIOC.
const SMOB_POST = `${sioct.namespace}Microblogpost`;
const LSBENCH_ACCOUNT = `${sioc.namespace}user`;
const OLD_ACCOUNT = `${sioc.namespace}User`;

/** What makes a subject a post, besides having `sioc:content`. */
export const POST_TYPES = iris(
  sioct.MicroblogPost,
  sioctype.MicroblogPost,
  SMOB_POST,
  sioc.Post,
  sioct.BlogPost,
  sioct.Comment,
  sib.Post,
  sib.Comment,
);

/** What makes a subject an account. */
export const ACCOUNT_TYPES = iris(sioc.UserAccount, foaf.OnlineAccount, LSBENCH_ACCOUNT, OLD_ACCOUNT);

/** What makes a subject a person. */
export const PERSON_TYPES = iris(foaf.Person, foaf.Agent, foaf.Group, foaf.Organization);

/** What makes a subject a tag, which is described in the posts that carry it. */
export const TAG_TYPES = iris(sioct.Tag, tags.Tag);

/** Classes read as another. */
export const CLASS_READ_AS: ReadonlyMap<string, NamedNode> = new Map<string, NamedNode>([
  [sioctype.MicroblogPost.value, sioct.MicroblogPost],
  [SMOB_POST, sioct.MicroblogPost],
  [sib.Post.value, sioct.MicroblogPost],
  [sib.Comment.value, sioct.MicroblogPost],
  [sioctype.Microblog.value, sioct.Microblog],
  [LSBENCH_ACCOUNT, sioc.UserAccount],
  [OLD_ACCOUNT, sioc.UserAccount],
  [`${sib.namespace}User`, sioc.UserAccount],
  [tags.Tag.value, sioct.Tag],
  [smob.Hub.value, sterna.Hub],
]);

/** Properties read as another, whatever their subject. */
export const PROPERTY_READ_AS: ReadonlyMap<string, NamedNode> = new Map<string, NamedNode>([
  [dc.created.value, dcterms.created],
  [dc.creator.value, dcterms.creator],
  [dc.date.value, dcterms.date],
  [dc.description.value, dcterms.description],
  [dc.format.value, dcterms.format],
  [dc.language.value, dcterms.language],
  [dc.subject.value, dcterms.subject],
  [dc.title.value, dcterms.title],
  [sib.reply_of.value, sioc.reply_of],
  [foaf.holdsAccount.value, foaf.account],
]);

/** Properties whose object is a hashtag when it is a text, and a topic when it is an IRI. */
export const TAG_PROPERTIES = iris(sib.hashtag, moat.taggedWith, tags.taggedWithTag);

/** Properties that are never kept, and why. */
export const PROPERTY_DROPPED: ReadonlyMap<string, DroppedReason> = new Map<string, DroppedReason>([
  [sioc.ip_address.value, "private"],
  [sioc.email.value, "private"],
  [foaf.mbox.value, "private"],
  [foaf.birthday.value, "private"],
  [sib.browser.value, "noise"],
  [`${sib.namespace}agent`, "noise"],
  [sib.class_year.value, "noise"],
]);

/** Titles that machines put there: LSBench's "null", SMOB's "Update - 2010-02-01T…". */
export const EMPTY_TITLE = /^(null|Update - .*)$/s;

import {
  type Account,
  type AccountName,
  accountToQuads,
  BIO_LENGTH_MAX,
  DISPLAY_NAME_LENGTH_MAX,
  parseAccountName,
} from "../../core/account.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import { type BareJid, parseBareJid } from "../../core/jid.ts";
import { isOfOneScript } from "../../core/one-script.ts";
import { isLanguageTag, whyNotCarried } from "../../core/posts/compose.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { MICROBLOG_NODE, microblogNode } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import { type Iri, isIri, parseIri } from "../../rdf/iri.ts";
import { showFollows } from "../following/follow-lists.ts";
import { announce } from "../people/own-presence.ts";
import { identifiedPicture, pictureAddress } from "../people/picture.ts";
import { profileNodeChanges } from "../people/profile-nodes.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { pubsubIri } from "../pubsub/pubsub-iri.ts";
import { watchMembers } from "../watches/watch-members.ts";
import { requireOwner } from "./authenticate.ts";

/** LIMIT: how many JIDs one account links. */
const LINKED_JIDS_MAX = 20;

/** What may be said of an account by its holder. */
export interface AccountWish {
  readonly displayName?: string;
  readonly bio?: string;
  readonly homepage?: string;
  readonly image?: string;
  readonly language?: string;
  readonly linkedJids?: readonly string[];
  readonly privateFollows?: boolean;
  /** A picture to be kept here, whose address becomes `image`; undefined takes it away. */
  readonly picture?: Uint8Array | undefined;
}

/** Makes an account with its profile document, its PubsubNode and a first token. For the hub's owner. */
export async function createAccount(
  hub: HubPorts,
  by: Requester,
  wanted: AccountWish & { readonly name: string },
): Promise<{ readonly account: Account; readonly iri: Iri; readonly token: string } | Refusal> {
  const no = requireOwner(by, "add accounts");
  if (no !== undefined) return no;
  const name = parseAccountName(wanted.name);
  if (isRefusal(name)) return name;
  // Not asked of accounts that are there: whoever has a name keeps it.
  if (!isOfOneScript(name)) {
    return refuse(
      "invalid",
      `Expected a name with the letters of one script, so that it looks like no other name, but "${name}" mixes several; choose another one.`,
    );
  }
  const jid = parseBareJid(`${name}@${hub.identity.domain}`);
  if (isRefusal(jid)) return jid;
  const now = hub.now();
  const account = withWish(hub, { name, jid, displayName: name, linkedJids: [], created: now }, wanted);
  if (isRefusal(account)) return account;
  const token = hub.newSecret(24);
  return await hub.records.transact((reader) => {
    if (reader.account(name) !== undefined) {
      return refuse("conflict", `Expected a new name, but there is already an account "${name}"; choose another one.`);
    }
    const changes = accountChanges(hub, account, now, undefined);
    if (isRefusal(changes)) return changes;
    const said = profileNodeChanges(hub, reader, account, now, base64Of(wanted.picture));
    const record = { hash: hub.hash(token), holder: { kind: "account", name }, label: "first", created: now } as const;
    return {
      changes: [...changes, ...said, { kind: "token-put", token: record }],
      result: { account, iri: accountIris(hub.identity.base, name).account, token },
    };
  });
}

/** Changes what an account says of itself. For the account and the hub's owner. An empty text takes a field away. */
export async function updateAccount(
  hub: HubPorts,
  by: Requester,
  name: string,
  wanted: AccountWish,
): Promise<Account | Refusal> {
  if (by.kind !== "account" || by.account.name !== name) {
    const no = requireOwner(by, `change the account "${name}"`);
    if (no !== undefined) return no;
  }
  const changed = await hub.records.transact((reader) => {
    const before = reader.account(name as AccountName);
    if (before === undefined) return refuse("not-found", `Expected an account of this hub, but there is no "${name}".`);
    const account = withWish(hub, before, wanted);
    if (isRefusal(account)) return account;
    const now = hub.now();
    const changes = accountChanges(hub, account, now, before);
    if (isRefusal(changes)) return changes;
    const said = profileNodeChanges(hub, reader, account, now, base64Of(wanted.picture));
    const shown = account.privateFollows === before.privateFollows ? [] : showFollows(hub, reader, account, now);
    const members = watchMembers(hub, reader, account);
    return { changes: [...changes, ...said, ...members, ...shown], result: { before, account } };
  });
  if (isRefusal(changed)) return changed;
  const { before, account } = changed;
  // What presence says of it has changed: its picture (XEP-0153), and the hash of a description with its name.
  if (before.picture?.id !== account.picture?.id || before.displayName !== account.displayName) {
    await announce(hub, account.jid);
  }
  return account;
}

function base64Of(picture: Uint8Array | undefined): string | undefined {
  return picture === undefined ? undefined : Buffer.from(picture).toString("base64");
}

/** Makes one more token for an account (by itself or the owner), or for the owner (by the owner). */
export async function issueToken(
  hub: HubPorts,
  by: Requester,
  holder: { readonly kind: "owner" } | { readonly kind: "account"; readonly name: string },
  label: string,
): Promise<string | Refusal> {
  const own = by.kind === "account" && holder.kind === "account" && by.account.name === holder.name;
  const no = own ? undefined : requireOwner(by, "make tokens for others");
  if (no !== undefined) return no;
  const token = hub.newSecret(24);
  return await hub.records.transact((reader) => {
    if (holder.kind === "account" && reader.account(holder.name as AccountName) === undefined) {
      return refuse("not-found", `Expected an account of this hub, but there is no "${holder.name}".`);
    }
    const of = holder.kind === "owner" ? holder : { kind: "account" as const, name: holder.name as AccountName };
    const record = { hash: hub.hash(token), holder: of, label: label.slice(0, 100), created: hub.now() };
    return { changes: [{ kind: "token-put", token: record }], result: token };
  });
}

/** The changes that make `account` so: its record, profile document, PubsubNode and who may publish there. */
export function accountChanges(
  hub: HubPorts,
  account: Account,
  now: Instant,
  before: Account | undefined,
): readonly RecordChange[] | Refusal {
  const document = profileDocument(hub, account, now, before !== undefined);
  const bad = hub.shapes.check("profile", document.quads, accountIris(hub.identity.base, account.name).account);
  if (bad !== undefined) return bad;
  const changes: RecordChange[] = [
    { kind: "account-put", account },
    { kind: "document-put", document },
  ];
  const at = { service: account.jid, node: MICROBLOG_NODE };
  if (before === undefined) {
    changes.push({ kind: "node-put", node: microblogNode(account.jid, account.displayName, account.created) });
  }
  for (const jid of before?.linkedJids ?? []) {
    if (!account.linkedJids.includes(jid)) changes.push({ kind: "affiliation-put", ...at, jid, affiliation: "none" });
  }
  for (const jid of account.linkedJids) {
    changes.push({ kind: "affiliation-put", ...at, jid, affiliation: "publisher" });
  }
  // Last, and at each change: an older version made less of an account that linked its own JID.
  changes.push({ kind: "affiliation-put", ...at, jid: account.jid, affiliation: "owner" });
  return changes;
}

function profileDocument(hub: HubPorts, account: Account, now: Instant, changed: boolean): Document {
  const iris = accountIris(hub.identity.base, account.name);
  return {
    graph: iris.profile,
    kind: "profile",
    audience: "public",
    origin: { kind: "own" },
    author: iris.account,
    created: account.created,
    ...(changed ? { modified: now } : {}),
    received: now,
    quads: accountToQuads(account, {
      iris,
      hub: hub.identity.base,
      pubsubNode: pubsubIri(account.jid, MICROBLOG_NODE),
    }),
  };
}

function withWish(hub: HubPorts, account: Account, wanted: AccountWish): Account | Refusal {
  const jids = readJids(wanted.linkedJids ?? account.linkedJids, account.jid);
  if (isRefusal(jids)) return jids;
  const homepage = readLink(wanted.homepage, account.homepage);
  if (isRefusal(homepage)) return homepage;
  const image = readImage(hub, account, wanted);
  if (isRefusal(image)) return image;
  const said = readWords(wanted);
  if (isRefusal(said)) return said;
  const displayName = (said.displayName ?? account.displayName).trim() || account.name;
  const bio = said.bio ?? account.bio ?? "";
  const language = wanted.language ?? account.language ?? "";
  const privateFollows = wanted.privateFollows ?? account.privateFollows === true;
  if (language !== "" && !isLanguageTag(language)) {
    return refuse("invalid", `Expected a language tag such as en or pt-BR, but got "${language.slice(0, 40)}".`);
  }
  return {
    name: account.name,
    jid: account.jid,
    displayName,
    ...(bio === "" ? {} : { bio }),
    ...(homepage === undefined ? {} : { homepage }),
    ...image,
    ...(language === "" ? {} : { language: language.toLowerCase() }),
    linkedJids: jids,
    ...(account.alsoAt !== undefined && jids.includes(account.alsoAt.jid) ? { alsoAt: account.alsoAt } : {}),
    ...(privateFollows ? { privateFollows } : {}),
    created: account.created,
  };
}

/** What people read of the wish: a name on one line, both in characters that feeds and stanzas can carry. */
function readWords(wanted: AccountWish): Pick<AccountWish, "displayName" | "bio"> | Refusal {
  const displayName = wanted.displayName?.replace(/\s+/g, " ");
  const bio = wanted.bio?.replace(/\r\n?/g, "\n");
  const [nameLength, bioLength] = [displayName?.length ?? 0, bio?.length ?? 0];
  if (nameLength > DISPLAY_NAME_LENGTH_MAX || bioLength > BIO_LENGTH_MAX) {
    return refuse(
      "too-large",
      `Expected a display name of at most ${DISPLAY_NAME_LENGTH_MAX} and a bio of at most ${BIO_LENGTH_MAX} characters, but got ${nameLength} and ${bioLength}.`,
    );
  }
  const no = whyNotCarried(displayName ?? "") ?? whyNotCarried(bio ?? "");
  return no ?? { ...(displayName === undefined ? {} : { displayName }), ...(bio === undefined ? {} : { bio }) };
}

/** The picture, kept here or elsewhere: one takes the place of the other. */
function readImage(hub: HubPorts, account: Account, wanted: AccountWish): Pick<Account, "image" | "picture"> | Refusal {
  if (wanted.picture !== undefined) {
    const picture = identifiedPicture(hub, wanted.picture);
    if (isRefusal(picture)) return picture;
    return { image: pictureAddress(accountIris(hub.identity.base, account.name)), picture };
  }
  const takesAway = "picture" in wanted && account.picture !== undefined;
  const image = takesAway ? undefined : readLink(wanted.image, account.image);
  if (isRefusal(image) || image === undefined) return image ?? {};
  const same = image === account.image && account.picture !== undefined;
  return same ? { image, picture: account.picture } : { image };
}

function readLink(text: string | undefined, before: Iri | undefined): Iri | undefined | Refusal {
  if (text === undefined) return before;
  if (text === "") return undefined;
  if (isIri(text) && !/^https?:/i.test(text)) {
    return refuse("invalid", `Expected an http or https address, but got "${text.slice(0, 80)}".`);
  }
  return parseIri(text);
}

/** The JIDs to link. The account's own is left out: it owns its node already. */
function readJids(texts: readonly string[], own: BareJid): readonly BareJid[] | Refusal {
  if (texts.length > LINKED_JIDS_MAX) {
    return refuse("too-large", `Expected at most ${LINKED_JIDS_MAX} linked JIDs, but got ${texts.length}.`);
  }
  const jids = new Set<BareJid>();
  for (const text of texts) {
    const jid = parseBareJid(text);
    if (isRefusal(jid)) return jid;
    if (jid !== own) jids.add(jid);
  }
  return [...jids];
}

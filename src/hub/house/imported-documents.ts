import { type Account, type AccountName, parseAccountName, profileFromQuads } from "../../core/account.ts";
import { accountIris, accountNameIn, itemIdIn } from "../../core/hub-iris.ts";
import { isGenid } from "../../core/import/import-triples.ts";
import { type Instant, parseInstant } from "../../core/instant.ts";
import { parseBareJid } from "../../core/jid.ts";
import { postFromQuads } from "../../core/posts/post.ts";
import { isRefusal, type Refusal, refuse } from "../../outcome/refusal.ts";
import { microblogNode } from "../../pubsub/configuration.ts";
import type { Document } from "../../rdf/document.ts";
import type { Quad } from "../../rdf/term.ts";
import { as } from "../../vocab/as.ts";
import { rdf } from "../../vocab/rdf.ts";
import { importedNote, type NoteSizes, noteOwnerOf } from "../graphs/import-note.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { RecordChange, RecordReader } from "../ports/records.ts";
import type { Requester } from "../ports/requester.ts";
import { publishRequest } from "../posts/publish-post.ts";
import { nodePut } from "../pubsub/hub-node.ts";

/**
 * What each document of an import changes, and what it may not: the owner restores the hub's own documents with their
 * accounts and items, an account takes in what others wrote and its own notes. Decides inside a commit; changes nothing.
 */
export class ImportedDocuments {
  readonly #hub: HubPorts;
  readonly #by: Requester;
  /** Accounts made by this import: their posts may stand in the same commit, before the records know them. */
  readonly #accounts = new Map<AccountName, Account>();
  /** Notes as they are with those of the commit that is being made. */
  #noteSizes: NoteSizes = new Map();

  constructor(hub: HubPorts, by: Requester) {
    this.#hub = hub;
    this.#by = by;
  }

  /** A commit begins: notes are counted anew. */
  beginCommit(): void {
    this.#noteSizes = new Map();
  }

  /** What takes a document in, `unchanged` where it is here already or was deleted here, or why it may not be taken. */
  change(reader: RecordReader, document: Document): readonly RecordChange[] | "unchanged" | Refusal {
    const present = reader.document(document.graph);
    if (present?.kind === "tombstone") return "unchanged";
    if (present?.kind === "live" && sameQuads(present.document.quads, document.quads)) return "unchanged";
    const noteOwner = noteOwnerOf(this.#hub.identity.base, document.graph);
    if (noteOwner !== undefined) {
      if (!this.#hasAccount(reader, noteOwner)) {
        return refuse(
          "not-found",
          `Expected an account "${noteOwner}" on this hub, but there is none; import its profile first.`,
        );
      }
      const note = importedNote(this.#hub, reader, this.#by, noteOwner, document, this.#noteSizes);
      return isRefusal(note) ? note : [{ kind: "document-put", document: note }];
    }
    // Likes and follows of a file stand under IRIs that the import made: they belong to who speaks in them.
    const speaks = isGenid(this.#hub.identity.base, document.graph) ? (document.author ?? "") : document.graph;
    const ours = speaks.startsWith(this.#hub.identity.base);
    const no = this.#whyNot(document, ours, present?.kind === "live" ? present.document : undefined);
    if (no !== undefined) return no;
    const focus = document.kind === "profile" ? (document.author ?? document.graph) : focusOf(document);
    const bad = this.#hub.shapes.check(document.kind, document.quads, focus);
    if (bad !== undefined) return bad;
    if (!ours) return [{ kind: "document-put", document }];
    const own: Document = { ...document, origin: { kind: "own" } };
    const more =
      own.kind === "profile"
        ? this.#restoreAccount(reader, own)
        : own.kind === "post" && own.audience === "public"
          ? this.#restoreItem(reader, own)
          : [];
    return isRefusal(more) ? more : [{ kind: "document-put", document: own }, ...more];
  }

  #hasAccount(reader: RecordReader, name: AccountName): boolean {
    return reader.account(name) !== undefined || this.#accounts.has(name);
  }

  /** What an import must not do: speak for this hub or its other accounts, or put less in the place of more. */
  #whyNot(document: Document, ours: boolean, present: Document | undefined): Refusal | "unchanged" | undefined {
    if (this.#by.kind !== "owner") {
      const importer = this.#by.kind === "account" ? this.#by.iri : "";
      if (ours && !isLikeOf(importer, document)) {
        return refuse("forbidden", "It belongs to this hub itself; only the hub's owner may restore it.");
      }
      if (document.author?.startsWith(this.#hub.identity.base) === true && document.author !== importer) {
        return refuse(
          "not-the-author",
          `It speaks for ${document.author}, which only that account or the owner may do.`,
        );
      }
    }
    // What its own hub pushed is newer than any copy of it.
    if (present?.origin.kind === "received" && present.kind === document.kind) return "unchanged";
    if (document.kind === "other" && present !== undefined && present.kind !== "other") {
      return refuse(
        "conflict",
        `It says something about a ${present.kind} that is here, but is none itself; it would take its place.`,
      );
    }
    return undefined;
  }

  /** The account that an own profile document describes, made anew when it is not here. */
  #restoreAccount(reader: RecordReader, document: Document): readonly RecordChange[] | Refusal {
    const account = accountOf(this.#hub, document);
    if (isRefusal(account)) return account;
    const present = reader.account(account.name);
    if (present !== undefined) {
      const { linkedJids, created, picture, image } = present;
      const kept = picture === undefined || account.image !== image ? {} : { picture };
      return [{ kind: "account-put", account: { ...account, linkedJids, created, ...kept } }];
    }
    this.#accounts.set(account.name, account);
    return [
      { kind: "account-put", account },
      ...nodePut(microblogNode(account.jid, account.displayName, account.created)),
    ];
  }

  /** The PubsubItem of an own post, so that followers can page it; nobody is notified of old posts. */
  #restoreItem(reader: RecordReader, document: Document): readonly RecordChange[] | Refusal {
    const name = accountNameIn(this.#hub.identity.base, document.graph) as AccountName | undefined;
    const account = name === undefined ? undefined : (reader.account(name) ?? this.#accounts.get(name));
    const post = postFromQuads(document.quads, document.graph);
    if (isRefusal(post)) return post;
    if (account === undefined) {
      return refuse("not-found", `There is no account "${name ?? ""}" for this post; import its profile first.`);
    }
    if (itemIdIn(accountIris(this.#hub.identity.base, account.name).container, document.graph) === undefined) return [];
    const { service, node, item } = publishRequest(this.#hub, account, post, document.quads);
    return [{ kind: "item-put", item: { service, node, publisher: account.jid, ...item } }];
  }
}

/** Whether a document says that an account likes something, and nothing else: what a star in its file becomes. */
function isLikeOf(account: string, { kind, graph, quads }: Document): boolean {
  const says = (predicate: string, value?: string): boolean =>
    quads.some((each) => each.predicate.value === predicate && (value === undefined || each.object.value === value));
  return (
    kind === "other" &&
    quads.length === 3 &&
    quads.every(({ subject }) => subject.value === graph) &&
    says(rdf.type.value, as.Like.value) &&
    says(as.actor.value, account) &&
    says(as.object.value)
  );
}

function focusOf(document: Document) {
  const first = document.kind === "follow" ? document.author : undefined;
  return first ?? document.graph;
}

function accountOf(hub: HubPorts, document: Document): Account | Refusal {
  const name = parseAccountName(accountNameIn(hub.identity.base, document.graph) ?? "");
  if (isRefusal(name)) return name;
  const iris = accountIris(hub.identity.base, name);
  const profile = profileFromQuads(document.quads, iris.account);
  const jid = parseBareJid(`${name}@${hub.identity.domain}`);
  if (isRefusal(jid)) return jid;
  const created: Instant | Refusal = parseInstant(document.created);
  if (isRefusal(created)) return created;
  return {
    name,
    jid,
    displayName: profile.displayName ?? name,
    ...(profile.bio === undefined ? {} : { bio: profile.bio }),
    ...(profile.homepage === undefined ? {} : { homepage: profile.homepage }),
    ...(profile.image === undefined ? {} : { image: profile.image }),
    linkedJids: [],
    created,
  };
}

/** Whether two documents say the same, whatever their blank nodes are called. */
function sameQuads(a: readonly Quad[], b: readonly Quad[]): boolean {
  if (a.length !== b.length) return false;
  const text = ({ subject, predicate, object }: Quad): string =>
    `${subject.termType === "BlankNode" ? "_" : subject.value}\n${predicate.value}\n${object.termType === "BlankNode" ? "_" : object.value}\n${
      object.termType === "Literal" ? `${object.language}^${object.datatype.value}` : object.termType
    }`;
  const there = new Set(a.map(text));
  return b.every((each) => there.has(text(each)));
}

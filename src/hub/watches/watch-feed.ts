import type { Feed } from "../../atom/feed.ts";
import { accountIris } from "../../core/hub-iris.ts";
import type { Instant } from "../../core/instant.ts";
import type { HubPorts } from "../ports/hub-ports.ts";
import type { Requester } from "../ports/requester.ts";
import type { Watch, WatchAnswer } from "../ports/standing.ts";
import { type PostJson, type PostView, postViewToJson, viewPost } from "../posts/post-view.ts";
import { meaningOf } from "./built-in-watches.ts";
import { entryOfAnswer, postOfAnswer, watchIri, watchNode, watchService } from "./watch-entry.ts";
import { viewWatch, type WatchView } from "./watch-view.ts";

/** LIMIT: answers in the feed of a watch, and on its page. */
export const NEWEST_ANSWERS = 50;

/** The newest answers of a watch, newest first, with when each was told last. */
export function newestAnswers(
  hub: HubPorts,
  watch: Watch,
): readonly { readonly answer: WatchAnswer; readonly updated: Instant }[] {
  const { reader } = hub.records;
  const page = reader.items(watchService(hub), watchNode(watch), { max: NEWEST_ANSWERS, order: "modification" });
  return (page?.items ?? []).flatMap(({ id, updated }) => {
    const answer = reader.watchAnswer(watch, id);
    return answer === undefined ? [] : [{ answer, updated }];
  });
}

/** The newest answers of a watch as an Atom feed, the same entries as over XMPP. */
export function watchFeed(hub: HubPorts, watch: Watch, version: string): Feed {
  const { reader } = hub.records;
  const entries = newestAnswers(hub, watch).map(({ answer, updated }) => ({
    updated,
    entry: entryOfAnswer(hub, reader, watch, answer, updated),
  }));
  const account = reader.account(watch.account);
  const { profile } = accountIris(hub.identity.base, watch.account);
  const iri = watchIri(hub, watch);
  return {
    id: iri,
    title: watch.name,
    updated: entries.reduce<string>((last, { updated }) => (updated > last ? updated : last), watch.created),
    selfHref: iri,
    alternateHref: profile,
    authorName: account?.displayName ?? watch.account,
    authorUri: profile,
    entries: entries.map(({ entry }) => entry),
    generatorVersion: version,
  };
}

/** The post that an answer is about, as people read it. */
export function postViewOfAnswer(hub: HubPorts, watch: Watch, answer: WatchAnswer): PostView | undefined {
  const owner = accountIris(hub.identity.base, watch.account).account;
  const document = postOfAnswer(hub.records.reader, watch, answer, owner);
  return document === undefined ? undefined : viewPost(hub, document);
}

/** An answer as plain JSON: its values (as `termId`), the post it is about, and what a CONSTRUCT made. */
export interface AnswerJson {
  readonly item: string;
  readonly values: Readonly<Record<string, string>>;
  readonly post?: PostJson;
  readonly triples?: string;
}

/** A watch with its newest answers, newest first, for the command line and scripts. */
export interface WatchJson extends WatchView {
  /** What one of the program's own means, as a sentence. */
  readonly meaning?: string;
  readonly newest: readonly AnswerJson[];
}

/** A watch for whoever may read it, with its newest answers. */
export function watchToJson(hub: HubPorts, watch: Watch, by: Requester): WatchJson {
  const meaning = meaningOf(hub, watch);
  const about = meaning?.about === undefined ? "" : ` ${meaning.about.label}`;
  return {
    ...viewWatch(hub, watch, by),
    ...(meaning === undefined ? {} : { meaning: `${meaning.words}${about}.` }),
    newest: newestAnswers(hub, watch).map(({ answer }) => answerToJson(hub, watch, answer)),
  };
}

/** An answer of a watch for scripts and pages. */
export function answerToJson(hub: HubPorts, watch: Watch, answer: WatchAnswer): AnswerJson {
  const view = postViewOfAnswer(hub, watch, answer);
  const { item, values, triples } = answer;
  return {
    item,
    values,
    ...(view === undefined ? {} : { post: postViewToJson(view) }),
    ...(triples === undefined ? {} : { triples }),
  };
}

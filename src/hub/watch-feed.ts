import type { Feed } from "../atom/feed.ts";
import { accountIris } from "../core/hub-iris.ts";
import type { HubPorts } from "./ports.ts";
import type { Watch } from "./standing-ports.ts";
import { entryOfAnswer, watchIri, watchNode, watchService } from "./watch-entry.ts";

/** LIMIT: answers in the feed of a watch. */
const FEED_ANSWERS = 50;

/** The newest answers of a watch as an Atom feed, the same entries as over XMPP. */
export function watchFeed(hub: HubPorts, watch: Watch, version: string): Feed {
  const { reader } = hub.records;
  const page = reader.items(watchService(hub), watchNode(watch), { max: FEED_ANSWERS, order: "modification" });
  const entries = (page?.items ?? []).flatMap(({ id, updated }) => {
    const answer = reader.watchAnswer(watch, id);
    return answer === undefined ? [] : [{ updated, entry: entryOfAnswer(hub, reader, watch, answer, updated) }];
  });
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

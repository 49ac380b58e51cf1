import { isRecord } from "./cli-config.ts";
import { CommandEnd, EXIT } from "./exit-code.ts";
import { type HubClient, textIn } from "./hub-client.ts";

/** How long the ids are that this hub gives to posts. */
const ID_LENGTH = 13;

/**
 * The IRI of the post somebody means: an IRI as it stands, or the id of an own post, whole or its beginning where only
 * one of the newest hundred begins so. Ends with `refused` when it is not clear.
 */
export async function postIriOf(hub: HubClient, given: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]*:/i.test(given)) return given;
  const path = await hub.ownPath("posts");
  const base = (await hub.me()).base ?? hub.url;
  const whole = (id: string): string => `${base}${path}/${encodeURIComponent(id)}`;
  if (given.length >= ID_LENGTH) return whole(given);
  const page = await hub.json(`${await hub.ownPath("timeline")}?limit=100`);
  const posts = isRecord(page) && Array.isArray(page["posts"]) ? page["posts"] : [];
  const found = posts.map((post) => textIn(post, "iri") ?? "").filter((iri) => iri.startsWith(whole(given)));
  if (found.length > 1) {
    throw new CommandEnd(
      EXIT.refused,
      `Expected the beginning of one post's id, but ${found.length} posts begin with "${given}". Give more of it.`,
    );
  }
  return found[0] ?? whole(given);
}

/** The address under which the hub takes changes of a post. Ends with `refused` for a post of another hub. */
export async function changeAddressOf(hub: HubClient, given: string): Promise<string> {
  const iri = await postIriOf(hub, given);
  const address = await hub.addressOf(iri);
  if (address === undefined) {
    throw new CommandEnd(
      EXIT.refused,
      `Expected a post of the hub at ${hub.url}, but ${iri} is somewhere else; only its own hub can change it.`,
    );
  }
  return address;
}

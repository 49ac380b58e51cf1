import type { ReactionCount } from "../../hub/posts/reactions.ts";
import { type Html, html } from "../html.ts";
import { countOf } from "./page-scope.ts";

/** LIMIT: emojis shown with one post, the most frequent. */
const EMOJIS_SHOWN_MAX = 12;

/** The reactions to a post as items of a list: each emoji with how many, said in words to who cannot see it. */
export function reactionItems(reactions: readonly ReactionCount[] = []): readonly Html[] {
  const items = reactions.slice(0, EMOJIS_SHOWN_MAX).map(({ emoji, count }) => {
    const said = `${countOf(count, "reaction", "reactions")} with ${emoji}`;
    return html`<li title="${said}"><span role="img" aria-label="${said}">${emoji} ${count.toLocaleString("en")}</span></li>`;
  });
  const more = reactions.length - items.length;
  return more <= 0 ? items : [...items, html`<li>${countOf(more, "more emoji", "more emojis")}</li>`];
}

import { LIVE_PATH, STYLE_PATH } from "./pages/render.ts";
import type { Route } from "./route-table.ts";
import { getMe, patchAccount, postAccount, postLink, postToken } from "./routes/accounts.ts";
import { getFavicon, getLiveScript, getStyle } from "./routes/assets.ts";
import { getHostMeta, getHostMetaJson, getVoid, getWebfinger } from "./routes/discovery.ts";
import { getFeed } from "./routes/feed.ts";
import { deleteFollow, postFollow } from "./routes/following.ts";
import { getGraph, postGraph, putGraph, removeOwnGraph } from "./routes/graph-store.ts";
import { deleteLike, postLike } from "./routes/likes.ts";
import { postLogin, postLoginEnd } from "./routes/logins.ts";
import { getFollows, getPage } from "./routes/page.ts";
import { deletePicture, getKeptPicture, getPicture, putPicture } from "./routes/picture.ts";
import { patchPost, postPost, removePost } from "./routes/posts.ts";
import { deleteRepost, postRepost } from "./routes/reposts.ts";
import { getSparql, postSparql } from "./routes/sparql.ts";
import { getHealth, getStatus } from "./routes/status.ts";
import { getSuggestions, postSuggestions } from "./routes/suggestions.ts";
import { getTimeline } from "./routes/timeline.ts";
import { getExport, postImport } from "./routes/transfer.ts";
import { getContext, getVocabulary } from "./routes/vocabulary.ts";
import { deleteHook, deleteWatch, getWatch, getWatches, patchWatch, postHook, postWatch } from "./routes/watches.ts";

/** Everything the hub answers, below its base. Names of the hub itself go before those of accounts. */
export const ROUTES: readonly Route[] = [
  { pattern: "", methods: { GET: getPage } },
  { pattern: "health", methods: { GET: getHealth } },
  { pattern: "sparql", methods: { GET: getSparql, POST: postSparql } },
  { pattern: "sparql/graph", methods: { GET: getGraph, POST: postGraph, PUT: putGraph, DELETE: removeOwnGraph } },
  { pattern: "vocabulary", methods: { GET: getVocabulary } },
  { pattern: "context.jsonld", methods: { GET: getContext } },
  { pattern: STYLE_PATH, methods: { GET: getStyle } },
  { pattern: LIVE_PATH, methods: { GET: getLiveScript } },
  { pattern: "favicon.svg", methods: { GET: getFavicon } },
  { pattern: "favicon.ico", methods: { GET: getFavicon } },
  { pattern: ".well-known/webfinger", methods: { GET: getWebfinger } },
  { pattern: ".well-known/host-meta", methods: { GET: getHostMeta } },
  { pattern: ".well-known/host-meta.json", methods: { GET: getHostMetaJson } },
  { pattern: ".well-known/void", methods: { GET: getVoid } },
  { pattern: "api/me", methods: { GET: getMe } },
  { pattern: "api/accounts", methods: { POST: postAccount } },
  { pattern: "api/accounts/{name}", methods: { PATCH: patchAccount } },
  { pattern: "api/accounts/{name}/links", methods: { POST: postLink } },
  { pattern: "api/tokens", methods: { POST: postToken } },
  { pattern: "api/logins", methods: { POST: postLogin } },
  { pattern: "api/logins/{login}", methods: { POST: postLoginEnd } },
  { pattern: "api/import", methods: { POST: postImport } },
  { pattern: "api/export", methods: { GET: getExport } },
  { pattern: "api/pictures/{id}", methods: { GET: getKeptPicture } },
  { pattern: "api/status", methods: { GET: getStatus } },
  { pattern: "tags", methods: { GET: getPage } },
  { pattern: "tags/{label}", methods: { GET: getPage } },
  { pattern: "{name}", methods: { GET: getPage } },
  { pattern: "{name}/avatar", methods: { GET: getPicture, PUT: putPicture, DELETE: deletePicture } },
  { pattern: "{name}/posts", methods: { GET: getPage, POST: postPost } },
  { pattern: "{name}/posts/{id}", methods: { GET: getPage, PATCH: patchPost, DELETE: removePost } },
  { pattern: "{name}/following", methods: { GET: getFollows, POST: postFollow, DELETE: deleteFollow } },
  { pattern: "{name}/likes", methods: { GET: getPage, POST: postLike, DELETE: deleteLike } },
  { pattern: "{name}/reposts", methods: { POST: postRepost, DELETE: deleteRepost } },
  { pattern: "{name}/followers", methods: { GET: getFollows } },
  { pattern: "{name}/suggestions", methods: { GET: getSuggestions, POST: postSuggestions } },
  { pattern: "{name}/timeline", methods: { GET: getTimeline } },
  { pattern: "{name}/feed.atom", methods: { GET: getFeed } },
  { pattern: "{name}/watches", methods: { GET: getWatches, POST: postWatch } },
  { pattern: "{name}/watches/{watch}", methods: { GET: getWatch, PATCH: patchWatch, DELETE: deleteWatch } },
  { pattern: "{name}/watches/{watch}/hooks", methods: { POST: postHook, DELETE: deleteHook } },
  { pattern: "{name}/graphs", methods: { GET: getPage, POST: postGraph } },
  { pattern: "{name}/graphs/{id}", methods: { GET: getPage, POST: postGraph, PUT: putGraph, DELETE: removeOwnGraph } },
  // A single follow, or what was imported under the hub's own base.
  { pattern: "{name}/{part}", methods: { GET: getPage } },
  { pattern: "{name}/{part}/{rest}", methods: { GET: getPage } },
];

import type { Answer } from "../exchange.ts";
import { FAVICON_SVG, LIVE_JS, STYLE_CSS } from "../pages/render.ts";

/** What has a path that changes with it is kept for ever. */
const FOR_EVER = { "cache-control": "public, max-age=31536000, immutable" };

/** The stylesheet. */
export function getStyle(): Answer {
  return { type: "text/css; charset=utf-8", body: STYLE_CSS, headers: FOR_EVER };
}

/** The script of pages that keep themselves up to date. */
export function getLiveScript(): Answer {
  return { type: "text/javascript; charset=utf-8", body: LIVE_JS, headers: FOR_EVER };
}

export function getFavicon(): Answer {
  return { type: "image/svg+xml", body: FAVICON_SVG, headers: { "cache-control": "public, max-age=86400" } };
}

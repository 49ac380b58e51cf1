import type { Answer } from "../exchange.ts";
import { FAVICON_SVG, STYLE_CSS } from "../pages/render.ts";

/** The stylesheet; its path changes with it, so that it is kept for ever. */
export function getStyle(): Answer {
  return {
    type: "text/css; charset=utf-8",
    body: STYLE_CSS,
    headers: { "cache-control": "public, max-age=31536000, immutable" },
  };
}

export function getFavicon(): Answer {
  return { type: "image/svg+xml", body: FAVICON_SVG, headers: { "cache-control": "public, max-age=86400" } };
}

import { createHash } from "node:crypto";

/**
 * The script of pages that follow a server-sent event stream at their own address: when something happens they read
 * themselves again and put what is new into `#live`. Without it the page is what it was when it was read. What somebody
 * stands in with the keyboard is not taken from under them.
 */
export const LIVE_JS = `"use strict";
const region = document.getElementById("live");
const news = document.getElementById("live-news");
let waiting;
const refresh = async () => {
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!response.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const next = page.getElementById("live");
  if (next === null || next.innerHTML === region.innerHTML) return;
  if (region.contains(document.activeElement)) {
    region.addEventListener("focusout", soon, { once: true });
    return;
  }
  region.replaceChildren(...next.childNodes);
  news.textContent = news.dataset.changed;
};
const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => refresh().catch(() => undefined), 200);
};
const events = new EventSource(location.href);
let wasOpen = false;
events.addEventListener("open", () => {
  if (wasOpen) soon();
  wasOpen = true;
});
events.addEventListener("answer", soon);
events.addEventListener("retracted", soon);
`;

/** Where it is: another path when it changes, so that it can be kept for ever. */
export const LIVE_PATH = `live-${createHash("sha256").update(LIVE_JS).digest("hex").slice(0, 12)}.js`;

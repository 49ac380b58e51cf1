import { createHash } from "node:crypto";

/** The one stylesheet. Light and dark follow the reader's system; widths from 360 px; no fonts are loaded. */
export const STYLE_CSS = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f8; --paper: #ffffff; --ink: #17212b; --soft: #56646f; --line: #d9e0e6;
  --link: #0a5a8c; --bill: #c0321f; --quiet: #eaf0f4; --shadow: 0 1px 2px rgb(23 33 43 / 8%);
  --text: ui-serif, "Iowan Old Style", "Palatino Linotype", Palatino, "Noto Serif", Georgia, serif;
  --plain: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "Noto Sans Mono", Menlo, Consolas, monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f161c; --paper: #182129; --ink: #e6edf2; --soft: #9cacb8; --line: #2b3843;
    --link: #7fc4f0; --bill: #ff8a75; --quiet: #22303b; --shadow: none;
  }
}
* { box-sizing: border-box; }
html { font: 100%/1.55 var(--plain); background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { margin: 0; overflow-wrap: break-word; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; text-underline-offset: .15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
main a, footer a { text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); text-underline-offset: .15em; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; margin: 0 0 .5rem; letter-spacing: -.01em; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.6vw, 2.1rem); }
h1 + .list, h1 + .card, h1 + div > .card { margin-top: 1rem; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
h1.skip + h2 { margin-top: 0; }
h1.skip + .card { margin-top: 0; }
code, pre, .mono { font-family: var(--mono); font-size: .875em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem 1rem; z-index: 1; }
.band { background: var(--paper); border-bottom: 1px solid var(--line); }
.band > div, main, .foot > div { max-width: 44rem; margin: 0 auto; padding-inline: clamp(1rem, 4vw, 1.5rem); }
.band > div { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; padding-block: .65rem; }
.home { display: inline-flex; align-items: center; gap: .5rem; color: var(--ink); font-weight: 650; margin-inline-end: auto; min-width: 0; }
.home svg { width: 1.75rem; height: 1.75rem; flex: none; }
.band nav { display: flex; gap: 1.1rem; font-size: .95rem; }
.band nav a { padding-block: .35rem; }
main { padding-block: clamp(1.25rem, 4vw, 2.25rem) 2rem; min-height: 60vh; }
.lead { color: var(--soft); font-size: 1.05rem; margin: 0 0 1.25rem; }
.soft, time { color: var(--soft); }
time { white-space: nowrap; }
.small { font-size: .875rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.15rem; margin: 0 0 .85rem; box-shadow: var(--shadow); }
.card > h2:first-child { margin-top: 0; }
.list + .note { margin-top: 1rem; }
.who { display: flex; gap: .7rem; align-items: center; margin-bottom: .55rem; }
.who > div { min-width: 0; line-height: 1.3; }
.who a.name, .who .name a { color: var(--ink); font-weight: 620; text-decoration: none; }
.who a:hover { text-decoration: underline; }
.face { width: 2.5rem; height: 2.5rem; border-radius: 50%; flex: none; object-fit: cover; display: grid; place-items: center; background: var(--quiet); color: var(--soft); font-weight: 650; overflow: hidden; }
.face.big { width: 5rem; height: 5rem; font-size: 1.75rem; }
.face img { width: 100%; height: 100%; object-fit: cover; }
.said { font-family: var(--text); font-size: 1.09rem; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.said.markup { white-space: normal; }
.said.markup > :first-child { margin-top: 0; } .said.markup > :last-child { margin-bottom: 0; }
.said.markup blockquote { margin-inline: 0; padding-inline-start: 1rem; border-inline-start: 3px solid var(--line); }
.said pre { overflow-x: auto; }
.card.main { padding: 1.35rem clamp(1.15rem, 4vw, 1.6rem); }
.card.main .said { font-size: clamp(1.15rem, 1.05rem + .6vw, 1.35rem); }
.within { margin: .6rem 0 0; }
.card blockquote { border-inline-start: 3px solid var(--line); margin: .4rem 0; padding-inline-start: .8rem; }
.files { list-style: none; padding: 0; margin: .6rem 0 0; display: grid; gap: .4rem; }
.files a[href^="geo:"] { white-space: nowrap; }
.files img { display: block; max-width: 100%; max-height: 28rem; border-radius: .4rem; }
.answers { font-size: .9rem; color: var(--soft); margin: 0 0 .4rem; }
.facts { display: flex; flex-wrap: wrap; gap: .2rem 1rem; font-size: .875rem; color: var(--soft); margin: .7rem 0 0; padding: 0; list-style: none; }
.facts a { color: var(--soft); }
.profile { display: flex; gap: 1.1rem; align-items: center; margin-bottom: 1rem; }
.profile > div { min-width: 0; } .profile h1 { margin: 0; }
.bio { font-family: var(--text); font-size: 1.09rem; white-space: pre-wrap; margin: 0 0 1rem; }
.counts { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; padding: 0; margin: 0 0 1.25rem; list-style: none; }
.counts strong { font-variant-numeric: tabular-nums; }
.ways { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .3rem 1rem; margin: 0; }
.ways dt { color: var(--soft); } .ways dd { margin: 0; overflow-wrap: anywhere; }
.list { list-style: none; padding: 0; margin: 0; }
.list > li { background: var(--paper); border: 1px solid var(--line); border-bottom-width: 0; padding: .75rem 1rem; display: flex; gap: .8rem; align-items: center; }
.list > li:first-child { border-radius: .75rem .75rem 0 0; } .list > li:last-child { border-radius: 0 0 .75rem .75rem; border-bottom-width: 1px; }
.list > li:only-child { border-radius: .75rem; }
.list > li > div { min-width: 0; flex: 1; }
.tags { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; list-style: none; }
.tags li { background: var(--paper); border: 1px solid var(--line); border-radius: 99px; padding: .2rem .8rem; }
.turn { display: flex; justify-content: space-between; gap: 1rem; margin: 1.25rem 0; }
.note { background: var(--quiet); border-radius: .6rem; padding: .7rem 1rem; margin: 0 0 1rem; }
.problem { border-inline-start: 4px solid var(--bill); }
.empty { color: var(--soft); padding: 1.5rem 0; }
textarea { width: 100%; min-height: 13rem; font: .9rem/1.5 var(--mono); padding: .8rem; border: 1px solid var(--soft); border-radius: .6rem; background: var(--paper); color: var(--ink); resize: vertical; tab-size: 2; }
label { display: block; font-weight: 600; margin-bottom: .35rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .6rem; } .row label { margin: 0; }
select { font: inherit; padding: .45rem .6rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--paper); color: var(--ink); }
button { font: inherit; font-weight: 600; padding: .5rem 1.3rem; border: 0; border-radius: .5rem; background: var(--link); color: var(--paper); cursor: pointer; }
button:hover { filter: brightness(1.1); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .6rem; background: var(--paper); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: start; vertical-align: top; padding: .4rem .75rem; border-bottom: 1px solid var(--line); }
tr:last-child > * { border-bottom: 0; }
table.data th[scope=row] { font-weight: 400; color: var(--soft); white-space: nowrap; font-family: var(--mono); font-size: .8rem; }
table.data th[scope=rowgroup] { background: var(--quiet); font-family: var(--mono); font-size: .8rem; font-weight: 600; overflow-wrap: anywhere; }
table.data td { overflow-wrap: anywhere; font-size: .85rem; }
.text { white-space: pre-wrap; }
pre.wrapped { white-space: pre-wrap; overflow-wrap: anywhere; }
pre.rdf { padding: 1rem; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .6rem; }
.foot { border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
.foot > div { padding-block: 1.25rem 2.5rem; }
details > summary { cursor: pointer; padding-block: .35rem; }
details .scroll { margin-top: .5rem; color: var(--ink); }
.formats { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; margin: .5rem 0; list-style: none; }
.term { margin-bottom: 1.1rem; } .term h2 { font-family: var(--mono); font-size: 1rem; margin: 0 0 .2rem; } .term p { margin: 0; }
@media (max-width: 34rem) {
  table.data, table.data tbody, table.data tr, table.data th, table.data td { display: block; border: 0; padding-block: .1rem; }
  table.data tr { padding-block: .3rem; }
  .ways { grid-template-columns: 1fr; } .ways dd { margin-bottom: .5rem; }
}
@media print { .band nav, .foot, form, .turn { display: none; } .card { break-inside: avoid; box-shadow: none; } }
`.trimStart();

/** Where it is: another path when it changes, so that it can be kept for ever. */
export const STYLE_PATH = `style-${createHash("sha256").update(STYLE_CSS).digest("hex").slice(0, 12)}.css`;

/** A tern in flight: the favicon, and the sign beside the hub's name. */
export const FAVICON_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" aria-hidden="true" focusable="false"><path fill="#6f8ba1" d="M3 19c13-4 21 1 27 13 6-11 15-20 31-21-10 7-15 15-19 25-3 7-9 11-17 11-4 0-8 2-12 6 1-5 2-8 5-11 5-5 3-18-15-23z"/><path fill="#22303b" d="M42 36c3-4 7-5 11-3-3 1-6 3-9 7z"/><path fill="#c0321f" d="M52 33l10 4-11 1z"/></svg>';

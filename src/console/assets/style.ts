// How the pages look: light and dark, from a phone to a wide screen. A text, because a Worker has no folder of files.

export const STYLE = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1a1f2b, #e6e9f0);
  --quiet: light-dark(#586174, #9aa4b8);
  --ground: light-dark(#f6f7f9, #0f131a);
  --paper: light-dark(#ffffff, #171c26);
  --line: light-dark(#dde1e8, #2a3242);
  --accent: light-dark(#2448c9, #8ea6ff);
  --on-accent: light-dark(#ffffff, #10162b);
  --good: light-dark(#0b6b3a, #5fd39a);
  --good-ground: light-dark(#e3f5ea, #12301f);
  --bad: light-dark(#a4231c, #ff9a90);
  --bad-ground: light-dark(#fdeae8, #3a1916);
  --warn: light-dark(#7a4b00, #f2c26b);
  --warn-ground: light-dark(#fdf1d9, #34270d);
  --code-ground: light-dark(#f1f3f7, #10151e);
  --radius: 8px;
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); overflow-wrap: anywhere; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem 1rem; z-index: 1; }

header.top { background: var(--paper); border-bottom: 1px solid var(--line); }
header.top > div { display: flex; align-items: center; gap: 1rem; padding: .75rem 1.25rem; max-width: 76rem; margin: 0 auto; flex-wrap: wrap; }
.brand { font-weight: 700; letter-spacing: -.01em; color: var(--text); text-decoration: none; display: inline-flex; align-items: center; gap: .5rem; }
.brand svg { display: block; }
.brand img { display: block; height: 1.75rem; max-width: 9rem; object-fit: contain; }
.brand-line { margin-bottom: 1.25rem; }
button.wide { width: 100%; padding: .625rem; margin-top: .5rem; font-size: 1rem; }
.where { color: var(--quiet); min-width: 0; }
.where a { color: inherit; }
header.top form, header.top .who { margin-left: auto; }
.who { display: flex; align-items: center; gap: .75rem; color: var(--quiet); font-size: .875rem; }
nav.tabs { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; display: flex; gap: 1.25rem; overflow-x: auto; }
nav.tabs a { padding: .5rem 0 .625rem; color: var(--quiet); text-decoration: none; border-bottom: 2px solid transparent; white-space: nowrap; }
nav.tabs a:hover { color: var(--text); }
nav.tabs a[aria-current] { color: var(--text); border-bottom-color: var(--accent); font-weight: 600; }
main { max-width: 76rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -.015em; margin: 0; }
h2 { font-size: 1.05rem; margin: 0; }
h3 { font-size: .95rem; margin: 0 0 .25rem; }
.body > * + h3 { margin-top: 1rem; }
dl + p { margin-top: .5rem; }
p { margin: 0 0 .75rem; max-width: 70ch; }
.heading { display: flex; align-items: baseline; gap: .75rem 1rem; flex-wrap: wrap; margin-bottom: 1.25rem; }
.heading .actions { margin-left: auto; display: flex; gap: .5rem; flex-wrap: wrap; }
.back { font-size: .875rem; display: inline-block; margin-bottom: .5rem; }
.quiet { color: var(--quiet); }
.small { font-size: .8125rem; }
.nowrap { white-space: nowrap; }

section.card { background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); margin-bottom: 1.25rem; }
section.card > header { display: flex; align-items: baseline; gap: .5rem 1rem; flex-wrap: wrap; padding: .875rem 1.125rem; border-bottom: 1px solid var(--line); }
section.card > header .actions { margin-left: auto; }
section.card > .body { padding: 1rem 1.125rem; }
.columns { display: grid; grid-template-columns: minmax(0, 2fr) minmax(16rem, 1fr); gap: 1.25rem; align-items: start; }
ul.plain { list-style: none; margin: 0; padding: 0; }
.columns.even { grid-template-columns: repeat(2, minmax(0, 1fr)); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); overflow: hidden; margin-bottom: 1.25rem; }
.tile { padding: .875rem 1rem; box-shadow: 1px 1px 0 var(--line); }
.strong { font-weight: 650; }
figure { margin: 0; }
.tile dt { color: var(--quiet); font-size: .8125rem; }
.tile dd { margin: .125rem 0 0; font-size: 1.375rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
.tiles { margin-top: 0; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { overflow-wrap: break-word; text-align: left; padding: .625rem .875rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-size: .8125rem; font-weight: 600; color: var(--quiet); white-space: nowrap; }
th:first-child, td:first-child { padding-left: 1.125rem; }
th:last-child, td:last-child { padding-right: 1.125rem; }
td time { font-size: .875rem; }
.long { overflow-wrap: anywhere; min-width: 10rem; }
tbody tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: light-dark(#fafbfc, #1b212d); }
td.number, th.number { text-align: right; }
td .id { color: var(--quiet); }
.id, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8125rem; }
pre { background: var(--code-ground); border: 1px solid var(--line); border-radius: 6px; padding: .75rem .875rem; margin: 0; overflow: auto; max-height: 30rem; white-space: pre-wrap; tab-size: 2; }
dl.facts { display: grid; grid-template-columns: minmax(7rem, max-content) minmax(0, 1fr); gap: .5rem 1.25rem; margin: 0; }
dl.facts dt { color: var(--quiet); }
dl.facts dd { margin: 0; }

.badge { display: inline-block; font-size: .8125rem; font-weight: 600; line-height: 1.5; padding: 0 .5rem; border-radius: 999px; white-space: nowrap; background: light-dark(#eceff4, #232b3a); color: var(--text); }
.badge.good { background: var(--good-ground); color: var(--good); }
.badge.bad { background: var(--bad-ground); color: var(--bad); }
.badge.warn { background: var(--warn-ground); color: var(--warn); }
.note { border-radius: var(--radius); padding: .75rem 1rem; margin-bottom: 1.25rem; border: 1px solid var(--line); background: var(--paper); }
.note > :last-child { margin-bottom: 0; }
.note.good { background: var(--good-ground); border-color: transparent; color: var(--good); }
.note.bad { background: var(--bad-ground); border-color: transparent; color: var(--bad); }
.note.warn { background: var(--warn-ground); border-color: transparent; color: var(--warn); }
.note a { color: inherit; }
.empty { padding: 2rem 1.125rem; text-align: center; }
.empty p { margin: 0 auto .75rem; }
.empty pre { text-align: left; max-width: 46rem; margin: 0 auto; }

form.filters { display: flex; gap: .625rem; flex-wrap: wrap; align-items: end; padding: .875rem 1.125rem; border-bottom: 1px solid var(--line); }
label { display: block; font-size: .8125rem; font-weight: 600; margin-bottom: .25rem; }
input[type=text], input[type=url], input[type=search], input[type=password], input[type=number], input[type=datetime-local], select, textarea {
  font: inherit; color: inherit; background: var(--paper); border: 1px solid light-dark(#8a93a5, #5b667c); border-radius: 6px; padding: .375rem .625rem; width: 100%; max-width: 100%;
}
textarea { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .8125rem; min-height: 6rem; resize: vertical; }
form.filters.last { border-bottom: 0; }
form.filters .field { width: 12rem; }
.field { margin-bottom: 1rem; }
form.filters .field { margin: 0; }
.field .hint { color: var(--quiet); font-size: .8125rem; margin: .25rem 0 0; }
.field .wrong { color: var(--bad); font-size: .8125rem; margin: .25rem 0 0; font-weight: 600; }
.field.check label { display: flex; gap: .5rem; align-items: center; font-size: inherit; font-weight: 400; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0 1rem; }
button, .button { font: inherit; font-weight: 600; font-size: .875rem; cursor: pointer; border-radius: 6px; padding: .375rem .875rem; border: 1px solid light-dark(#8a93a5, #5b667c); background: var(--paper); color: var(--text); text-decoration: none; display: inline-block; }
button:hover, .button:hover { border-color: var(--text); }
button.main, .button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--bad); border-color: var(--bad); background: transparent; }
button.plain { border: 0; background: none; padding: 0; color: var(--accent); text-decoration: underline; text-underline-offset: 2px; font-weight: 400; }
details.ask { display: inline-block; }
details.ask > summary { font-weight: 600; font-size: .875rem; cursor: pointer; border-radius: 6px; padding: .375rem .875rem; border: 1px solid light-dark(#8a93a5, #5b667c); list-style: none; display: inline-block; }
details.ask > summary::-webkit-details-marker { display: none; }
details.ask.danger > summary { color: var(--bad); border-color: var(--bad); }
details.ask[open] > div { margin-top: .625rem; padding: .875rem 1rem; border: 1px solid var(--line); border-radius: var(--radius); background: var(--paper); max-width: 34rem; }
.folds { margin-bottom: 1rem; border-bottom: 1px solid var(--line); }
details.fold { border-top: 1px solid var(--line); }
details.fold > summary { cursor: pointer; font-size: .875rem; font-weight: 600; padding: .625rem 0; }
details.fold > div { padding-top: .25rem; }
details.more > summary { cursor: pointer; color: var(--quiet); font-size: .875rem; margin: .5rem 0; }
.actions-row { display: flex; gap: .625rem; flex-wrap: wrap; align-items: flex-start; }
.presets { margin-top: 1rem; align-items: baseline; }
.blocked + .blocked { margin-top: 1rem; padding-top: .75rem; border-top: 1px solid var(--line); }
.pager { display: flex; gap: .75rem; padding: .75rem 1.125rem; border-top: 1px solid var(--line); }
.copy { margin-left: .5rem; }
.sign-in { max-width: 27rem; margin: 8vh auto 0; }
.sign-in .body { padding: 1.5rem; }
.sign-in h1 { margin-bottom: .5rem; }
.sign-in .below { margin: 1.25rem 0 0; }
progress { width: 100%; max-width: 14rem; height: .625rem; accent-color: var(--accent); vertical-align: middle; }
svg.chart { width: 100%; height: auto; display: block; }
svg.chart text { fill: var(--quiet); font-size: 11px; font-family: inherit; }
svg.chart .delivered { fill: var(--accent); }
svg.chart .failed { fill: var(--bad); }
svg.chart .room { fill: transparent; }
.legend { display: flex; gap: 1.25rem; margin-bottom: .5rem; color: var(--quiet); }
.legend span::before { content: ''; display: inline-block; width: .7rem; height: .7rem; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; }
.legend .delivered::before { background: var(--accent); }
.legend .failed::before { background: var(--bad); }
svg.chart .axis { stroke: var(--line); }
.legend { display: flex; gap: 1rem; font-size: .8125rem; color: var(--quiet); }
.legend span::before { content: ''; display: inline-block; width: .625rem; height: .625rem; border-radius: 2px; margin-right: .375rem; background: var(--accent); }
.legend span.failed::before { background: var(--bad); }
ul.fields { list-style: none; margin: .5rem 0 0; padding: 0; }
ul.fields > li { padding: .5rem 0; border-top: 1px solid var(--line); }
ul.fields p { margin: .125rem 0 0; }
ul.fields ul.fields { margin-left: .25rem; padding-left: .875rem; border-left: 2px solid var(--line); }
ul.fields ul.fields > li:first-child { border-top: 0; }
.field-name { font-weight: 650; margin-right: .5rem; }
.answer { margin-right: .875rem; }
.answer code { font-weight: 650; }
.body > h3 { margin-top: 1.25rem; }
.body > h3:first-child { margin-top: 0; }
section.card:target { border-color: var(--accent); }
details.more > pre { margin-bottom: .375rem; }
td.operation { width: 46%; overflow-wrap: anywhere; }
footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem 2rem; color: var(--quiet); font-size: .8125rem; }

@media (max-width: 52rem) {
  .columns, .columns.even { grid-template-columns: minmax(0, 1fr); }
}
@media (max-width: 36rem) {
  main { padding: 1rem .75rem 3rem; }
  header.top > div, nav.tabs { padding-left: .75rem; padding-right: .75rem; }
  th, td, section.card > header, section.card > .body, form.filters, .pager { padding-left: .75rem; padding-right: .75rem; }
  form.filters .field { width: 100%; }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin-bottom: .625rem; }
  .heading .actions { margin-left: 0; }
  table.stack thead { position: absolute; left: -9999px; }
  table.stack tr { display: block; padding: .625rem .75rem; border-bottom: 1px solid var(--line); }
  table.stack tr:last-child { border-bottom: 0; }
  table.stack td { display: block; border: 0; padding: .0625rem 0; }
  table.stack td.number { text-align: left; }
  table.stack td[data-name]::before { content: attr(data-name) ': '; color: var(--quiet); }
}
@media (prefers-reduced-motion: no-preference) {
  :root { scroll-behavior: smooth; }
}
`

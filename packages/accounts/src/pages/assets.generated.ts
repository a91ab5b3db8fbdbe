// Written by scripts/build-assets.js. Change the assets and run `npm run generate`.
import type { Asset } from './assets.ts'

/** What browsers load, by name. */
export const assetFiles: Readonly<Record<'pages.js' | 'style.css', Asset>> = {
  'pages.js': {
    type: 'text/javascript; charset=utf-8',
    digest: '603bc02e1ec32b11',
    text: `// Makes the pages nicer. All of them work without it.

for (const button of document.querySelectorAll('[data-reveal]')) {
  const field = document.getElementById(button.dataset.reveal)
  const words = [button.textContent, button.dataset.hide]
  button.hidden = false
  button.addEventListener('click', () => {
    const isHidden = field.type === 'password'
    field.type = isHidden ? 'text' : 'password'
    button.textContent = words[isHidden ? 1 : 0]
  })
}

for (const place of document.querySelectorAll('.countdown')) {
  const end = Date.now() + Number(place.dataset.seconds) * 1000
  const language = document.documentElement.lang
  const format = unit =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' })
  const sentence = place.textContent.trim()
  const first = describe(Number(place.dataset.seconds))
  const timer = setInterval(() => {
    const left = Math.ceil((end - Date.now()) / 1000)
    if (left > 0) place.textContent = sentence.replace(first, describe(left))
    else {
      clearInterval(timer)
      place.remove()
    }
  }, 1000)

  function describe(seconds) {
    return seconds < 90
      ? format('second').format(Math.max(1, seconds))
      : format('minute').format(Math.ceil(seconds / 60))
  }
}

// Guesses as well as a page can; the server's judgement counts.
for (const meter of document.querySelectorAll('meter.strength')) {
  const field = document.getElementById(meter.dataset.for)
  const words = meter.dataset.words.split('|')
  meter.hidden = false
  field.addEventListener('input', () => {
    const kinds = new Set(field.value).size
    const score = Math.min(4, Math.floor((Math.min(kinds, 14) * field.value.length) / 60))
    meter.value = score
    meter.title = field.value === '' ? '' : words[score]
  })
}

const dialog = document.getElementById('timeout')
if (dialog !== null) {
  const warnSeconds = 60
  let timer = 0
  const start = seconds => {
    clearTimeout(timer)
    timer = setTimeout(() => dialog.showModal(), Math.max(0, seconds - warnSeconds) * 1000)
  }
  start(Number(dialog.dataset.endsIn))
  // The token in the page may have ended by now; the refusal of an old one brings a new one.
  const renew = token =>
    fetch(dialog.dataset.renew, { method: 'POST', headers: { 'x-csrf-token': token } })
  dialog.addEventListener('close', async () => {
    let answer = await renew(dialog.querySelector('[name=_csrf]').value)
    const token = answer.headers.get('x-csrf-token')
    if (answer.status === 403 && token !== null) answer = await renew(token)
    if (!answer.ok) return location.reload()
    const { endsInSeconds } = await answer.json()
    start(endsInSeconds)
  })
}
`,
  },
  'style.css': {
    type: 'text/css; charset=utf-8',
    digest: '271d6f1beb4f28a9',
    text: `/* Calm, few colours, one accent. theme.css sets --accent and --on-accent. */
:root {
  color-scheme: light dark;
  --ink: #1c2430;
  --soft: #566273;
  --page: #f5f6f8;
  --panel: #ffffff;
  --line: #d9dee5;
  --good: #1f6f4a;
  --bad: #a3282c;
  --good-back: #e7f4ed;
  --bad-back: #fbe9e9;
  --accent: #3d5a80;
  --on-accent: #ffffff;
  --radius: 10px;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  line-height: 1.5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7ebf0;
    --soft: #a3aebb;
    --page: #12161c;
    --panel: #1a2028;
    --line: #323c48;
    --good: #7fd1a7;
    --bad: #f09a9d;
    --good-back: #17322a;
    --bad-back: #3a2023;
  }
}
*,
::before,
::after {
  box-sizing: border-box;
}
body {
  margin: 0;
  color: var(--ink);
  background: var(--page);
}
h1,
h2,
p,
ul {
  margin: 0;
}
h1 {
  font-size: 1.5rem;
  line-height: 1.25;
}
h2 {
  font-size: 1.05rem;
}
a {
  color: var(--accent);
  text-underline-offset: 0.2em;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
main:focus {
  outline: none;
}
.skip {
  position: absolute;
  left: -999px;
}
.skip:focus {
  left: 1rem;
  top: 1rem;
  padding: 0.5rem 0.75rem;
  background: var(--panel);
}
header.site {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1.5rem;
  align-items: center;
  justify-content: space-between;
  padding: 0.75rem clamp(1rem, 4vw, 2.5rem);
  border-bottom: 1px solid var(--line);
  background: var(--panel);
}
.brand {
  display: inline-flex;
  gap: 0.6rem;
  align-items: center;
  color: var(--ink);
  font-weight: 650;
  text-decoration: none;
}
.brand svg {
  color: var(--accent);
}
nav {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 1.1rem;
  align-items: center;
}
nav a {
  color: var(--ink);
  text-decoration: none;
}
nav a:hover,
nav a[aria-current] {
  color: var(--accent);
  text-decoration: underline;
}
main {
  display: grid;
  gap: 1.25rem;
  margin: clamp(1rem, 5vh, 3.5rem) auto;
  padding: 0 clamp(1rem, 4vw, 2.5rem);
}
main.card {
  max-width: 27rem;
  padding: clamp(1.25rem, 5vw, 2.25rem);
  border: 1px solid var(--line);
  border-radius: calc(var(--radius) * 1.4);
  background: var(--panel);
}
main.wide {
  max-width: 72rem;
}
@media (max-width: 30rem) {
  main.card {
    margin: 0;
    border-width: 0 0 1px;
    border-radius: 0;
  }
}
.panel {
  display: grid;
  gap: 0.9rem;
  align-content: start;
  padding: 1.25rem;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--panel);
}
.columns {
  display: grid;
  gap: 1.25rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr));
}
.stack {
  display: grid;
  gap: 1rem;
}
.field {
  display: grid;
  gap: 0.3rem;
}
label {
  font-weight: 550;
}
.control {
  display: flex;
  gap: 0.5rem;
}
input:not([type="checkbox"], [type="hidden"]),
select {
  flex: 1;
  width: 100%;
  min-width: 0;
  padding: 0.6rem 0.7rem;
  font: inherit;
  color: inherit;
  background: var(--page);
  border: 1px solid color-mix(in srgb, var(--soft) 70%, var(--line));
  border-radius: var(--radius);
}
input[aria-invalid="true"] {
  border-color: var(--bad);
}
.check {
  display: flex;
  gap: 0.6rem;
  align-items: center;
  font-weight: 400;
}
input[type="checkbox"] {
  width: 1.15rem;
  height: 1.15rem;
  margin: 0;
  accent-color: var(--accent);
}
.hint {
  color: var(--soft);
  font-size: 0.92rem;
}
.problem {
  color: var(--bad);
  font-size: 0.92rem;
}
.aside {
  color: var(--soft);
}
.providers {
  display: grid;
  gap: 0.6rem;
  text-align: center;
}
.providers .button {
  color: var(--ink);
  background: var(--panel);
  border-color: color-mix(in srgb, var(--soft) 60%, var(--line));
}
button,
.button {
  display: inline-block;
  padding: 0.55rem 1rem;
  font: inherit;
  font-weight: 600;
  color: var(--ink);
  text-decoration: none;
  cursor: pointer;
  background: var(--panel);
  border: 1px solid color-mix(in srgb, var(--soft) 60%, var(--line));
  border-radius: var(--radius);
}
button:hover,
.button:hover {
  border-color: var(--accent);
}
button:disabled {
  cursor: default;
  opacity: 0.55;
}
button.primary,
.button {
  color: var(--on-accent);
  background: var(--accent);
  border-color: var(--accent);
}
button.primary:hover,
.button:hover {
  background: color-mix(in srgb, var(--accent) 88%, var(--ink));
}
button.danger {
  color: var(--bad);
  border-color: var(--bad);
}
button.quiet,
button.reveal {
  padding-inline: 0.7rem;
  font-weight: 500;
}
.actions {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
}
.notice {
  padding: 0.7rem 0.9rem;
  border-radius: var(--radius);
}
.notice.good {
  color: var(--good);
  background: var(--good-back);
}
.notice.bad {
  color: var(--bad);
  background: var(--bad-back);
}
.banner {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem 1rem;
  align-items: center;
  justify-content: center;
  padding: 0.5rem 1rem;
  color: #201700;
  background: #ffd166;
}
.banner button {
  color: #201700;
  background: transparent;
  border-color: #201700;
}
.rows {
  display: grid;
  padding: 0;
  list-style: none;
}
.rows li {
  display: flex;
  gap: 1rem;
  align-items: center;
  justify-content: space-between;
  padding: 0.75rem 0;
  border-top: 1px solid var(--line);
}
.tag {
  margin-left: 0.6rem;
  padding: 0.1rem 0.55rem;
  font-size: 0.82rem;
  color: var(--accent);
  border: 1px solid currentcolor;
  border-radius: 99px;
}
.strength {
  width: 100%;
  height: 0.5rem;
}
.countdown {
  font-variant-numeric: tabular-nums;
}
dialog {
  max-width: 24rem;
  padding: 1.5rem;
  color: inherit;
  background: var(--panel);
  border: 1px solid var(--line);
  border-radius: var(--radius);
}
dialog::backdrop {
  background: rgb(0 0 0 / 45%);
}
dialog form {
  margin-top: 1rem;
}
.scroll {
  overflow-x: auto;
}
table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.95rem;
}
th,
td {
  padding: 0.55rem 0.75rem;
  text-align: left;
  border-bottom: 1px solid var(--line);
  white-space: nowrap;
}
th {
  color: var(--soft);
  font-weight: 550;
}
td.number,
th.number {
  text-align: right;
  font-variant-numeric: tabular-nums;
}
.tiles {
  display: grid;
  gap: 1rem;
  grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
}
.tile strong {
  font-size: 1.9rem;
  font-weight: 650;
  font-variant-numeric: tabular-nums;
}
.search {
  display: flex;
  flex-wrap: wrap;
  gap: 0.6rem;
}
.search input,
.search select {
  flex: 1 1 12rem;
}
.chart {
  min-height: 180px;
}
@media (prefers-reduced-motion: no-preference) {
  button,
  .button {
    transition:
      background-color 0.15s,
      border-color 0.15s;
  }
}
`,
  },
}

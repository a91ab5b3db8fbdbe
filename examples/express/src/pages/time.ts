import { type Html, html } from '../html.ts'

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** A moment as people say it, such as `5 minutes ago`, with the exact time behind it. */
export function renderTime(at: number): Html {
  const iso = new Date(at).toISOString()
  return html`<time datetime="${iso}" title="${iso}">${describe(at - Date.now())}</time>`
}

/** A span of time, rounded up, such as `15 minutes`. */
export function describeWait(seconds: number): string {
  const [count, unit] = seconds < 60 ? [seconds, 'second'] : [Math.ceil(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

function describe(ms: number): string {
  const unit = units.find(([, length]) => Math.abs(ms) >= length)
  return unit === undefined ? 'just now' : relative.format(Math.round(ms / unit[1]), unit[0])
}

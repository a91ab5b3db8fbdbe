/** Browsers say who they are in far less; matching the rest of a long header would take its time. */
const longestRead = 512

/** A short, readable name of the browser and system behind a User-Agent, or null. */
export function describeDevice(userAgent: string | undefined): string | null {
  if (userAgent === undefined || userAgent === '') return null
  const text = userAgent.slice(0, longestRead)
  const browser = firstMatch(browsers, text)
  const system = firstMatch(systems, text)
  if (browser === null) return text.slice(0, 40).replace(/[^\x20-\x7e]/g, '?')
  return system === null ? browser : `${browser} on ${system}`
}

/** The more special name stands before the one it also carries. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bVivaldi\//, 'Vivaldi'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/\bpython-requests\/|\baiohttp\/|\bhttpx\//i, 'Python'],
  [/^node|\bundici\b/i, 'Node.js'],
]

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

function firstMatch(table: readonly (readonly [RegExp, string])[], text: string): string | null {
  return table.find(([pattern]) => pattern.test(text))?.[1] ?? null
}

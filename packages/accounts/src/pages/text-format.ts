/** A time to wait, in words. */
export function waitText(seconds: number, language: string): string {
  const [unit, count] =
    seconds < 90
      ? (['second', Math.max(1, Math.ceil(seconds))] as const)
      : (['minute', Math.ceil(seconds / 60)] as const)
  const format = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(language, format).format(count)
}

/** How long ago something was, in few characters. */
export function agoText(seconds: number, [now, minutes, hours, days]: readonly string[]): string {
  if (seconds < 60) return now ?? ''
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${minutes}`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} ${hours}`
  return `${Math.floor(seconds / 86_400)} ${days}`
}

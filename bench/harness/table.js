/** A table in Markdown; numbers are set to the right. */
export function markdownTable(heads, rows) {
  const isNumeric = heads.map((_, column) => rows.every(row => /^[\d−–~<>]|^$/.test(row[column])))
  const rule = isNumeric.map(isRight => (isRight ? '---:' : '---'))
  return [heads, rule, ...rows].map(row => `| ${row.join(' | ')} |`).join('\n')
}

/** 71800 as 71.8k. */
export function formatRate(rate) {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(2)}M`
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate.toFixed(0)
}

export function formatRatio(ratio) {
  return ratio === undefined ? '' : ratio.toFixed(2)
}

import type { IncomingHttpHeaders } from 'node:http'

const documents = new Set(['document', 'iframe', 'frame'])

/**
 * Whether a browser loads a page by this request, and would show where it is sent instead.
 *
 * Browsers say so in Sec-Fetch-Mode, but not to origins of plain http.
 */
export function isNavigation(method: string, headers: IncomingHttpHeaders): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (headers.upgrade !== undefined) return false
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers
  if (mode !== undefined) return mode === 'navigate' && documents.has(String(dest ?? 'document'))
  return headers['x-requested-with'] === undefined && wantsPage(headers)
}

/** Whether whoever asks would rather read a page than JSON. */
function wantsPage({ accept }: IncomingHttpHeaders): boolean {
  return accept?.includes('text/html') === true
}

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { isNavigation } from '../routing/navigation.ts'
import type { AnswerHead } from '../tunnel/tunnel.ts'
import { createAppender, isPlainPage, scriptTagFor } from '../watcher/injection.ts'
import { watcherScriptPath } from '../watcher/script.ts'
import { ownBase } from './engine.ts'
import type { Passed } from './judge.ts'

/** Whether a page is loaded that is to notice the end of its session. */
export function isWatchedPage(
  { method = 'GET', headers }: IncomingMessage,
  { route, person }: Passed,
): boolean {
  const isWanted = route.app.settings.hasWatcher && person !== null
  return isWanted && method === 'GET' && isNavigation(method, headers)
}

/** A page that is compressed, or that the browser has already, cannot be added to. */
export function askForPlainPage(headers: IncomingHttpHeaders): void {
  headers['accept-encoding'] = 'identity'
  for (const name of ['if-none-match', 'if-modified-since', 'if-range', 'range']) {
    delete headers[name]
  }
}

/** Adds the watcher to a page, if it is one and lets it in. */
export function addWatcher({ status, headers }: AnswerHead): Transform | null {
  const tag = isPlainPage(status, headers)
    ? scriptTagFor(headers, `${ownBase}${watcherScriptPath}`)
    : null
  if (tag === null) return null
  // What these say of the page is no longer true.
  for (const name of ['content-length', 'etag', 'last-modified', 'digest', 'content-md5']) {
    delete headers[name]
  }
  return createAppender(tag)
}

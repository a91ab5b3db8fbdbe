import type { IncomingHttpHeaders } from 'node:http'
import type { Passed } from './judge.ts'

/** Whether the state that a request names, if any, belongs to whoever sent it. */
export async function mayUseState({ route: { app, path }, person }: Passed): Promise<boolean> {
  const name = app.settings.resume?.path.exec(path)?.[1]
  if (app.fence === null || name === undefined) return true
  return person !== null && (await app.fence.mayUse(name, person.id))
}

/**
 * Takes the name of a state out of an upgrade, unless it is known to belong to whoever sent it: the
 * app then begins anew, and the browser is none the wiser.
 */
export async function fenceResume(
  headers: IncomingHttpHeaders,
  { route: { app }, person }: Passed,
): Promise<void> {
  const { fence, settings } = app
  const offered = headers['sec-websocket-protocol']
  if (fence === null || settings.resume === null || offered === undefined) return
  const { subprotocol } = settings.resume
  const protocols = offered.split(',').map(text => text.trim())
  const name = protocols[subprotocol]
  if (name === undefined) return
  if (person !== null && (await fence.isOwned(name, person.id))) return
  headers['sec-websocket-protocol'] = protocols.slice(0, subprotocol).join(', ')
}

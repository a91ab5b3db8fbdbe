import type { IncomingHttpHeaders } from 'node:http'
import { Transform } from 'node:stream'

/** The tag to put into pages; null where the page's own policy keeps scripts like it out. */
export function scriptTagFor(headers: IncomingHttpHeaders, source: string): string | null {
  const policies = [headers['content-security-policy'] ?? []].flat()
  const rules = policies.flatMap(policy => policy.split(',')).map(scriptSourcesOf)
  if (!rules.every(allowsOwnScript)) return null
  const nonce = /'nonce-([\w+/=-]+)'/.exec(rules.flat().join(' '))?.[1]
  const attribute = nonce === undefined ? '' : ` nonce="${nonce}"`
  return `<script src="${source}"${attribute} async></script>`
}

/** Whether an answer is a page that something can be added to. */
export function isPlainPage(status: number, headers: IncomingHttpHeaders): boolean {
  const isPage = headers['content-type']?.toLowerCase().startsWith('text/html') === true
  const isEncoded = (headers['content-encoding'] ?? 'identity') !== 'identity'
  return status !== 204 && status !== 206 && status !== 304 && isPage && !isEncoded
}

/** Adds a text at the end of a page: browsers take a script there for one within. */
export function createAppender(text: string): Transform {
  return new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush(done) {
      this.push(text)
      done()
    },
  })
}

/** Empty where a policy says nothing about scripts. */
function scriptSourcesOf(policy: string): readonly string[] {
  const directives = policy.split(';').map(directive => directive.trim().split(/\s+/))
  const find = (name: string): readonly string[] | undefined =>
    directives.find(([word]) => word?.toLowerCase() === name)?.slice(1)
  return find('script-src-elem') ?? find('script-src') ?? find('default-src') ?? []
}

function allowsOwnScript(sources: readonly string[]): boolean {
  if (sources.length === 0 || sources.some(source => source.startsWith("'nonce-"))) return true
  return sources.includes("'self'") && !sources.includes("'strict-dynamic'")
}

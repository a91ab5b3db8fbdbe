import { Agent, request } from 'node:http'
import type { Page } from './site.ts'

/** Every request is to be answered in this time, whatever happens to Redis. */
const deadlineMs = 3000

/** What came of a request. A process that is gone answers `refused`. */
export interface Answer {
  readonly outcome: 'done' | 'unavailable' | 'refused' | 'late' | 'wrong'
  readonly page: Page | null
  /** The cookie that was set: empty when it was taken away, null when it was left alone. */
  readonly cookie: string | null
  readonly tookMs: number
  /** What was wrong. */
  readonly detail: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 500 })

/** Sends one request, as a browser that has this cookie. */
export function send(port: number, path: string, cookie: string | null): Promise<Answer> {
  const startedAt = performance.now()
  return new Promise(resolve => {
    const settle = (answer: Partial<Answer> & Pick<Answer, 'outcome'>): void => {
      clearTimeout(timer)
      const tookMs = performance.now() - startedAt
      resolve({ page: null, cookie: null, detail: '', ...answer, tookMs })
    }
    const headers = cookie === null ? {} : { cookie }
    const sending = request({ host: '127.0.0.1', port, path, agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', piece => {
        text += piece
      })
      response.on('end', () => settle(read(response.statusCode ?? 0, text, response.headers)))
      response.on('error', error => settle({ outcome: 'refused', detail: String(error) }))
    })
    sending.on('error', error => settle({ outcome: 'refused', detail: String(error) }))
    const timer = setTimeout(() => {
      settle({ outcome: 'late', detail: path })
      sending.destroy()
    }, deadlineMs)
    sending.end()
  })
}

function read(
  status: number,
  text: string,
  headers: { 'set-cookie'?: string[] | undefined },
): Partial<Answer> & Pick<Answer, 'outcome'> {
  const cookie = readCookie(headers['set-cookie'] ?? [])
  if (status === 503) return { outcome: 'unavailable', cookie, detail: text }
  if (status === 200) return { outcome: 'done', page: JSON.parse(text) as Page, cookie }
  return { outcome: 'wrong', cookie, detail: `${status} ${text}` }
}

function readCookie(lines: readonly string[]): string | null {
  const line = lines.find(each => /^[\w-]*cloakroom=/.test(each))
  if (line === undefined) return null
  const [pair = ''] = line.split(';', 1)
  // Max-Age has precedence over Expires: RFC 6265, section 4.1.2.2.
  return /; Max-Age=0/i.test(line) || pair.endsWith('=') ? '' : pair
}

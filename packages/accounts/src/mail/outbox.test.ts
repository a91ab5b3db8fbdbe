import type { SecurityEvent } from 'cloakroom'
import { describe, expect, it } from 'vitest'
import type { MailMessage } from './mailer.ts'
import { createOutbox, type OutboxOptions } from './outbox.ts'

const message = (to: string): MailMessage => ({ to, subject: 's', text: 't' })

function open(options: Partial<OutboxOptions> = {}) {
  const sent: string[] = []
  const events: SecurityEvent[] = []
  const outbox = createOutbox({
    mailer: {
      async send({ to }) {
        sent.push(to)
      },
    },
    events: { emit: event => events.push(event) },
    ...options,
  })
  return { outbox, sent, events }
}

describe('createOutbox', () => {
  it('writes and sends after the caller has gone on', async () => {
    const { outbox, sent } = open()
    let isWritten = false
    outbox.post(async () => {
      isWritten = true
      return [message('a'), message('b')]
    })
    await Promise.resolve()
    expect(isWritten).toBe(false)
    await outbox.flush()
    expect(sent).toEqual(['a', 'b'])
  })

  it('may find that there is nothing to send', async () => {
    const { outbox, sent, events } = open()
    outbox.post(async () => [])
    await outbox.flush()
    expect([sent, events]).toEqual([[], []])
  })

  it('reports what could not be sent, and goes on', async () => {
    const refuse = Object.assign(new Error('to secret@example.org'), { code: 'ECONNECTION' })
    const { outbox, sent, events } = open({ running: 1 })
    outbox.post(() => Promise.reject(refuse))
    outbox.post(() => Promise.reject(new Error('no code')))
    outbox.post(async () => [message('a')])
    await outbox.flush()
    expect(sent).toEqual(['a'])
    expect(events).toEqual([
      { type: 'mail_failed', reason: 'ECONNECTION' },
      { type: 'mail_failed', reason: 'unknown' },
    ])
  })

  it('drops what is too much, and says so', async () => {
    const { outbox, sent, events } = open({ waiting: 2 })
    for (const to of ['a', 'b', 'c']) outbox.post(async () => [message(to)])
    await outbox.flush()
    expect(sent).toEqual(['a', 'b'])
    expect(events).toEqual([{ type: 'mail_failed', reason: 'full' }])
  })

  it('sends so many at once', async () => {
    let inside = 0
    let most = 0
    const { outbox } = open({ running: 3 })
    for (let index = 0; index < 10; index += 1) {
      outbox.post(async () => {
        inside += 1
        most = Math.max(most, inside)
        await new Promise(resolve => setImmediate(resolve))
        inside -= 1
        return []
      })
    }
    await outbox.flush()
    expect(most).toBe(3)
  })
})

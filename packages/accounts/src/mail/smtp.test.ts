import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSmtpMailer } from './smtp.ts'

/** A mail server that takes everything in, and says what it was told. */
async function startServer() {
  const lines: string[] = []
  const server = createServer(socket => {
    socket.write('220 test\r\n')
    let text = ''
    socket.on('data', chunk => {
      text += String(chunk)
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        answer(socket, text.slice(0, end), lines)
        text = text.slice(end + 2)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { lines, port, close: () => server.close() }
}

function answer(socket: Socket, line: string, lines: string[]) {
  const isInData = lines.includes('DATA') && !lines.includes('.')
  lines.push(line)
  if (isInData) return line === '.' && socket.write('250 taken\r\n')
  if (line === 'STARTTLS') return socket.write('502 unknown\r\n')
  return socket.write(line === 'DATA' ? '354 go on\r\n' : '250 OK\r\n')
}

let server: Awaited<ReturnType<typeof startServer>>

beforeEach(async () => {
  server = await startServer()
})
afterEach(() => server.close())

const from = 'Shop <noreply@example.org>'
const message = { to: 'ada@bücher.example', subject: 'Hello', text: 'Open https://x.example/?t=1' }

describe('createSmtpMailer', () => {
  it('sends to a server on this machine', async () => {
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${server.port}`, from })
    await mailer.send({ ...message, html: '<p>Open</p>' })
    expect(server.lines).toContain('MAIL FROM:<noreply@example.org>')
    expect(server.lines).toContain('RCPT TO:<ada@xn--bcher-kva.example>')
    expect(server.lines).toContain('Subject: Hello')
    expect(server.lines).toContain('Auto-Submitted: auto-generated')
    expect(server.lines.join('\n')).toContain('<p>Open</p>')
  })

  it('sends to one address, whatever it looks like', async () => {
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${server.port}`, from })
    const to = 'ada@example.org,eve@example.org'
    await mailer.send({ ...message, to }).catch(() => undefined)
    expect(server.lines.filter(line => /^RCPT TO:<(ada|eve)@example\.org>/.test(line))).toEqual([])
  })

  it('lets nothing in a subject begin another header', async () => {
    const mailer = createSmtpMailer({ url: `smtp://127.0.0.1:${server.port}`, from })
    await mailer.send({ ...message, subject: 'Hello\r\nBcc: eve@example.org' })
    expect(server.lines.filter(line => /^Bcc/i.test(line))).toEqual([])
    expect(server.lines.filter(line => /^RCPT/.test(line))).toHaveLength(1)
  })

  it('refuses to send in clear to another machine', async () => {
    const url = `smtp://0.0.0.0:${server.port}`
    await expect(createSmtpMailer({ url, from }).send(message)).rejects.toThrow(/STARTTLS|TLS/i)
    expect(server.lines.join('\n')).not.toContain('RCPT')
  })

  it.each(['http://mail.example.org', 'mail.example.org', ''])('refuses the address %j', url => {
    expect(() => createSmtpMailer({ url, from })).toThrow('`mail.url`')
  })
})

// The load generator, a worker: GET requests over plain sockets, with one cookie after the other.
//
// Without `rate` each connection sends its next request when the last is answered. With `rate`
// requests begin at that many a second whatever the answers do; those that find no free connection
// wait, and the wait is part of their latency.
import { once } from 'node:events'
import { connect } from 'node:net'
import { answerMessages } from './worker.js'

answerMessages(run)
process.send({ isReady: true })

async function run({ port, paths, cookies, connections = 50, seconds, rate = null }) {
  const requests = makeRequests({ port, paths, cookies })
  const latencies = []
  const due = []
  const idle = []
  let next = 0
  let failures = 0
  let failure = ''
  let isOver = false
  let startedAt = 0

  function begin(connection, dueAt) {
    connection.dueAt = dueAt
    connection.socket.write(requests[next++ % requests.length])
  }

  function finish(connection, text) {
    const now = performance.now()
    if (!text.startsWith('HTTP/1.1 2')) {
      failures += 1
      failure ||= text
    }
    latencies.push(now - connection.dueAt)
    if (isOver) return
    if (rate === null) begin(connection, now)
    else if (due.length > 0) begin(connection, due.shift())
    else idle.push(connection)
  }

  const opened = await Promise.all(Array.from({ length: connections }, () => open(port, finish)))
  startedAt = performance.now()
  const endsAt = startedAt + seconds * 1000
  if (rate === null) for (const connection of opened) begin(connection, startedAt)
  else idle.push(...opened)

  await new Promise(resolve => {
    let begun = 0
    const timer = setInterval(
      () => {
        const now = performance.now()
        const wanted = rate === null ? 0 : Math.floor(((now - startedAt) * rate) / 1000)
        for (; begun < wanted; begun += 1) {
          const free = idle.shift()
          if (free) begin(free, now)
          else due.push(now)
        }
        if (now < endsAt) return
        clearInterval(timer)
        resolve()
      },
      rate === null ? 20 : 1,
    )
  })
  isOver = true
  const elapsedMs = performance.now() - startedAt
  for (const { socket } of opened) socket.destroy()
  return summarize({ latencies, elapsedMs, failures, failure, unanswered: due.length })
}

function makeRequests({ port, paths = ['/'], cookies }) {
  const count = Math.max(cookies?.length ?? 1, paths.length)
  return Array.from({ length: count }, (_, index) => {
    const cookie = cookies ? `Cookie: ${cookies[index % cookies.length]}\r\n` : ''
    const path = paths[index % paths.length]
    return Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${cookie}\r\n`)
  })
}

async function open(port, finish) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const connection = { socket, dueAt: 0 }
  let held = ''
  socket.on('data', chunk => {
    held += chunk.latin1Slice()
    if (!isComplete(held)) return
    const text = held
    held = ''
    finish(connection, text)
  })
  socket.on('error', error => finish(connection, error.message))
  return connection
}

/** Every answer has a length, or comes in chunks. */
function isComplete(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text)
  if (length !== null) return text.length >= head + 4 + Number(length[1])
  return text.endsWith('0\r\n\r\n')
}

function summarize({ latencies, elapsedMs, ...counts }) {
  const sorted = Float64Array.from(latencies).sort()
  const at = part => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return {
    count: sorted.length,
    rate: (sorted.length * 1000) / elapsedMs,
    ...counts,
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
  }
}

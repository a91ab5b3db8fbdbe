// Browsers with an open WebSocket each, a worker. Every second each sends a message and awaits it back.
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { answerMessages } from '../harness/worker.js'

const tasks = { open, echo }
const patienceMs = 5000
let sockets = []

answerMessages(({ task, ...given }) => tasks[task](given))
process.send({ isReady: true })

async function open({ port, cookies, count }) {
  for (const { socket } of sockets) socket.terminate()
  const host = `localhost:${port}`
  sockets = await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const headers = { host, cookie: cookies?.[at % cookies.length] ?? '' }
      const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { origin: `http://${host}`, headers })
      await once(socket, 'open')
      socket.on('error', () => undefined)
      return { socket, number: at, sent: 0, echoed: 0, wrong: 0, sentAt: [] }
    }),
  )
  return { open: sockets.length }
}

async function echo({ seconds }) {
  const latencies = []
  await Promise.all(sockets.map(each => talk(each, { seconds, latencies })))
  const deadline = performance.now() + patienceMs
  while (sockets.some(isAwaiting) && performance.now() < deadline) await delay(20)
  const sorted = latencies.toSorted((left, right) => left - right)
  const at = part => sorted[Math.floor(sorted.length * part)]
  const sum = name => sockets.reduce((total, each) => total + each[name], 0)
  return {
    sent: sum('sent'),
    unanswered: sum('sent') - sum('echoed'),
    wrong: sum('wrong'),
    closed: sockets.filter(({ socket }) => socket.readyState !== WebSocket.OPEN).length,
    p50: at(0.5),
    p99: at(0.99),
  }
}

const isAwaiting = ({ socket, sent, echoed }) =>
  socket.readyState === WebSocket.OPEN && echoed < sent

/** Messages come back in the order in which they were sent, and to whom they belong. */
async function talk(state, { seconds, latencies }) {
  const { socket, number } = state
  socket.on('message', data => {
    if (data.toString() !== `${number}:${state.echoed}`) state.wrong += 1
    latencies.push(performance.now() - state.sentAt[state.echoed])
    state.echoed += 1
  })
  // Not all at once.
  await delay((number * 1000) / sockets.length)
  while (state.sent < seconds) {
    state.sentAt.push(performance.now())
    socket.send(`${number}:${state.sent}`)
    state.sent += 1
    await delay(1000)
  }
}

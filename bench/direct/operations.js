// The engine with many sessions: does what it is asked to, and tells how long each call took.
// node direct/operations.js '<options of createCloakroom>'
import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { openCloakroom } from '../harness/cloakroom.js'
import { dataOf, randomDataOf, sourceOf, userOf } from '../harness/samples.js'
import { answerMessages } from '../harness/worker.js'

const { sessions, close } = await openCloakroom({
  prefix: 'cr:',
  ...JSON.parse(process.argv[2] ?? '{}'),
})
const inFlight = 50
/** Before whatever else waits has its turn. */
const callsOfLane = 6

/** Each gives what it measured. */
const operations = {
  /** Makes sessions, some for each user. */
  async create({ from, to, bytes, perUser = 3, isRandom }) {
    const kind = { bytes, perUser, isRandom }
    return timed(await timeAll(from, to, number => create(number, kind)))
  },

  /** Reads sessions that it makes first. */
  async validate({ from, count: made, bytes, perUser = 3, seconds }) {
    const tokens = []
    await timeAll(from, from + made, async number => {
      const { token } = await create(number, { bytes, perUser })
      tokens.push(token)
    })
    const startedAt = performance.now()
    const before = process.cpuUsage()
    let count = 0
    const lane = async () => {
      while (performance.now() < startedAt + seconds * 1000) {
        for (let done = 0; done < callsOfLane; done += 1) {
          const read = await sessions.validate(tokens[count++ % tokens.length])
          if (read.state !== 'valid') throw new Error(`A session is ${read.state}.`)
        }
        await nextTurn()
      }
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
    const { user, system } = process.cpuUsage(before)
    const elapsedMs = performance.now() - startedAt
    return { rate: (count * 1000) / elapsedMs, cpuUs: (user + system) / count }
  },

  /** Signing in and out, as a new browser does or as a visitor who has a session already. */
  async loginLogout({ from, to, users, isVisitor }) {
    return timed(
      await timeAll(from, to, async number => {
        const source = sourceOf(number)
        const visit = isVisitor && { previous: (await sessions.create(null, { source })).session }
        const { session } = await sessions.create(userOf(number % users), { source, ...visit })
        if (!(await sessions.revoke(session.id))) throw new Error('A session is gone.')
      }),
    )
  },

  page: () => repeat(20, () => sessions.scan(null, 50)),
  /** One step of a search by device or address: it looks at 2,000 sessions at most. */
  search: () =>
    repeat(5, async () => {
      let cursor = null
      for (let step = 0; step < 10; step += 1) ({ cursor } = await sessions.scan(cursor, 200))
    }),
  list: ({ user }) => repeat(20, () => sessions.list(userOf(user).id)),
  revokeUser: ({ from, to }) =>
    timeEach(from, to, async user => {
      const ended = await sessions.revokeAll(userOf(user).id)
      if (ended === 0) throw new Error('Nothing was ended.')
    }),
  raiseAddress: ({ from, to }) =>
    timeEach(from, to, number => sessions.raiseEpoch({ address: sourceOf(number).ip })),
  raiseTenant: ({ from, to }) =>
    timeEach(from, to, number => sessions.raiseEpoch({ tenant: `tenant-${number}` })),
  raiseAll: () => repeat(1, () => sessions.raiseEpoch({ all: true })),

  /** Page by page, as a search by device goes on. */
  async walk({ most }) {
    let count = 0
    const time = await repeat(1, async () => {
      let cursor = null
      do {
        const page = await sessions.scan(cursor, 1000)
        count += page.entries.length
        cursor = page.cursor
      } while (cursor !== null && count < most)
    })
    return { ...time, count }
  },
}

answerMessages(async ({ operation, ...input }) => ({
  ...(await operations[operation](input)),
  peakMiB: readPeakMemory(),
}))
process.on('disconnect', close)
process.send({ isReady: true })

function create(number, { bytes, perUser, isRandom = false }) {
  const user = userOf(Math.floor(number / perUser))
  const data = (isRandom ? randomDataOf : dataOf)(number, bytes)
  return sessions.create(user, { data, source: sourceOf(number) })
}

/** Many calls under way. */
async function timeAll(from, to, call) {
  const startedAt = performance.now()
  let next = from
  const lane = async () => {
    while (next < to) await call(next++)
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { count: to - from, elapsedMs: performance.now() - startedAt }
}

function timed({ count, elapsedMs }) {
  return { count, elapsedMs, rate: (count * 1000) / elapsedMs }
}

function repeat(times, call) {
  return timeEach(0, times, call)
}

/** One call at a time: the median and the longest, in milliseconds. */
async function timeEach(from, to, call) {
  const times = []
  for (let number = from; number < to; number += 1) {
    const startedAt = performance.now()
    await call(number)
    times.push(performance.now() - startedAt)
  }
  times.sort((left, right) => left - right)
  return { ms: times[Math.floor(times.length / 2)], longestMs: times.at(-1) }
}

/** The largest resident size of this process so far, in MiB. */
function readPeakMemory() {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}

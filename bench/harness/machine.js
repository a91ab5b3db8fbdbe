// What the machine has: processor cores to pin to, and the time that processes spend on them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'

const canPin =
  process.platform === 'linux' &&
  availableParallelism() > 1 &&
  spawnSync('taskset', ['--version']).status === 0

/** The core of what is measured, and the one of what measures it: load generator and Redis. */
export const cores = { measured: 0, measuring: 1 }

/** A command that runs on one core, where that is possible. */
export function pinned(core, [program, ...args]) {
  return canPin ? ['taskset', ['-c', String(core), program, ...args]] : [program, args]
}

/**
 * Does some work and gives what it gave, with the processor time that each of the processes spent
 * meanwhile, in microseconds, and how many cores were busy with anything else.
 */
export async function measureProcesses(pids, work) {
  const before = { at: performance.now(), busy: readBusyTime(), of: pids.map(readProcessTime) }
  const result = await work()
  const times = pids.map((pid, index) => readProcessTime(pid) - before.of[index])
  const known = times.reduce((sum, time) => sum + time, 0)
  const elapsedUs = (performance.now() - before.at) * 1000
  const foreign = Math.max(0, readBusyTime() - before.busy - known) / elapsedUs
  return { result, times, foreign }
}

/** Processor time of a process with all its threads so far, in microseconds. */
function readProcessTime(pid) {
  const folder = `/proc/${pid}/task`
  const threads = readdirSync(folder).map(thread => {
    try {
      return Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0])
    } catch {
      return 0 // ended meanwhile
    }
  })
  return threads.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1000
}

/** Processor time of everything that runs, in microseconds; steps are of 10 ms. */
function readBusyTime() {
  const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) * 10_000
}

export function describeMachine() {
  const [cpu] = cpus()
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    isPinned: canPin,
  }
}

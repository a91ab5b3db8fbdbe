// Processes that are asked for one thing after the other, over the channel that Node gives them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cores, pinned } from './machine.js'

/**
 * Starts a file under a given program of Node.js. `ask` sends a message and gives the answer.
 *
 * @param {string} file
 * @param {{ node: string, core?: number, args?: string[], env?: object, flags?: string[] }} options
 */
export async function startWorker(file, options) {
  const { node, core = cores.measured, args = [], env = {}, flags = [] } = options
  const [program, programArgs] = pinned(core, [node, ...flags, file, ...args])
  const child = spawn(program, programArgs, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production', NODE_NO_WARNINGS: '1', ...env },
  })
  let complaint = ''
  child.stderr.on('data', text => {
    complaint = (complaint + text).slice(-4000)
  })
  let waiting = null
  const settle = message => {
    waiting?.(message)
    waiting = null
  }
  child.on('message', settle)
  child.on('exit', code => settle({ error: `it ended with ${code}.\n${complaint}` }))
  const receive = async () => {
    const message = await new Promise(resolve => {
      waiting = resolve
    })
    if (message.error) throw new Error(`${file} ${args.join(' ')}: ${message.error}`)
    return message
  }
  return {
    pid: child.pid,
    ready: await receive(),
    ask(message) {
      const answer = receive()
      child.send(message)
      return answer
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.disconnect()
      const deadline = setTimeout(() => child.kill('SIGKILL'), 5000)
      await exited
      clearTimeout(deadline)
    },
  }
}

/** In a worker: ends it when it is no longer needed, or its starter is gone. */
export function endWithStarter() {
  process.on('disconnect', () => process.exit())
}

/** In a worker: answers each message with what `handle` gives for it. */
export function answerMessages(handle) {
  endWithStarter()
  process.on('message', async message => {
    try {
      process.send({ ...(await handle(message)) })
    } catch (error) {
      process.send({ error: error.stack })
    }
  })
}

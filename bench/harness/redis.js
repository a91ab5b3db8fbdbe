// A redis-server of the benchmark's own, without persistence, on the core of what measures.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { requireRedis } from '../../scripts/redis-program.js'
import { cores, pinned } from './machine.js'

export async function startRedis() {
  const port = await findFreePort()
  const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const command = [requireRedis(), '--port', String(port), ...settings]
  const child = spawn(...pinned(cores.measuring, command), { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  const client = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  return {
    pid: child.pid,
    url,
    client,
    /** Bytes in use, once what is over has been given back. */
    async usedMemory() {
      await delay(300)
      return Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    },
    async version() {
      return /redis_version:(\S+)/.exec(await client.info('server'))?.[1]
    },
    async stop() {
      client.destroy()
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

export async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

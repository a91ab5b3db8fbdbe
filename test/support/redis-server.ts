import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** How a test's own server is started. */
export interface RedisServerOptions {
  /** Keeps what was written over {@link RedisServer.restart}. @default false */
  readonly appendOnly?: boolean
  /** @default a free one */
  readonly port?: number
  /** Further arguments of redis-server. */
  readonly args?: readonly string[]
}

/** A redis-server of a test's own. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it and removes what it stored. */
  stop(): Promise<void>
  /** Ends it as a crash would. It stays down until {@link restart}. */
  kill(): Promise<void>
  /** Has it answer nobody, with all connections open, as a machine that hangs. */
  freeze(): void
  thaw(): void
  /**
   * Starts it again on the same port, ending it first when it still runs.
   *
   * @param args further arguments, this time
   */
  restart(args?: readonly string[]): Promise<void>
}

/** Starts redis-server (or valkey-server) on a free port, without persistence. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-redis-'))
  const port = options.port ?? (await findFreePort())
  const settings = { port, bind: '127.0.0.1', dir: folder, save: '' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)])
  args.push('--appendonly', options.appendOnly === true ? 'yes' : 'no', ...(options.args ?? []))
  let child = await launch(args, port)

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    async restart(more = []) {
      await kill()
      child = await launch([...args, ...more], port)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A port that nothing listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given.')
  return address.port
}

function findProgram(names: readonly string[]): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const paths = names.flatMap(name => folders.map(folder => join(folder, name)))
  const found = paths.find(isExecutable)
  if (found !== undefined) return found
  throw new Error(
    'These tests need redis-server or valkey-server on PATH: install Redis 6.2 or later.',
  )
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Starts the program, and resolves when it answers on `port`. */
export async function launch(args: readonly string[], port: number): Promise<ChildProcess> {
  const program = findProgram(['redis-server', 'valkey-server'])
  const child = spawn(program, args, { stdio: 'ignore' })
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) break
    if (await answersPing(port)) return child
    await delay(25)
  }
  child.kill('SIGKILL')
  throw new Error(`${program} ${args.join(' ')} did not start.`)
}

async function answersPing(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [answer] = await once(socket, 'data')
    return /^(\+PONG|-NOAUTH)/.test(String(answer))
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** An application that `npm start` runs. */
export interface Demo {
  readonly origin: string
  /** Of the administrator. */
  readonly password: string
  /** All that it has printed so far. */
  output(): string
  /** Ends it as Ctrl+C does. */
  stop(): Promise<void>
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Of the example whose own `npm start` is meant; null for that of the whole. */
type Folder = 'examples/express' | null

/** Starts the demo on a free port. What `env` leaves out is as it is for a fresh user. */
export async function startDemo(env: NodeJS.ProcessEnv = {}, folder: Folder = null): Promise<Demo> {
  const { child, output, ended } = runDemo({ PORT: '0', ...env }, folder)
  const isOpen = (): boolean => output().includes('Stop with Ctrl+C')
  while (!isOpen() && child.exitCode === null) {
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  if (!isOpen()) throw new Error(`The demo did not start:\n${output()}`)
  return {
    origin: find(/http:\/\/localhost:\d+/, output()),
    password: find(/(?<=Password\s+)\S+/, output()),
    output,
    async stop() {
      // A terminal tells npm, its shell and the demo alike.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT')
      await ended
    },
  }
}

/** Runs the demo until it ends by itself, as when it cannot start. */
export async function failToStartDemo(
  env: NodeJS.ProcessEnv,
  folder: Folder = null,
): Promise<string> {
  const { output, ended } = runDemo(env, folder)
  await ended
  return output()
}

function runDemo(env: NodeJS.ProcessEnv, folder: Folder) {
  const { NODE_ENV: _mode, REDIS_URL: _url, DATABASE_URL: _database, ...inherited } = process.env
  const child = spawn('npm', ['start'], {
    cwd: join(root, folder ?? ''),
    env: { ...inherited, ...env },
    detached: true,
  })
  let text = ''
  const append = (chunk: Buffer): void => {
    text += chunk.toString()
  }
  child.stdout.on('data', append)
  child.stderr.on('data', append)
  const ended = once(child, 'close')
  return { child, output: () => text, ended }
}

function find(pattern: RegExp, text: string): string {
  const [found] = pattern.exec(text) ?? []
  if (found === undefined) throw new Error(`There is no ${pattern} in what the demo printed.`)
  return found
}

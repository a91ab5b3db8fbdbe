import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { findFreePort } from '../../support/redis-server.ts'
import type { Change, Report } from '../faults.ts'
import type { Framework, Served } from '../served.ts'

const folder = fileURLToPath(new URL('../../next/site/', import.meta.url))

/** Route handlers of Next.js, built and started as in production. Build them first. */
export const nextFramework: Framework = {
  name: 'Next.js 16',
  async serve({ open = {}, redisUrl } = {}): Promise<Served> {
    const env = { OPEN_OPTIONS: JSON.stringify(open), REDIS_URL: redisUrl }
    const { origin, stop } = await startNext(folder, env)
    return {
      origin,
      close: stop,
      async control(change: Change = {}): Promise<Report> {
        const body = JSON.stringify(change)
        return (
          await fetch(`${origin}/control`, { method: 'POST', body })
        ).json() as Promise<Report>
      },
    }
  },
}

/** Builds the application in a folder. */
export async function buildNext(cwd: string): Promise<void> {
  const child = runNext(['build'], cwd)
  const output = collect(child)
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`next build failed:\n${await output}`)
}

/** Starts what was built, on a free port. */
export async function startNext(
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<{ origin: string; stop: () => Promise<void> }> {
  const port = await findFreePort()
  const child = runNext(['start', '-p', String(port), '-H', '127.0.0.1'], cwd, env)
  const output = collect(child)
  const origin = `http://127.0.0.1:${port}`
  const deadline = AbortSignal.timeout(30_000)
  while (!(await isListening(origin))) {
    if (deadline.aborted || child.exitCode !== null) {
      child.kill('SIGKILL')
      throw new Error(`next start failed:\n${await output}`)
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return {
    origin,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

function runNext(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = {},
): ChildProcess {
  const program = createRequire(import.meta.url).resolve('next/dist/bin/next')
  return spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function collect(child: ChildProcess): Promise<string> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', data => {
      output += String(data)
    })
  }
  await once(child, 'exit')
  return output
}

async function isListening(origin: string): Promise<boolean> {
  return fetch(`${origin}/public`).then(
    () => true,
    () => false,
  )
}

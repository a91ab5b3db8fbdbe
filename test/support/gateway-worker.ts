import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../packages/gateway/dist/cli/main.js', import.meta.url))

/** The command `cloakroom gateway` in a process of its own. */
export interface GatewayWorker {
  readonly port: number
  readonly output: () => string
  /** Tells it to end, as an operator would; resolves with its exit code. */
  terminate(): Promise<number | null>
  kill(): Promise<void>
}

/** Starts a worker at a port, with these variables and no others that matter. */
export async function startGatewayWorker(
  port: number,
  env: Readonly<Record<string, string>>,
): Promise<GatewayWorker> {
  const child = spawn(process.execPath, [main, 'gateway', '--port', String(port)], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const note = (chunk: Buffer): void => {
    output += String(chunk)
  }
  child.stdout.on('data', note)
  child.stderr.on('data', note)
  await waitFor(child, port, () => output)
  return {
    port,
    output: () => output,
    async terminate() {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      const [code] = await exited
      return code
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function waitFor(child: ChildProcess, port: number, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) break
    const isUp = await fetch(`http://127.0.0.1:${port}/_cloakroom/ready`).then(
      response => response.ok,
      () => false,
    )
    if (isUp) return
    await delay(50)
  }
  child.kill('SIGKILL')
  throw new Error(`The gateway did not start: ${output()}`)
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findFreePort } from './redis-server.ts'

/** The release that the tests are for. */
const streamlitVersion = '1.67.0'

/** A Streamlit app that runs. */
export interface StreamlitServer {
  readonly port: number
  readonly url: string
  /** Ends it as a crash would. */
  kill(): Promise<void>
  /** Starts it again on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface StreamlitOptions {
  /** The script. */
  readonly app: string
  /** Settings, such as `server.baseUrlPath`. */
  readonly settings?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

const cache = fileURLToPath(new URL('../../.cache/streamlit/', import.meta.url))
const folder = `${cache}${streamlitVersion}`

/**
 * Installs Streamlit from PyPI into an environment of the tests' own, where it is not yet.
 *
 * @throws {Error} when Python or PyPI cannot be had: nothing is skipped then.
 */
export async function installStreamlit(): Promise<void> {
  if (existsSync(`${folder}/installed`)) return
  await mkdir(cache, { recursive: true })
  const run = (command: string, ...args: string[]): void => {
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  }
  run('python3', '-m', 'venv', '--clear', folder)
  run(`${folder}/bin/pip`, 'install', '--quiet', `streamlit==${streamlitVersion}`)
  run('touch', `${folder}/installed`)
}

/** Starts an app on a free port. Streamlit has to be installed. */
export async function startStreamlit(options: StreamlitOptions): Promise<StreamlitServer> {
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const settings = {
    'server.port': String(port),
    'server.address': '127.0.0.1',
    'server.headless': 'true',
    'server.fileWatcherType': 'none',
    'browser.gatherUsageStats': 'false',
    ...options.settings,
  }
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const base = options.settings?.['server.baseUrlPath'] ?? ''
  let child = await launch()

  async function launch(): Promise<ChildProcess> {
    const started = spawn(`${folder}/bin/streamlit`, ['run', options.app, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...options.env },
    })
    let errors = ''
    started.stderr?.on('data', data => {
      errors += data
    })
    for (let attempt = 0; attempt < 300; attempt += 1) {
      if (started.exitCode !== null) break
      const path = base === '' ? '' : `/${base}`
      const answer = await fetch(`${url}${path}/_stcore/health`).catch(() => null)
      if (answer?.ok) return started
      await delay(100)
    }
    started.kill('SIGKILL')
    throw new Error(`Streamlit does not answer.\n${errors}`)
  }

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    port,
    url,
    kill,
    stop: kill,
    async restart() {
      await kill()
      child = await launch()
    },
  }
}

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** What a process of {@link runSource} has left behind. */
export interface ProcessResult {
  readonly exitCode: number | null
  readonly stderr: string
}

/** The configuration of the tests resolves the packages to their sources. */
const configFile = fileURLToPath(new URL('../../vitest.config.ts', import.meta.url))

const loader = `
import { loadConfigFromFile, runnerImport } from 'vite'
const [path, name, argument, configFile] = process.argv.slice(1)
const { config } = await loadConfigFromFile({ command: 'serve', mode: 'test' }, configFile)
const { module } = await runnerImport(path, { resolve: config.resolve })
await module[name](JSON.parse(argument))
process.exit(0)
`

/** Calls an exported function of a source file in a process of its own, which then ends. */
export async function runSource(
  file: URL,
  name: string,
  argument: unknown,
): Promise<ProcessResult> {
  const child = spawnSource([fileURLToPath(file), name, argument], ['ignore', 'ignore', 'pipe'])
  let stderr = ''
  child.stderr?.on('data', chunk => {
    stderr += String(chunk)
  })
  const [exitCode] = await once(child, 'close')
  return { exitCode, stderr }
}

/** The same for a process that is talked with. Resolves with its first message. */
export async function forkSource(file: URL, name: string, argument: unknown) {
  const child = spawnSource(
    [fileURLToPath(file), name, argument],
    ['ignore', 'inherit', 'inherit', 'ipc'],
  )
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A process ended with ${code} before it was ready.`)
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  ended.catch(() => undefined)
  return { child, message: message as unknown }
}

function spawnSource(
  [file, name, argument]: readonly [file: string, name: string, argument: unknown],
  stdio: StdioOptions,
): ChildProcess {
  const args = [file, name, JSON.stringify(argument), configFile]
  return spawn(process.execPath, ['--input-type=module', '-e', loader, ...args], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio,
  })
}

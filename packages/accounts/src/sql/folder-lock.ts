import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { ConfigError } from 'cloakroom'
import { newId } from '../account/secret.ts'

/** Who holds a folder. A process id alone is not enough: in containers all are process 1. */
interface Holder {
  readonly pid: number
  /** When the process started, in milliseconds. */
  readonly startedAt: number
}

/**
 * Keeps other processes from opening a folder, by a file beside it that names this process. What a
 * process left behind that no longer runs is taken over.
 *
 * @returns gives the folder free.
 * @throws {ConfigError} when a process that runs holds it.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = `${resolve(folder)}.lock`
  await mkdir(dirname(path), { recursive: true })
  const own: Holder = { pid: process.pid, startedAt: Math.round(performance.timeOrigin) }
  const text = JSON.stringify(own)
  for (let attempt = 0; attempt < 10; attempt += 1) {
    try {
      await writeFile(path, text, { flag: 'wx' })
      return () => rm(path, { force: true })
    } catch (error) {
      if (!isCoded(error, 'EEXIST')) throw error
      await removeAbandoned(path, own)
    }
  }
  throw inUse(path)
}

async function removeAbandoned(path: string, own: Holder): Promise<void> {
  const holder = parseHolder(await readFile(path, 'utf8').catch(() => ''))
  if (holder !== null && isRunning(holder, own)) throw inUse(path)
  // Renaming succeeds for one of several that found the same file abandoned.
  const aside = `${path}.${newId()}`
  await rename(path, aside).catch(() => undefined)
  await rm(aside, { force: true })
}

function parseHolder(text: string): Holder | null {
  try {
    const { pid, startedAt } = JSON.parse(text)
    return typeof pid === 'number' && typeof startedAt === 'number' ? { pid, startedAt } : null
  } catch {
    return null
  }
}

function isRunning({ pid, startedAt }: Holder, own: Holder): boolean {
  if (pid === own.pid) return startedAt === own.startedAt
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isCoded(error, 'EPERM')
  }
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function inUse(path: string): ConfigError {
  const message = `The embedded database is open in another process, says ${path}. Use PostgreSQL for several processes, or another \`folder\`.`
  return new ConfigError('ERR_OPTION_INVALID', message)
}

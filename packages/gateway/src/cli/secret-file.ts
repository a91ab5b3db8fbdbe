import { randomBytes } from 'node:crypto'
import { chmod, chown, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { ConfigError } from 'cloakroom'

/** A secret as `openssl rand -base64 33` makes it: 264 random bits, 44 characters. */
export function makeSecret(): string {
  return randomBytes(33).toString('base64')
}

/** Reads the secrets of a file, newest first. */
export async function readSecrets(path: string): Promise<readonly string[]> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    return text === '' ? [] : text.split(/\s*[,\n]\s*/)
  } catch (cause) {
    throw new ConfigError('ERR_OPTION_INVALID', `The file ${path} cannot be read.`, { cause })
  }
}

/** Puts secrets in the place of others, in one step: nobody reads half a file. */
export async function writeSecrets(path: string, secrets: readonly string[]): Promise<void> {
  const { mode, uid, gid } = await stat(path)
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${secrets.join(',')}\n`, { mode: 0o600 })
  await chmod(draft, mode & 0o777)
  // Whoever may read the old file reads the new one.
  await chown(draft, uid, gid).catch(() => undefined)
  await rename(draft, path)
}

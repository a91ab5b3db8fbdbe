import { readFile } from 'node:fs/promises'

const guide = new URL('../../docs/operating-redis.md', import.meta.url)

/** The command of docs/operating-redis.md that makes a user with the rights of Cloakroom. */
export async function readRedisRights(): Promise<string[]> {
  return find(/^ACL SETUSER .+$/m)
}

/** What that user has to have besides on a Cluster. */
export async function readClusterRights(): Promise<string[]> {
  return find(/(?<=On a Cluster add `)[^`]+/)
}

async function find(pattern: RegExp): Promise<string[]> {
  const text = pattern.exec(await readFile(guide, 'utf8'))?.[0]
  if (text === undefined) throw new Error(`docs/operating-redis.md says nothing like ${pattern}.`)
  return text.split(' ')
}

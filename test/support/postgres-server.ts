import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { findFreePort } from './redis-server.ts'

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  readonly port: number
  /** Of the database that is always there. */
  readonly url: string
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>
  /** Ends it as a crash would. */
  kill(): Promise<void>
  /** Ends it and removes what it stored. */
  stop(): Promise<void>
}

interface Owner {
  readonly uid?: number
  readonly gid?: number
}

const run = promisify(execFile)

/** Makes a temporary cluster and starts its server on a free port. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = await findPrograms()
  const owner = await findOwner()
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-postgres-'))
  if (owner.uid !== undefined) await chown(folder, owner.uid, owner.gid ?? owner.uid)
  const data = join(folder, 'data')
  const init = [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  await run(join(programs, 'initdb'), init, { ...owner, cwd: folder })
  const port = await findFreePort()
  const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']
  const args = ['-D', data, '-h', '127.0.0.1', '-p', String(port), '-k', folder]
  args.push(...settings.flatMap(setting => ['-c', setting]))
  const child = spawn(join(programs, 'postgres'), args, { ...owner, cwd: folder, stdio: 'ignore' })
  const urlOf = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`
  await waitUntilReady(child, urlOf('postgres'))
  let databases = 0

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGQUIT')
    await exited
  }

  return {
    port,
    url: urlOf('postgres'),
    kill,
    async createDatabase() {
      databases += 1
      const name = `test_${databases}`
      await query(urlOf('postgres'), `create database ${name}`)
      return urlOf(name)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The folder of the server's programs: on PATH, or where Debian keeps them. */
async function findPrograms(): Promise<string> {
  const debian = '/usr/lib/postgresql'
  const versions = await readdir(debian).catch(() => [])
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  folders.push(...versions.map(version => join(debian, version, 'bin')))
  const found = folders.find(
    folder => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
  if (found !== undefined) return found
  throw new Error(
    'These tests need the PostgreSQL server, version 13 or later: install the package postgresql.',
  )
}

/** PostgreSQL refuses to run as root; somebody else must then own and run it. */
async function findOwner(): Promise<Owner> {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    const ids = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]).catch(
      () => null,
    )
    if (ids !== null) return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres to run it.')
}

async function waitUntilReady(child: ChildProcess, url: string): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (child.exitCode !== null) break
    try {
      return await query(url, 'select 1')
    } catch {
      await delay(25)
    }
  }
  child.kill('SIGKILL')
  throw new Error('The PostgreSQL server did not start.')
}

async function query(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

import { type Clock, systemClock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import type { RedisReply } from './client.ts'
import type { ScriptRunner } from './script.ts'

/** What {@link checkHealth} found. Null stands for what the server does not tell. */
export interface RedisHealth {
  /** Whether Redis answers and takes writes. */
  readonly ok: boolean
  readonly latencyMs: number
  readonly version: string | null
  readonly role: string | null
  readonly maxmemoryPolicy: string | null
  /** What survives a restart: `none`, `snapshots`, `log` or `log and snapshots`. */
  readonly persistence: string | null
  /** Of the server that was asked; on a Cluster, one of several. */
  readonly usedMemoryBytes: number | null
  /** 0 where the server may take all there is. */
  readonly maxMemoryBytes: number | null
  /** Keys it gave up for want of memory, sessions among them. */
  readonly evictedKeys: number | null
  /** How far its clock is ahead of this machine's, give or take {@link latencyMs}. */
  readonly clockSkewMs: number | null
  /** What an operator should change, as sentences. */
  readonly warnings: readonly string[]
}

const oldestVersion = [6, 2] as const

/**
 * Asks a server how it is, and whether its settings are fit for sessions.
 *
 * Never throws: a server that cannot be asked is reported as not ok, with the reason as a warning.
 */
export async function checkHealth(
  runner: Pick<ScriptRunner, 'command'>,
  clock: Clock = systemClock,
): Promise<RedisHealth> {
  const startedAt = clock.now()
  try {
    await runner.command(null, ['PING'])
    const latencyMs = clock.now() - startedAt
    const facts = { info: await readInfo(runner), settings: await readSettings(runner) }
    return describe(facts, latencyMs, await readSkew(runner, clock))
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    const warnings = [error.message]
    return { ...nothingKnown, ok: false, latencyMs: clock.now() - startedAt, warnings }
  }
}

const nothingKnown = {
  version: null,
  role: null,
  maxmemoryPolicy: null,
  persistence: null,
  usedMemoryBytes: null,
  maxMemoryBytes: null,
  evictedKeys: null,
  clockSkewMs: null,
}

/** Sessions go by the clock of Redis; by that of a worker go cookies, proofs of identity and logs. */
const mostSkewMs = 5000

type Facts = ReadonlyMap<string, string>

function describe(
  { info, settings }: { readonly info: Facts; readonly settings: Facts },
  latencyMs: number,
  clockSkewMs: number | null,
): RedisHealth {
  const version = info.get('valkey_version') ?? info.get('redis_version') ?? null
  const role = info.get('role') ?? null
  const maxmemoryPolicy = settings.get('maxmemory-policy') ?? info.get('maxmemory_policy') ?? null
  const persistence = describePersistence(info, settings)
  const warnings: string[] = []
  if (version !== null && isOlder(version)) {
    warnings.push(`The server is version ${version}. Upgrade it to 6.2 or later.`)
  }
  if (role === 'slave') {
    warnings.push('The server is a replica and refuses writes. Connect to its master.')
  }
  if (maxmemoryPolicy !== null && maxmemoryPolicy !== 'noeviction') {
    warnings.push(
      `\`maxmemory-policy\` is ${maxmemoryPolicy}: when memory runs short Redis silently ends ` +
        'sessions and resets limits. Set it to noeviction.',
    )
  }
  if (persistence === 'none') {
    warnings.push('Nothing is written to disk: a restart of Redis signs everybody out.')
  }
  if (clockSkewMs !== null && Math.abs(clockSkewMs) > mostSkewMs + latencyMs) {
    warnings.push(
      `The clocks of Redis and this machine are ${Math.round(Math.abs(clockSkewMs) / 1000)} seconds apart. Set both by NTP.`,
    )
  }
  return {
    ok: role !== 'slave',
    latencyMs,
    version,
    role,
    maxmemoryPolicy,
    persistence,
    usedMemoryBytes: numberOf(info.get('used_memory')),
    maxMemoryBytes: numberOf(info.get('maxmemory')),
    evictedKeys: numberOf(info.get('evicted_keys')),
    clockSkewMs,
    warnings,
  }
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text)
}

function describePersistence(info: Facts, settings: Facts): string | null {
  const hasLog = info.get('aof_enabled')
  const schedule = settings.get('save')
  if (hasLog === undefined) return null
  const parts = hasLog === '1' ? ['log'] : []
  if (schedule === undefined) return parts[0] ?? null
  if (schedule !== '') parts.push('snapshots')
  return parts.length === 0 ? 'none' : parts.join(' and ')
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1])
}

async function readInfo(runner: Pick<ScriptRunner, 'command'>): Promise<Facts> {
  const text = toText(await askIfAllowed(runner, ['INFO']))
  return new Map(
    text.split('\r\n').flatMap(line => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1)] as const] : []
    }),
  )
}

async function readSettings(runner: Pick<ScriptRunner, 'command'>): Promise<Facts> {
  const settings = new Map<string, string>()
  for (const name of ['maxmemory-policy', 'save']) {
    const reply = await askIfAllowed(runner, ['CONFIG', 'GET', name])
    const value = Array.isArray(reply) ? reply[1] : undefined
    if (value !== undefined) settings.set(name, toText(value))
  }
  return settings
}

async function readSkew(
  runner: Pick<ScriptRunner, 'command'>,
  clock: Clock,
): Promise<number | null> {
  const askedAt = clock.now()
  const reply = await askIfAllowed(runner, ['TIME'])
  if (!Array.isArray(reply)) return null
  const [seconds, microseconds] = reply.map(part => Number(toText(part)))
  const serverNow = (seconds ?? 0) * 1000 + (microseconds ?? 0) / 1000
  return Math.round(serverNow - (askedAt + clock.now()) / 2)
}

/** Many hosted servers forbid CONFIG, and some parts of INFO. */
async function askIfAllowed(
  runner: Pick<ScriptRunner, 'command'>,
  args: readonly string[],
): Promise<RedisReply> {
  try {
    return await runner.command(null, args)
  } catch (error) {
    if (error instanceof StoreError && error.code === 'ERR_STORE_REPLY') return null
    throw error
  }
}

function toText(reply: RedisReply): string {
  return reply instanceof Uint8Array ? Buffer.from(reply).toString() : ''
}

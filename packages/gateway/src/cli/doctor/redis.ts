import { randomBytes } from 'node:crypto'
import type { RedisHealth } from 'cloakroom'
import { createClient } from 'redis'
import { type Finding, failure, ok, warning } from './finding.ts'

/** What sessions, limits, messages and the audit trail do, each once, on keys of its own. */
function probesOf(prefix: string): readonly (readonly [what: string, command: string[]])[] {
  const key = `${prefix}doctor:${randomBytes(6).toString('hex')}`
  const [text, sorted, hash, stream] = ['s', 'z', 'h', 'x'].map(kind => `${key}:${kind}`) as [
    string,
    string,
    string,
    string,
  ]
  return [
    ['SET', ['SET', text, '1', 'PX', '60000']],
    ['GET', ['GET', text]],
    ['EVAL', ['EVAL', "return redis.call('GET', KEYS[1])", '1', text]],
    ['ZADD', ['ZADD', sorted, '1', 'a']],
    ['HSET', ['HSET', hash, 'a', '1']],
    ['XADD', ['XADD', stream, 'MAXLEN', '=', '1', '*', 'a', '1']],
    ['SCAN', ['SCAN', '0', 'MATCH', `${prefix}*`, 'COUNT', '1']],
    ['PUBLISH', ['PUBLISH', `${prefix}changes`, '']],
    ['TIME', ['TIME']],
    ['INFO', ['INFO', 'server']],
    ['DEL', ['DEL', text, sorted, hash, stream]],
  ]
}

/** Whether the user of Redis may do what is needed, and whether anybody else may. */
export async function checkRights(url: string, prefix: string): Promise<readonly Finding[]> {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const refused: string[] = []
    for (const [what, command] of probesOf(prefix)) {
      if (!(await isAllowed(() => client.sendCommand(command)))) refused.push(what)
    }
    const listener = client.duplicate()
    listener.on('error', () => undefined)
    await listener.connect()
    const canListen = await isAllowed(() => listener.subscribe(`${prefix}changes`, () => undefined))
    if (!canListen) refused.push('SUBSCRIBE')
    listener.destroy()
    return [describeRights(refused), ...describeDoor(url)]
  } catch {
    return []
  } finally {
    client.destroy()
  }
}

async function isAllowed(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return false
    throw error
  }
}

function describeRights(refused: readonly string[]): Finding {
  if (refused.length === 0) return ok('redis-rights', 'The user of Redis may do what is needed.')
  return failure(
    'redis-rights',
    `The user of Redis may not ${refused.join(', ')}. docs/operating-redis.md says which rights it needs.`,
  )
}

function describeDoor(text: string): readonly Finding[] {
  const url = new URL(text)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const findings: Finding[] = []
  if (url.password === '') {
    findings.push(
      warning('redis-password', 'Redis lets anybody in. Give it a user and a password.'),
    )
  }
  if (url.protocol !== 'rediss:' && !isHere) {
    findings.push(
      warning('redis-tls', 'The connection to Redis is not encrypted. Use `rediss://`.'),
    )
  }
  return findings
}

/** What the health of Redis says. */
export function describeHealth(health: RedisHealth): readonly Finding[] {
  const { ok: isUp, version, latencyMs, maxmemoryPolicy, persistence, warnings } = health
  if (!isUp) return warnings.map(message => failure('redis', message))
  const facts = [`version ${version ?? 'unknown'}`, `${latencyMs} ms`]
  if (maxmemoryPolicy !== null) facts.push(`maxmemory-policy ${maxmemoryPolicy}`)
  if (persistence !== null) facts.push(`persistence: ${persistence}`)
  return [
    ok('redis', `Redis answers: ${facts.join(', ')}.`),
    ...warnings.map(message => warning(nameOf(message), message)),
    ...describeMemory(health),
  ]
}

function describeMemory({ usedMemoryBytes, maxMemoryBytes }: RedisHealth): readonly Finding[] {
  if (usedMemoryBytes === null || maxMemoryBytes === null) return []
  if (maxMemoryBytes === 0) {
    return [
      warning('redis-memory', '`maxmemory` is not set: Redis grows until the machine is full.'),
    ]
  }
  const percent = Math.round((usedMemoryBytes / maxMemoryBytes) * 100)
  const message = `${percent} % of the memory of Redis is in use.`
  return [percent > 80 ? warning('redis-memory', message) : ok('redis-memory', message)]
}

/** Each warning of the health check by what it is about. */
function nameOf(message: string): string {
  if (message.includes('maxmemory-policy')) return 'redis-eviction'
  if (message.includes('disk')) return 'redis-persistence'
  if (message.includes('clocks')) return 'redis-clock'
  return 'redis-version'
}

import { beforeEach, describe, expect, it, vi } from 'vitest'
import { otherPassword, password } from '../../../../test/support/accounts.ts'
import {
  createAccountsSite,
  type SiteBrowser,
  type SitePage,
} from '../../../../test/support/accounts-site.ts'
import type { AccountStore } from '../account/store.ts'
import { createMemoryAccounts } from '../memory/accounts.ts'
import { createPasswordHasher } from '../passwords/hasher.ts'

/** What every hash cost, memory by passes. They are the real ones, and only counted. */
const hashes = vi.hoisted(() => [] as number[])

vi.mock('@node-rs/argon2', async importOriginal => {
  const original = await importOriginal<typeof import('@node-rs/argon2')>()
  const hash: typeof original.hash = (password, options) => {
    hashes.push((options?.memoryCost ?? 0) * (options?.timeCost ?? 0))
    return original.hash(password, options)
  }
  const verify: typeof original.verify = (stored, ...rest) => {
    const [, memory, passes] = /m=(\d+),t=(\d+)/.exec(stored.toString()) ?? []
    hashes.push(Number(memory) * Number(passes))
    return original.verify(stored, ...rest)
  }
  return { ...original, hash, verify }
})

const kinds = {
  known: 'ada@example.org',
  unknown: 'eve@example.org',
  disabled: 'off@example.org',
  /** Its hash was made when hashing cost less. */
  older: 'old@example.org',
  /** It has a second factor. */
  guarded: 'two@example.org',
}
type Kind = keyof typeof kinds

/** What a stranger may ask about an address at the pages. */
const questions: Readonly<Record<string, (email: string) => Readonly<Record<string, string>>>> = {
  '/login': email => ({ email, password: otherPassword }),
  '/register': email => ({ email, name: 'Eve', 'new-password': otherPassword }),
  '/forgot': email => ({ email }),
}

interface World {
  ask(path: string, kind: Kind): Promise<SitePage>
  /** What the store was asked since the last question. */
  readonly asked: string[]
  readonly events: string[]
  /** Waits for what is done after the answer. */
  settle(): Promise<void>
}

/** Hashes cost what they really do, so that leaving one out would show. */
async function openWorld(): Promise<World> {
  const memory = createMemoryAccounts()
  const asked: string[] = []
  const accounts = Object.fromEntries(
    Object.entries(memory).map(([name, member]) => [name, counting(name, member)]),
  ) as unknown as AccountStore

  function counting(name: string, member: unknown): unknown {
    if (typeof member !== 'function' || name === 'loginOf') return member
    return (...args: unknown[]) => {
      asked.push(name)
      return member(...args)
    }
  }

  const site = await createAccountsSite({ accounts, hasher: {} })
  await site.addAccount({ email: kinds.known })
  const id = await site.addAccount({ email: kinds.disabled })
  await memory.update({ id, version: 1 }, { status: 'disabled' })
  const older = await site.addAccount({ email: kinds.older })
  const passwordHash = await createPasswordHasher({ memoryKib: 4096 }).hash(password)
  await memory.update({ id: older, version: 1 }, { passwordHash })
  const accountId = await site.addAccount({ email: kinds.guarded })
  const facts = { id: 'f', sealed: 'x', usedStep: 0, recovery: [], createdAt: 0 }
  await site.stores.factors?.put({ accountId, ...facts }, null)
  const events: string[] = []
  site.cloakroom.events.on(({ type, reason }) => events.push(`${type} ${reason ?? ''}`.trim()))
  const browser: SiteBrowser = site.openBrowser()
  await browser.get('/login')
  let addresses = 0
  return {
    asked,
    events,
    async ask(path, kind) {
      // From another address each time, so that no limit is met.
      addresses += 1
      browser.address = `10.0.${Math.floor(addresses / 250)}.${addresses % 250}`
      return browser.post(path, questions[path]?.(kinds[kind]))
    },
    settle: () => site.accounts.flows.flush(),
  }
}

describe.each(Object.keys(questions))('whether there is an account, asked at %s,', path => {
  beforeEach(() => {
    hashes.length = 0
  })

  it('is not told by what is done before the answer, nor by the answer [ASVS 6.3.8]', async () => {
    const world = await openWorld()
    const answers = []
    for (const kind of Object.keys(kinds) as Kind[]) {
      for (const done of [hashes, world.asked, world.events]) done.length = 0
      const { status, location, text, headers } = await world.ask(path, kind)
      answers.push({
        cost: hashes.reduce((sum, cost) => sum + cost, 0),
        asked: [...world.asked],
        events: [...world.events].map(event => event.replace(/(?<=auth_failure ).*/, '')),
        status,
        location,
        text: withoutChance(text).replaceAll(kinds[kind], 'address'),
        headers: [...headers.keys()].sort(),
      })
      await world.settle()
    }
    expect(answers[0]?.cost).toBe(path === '/forgot' ? 0 : 19_456 * 2)
    expect(answers).toEqual(Array(answers.length).fill(answers[0]))
  })

  it('is not told by how long the answer takes [ASVS 6.3.8]', { timeout: 60_000 }, async () => {
    const world = await openWorld()
    const seen: Readonly<Record<string, number>>[] = []
    // A busy machine may blur one measurement; what leaks time shows in each.
    for (let round = 0; round < 5 && !seen.some(isAlike); round += 1) {
      seen.push(await compare(world, path))
    }
    expect(seen.some(isAlike), JSON.stringify(seen)).toBe(true)
  })
})

describe('the measure', () => {
  it('finds what takes longer by half of what the machine does besides', () => {
    const noise = (seed: number): number[] =>
      Array.from({ length: rounds }, (_, turn) => 10 + ((turn * 7 + seed) % rounds))
    const others = noise(3)
    expect(isAlike({ known: chanceOf(noise(11), others) })).toBe(true)
    const slower = noise(11).map(time => time + rounds / 2)
    expect(isAlike({ known: chanceOf(slower, others) })).toBe(false)
    expect(isAlike({ known: chanceOf(others, slower) })).toBe(false)
  })
})

const rounds = 25

/** By chance alone, two of a thousand measurements lie this far from one half. */
const isAlike = (chances: Readonly<Record<string, number>>): boolean =>
  Object.values(chances).every(chance => Math.abs(chance - 0.5) < 0.25)

/**
 * How likely an answer about an account takes longer than one about none: one half when nothing is
 * told, whatever the machine does besides (the statistic of Mann and Whitney).
 */
async function compare(world: World, path: string): Promise<Readonly<Record<string, number>>> {
  const times: Record<Kind, number[]> = {
    known: [],
    unknown: [],
    disabled: [],
    older: [],
    guarded: [],
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of shuffled(Object.keys(kinds) as Kind[])) {
      const start = performance.now()
      await world.ask(path, kind)
      times[kind].push(performance.now() - start)
      await world.settle()
    }
  }
  const { unknown, ...others } = times
  return Object.fromEntries(
    Object.entries(others).map(([kind, given]) => [kind, chanceOf(given, unknown)]),
  )
}

function chanceOf(times: readonly number[], others: readonly number[]): number {
  const pairs = times.flatMap(time => others.map(other => time > other))
  return pairs.filter(Boolean).length / pairs.length
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map(item => [Math.random(), item] as const)
    .sort(([left], [right]) => left - right)
    .map(([, item]) => item)
}

/** Tokens and nonces differ from page to page. */
function withoutChance(text: string): string {
  return text.replace(/(?<=name="_csrf" value=")[^"]*|(?<=nonce=")[^"]*/g, '')
}

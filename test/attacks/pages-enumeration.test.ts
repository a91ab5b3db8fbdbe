import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { AccountStore } from '../../packages/accounts/src/account/store.ts'
import { createMemoryAccounts } from '../../packages/accounts/src/memory/accounts.ts'
import { createPasswordHasher } from '../../packages/accounts/src/passwords/hasher.ts'
import { otherPassword } from '../support/accounts.ts'
import { createAccountsSite, type SiteBrowser, type SitePage } from '../support/accounts-site.ts'

/** Every hash, by what it cost. The real ones: only counted. */
const hashes = vi.hoisted(() => [] as string[])

vi.mock('@node-rs/argon2', async importOriginal => {
  const original = await importOriginal<typeof import('@node-rs/argon2')>()
  const hash: typeof original.hash = (password, options) => {
    hashes.push(`hash ${options?.memoryCost} ${options?.timeCost}`)
    return original.hash(password, options)
  }
  const verify: typeof original.verify = (stored, ...rest) => {
    hashes.push(`verify ${/m=\d+,t=\d+/.exec(stored.toString())?.[0]}`)
    return original.verify(stored, ...rest)
  }
  return { ...original, hash, verify }
})

const kinds = { known: 'ada@example.org', unknown: 'eve@example.org', disabled: 'off@example.org' }
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
async function openWorld(findSlowly?: (login: string) => Promise<void>): Promise<World> {
  const memory = createMemoryAccounts()
  const asked: string[] = []
  const accounts = Object.fromEntries(
    Object.entries(memory).map(([name, member]) => [name, counting(name, member)]),
  ) as unknown as AccountStore
  if (findSlowly !== undefined) {
    const { findByLogin } = accounts
    Object.assign(accounts, {
      async findByLogin(login: string) {
        await findSlowly(login)
        return findByLogin(login)
      },
    })
  }

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
        hashes: [...hashes],
        asked: [...world.asked],
        events: [...world.events].map(event => event.replace(/(?<=auth_failure ).*/, '')),
        status,
        location,
        text: withoutChance(text).replaceAll(kinds[kind], 'address'),
        headers: [...headers.keys()].sort(),
      })
      await world.settle()
    }
    expect(answers[0]?.hashes).toHaveLength(path === '/forgot' ? 0 : 1)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
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

it('the measure finds one hash more', { timeout: 60_000 }, async () => {
  const hasher = createPasswordHasher()
  const world = await openWorld(async login => {
    if (login === kinds.known) await hasher.hash(otherPassword)
  })
  expect(isAlike(await compare(world, '/login'))).toBe(false)
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
  const times: Record<Kind, number[]> = { known: [], unknown: [], disabled: [] }
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of shuffled(Object.keys(kinds) as Kind[])) {
      const start = performance.now()
      await world.ask(path, kind)
      times[kind].push(performance.now() - start)
      await world.settle()
    }
  }
  const chanceOf = (kind: Kind): number => {
    const pairs = times[kind].flatMap(time => times.unknown.map(other => time > other))
    return pairs.filter(Boolean).length / pairs.length
  }
  return { known: chanceOf('known'), disabled: chanceOf('disabled') }
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

import { describe, expect, it } from 'vitest'
import type { Visit } from '../../packages/accounts/src/account/ports.ts'
import type { AccountFlows } from '../../packages/accounts/src/flows/accounts.ts'
import { createAccountsWorld, otherPassword } from '../support/accounts.ts'

const known = 'ada@example.org'
const unknown = 'eve@example.org'
const disabled = 'off@example.org'

type Question = (accounts: AccountFlows, login: string, visit: Visit) => Promise<object>

/** What a stranger may ask about an address. */
const questions: readonly [string, Question][] = [
  ['signing in', ({ signIn }, login, visit) => signIn({ login, password: otherPassword }, visit)],
  ['a forgotten password', ({ forgotPassword }, login, visit) => forgotPassword({ login }, visit)],
  [
    'registering',
    ({ register }, email, visit) => register({ email, password: otherPassword }, visit),
  ],
]

/** With what a hash really costs, so that leaving it out would show. */
async function openWorld() {
  const world = createAccountsWorld({ hasher: {} })
  await world.addAccount({ email: known })
  const id = await world.addAccount({ email: disabled })
  await world.stores.accounts.update({ id, version: 1 }, { status: 'disabled' })
  const ask = (question: Question, login: string, browser = world.openBrowser()) =>
    browser.visit(visit => question(world.accounts, login, visit))
  return { world, ask }
}

describe('whether there is an account', () => {
  it.each(questions)('is not told by the answer to %s', async (_, question) => {
    const { ask } = await openWorld()
    const answers = [await ask(question, known), await ask(question, unknown)]
    answers.push(await ask(question, disabled))
    expect(answers).toEqual(Array(3).fill(answers[0]))
  })

  it.each(questions)('is not told by when %s is limited [ASVS 6.3.8]', async (_, question) => {
    const { world, ask } = await openWorld()
    const answersTo = async (login: string) => {
      const browser = world.openBrowser()
      const answers: object[] = []
      for (let count = 0; count < 7; count += 1) answers.push(await ask(question, login, browser))
      return answers
    }
    const answers = await answersTo(known)
    expect(answers.at(-1)).toMatchObject({ reason: 'limited' })
    expect(await answersTo(unknown)).toEqual(answers)
    expect(await answersTo(disabled)).toEqual(answers)
  })

  it.each(questions)(
    'is not told by the time that %s takes',
    async (_, question) => {
      const opened = await openWorld()
      const spreads: number[] = []
      // A busy machine may blur one measurement. What leaks time shows in each.
      for (let attempt = 0; attempt < 6 && !spreads.some(isSmall); attempt += 1) {
        spreads.push(await measure(question, opened))
      }
      expect(spreads.some(isSmall), `spreads: ${spreads}`).toBe(true)
    },
    60_000,
  )
})

/** Leaving out the hash would save half of the time and more. */
const isSmall = (spread: number): boolean => spread < 0.25

/** By which part the slowest kind of account is slower than the fastest, by medians. */
async function measure(
  question: Question,
  { world, ask }: Awaited<ReturnType<typeof openWorld>>,
): Promise<number> {
  const logins = [known, unknown, disabled]
  const times = new Map<string, number[]>(logins.map(login => [login, []]))
  for (let round = 0; round < 14; round += 1) {
    for (let turn = 0; turn < logins.length; turn += 1) {
      const login = logins[(round + turn) % logins.length] ?? known
      const start = performance.now()
      await ask(question, login)
      times.get(login)?.push(performance.now() - start)
      // The mail is written now, after the answer was given.
      await world.mails()
    }
  }
  const medians = [...times.values()].map(medianOf)
  return Math.max(...medians) / Math.min(...medians) - 1
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

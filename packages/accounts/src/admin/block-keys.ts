import type { RateLimiter } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import type { AccountStore } from '../account/store.ts'
import type { BlockOffice } from './engine.ts'
import type { AdminParts } from './parts.ts'

/** What calls are counted under, and by which limiter. */
export interface BlockKey {
  readonly limiter: BlockOffice
  readonly rule: string
  readonly key: Parameters<RateLimiter['findBlock']>[1]
}

/** Turns what an operator typed into what a rule counts under; null when it cannot be that. */
type KeyMaker = (typed: string, accounts: AccountStore) => Promise<BlockKey['key'] | null>

const byNetwork: KeyMaker = async typed => networkOf(typed)

const byAddress: KeyMaker = async typed => {
  const network = networkOf(typed)
  return network === null ? null : ['address', network]
}

const byAccount: KeyMaker = async (typed, accounts) => {
  const login = accounts.loginOf(typed)
  const account = login === null ? null : await accounts.findByLogin(login)
  return account === null ? null : ['account', account.id]
}

const byMailbox: KeyMaker = async (typed, accounts) => {
  const login = accounts.loginOf(typed)
  return login === null ? null : ['mail', login]
}

/** Keys of the rules that accounts count under. All other rules are the application's. */
const makers: Readonly<Record<string, KeyMaker>> = {
  login_address: byNetwork,
  auth_register: byAddress,
  password_reset: byAddress,
  session_create: byAccount,
  account_mail: byMailbox,
  second_factor: byAccount,
}

/** Rules whose keys have several parts, and the one in whose place accounts have those for sign-in. */
const notByHand: ReadonlySet<string> = new Set(['login_pair', 'login_device', 'auth_login'])

/** The rules under which something can be blocked by hand, those for everybody's sign-in first. */
export function blockableRules({ engine }: AdminParts): readonly string[] {
  const ofSignIn = namesOf(engine.loginProtection.limiter).filter(isOfSignIn)
  return [...ofSignIn, ...namesOf(engine.limiter)].filter(name => !notByHand.has(name))
}

function namesOf({ rules }: BlockOffice): readonly string[] {
  return [...rules.values()].filter(({ isShadow }) => !isShadow).map(({ name }) => name)
}

/** The limiter for sign-in has the default rules too, but nothing counts under them there. */
function isOfSignIn(rule: string): boolean {
  return rule.startsWith('login_')
}

/** What a rule counts under for what was typed; null when it is nothing that the rule could count. */
export async function blockKeyOf(
  { engine, accounts }: AdminParts,
  rule: string,
  typed: string,
): Promise<BlockKey | null> {
  const text = typed.trim()
  if (text === '' || text.length > 254) return null
  const { limiter, loginProtection } = engine
  const maker = Object.hasOwn(makers, rule) ? makers[rule] : undefined
  const key = maker === undefined ? text : await maker(text, accounts)
  if (key === null) return null
  return { limiter: isOfSignIn(rule) ? loginProtection.limiter : limiter, rule, key }
}

/** How far back the log is searched for sign-ins that failed, and how many pairs are made of them. */
const rememberedFailures = 200
const mostPairs = 20

/**
 * What sign-in to one account from one address counts under, for an account or an address. The other
 * half of each pair comes from the log.
 */
export async function pairKeysOf(parts: AdminParts, typed: string): Promise<readonly BlockKey[]> {
  const { engine, accounts, auditLog } = parts
  const { limiter, pairKey } = engine.loginProtection
  const text = typed.trim()
  const login = accounts.loginOf(text)
  const account = login === null ? null : await accounts.findByLogin(login)
  if (account === null && networkOf(text) === null) return []
  const { entries } = await auditLog.read({
    types: ['auth_failure'],
    limit: rememberedFailures,
    ...(account === null ? { ip: text } : { userId: account.id }),
  })
  const halves = entries.flatMap(
    ({ event }) => (account === null ? event?.userId : event?.ip) ?? [],
  )
  const pairs = [...new Set(halves)].slice(0, mostPairs).map(async half => {
    const other = account ?? (await accounts.findById(half))
    const address = addressKey(account === null ? text : half)
    if (other === null) return []
    return [{ limiter, rule: 'login_pair', key: pairKey({ account: other.login, address }) }]
  })
  return (await Promise.all(pairs)).flat()
}

function networkOf(typed: string): string | null {
  const network = addressKey(typed)
  return network === addressKey('') ? null : network
}

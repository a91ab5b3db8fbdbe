import type { AccountsSite } from './accounts-site.ts'

/** People of a site that has been in use for an hour. */
const people: readonly { email: string; name: string; role?: string }[] = [
  { email: 'mo@shop.example', name: 'Emmy Noether', role: 'moderator' },
  { email: 'ada@shop.example', name: 'Ada Lovelace' },
  { email: 'grace@shop.example', name: 'Grace Hopper' },
  { email: 'alan@shop.example', name: 'Alan Turing' },
  { email: 'sophie@shop.example', name: 'Sophie Germain' },
  { email: 'srinivasa@shop.example', name: 'Srinivasa Ramanujan' },
  { email: 'mary@shop.example', name: '' },
]

const devices = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) Version/18.0 Safari/605.1.15',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Mobile/15E148 Safari/604.1',
]

const guesser = '203.0.113.77'

/**
 * Has an hour pass on a site: people sign in and out, visitors come, and somebody guesses passwords for
 * a while. The same each time.
 *
 * @returns the ids of the people.
 */
export async function liveAnHour(site: AccountsSite): Promise<readonly string[]> {
  const { cloakroom, clock } = site
  const { sessions, events } = cloakroom
  const ids: string[] = []
  for (const person of people) ids.push(await site.addAccount(person))
  const draw = createDraw()
  for (let minute = 0; minute < 60; minute += 1) {
    const rush = 1 + Math.sin((minute / 60) * Math.PI)
    for (let count = 0; count < draw(3) * rush; count += 1) {
      const who = draw(people.length)
      const userId = ids[who] ?? ''
      const source = { ip: `198.51.100.${20 + who}`, userAgent: devices[draw(4)] }
      const role = people[who]?.role ?? 'user'
      const { session } = await sessions.create({ id: userId, role }, { source })
      await noteSignIn(site, userId)
      events.emit({ type: 'auth_success', userId, sessionId: session.id, ...source })
    }
    for (let count = 0; count < draw(4); count += 1) {
      await sessions.create(null, {
        source: { ip: `192.0.2.${draw(200)}`, userAgent: devices[draw(4)] },
      })
    }
    const isAttack = minute > 34 && minute < 44
    for (let count = 0; count < (isAttack ? 9 + draw(8) : draw(2)); count += 1) {
      const about = { userId: ids[draw(people.length)], reason: 'password' }
      events.emit({ type: 'auth_failure', ip: isAttack ? guesser : '198.51.100.21', ...about })
    }
    if (isAttack) for (let count = 0; count < 3 + draw(5); count += 1) await guess(site)
    clock.advance(60_000)
  }
  const block = { reason: 'Scans the shop every night', subject: '192.0.2.200' }
  await cloakroom.limiter.block('auth_register', ['address', block.subject], block)
  return ids
}

async function noteSignIn({ stores, clock }: AccountsSite, id: string): Promise<void> {
  const account = await stores.accounts.findById(id)
  if (account !== null) await stores.accounts.noteSignIn({ ...account, at: clock.now() })
}

/** One more try to register from the same address. */
async function guess({ cloakroom }: AccountsSite): Promise<void> {
  const source = { ip: guesser }
  await cloakroom.limiter.check('auth_register', ['address', guesser], { source })
}

/** Numbers below a bound that look drawn by lot. */
function createDraw(): (bound: number) => number {
  let state = 7
  return bound => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * bound)
  }
}

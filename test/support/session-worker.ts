import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { createCloakroom } from 'cloakroom'
import { createClient } from 'redis'

/** What a {@link Worker} is asked, and answers. */
export type WorkerCall =
  | { readonly name: 'validate'; readonly token: string }
  | { readonly name: 'revoke'; readonly id: string }
  | { readonly name: 'signOut'; readonly user: string | null }
  | { readonly name: 'stats' }

/** Serves the calls of the process that started this one, until that ends. */
export async function serve({ url }: { url: string }): Promise<void> {
  const { sessions } = createCloakroom({
    redis: createClient({ url }),
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    nearCache: true,
    audit: false,
    env: {},
  })

  async function answer(call: WorkerCall): Promise<unknown> {
    if (call.name === 'validate') return (await sessions.validate(call.token)).state
    if (call.name === 'revoke') return sessions.revoke(call.id)
    if (call.name === 'stats') return sessions.nearCache?.stats()
    return sessions.raiseEpoch(call.user === null ? { all: true } : { user: call.user })
  }

  process.on('message', ({ number, call }: { number: number; call: WorkerCall }) => {
    answer(call).then(
      result => process.send?.({ number, result }),
      error => process.send?.({ number, error: String(error) }),
    )
  })
  while (sessions.nearCache?.stats().isAlive !== true) await delay(10)
  process.send?.({ number: 0 })
  await once(process, 'disconnect')
}

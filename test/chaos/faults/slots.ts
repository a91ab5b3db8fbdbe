import { createClient } from 'redis'
import type { RedisServer } from '../../support/redis-server.ts'

interface Node {
  readonly port: number
  readonly id: string
  ask(...args: string[]): Promise<unknown>
  close(): void
}

/** Moves slots from the first server of a Cluster to the second, while both go on serving. */
export async function moveSlots(
  servers: readonly RedisServer[],
  { start, count }: { readonly start: number; readonly count: number },
): Promise<void> {
  const [from, to, ...others] = await Promise.all(servers.map(open))
  if (from === undefined || to === undefined) throw new Error('A Cluster needs two servers.')
  for (let slot = start; slot < start + count; slot += 1) await moveSlot(String(slot), { from, to })
  for (const node of [from, to, ...others]) node.close()
}

async function moveSlot(slot: string, { from, to }: { from: Node; to: Node }): Promise<void> {
  await to.ask('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
  await from.ask('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
  for (;;) {
    const keys = (await from.ask('CLUSTER', 'GETKEYSINSLOT', slot, '10')) as string[]
    if (keys.length === 0) break
    const target = ['MIGRATE', '127.0.0.1', String(to.port), '', '0', '1000', 'REPLACE']
    await from.ask(...target, 'KEYS', ...keys)
  }
  await to.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
  await from.ask('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
}

async function open({ url, port }: RedisServer): Promise<Node> {
  const client = await createClient({ url }).connect()
  const ask = (...args: string[]): Promise<unknown> => client.sendCommand(args)
  return { port, id: String(await ask('CLUSTER', 'MYID')), ask, close: () => client.destroy() }
}

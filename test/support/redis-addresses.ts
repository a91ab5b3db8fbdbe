import { Redis as Ioredis, Cluster as IoredisCluster } from 'ioredis'
import { Redis as Iovalkey, Cluster as IovalkeyCluster } from 'iovalkey'
import { createClient, createCluster, createSentinel } from 'redis'

/** Where Redis is found, in a form that another process can be told. */
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string; readonly certificate?: string }
  | { readonly kind: 'cluster'; readonly urls: readonly string[]; readonly username?: string }
  | { readonly kind: 'sentinel'; readonly name: string; readonly ports: readonly number[] }

type Kind = RedisAddress['kind']
type AddressOf<K extends Kind> = Extract<RedisAddress, { kind: K }>
type Openers = { readonly [K in Kind]: (address: AddressOf<K>) => unknown }

/** The supported packages. */
export const drivers = ['redis', 'ioredis', 'iovalkey'] as const
export type DriverName = (typeof drivers)[number]

const openers: Readonly<Record<DriverName, Openers>> = {
  redis: {
    single: ({ url, certificate: ca }) =>
      createClient({ url, ...(ca !== undefined && { socket: { tls: true, ca } }) }),
    cluster: ({ urls, username }) =>
      createCluster({ rootNodes: urls.map(url => ({ url })), defaults: credentialsOf(username) }),
    sentinel: ({ name, ports }) => createSentinel({ name, sentinelRootNodes: hostsOf(ports) }),
  },
  ioredis: openersOf(Ioredis, IoredisCluster),
  iovalkey: openersOf(Iovalkey, IovalkeyCluster),
}

/** A client as its users make it. It connects when it is told to. */
export function openNative(driver: DriverName, address: RedisAddress): unknown {
  const open = openers[driver][address.kind] as (address: RedisAddress) => unknown
  return open(address)
}

interface OneClass {
  new (url: string, options: object): unknown
  new (options: object): unknown
}
type ClusterClass = new (urls: string[], options: object) => unknown

function openersOf(One: OneClass, Many: ClusterClass): Openers {
  const lazyConnect = true
  return {
    single: ({ url, certificate: ca }) =>
      new One(url, { lazyConnect, ...(ca !== undefined && { tls: { ca } }) }),
    cluster: ({ urls, username }) =>
      new Many([...urls], { lazyConnect, redisOptions: credentialsOf(username) }),
    sentinel: ({ name, ports }) => new One({ name, sentinels: hostsOf(ports), lazyConnect }),
  }
}

/** The password of every test's user. */
function credentialsOf(username: string | undefined): object {
  return username === undefined ? {} : { username, password: 'password' }
}

function hostsOf(ports: readonly number[]): { host: string; port: number }[] {
  return ports.map(port => ({ host: '127.0.0.1', port }))
}

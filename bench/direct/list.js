/**
 * What is measured without HTTP, in groups that run side by side. `floor` is what a program is
 * compared with.
 *
 * @type {readonly { name: string, file: string, args?: string[], floor: string | null }[][]}
 */
export const groups = [
  [
    { name: 'GET, redis', file: 'floor.js', args: ['get', 'redis'], floor: null },
    {
      name: 'connect-redis get, redis',
      file: 'connect-redis.js',
      args: ['get'],
      floor: 'GET, redis',
    },
    cloakroom('validate', 'redis', 'GET, redis'),
    cloakroom('validate-anew', 'redis', 'GET, redis'),
    { name: 'GET, ioredis', file: 'floor.js', args: ['get', 'ioredis'], floor: null },
    cloakroom('validate', 'ioredis', 'GET, ioredis'),
  ],
  [
    { name: 'node-redis client-side cache', file: 'client-side-cache.js', floor: null },
    { name: 'Map', file: 'map.js', floor: 'node-redis client-side cache' },
    {
      name: 'cloakroom validate, near cache',
      file: 'cloakroom.js',
      args: ['validate', 'redis', 'near'],
      floor: 'node-redis client-side cache',
    },
  ],
  [
    { name: 'connect-redis set, redis', file: 'connect-redis.js', args: ['set'], floor: null },
    {
      name: 'SET, redis',
      file: 'floor.js',
      args: ['set', 'redis'],
      floor: 'connect-redis set, redis',
    },
    cloakroom('create', 'redis', 'connect-redis set, redis'),
    cloakroom('create', 'ioredis', 'connect-redis set, redis'),
  ],
  limits('redis'),
  limits('ioredis'),
]

function limits(client) {
  const peer = `rate-limiter-flexible, ${client}`
  return [
    { name: peer, file: 'rate-limiter-flexible.js', args: [client], floor: null },
    { name: `EVALSHA, ${client}`, file: 'floor.js', args: ['evalsha', client], floor: peer },
    cloakroom('limit', client, peer),
  ]
}

function cloakroom(operation, client, floor) {
  const name = `cloakroom ${operation}, ${client}`
  return { name, file: 'cloakroom.js', args: [operation, client], floor }
}

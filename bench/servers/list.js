/** Limits are counted by user. */
const paths = Array.from({ length: 1000 }, (_, number) => `/of/user-${number}`)

/**
 * Servers under test. `floor` is what a server is compared with.
 *
 * @type {readonly { name: string, file: string, args?: string[], floor: string | null,
 *   isBare?: boolean, paths?: string[] }[]}
 */
export const servers = [
  { name: 'node', file: 'node.js', floor: null, isBare: true },
  { name: 'node + headers', file: 'node-headers.js', floor: 'node', isBare: true },
  { name: 'node + Map', file: 'node-map.js', floor: 'node' },
  { name: 'node + GET', file: 'node-get.js', floor: 'node' },
  { name: 'node + EVALSHA', file: 'node-evalsha.js', floor: 'node' },
  ...cloakroom('node'),
  { name: 'node + iron-session', file: 'iron-session.js', floor: 'node' },
  { name: 'node + better-auth getSession', file: 'better-auth.js', floor: 'node' },
  { name: 'Express', file: 'express.js', floor: null, isBare: true },
  {
    name: 'Express + express-session + connect-redis',
    file: 'express-session.js',
    floor: 'Express',
  },
  ...cloakroom('Express'),
  { name: 'Fastify', file: 'fastify.js', floor: null, isBare: true },
  {
    name: 'Fastify + @fastify/session + connect-redis',
    file: 'fastify-session.js',
    floor: 'Fastify',
  },
  ...cloakroom('Fastify'),
  { name: 'Hono', file: 'hono.js', floor: null, isBare: true },
  ...cloakroom('Hono'),
  {
    name: 'Express + express-rate-limit + rate-limit-redis',
    file: 'express-rate-limit.js',
    floor: 'Express',
    isBare: true,
    paths,
  },
  {
    name: 'Express + cloakroom rate limit',
    file: 'express-cloakroom-rate-limit.js',
    floor: 'Express',
    isBare: true,
    paths,
  },
]

/** As it is by default, with the near cache, and with no more headers than its peers send. */
function cloakroom(floor) {
  const file = `${floor.toLowerCase()}-cloakroom.js`
  const name = `${floor} + cloakroom`
  return [
    { name, file, floor },
    { name: `${name}, no headers`, file, args: ['unadorned'], floor },
    { name: `${name}, near cache`, file, args: ['near'], floor },
    { name: `${name}, near cache, no headers`, file, args: ['near', 'unadorned'], floor },
  ]
}

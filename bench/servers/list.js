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
  { name: 'node + cloakroom', file: 'node-cloakroom.js', floor: 'node' },
  {
    name: 'node + cloakroom, near cache',
    file: 'node-cloakroom.js',
    args: ['near'],
    floor: 'node',
  },
  { name: 'node + iron-session', file: 'iron-session.js', floor: 'node' },
  { name: 'node + better-auth getSession', file: 'better-auth.js', floor: 'node' },
  { name: 'Express', file: 'express.js', floor: null, isBare: true },
  {
    name: 'Express + express-session + connect-redis',
    file: 'express-session.js',
    floor: 'Express',
  },
  { name: 'Express + cloakroom', file: 'express-cloakroom.js', floor: 'Express' },
  {
    name: 'Express + cloakroom, near cache',
    file: 'express-cloakroom.js',
    args: ['near'],
    floor: 'Express',
  },
  { name: 'Fastify', file: 'fastify.js', floor: null, isBare: true },
  {
    name: 'Fastify + @fastify/session + connect-redis',
    file: 'fastify-session.js',
    floor: 'Fastify',
  },
  { name: 'Fastify + cloakroom', file: 'fastify-cloakroom.js', floor: 'Fastify' },
  {
    name: 'Fastify + cloakroom, near cache',
    file: 'fastify-cloakroom.js',
    args: ['near'],
    floor: 'Fastify',
  },
  { name: 'Hono', file: 'hono.js', floor: null, isBare: true },
  { name: 'Hono + cloakroom', file: 'hono-cloakroom.js', floor: 'Hono' },
  {
    name: 'Hono + cloakroom, near cache',
    file: 'hono-cloakroom.js',
    args: ['near'],
    floor: 'Hono',
  },
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

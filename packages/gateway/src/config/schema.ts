import { z } from 'zod'
import type { AppConfig, GatewayConfig } from './config.ts'
import { type PresetName, presets } from './presets.ts'

const duration = z
  .union([
    z.int().positive(),
    z.templateLiteral([z.number().positive(), z.enum(['ms', 's', 'm', 'h', 'd'])]),
  ])
  .describe("Milliseconds, or a text such as '30m'.")

const globs = z.string().startsWith('/', 'must begin with /')

const rule = z.strictObject({
  path: z.union([globs, z.array(globs).min(1)]).describe('Paths, with `*` and `**`.'),
  methods: z
    .array(z.string().regex(/^[A-Z]+$/, 'must be upper case'))
    .min(1)
    .optional()
    .describe('HTTP methods; all by default.'),
  allow: z
    .union([z.enum(['public', 'signed-in', 'nobody']), z.array(z.string()).min(1)])
    .describe('Anybody, whoever is signed in, nobody, or roles.'),
})

const field = z.enum(['user', 'email', 'name', 'roles', 'session', 'jwt'])
const address = z.url({ protocol: /^https?$/ })

const app = {
  to: z
    .union([address, z.array(address).min(1)])
    .describe('Where the app is; several for replicas.'),
  name: z
    .string()
    .regex(/^[\w.-]+$/)
    .optional()
    .describe('Who the identity token is for.'),
  path: z
    .string()
    .regex(/^\/([\w.~-]+(\/[\w.~-]+)*)?$/, 'must be a path such as /apps/one')
    .optional()
    .describe('Where browsers find the app.'),
  stripPath: z.boolean().optional().describe('Takes `path` off what the app is asked for.'),
  preset: z
    .enum(Object.keys(presets) as [PresetName, ...PresetName[]])
    .optional()
    .describe('What kind of app it is.'),
  rules: z.array(rule).optional().describe('Who may do what; the first that fits decides.'),
  closed: z.array(globs).optional().describe('Paths that nobody reaches from outside.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/), field)
    .optional()
    .describe('Further identity headers.'),
  watcher: z.boolean().optional().describe('Adds a script that leads open tabs to sign-in.'),
  health: z
    .union([globs, z.literal(false)])
    .optional()
    .describe('Path that a replica is asked for to see whether it is well.'),
  timeouts: z
    .strictObject({
      response: duration.optional(),
      upload: duration.optional(),
      handshake: duration.optional(),
    })
    .optional(),
}

const secret = z.union([z.string(), z.array(z.string()).min(1)])

/** The one description of a configuration. */
export const configSchema: z.ZodType<GatewayConfig> = z
  .strictObject({
    ...app,
    to: app.to.optional(),
    apps: z
      .array(z.strictObject(app) satisfies z.ZodType<AppConfig>)
      .min(1)
      .optional(),
    listen: z
      .strictObject({
        host: z.string().optional(),
        port: z.int().min(0).max(65_535).optional(),
      })
      .optional(),
    origin: z.string().optional().describe('Where browsers find the gateway.'),
    trustProxy: z.array(z.string()).optional().describe('Addresses of proxies in front.'),
    redis: z.string().optional().describe('Such as redis://localhost:6379.'),
    secret: secret.optional().describe('Seals sessions; several, newest first.'),
    cookieSecret: secret.optional().describe('Signs cookies; several, newest first.'),
    accounts: z
      .union([z.strictObject({ url: z.string() }), z.strictObject({ folder: z.string() })])
      .optional()
      .describe('Where accounts are kept.'),
    mail: z.strictObject({ url: z.string(), from: z.string() }).optional(),
    registration: z.enum(['open', 'closed']).optional(),
    admin: z
      .strictObject({ email: z.string(), password: z.string().optional() })
      .optional()
      .describe('Who is made administrator while there is none.'),
    oidc: z
      .strictObject({
        issuer: z.url(),
        clientId: z.string().min(1),
        clientSecret: z.string().min(1),
        name: z.string().optional(),
        scopes: z.array(z.string()).optional(),
        roleClaim: z.string().optional(),
        roles: z.record(z.string(), z.string()).optional(),
        registration: z.enum(['open', 'closed']).optional(),
      })
      .optional()
      .describe('Sign-in by a provider of OpenID Connect.'),
    session: z
      .strictObject({
        idle: duration.optional(),
        absolute: duration.optional(),
        perUser: z.int().positive().optional(),
      })
      .optional(),
    theme: z
      .strictObject({
        name: z.string().optional(),
        logo: z.string().optional(),
        accent: z.string().optional(),
      })
      .optional(),
    language: z.enum(['en', 'de']).optional(),
    forwardAuth: z
      .enum(['nginx', 'traefik', 'caddy', 'envoy'])
      .optional()
      .describe('A proxy in front that asks before it passes requests on itself.'),
    metrics: z
      .strictObject({ host: z.string().optional(), port: z.int().min(0).max(65_535) })
      .optional()
      .describe('Where figures for Prometheus are served.'),
    dev: z.boolean().optional().describe('For work on one machine: keeps all in memory.'),
  })
  .describe('Configuration of the Cloakroom gateway.')

/** The same for editors: JSON Schema. */
export function createJsonSchema(): object {
  return { title: 'Cloakroom gateway', ...z.toJSONSchema(configSchema, { io: 'input' }) }
}

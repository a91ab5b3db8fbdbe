import type { IncomingMessage } from 'node:http'
import { expressMiddleware } from '../adapters/express.ts'
import { fastifyPlugin } from '../adapters/fastify.ts'
import { fetchHandler } from '../adapters/fetch.ts'
import { honoMiddleware } from '../adapters/hono.ts'
import { koaMiddleware } from '../adapters/koa.ts'
import { nextAdapter } from '../adapters/next.ts'
import { type NodeHandler, type NodeOptions, nodeListener } from '../adapters/node.ts'
import type { AuditTrail } from '../audit/trail.ts'
import { systemClock } from '../core/clock.ts'
import { refuseUnknown } from '../core/options.ts'
import { createTextSealer, type TextSealer } from '../crypto/text-seal.ts'
import { createSigner } from '../crypto/token-mac.ts'
import { createAuditLog } from '../events/audit.ts'
import type { EventHub } from '../events/hub.ts'
import { createEventHub } from '../events/hub.ts'
import { createMeter, type Meter } from '../events/meter.ts'
import { createAddressReader } from '../http/address.ts'
import { createCookieManager } from '../http/cookie-manager.ts'
import type { CookieOptions } from '../http/cookie-options.ts'
import {
  type CookieRole,
  csrfCookie,
  deviceCookie,
  sessionCookie,
  visitorCookie,
} from '../http/cookie-role.ts'
import { createSecurityHeaders } from '../http/headers.ts'
import { parseOrigins } from '../http/origin.ts'
import { warnOnce } from '../http/warning.ts'
import { createCsrf } from '../protection/csrf.ts'
import { createLoginProtection } from '../protection/login-protection.ts'
import { createRateLimiter } from '../protection/rate-limiter.ts'
import type { SessionData } from '../sessions/data.ts'
import { createSessionManager } from '../sessions/manager.ts'
import { createMemoryCounters } from '../stores/memory/counters.ts'
import type { RedisHealth } from '../stores/redis/health.ts'
import { traceCounters } from '../tracing/traced-counters.ts'
import { traceSessions } from '../tracing/traced-sessions.ts'
import { currentHandling } from '../web/context.ts'
import type { Engine } from '../web/engine.ts'
import { readEnvironment } from '../web/environment.ts'
import type { FetchOptions, RequestHandler } from '../web/fetch.ts'
import type { OpenOptions } from '../web/handle.ts'
import type {
  ContextMiddleware,
  FastifyPlugin,
  FetchHandler,
  NodeListener,
  NodeMiddleware,
} from '../web/mount.ts'
import type { NextAdapter, NextFunctions } from '../web/next-types.ts'
import { checkPassword } from '../web/password-check.ts'
import { resolveRoles } from '../web/roles.ts'
import { checkUpgrade, type UpgradeCheck, type UpgradeOptions } from '../web/upgrade.ts'
import { cookieDefaults, givenSecrets, sessionDefaults } from './defaults.ts'
import { openTracing, openTrail } from './optional-parts.ts'
import { type CloakroomOptions, optionNames } from './options.ts'
import { createSecretReload } from './secret-reload.ts'
import { createKeyrings, limiterSecret, type SecretName, type Secrets } from './secrets.ts'
import { openStorage } from './storage.ts'

/** Everything that was set up, and the middleware of each framework. */
export interface Cloakroom<Data extends object = SessionData> extends Engine<Data> {
  readonly events: EventHub
  /** Tells what is counted and timed besides events. */
  readonly meter: Meter
  /** The events of all workers; null while it is not switched on. */
  readonly auditTrail: AuditTrail | null
  /** Where sessions are kept, for messages: `memory`, or client and topology of Redis. */
  readonly storage: string
  /** Middleware for Express 4 and 5. Mount it after the body parsers and before the routes. */
  express(options?: OpenOptions): NodeMiddleware
  /** Plugin for Fastify 5. It serves the instance that it is registered on, and those below. */
  fastify(options?: OpenOptions): FastifyPlugin
  /** Middleware for Hono 4. */
  hono(options?: OpenOptions): ContextMiddleware
  /** Middleware for Koa 2 and 3. Mount it after the body parsers and before the routes. */
  koa(options?: OpenOptions): ContextMiddleware
  /** Wrappers for the App Router of Next.js, given what `next/headers` exports. */
  next(functions: NextFunctions): NextAdapter
  /** Wraps a handler for `createServer` of node:http. */
  node(handler: NodeHandler<Data>, options?: NodeOptions): NodeListener
  /** Wraps a handler from Request to Response, as in the Fetch standard. */
  fetch(handler: RequestHandler<Data>, options?: FetchOptions): FetchHandler
  /**
   * Runs your check of a password, protected against guessing, and gives what it gives: the user, or
   * null when the password is wrong or there is no such account. Call it while serving a request,
   * and sign the user in afterwards.
   *
   * Have unknown accounts take as long as known ones, and answer both alike.
   *
   * @throws {HttpError} 429 after too many wrong ones for this account and address; 503 when they
   * cannot be counted.
   */
  checkPassword<User extends { readonly id: string }>(
    account: string,
    check: () => Promise<User | null>,
  ): Promise<User | null>
  /**
   * Checks origin and session of a request that wants to become a WebSocket. Answer a refusal with
   * `refuseUpgrade`, and bind the socket with `sessions.bind`.
   */
  authenticateUpgrade(
    request: IncomingMessage,
    options?: UpgradeOptions,
  ): Promise<UpgradeCheck<Data>>
  /** Whether Redis answers and is set up well; null where all is kept in memory. */
  checkHealth(): Promise<RedisHealth | null>
  /**
   * Takes other secrets over, everywhere and at once; see docs/key-rotation.md. Without any, what the
   * environment names is read again: files, for the variables of a process do not change.
   *
   * @returns which have changed.
   * @throws {ConfigError} naming one that is too weak; nothing has changed then.
   */
  reloadSecrets(secrets?: Secrets): readonly SecretName[]
  /**
   * Seals texts that you store elsewhere with the keys that seal sessions. Each purpose has keys of its
   * own; a key that is taken out of the ring opens them no more.
   */
  sealer(purpose: string): TextSealer
  /** Closes the connections that were opened here. Your own client stays open. */
  close(): void
}

/**
 * Sets everything up, from the options and, where they are silent, from the environment.
 *
 * @example
 * const cloakroom = createCloakroom({ redis: createClient({ url: process.env.REDIS_URL }) })
 * app.use(cloakroom.express())
 *
 * @throws {ConfigError} naming the setting that is missing, unknown or unsafe.
 */
export function createCloakroom<Data extends object = SessionData>(
  options: CloakroomOptions<Data> = {},
): Cloakroom<Data> {
  refuseUnknown('createCloakroom', options, optionNames)
  const env = options.env ?? process.env
  const environment = readEnvironment(env)
  const isProduction = options.production ?? env['NODE_ENV'] === 'production'
  const clock = options.clock ?? systemClock
  const events = createEventHub({ clock })
  const meter = createMeter()
  if (options.audit !== false) events.on(createAuditLog(options.audit))
  const onWarning = warnOnce(({ code, message }) => {
    // Where it is on by default, nobody has to be told to leave it off.
    if (code === 'cookie-development' && options.cookie?.development !== true) return
    process.emitWarning(message, 'CloakroomWarning')
  })
  const storage = openStorage(options, { events, meter, isProduction })
  const given = givenSecrets(options)
  const rings = createKeyrings({
    given,
    environment,
    isMemory: options.redis === undefined,
    isProduction,
  })

  const auditTrail = openTrail(options.auditTrail, {
    store: storage.audit,
    clock,
    secret: rings.auditSecret,
    events,
  })
  if (auditTrail !== null) events.on(auditTrail.listener)
  const reloading = createSecretReload({
    rings,
    given,
    env,
    events,
    every: options.reloadSecrets ?? '30s',
  })
  const cookieOptions = cookieDefaults(options.cookie, environment, isProduction)
  const cookie = (role: CookieRole, settings: CookieOptions) =>
    createCookieManager(settings, {
      role,
      signer:
        role === csrfCookie ? null : createSigner(rings.cookieSecret, `cookie/${role.purpose}`),
      clock,
      onWarning,
      production: isProduction,
    })
  const tracing = openTracing(options.tracer, rings.secret)
  const counting = {
    ...(options.rateLimit?.instances !== undefined && { instances: options.rateLimit.instances }),
    store: tracing === null ? storage.counters : traceCounters(storage.counters, tracing),
    local: createMemoryCounters({ clock }),
    secret: limiterSecret(rings.secret),
    events,
  }
  const { name: _name, legacy: _legacy, ...sideCookieOptions } = cookieOptions
  const { cookie: hasCsrfCookie = false, ...csrfOptions } = options.csrf || {}

  const sessions = createSessionManager<Data>({
    store: storage.sessions,
    lockers: storage.lockers,
    secret: rings.secret,
    session: sessionDefaults(options.session, environment),
    cipher: options.cipher ?? 'fernet',
    nearCache: options.nearCache,
    events,
    meter,
    clock,
    ...(options.schema && { schema: options.schema }),
    ...(options.migrate && { migrate: options.migrate }),
  })
  const engine: Engine<Data> = {
    sessions: tracing === null ? sessions : traceSessions(sessions, tracing),
    limiter: createRateLimiter({ ...options.rateLimit, ...counting }),
    loginProtection: createLoginProtection({ ...options.login, ...counting }),
    csrf:
      options.csrf === false
        ? null
        : createCsrf({ timeout: environment.csrfTimeoutMs, ...csrfOptions }, { clock }),
    headers: createSecurityHeaders(options.headers),
    addresses: createAddressReader({ trustProxy: options.trustProxy ?? false }, { onWarning }),
    sessionCookie: cookie(sessionCookie, cookieOptions),
    visitorCookie: cookie(visitorCookie, sideCookieOptions),
    deviceCookie: cookie(deviceCookie, sideCookieOptions),
    csrfCookie: hasCsrfCookie ? cookie(csrfCookie, sideCookieOptions) : null,
    roles: resolveRoles(options.roles),
    events,
    clock,
    origins: parseOrigins(options.origins),
    onUnavailable: options.onUnavailable ?? 'error',
  }
  return {
    ...engine,
    events,
    meter,
    auditTrail,
    storage: storage.description,
    express: given => expressMiddleware(engine, given),
    fastify: given => fastifyPlugin(engine, given),
    hono: given => honoMiddleware(engine, given),
    koa: given => koaMiddleware(engine, given),
    next: functions => nextAdapter(engine, functions),
    node: (handler, given) => nodeListener(engine, handler, given),
    fetch: (handler, given) => fetchHandler(engine, handler, given),
    checkPassword(account, check) {
      const { source, device } = currentHandling()
      return checkPassword(engine, { account, check, source, device: device() })
    },
    authenticateUpgrade: (request, upgrade) => checkUpgrade(engine, request, upgrade),
    checkHealth: storage.checkHealth,
    reloadSecrets: reloading.reload,
    sealer: purpose => createTextSealer({ keyring: rings.secret, purpose, clock }),
    close() {
      reloading.close()
      engine.sessions.close()
      auditTrail?.close()
      storage.close()
    },
  }
}

import { createMeter, type Meter } from '../../events/meter.ts'
import type {
  RedisArgument,
  RedisClient,
  RedisReply,
  ScanPage,
  Subscription,
  SubscriptionListener,
} from './client.ts'
import { createGuard, type GuardOptions } from './guard.ts'
import { meterGuard } from './metered-guard.ts'
import { isNoScript } from './reply-error.ts'

/** What a script takes as an argument. Numbers arrive as plain decimal text. */
export type ScriptArgument = string | number | Uint8Array

/**
 * A Lua script with the names of its parameters, as the generator writes it from `lua/*.lua`.
 *
 * `RestKey` and `RestArg` name the parameter that takes all further keys or arguments, if there is one.
 */
export interface Script<
  Key extends string,
  Arg extends string,
  RestKey extends string = never,
  RestArg extends string = never,
> {
  readonly name: string
  /** SHA-1 of the source in hex: the name Redis knows it by. */
  readonly sha1: string
  readonly keys: readonly Key[]
  readonly args: readonly Arg[]
  readonly restKeys: RestKey | undefined
  readonly restArgs: RestArg | undefined
  readonly source: string
}

/** The parameters of a script by name. */
export type ScriptInput<
  Key extends string,
  Arg extends string,
  RestKey extends string,
  RestArg extends string,
> = Readonly<
  Record<Key, string> &
    Record<Arg, ScriptArgument> &
    Record<RestKey, readonly string[]> &
    Record<RestArg, readonly ScriptArgument[]>
>

/** How the stores reach Redis: every call ends in time, whatever Redis and the network do. */
export interface ScriptRunner {
  /**
   * Runs a script.
   *
   * It is named by its hash; a server that does not know it (after a restart, a fail-over or
   * `SCRIPT FLUSH`) is sent the source once. A script whose answer is lost is not sent again.
   *
   * @throws {StoreError} when Redis cannot be reached, does not answer in time, or refuses.
   */
  run<Key extends string, Arg extends string, RestKey extends string, RestArg extends string>(
    script: Script<Key, Arg, RestKey, RestArg>,
    input: NoInfer<ScriptInput<Key, Arg, RestKey, RestArg>>,
  ): Promise<RedisReply>
  /** {@link RedisClient.command} with a deadline. @throws {StoreError} */
  command(key: string | null, args: readonly RedisArgument[]): Promise<RedisReply>
  /** {@link RedisClient.commandEach} with a deadline for all together. @throws {StoreError} */
  commandEach(args: readonly RedisArgument[]): Promise<readonly RedisReply[]>
  /** {@link RedisClient.subscribe} */
  subscribe(channels: readonly string[], listener: SubscriptionListener): Subscription
  /** {@link RedisClient.scanKeys} with a deadline. @throws {StoreError} */
  scanKeys(pattern: string, cursor: string | null, count: number): Promise<ScanPage>
}

/** Options of {@link createScriptRunner}. */
export interface ScriptRunnerOptions extends GuardOptions {
  /** Told how long commands take. */
  readonly meter?: Meter
}

/** Makes a {@link ScriptRunner}. One serves all stores, so that they share its circuit breaker. */
export function createScriptRunner(
  client: RedisClient,
  options: ScriptRunnerOptions = {},
): ScriptRunner {
  const { meter = createMeter(), ...guardOptions } = options
  const guard = meterGuard(createGuard(client, guardOptions), meter)
  return {
    run(script, input) {
      const values: Readonly<Record<string, ScriptValue>> = input
      const args: RedisArgument[] = ['EVALSHA', script.sha1, '']
      for (const name of script.keys) args.push(toArgument(values[name]))
      pushRest(args, values, script.restKeys)
      const keyCount = args.length - 3
      args[2] = String(keyCount)
      for (const name of script.args) args.push(toArgument(values[name]))
      pushRest(args, values, script.restArgs)
      const key = keyCount === 0 ? null : String(args[3])
      return guard.run(
        () => client.command(key, args),
        error => {
          if (args[0] === 'EVAL' || !isNoScript(error)) return false
          args[0] = 'EVAL'
          args[1] = script.source
          return true
        },
      )
    },
    command: (key, args) => guard.run(() => client.command(key, args)),
    commandEach: args => guard.run(() => client.commandEach(args)),
    subscribe: (channels, listener) => client.subscribe(channels, listener),
    scanKeys: (pattern, cursor, count) => guard.run(() => client.scanKeys(pattern, cursor, count)),
  }
}

type ScriptValue = ScriptArgument | readonly ScriptArgument[]

function pushRest(
  args: RedisArgument[],
  values: Readonly<Record<string, ScriptValue>>,
  name: string | undefined,
): void {
  if (name === undefined) return
  const rest = values[name]
  if (!Array.isArray(rest)) throw new TypeError(`The script parameter ${name} must be a list.`)
  for (const value of rest) args.push(toArgument(value))
}

function toArgument(value: ScriptValue | undefined): RedisArgument {
  if (typeof value === 'string' || value instanceof Uint8Array) return value
  // Lua reads exponents, infinities and NaN, but the integers of Redis commands do not.
  if (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    const text = String(value)
    return text.includes('e') ? value.toFixed(20) : text
  }
  throw new TypeError(`A script parameter is ${String(value)}, which Redis cannot take.`)
}

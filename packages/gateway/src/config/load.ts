import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { ConfigError } from 'cloakroom'
import { createJiti } from 'jiti'
import { parse } from 'yaml'
import type { GatewayConfig } from './config.ts'
import { applyEnvironment, type Environment } from './environment.ts'
import { parseConfig } from './validate.ts'

/** Where a configuration is looked for. */
export interface LoadOptions {
  /** Where relative paths begin. */
  readonly folder: string
  readonly env: Environment
  /** @default the one of the usual names that is there */
  readonly file?: string | undefined
  /** Goes over everything else: what was said on the command line. */
  readonly flags?: GatewayConfig
}

/** A configuration, and where it came from. */
export interface LoadedConfig {
  readonly config: GatewayConfig
  /** Null when there is no file. */
  readonly file: string | null
}

const usualNames = ['cloakroom.config.ts', 'cloakroom.config.js', 'cloakroom.yaml', 'cloakroom.yml']

/**
 * Reads the configuration: the file, over it the environment, over that the flags.
 *
 * @throws {ConfigError} naming the file, variable or setting at fault.
 */
export async function loadConfig({
  folder,
  env,
  file,
  flags = {},
}: LoadOptions): Promise<LoadedConfig> {
  const named = file ?? env['CLOAKROOM_CONFIG']
  const path = named === undefined ? findFile(folder) : resolve(folder, named)
  const given = path === null ? {} : await readConfigFile(path)
  const config = { ...applyEnvironment(given, env), ...mergeable(flags, given) }
  return { config: parseConfig(config), file: path }
}

/** Flags that belong to a part of the configuration leave its other settings as they are. */
function mergeable(flags: GatewayConfig, given: object): object {
  const entries = Object.entries(flags).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      isPlain(value) ? { ...Reflect.get(given, key), ...value } : value,
    ]),
  )
}

function findFile(folder: string): string | null {
  const found = usualNames.map(name => join(folder, name)).filter(existsSync)
  if (found.length < 2) return found[0] ?? null
  throw invalid(`There are several configurations: ${found.join(', ')}. Keep one.`)
}

async function readConfigFile(path: string): Promise<object> {
  const isYaml = ['.yaml', '.yml', '.json'].includes(extname(path))
  let value: unknown
  try {
    value = isYaml ? parse(await readFile(path, 'utf8')) : await importConfig(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw invalid(`${path} cannot be read: ${reason}`, cause)
  }
  if (isPlain(value)) return value
  throw invalid(`${path} holds no configuration. It must be an object with settings.`)
}

/** TypeScript is understood whatever Node.js itself makes of it. */
function importConfig(path: string): Promise<unknown> {
  return createJiti(import.meta.url).import(path, { default: true })
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string, cause?: unknown): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', message, { cause })
}

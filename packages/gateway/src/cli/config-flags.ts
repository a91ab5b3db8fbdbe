import type { ArgsDef } from 'citty'
import { ConfigError } from 'cloakroom'
import type { GatewayConfig } from '../config/config.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { parseConfig } from '../config/validate.ts'
import { type Terminal, textOf, type VerbArgs } from './verb.ts'

/** Flags of every verb that needs the configuration. */
const configFlags: ArgsDef = {
  config: { type: 'string', description: 'The file with the configuration', valueHint: 'path' },
  dev: { type: 'boolean', description: 'For work on this machine: keeps all in memory' },
}

/** Flags that stand for settings, for the start without a file. */
export const gatewayFlags: ArgsDef = {
  ...configFlags,
  to: { type: 'string', description: 'Where the app is', valueHint: 'url' },
  preset: { type: 'string', description: 'What kind of app it is', valueHint: 'name' },
  origin: { type: 'string', description: 'Where browsers find the gateway', valueHint: 'url' },
  host: { type: 'string', description: 'The address it listens at' },
  port: { type: 'string', description: 'The port it listens at' },
}

/** Reads the configuration as the flags say. @throws {ConfigError} naming what is wrong. */
export function readConfig(args: VerbArgs, terminal: Terminal): Promise<LoadedConfig> {
  const { folder, env } = terminal
  return loadConfig({ folder, env, file: textOf(args, 'config'), flags: flagsOf(args) })
}

function flagsOf(args: VerbArgs): GatewayConfig {
  const host = textOf(args, 'host')
  const port = textOf(args, 'port')
  const listen = {
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port: readPort(port) }),
  }
  return parseConfig({
    to: textOf(args, 'to'),
    preset: textOf(args, 'preset'),
    origin: textOf(args, 'origin'),
    ...(Object.keys(listen).length > 0 && { listen }),
    ...(args['dev'] === true && { dev: true }),
  })
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new ConfigError('ERR_OPTION_INVALID', `\`--port\` is ${text} and must be a number.`)
}

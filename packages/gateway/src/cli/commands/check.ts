import { resolveSettings } from '../../config/settings.ts'
import { gatewayFlags, readConfig } from '../config-flags.ts'
import type { Verb } from '../verb.ts'

/** Says whether the configuration is sound. */
export const check: Verb = {
  summary: 'Says whether the configuration is sound and safe',
  args: gatewayFlags,
  async run(args, terminal) {
    const { config, file } = await readConfig(args, terminal)
    const { apps } = resolveSettings(config)
    const rules = apps.reduce((sum, app) => sum + app.rules.length, 0)
    const place = file ?? 'The configuration of flags and environment'
    terminal.print(`${place} is sound: ${apps.length} app(s), ${rules} rule(s).`)
    return 0
  },
}

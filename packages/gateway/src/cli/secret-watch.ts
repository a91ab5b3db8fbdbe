import { ConfigError } from 'cloakroom'
import type { Gateway } from '../app/gateway.ts'
import type { GatewayConfig } from '../config/config.ts'
import type { Terminal } from './verb.ts'

/** How often the configuration is read again, for the secrets in it and in the files it names. */
const everyMs = 30_000

/** Takes secrets over as they change, until the result is called. */
export function watchSecrets(
  gateway: Pick<Gateway, 'reloadSecrets'>,
  terminal: Terminal,
  readConfig: () => Promise<GatewayConfig>,
): () => void {
  let lastProblem = ''

  async function look(): Promise<void> {
    try {
      const changed = await gateway.reloadSecrets(await readConfig())
      if (changed.length > 0) terminal.print(`  New secrets           ${changed.join(', ')}`)
      lastProblem = ''
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      // What was read before stays in use: a file may be half written.
      if (error.message !== lastProblem) terminal.warn(error.message)
      lastProblem = error.message
    }
  }

  const timer = setInterval(look, terminal.lookEveryMs ?? everyMs).unref()
  return () => clearInterval(timer)
}

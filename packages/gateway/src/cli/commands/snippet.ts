import type { GatewaySettings } from '../../config/settings.ts'
import { resolveSettings } from '../../config/settings.ts'
import { gatewayFlags, readConfig } from '../config-flags.ts'
import { grafanaSnippet, streamlitSnippet } from '../snippets/apps.ts'
import { caddySnippet } from '../snippets/caddy.ts'
import { nginxSnippet } from '../snippets/nginx.ts'
import { traefikSnippet } from '../snippets/traefik.ts'
import { textOf, type Verb } from '../verb.ts'

const snippets: Readonly<Record<string, (settings: GatewaySettings) => string>> = {
  nginx: nginxSnippet,
  traefik: traefikSnippet,
  caddy: caddySnippet,
  streamlit: streamlitSnippet,
  grafana: grafanaSnippet,
}

/** Prints settings for a proxy in front, or for an app behind. */
export const snippet: Verb = {
  summary: `Prints settings for ${Object.keys(snippets).join(', ')}`,
  args: {
    for: { type: 'positional', description: Object.keys(snippets).join(', ') },
    ...gatewayFlags,
  },
  async run(args, terminal) {
    const name = textOf(args, 'for') ?? ''
    const write = Object.hasOwn(snippets, name) ? snippets[name] : undefined
    if (write === undefined) {
      terminal.warn(
        `There is no snippet for \`${name}\`. There are: ${Object.keys(snippets).join(', ')}.`,
      )
      return 2
    }
    const { config } = await readConfig(args, terminal)
    terminal.print(write(resolveSettings(config)))
    return 0
  },
}

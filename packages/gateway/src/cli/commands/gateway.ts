import { createGateway, type Gateway } from '../../app/gateway.ts'
import type { GatewayConfig } from '../../config/config.ts'
import { gatewayFlags, readConfig } from '../config-flags.ts'
import { watchSecrets } from '../secret-watch.ts'
import type { Terminal, Verb } from '../verb.ts'

/** Starts the gateway. */
export const gateway: Verb = {
  summary: 'Starts the gateway in front of an app',
  args: gatewayFlags,
  async run(args, terminal) {
    const { config, file } = await readConfig(args, terminal)
    const running = await createGateway(config)
    await running.listen()
    await greet(running, terminal, { config, file })
    const stopWatching = watchSecrets(
      running,
      terminal,
      async () => (await readConfig(args, terminal)).config,
    )
    await terminal.stopped
    stopWatching()
    await running.close()
    return 0
  },
}

const devAdmin = 'admin@cloakroom.example'

async function greet(
  { engine, settings }: Gateway,
  terminal: Terminal,
  { config, file }: { readonly config: GatewayConfig; readonly file: string | null },
): Promise<void> {
  const { origins, apps, isDev } = settings
  terminal.print(`\n  Cloakroom is open at  ${origins[0]}`)
  for (const { base, upstreams } of apps) {
    terminal.print(`  ${(base || '/').padEnd(20)}  ${upstreams.map(url => url.origin).join(', ')}`)
  }
  terminal.print(`  Configuration         ${file ?? 'flags and environment'}`)
  terminal.print(`  Sessions are kept in  ${engine.cloakroom.storage}`)
  terminal.print(`  Accounts are kept in  ${engine.accountStorage}`)
  const email = settings.admin?.email ?? (isDev ? devAdmin : undefined)
  if (email !== undefined) await makeAdmin(email, { engine }, terminal, settings.admin?.password)
  if (config.preset === 'streamlit') terminal.print(streamlitHint)
  if (isDev)
    terminal.print('\n  Not safe for others: sessions and accounts are forgotten at the end.')
  terminal.print('')
}

async function makeAdmin(
  email: string,
  { engine }: Pick<Gateway, 'engine'>,
  terminal: Terminal,
  password: string | undefined,
): Promise<void> {
  const made = await engine.accounts.firstAdmin({
    email,
    ...(password !== undefined && { password }),
  })
  if (!made.ok) return
  terminal.print(`  Administrator         ${email}`)
  if (made.password !== null) {
    terminal.print(`  Password              ${made.password}  (to be changed at the first sign-in)`)
  }
}

const streamlitHint = '\n  To read who is signed in, see `cloakroom snippet streamlit`.'

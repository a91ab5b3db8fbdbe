import { ConfigError, userRoles } from 'cloakroom'
import { findRoute } from '../../app/apps.ts'
import { openEngine } from '../../app/engine.ts'
import { isOwnPath } from '../../app/own-routes.ts'
import type { RuleConfig } from '../../config/config.ts'
import { type GatewaySettings, resolveSettings } from '../../config/settings.ts'
import { identityHeaders } from '../../identity/names.ts'
import { createRules, type Decision, decide } from '../../routing/rules.ts'
import { readTarget } from '../../routing/target.ts'
import { gatewayFlags, readConfig } from '../config-flags.ts'
import { textOf, type Verb } from '../verb.ts'

/** Says what would become of a request. */
export const explain: Verb = {
  summary: 'Says what becomes of a request, by which rule and with which headers',
  args: {
    method: { type: 'positional', description: 'Such as GET' },
    url: { type: 'positional', description: 'A path, or a whole address' },
    user: { type: 'string', description: 'Whose request it is', valueHint: 'email' },
    role: { type: 'string', description: 'Or of which role', valueHint: 'role' },
    ...gatewayFlags,
  },
  async run(args, terminal) {
    const { config } = await readConfig(args, terminal)
    const settings = resolveSettings(config)
    const email = textOf(args, 'user')
    const role = email === undefined ? textOf(args, 'role') : await roleOf(email, settings)
    const lines = explainRequest(settings, {
      method: (textOf(args, 'method') ?? 'GET').toUpperCase(),
      url: textOf(args, 'url') ?? '/',
      role: role ?? null,
    })
    for (const line of lines) terminal.print(line)
    return 0
  },
}

interface Asked {
  readonly method: string
  readonly url: string
  /** Null for a visitor. */
  readonly role: string | null
}

function explainRequest(
  settings: GatewaySettings,
  { method, url, role }: Asked,
): readonly string[] {
  const target = readTarget(withoutOrigin(url, settings.origins))
  if (!target.ok)
    return [`Refused with 400: the address can be read in two ways (${target.reason}).`]
  if (isOwnPath(target.decoded)) return ['Answered by the gateway itself.']
  const apps = settings.apps.map(each => ({ settings: each, rules: createRules(each.rules) }))
  const route = findRoute(apps, target)
  if (route === null) return ['Refused with 404: no app has this path.']
  const { app, path, forwarded } = route
  const rulings = app.rules.find({ method, path })
  const decision = decide(rulings, role, { reaches })
  const { name, upstreams, rules, aliases } = app.settings
  const say = (rule: RuleConfig | null): string =>
    rule === null ? 'none fits, so nobody may' : `${rules.indexOf(rule) + 1}: ${describe(rule)}`
  const names = [...Object.values(identityHeaders), ...Object.keys(aliases)]
  return [
    `App       ${name}, at ${upstreams.map(({ origin }) => origin).join(', ')}`,
    ...rulings.map(({ rule }) => `Rule      ${say(rule)}`),
    `Who       ${role === null ? 'a visitor' : `somebody with the role ${role}`}`,
    `Decision  ${decisions[decision]}`,
    ...(decision === 'allowed'
      ? [
          `Asked     ${method} ${forwarded}`,
          `Headers   ${role === null ? 'none' : names.join(', ')}`,
        ]
      : []),
  ]
}

const decisions: Readonly<Record<Decision, string>> = {
  allowed: 'passed on',
  'sign-in': 'pages lead to sign-in, all else is refused with 401',
  forbidden: 'refused with 403',
}

function describe({ path, methods, allow }: RuleConfig): string {
  const verbs = methods === undefined ? '' : `${methods.join(', ')} `
  return `${verbs}${[path].flat().join(', ')} for ${[allow].flat().join(', ')}`
}

function reaches(role: string | null, atLeast: string): boolean {
  const ladder: readonly (string | null)[] = userRoles
  const rank = (name: string | null): number => ladder.indexOf(name)
  return rank(atLeast) >= 0 && rank(role) >= rank(atLeast)
}

function withoutOrigin(url: string, origins: readonly string[]): string {
  const origin = origins.find(each => url === each || url.startsWith(`${each}/`))
  return origin === undefined ? url : url.slice(origin.length) || '/'
}

async function roleOf(email: string, settings: GatewaySettings): Promise<string> {
  const engine = await openEngine(settings)
  try {
    const { accounts } = engine.stores
    const login = accounts.loginOf(email)
    const account = login === null ? null : await accounts.findByLogin(login)
    if (account !== null) return account.role
    throw new ConfigError('ERR_OPTION_INVALID', `There is no account ${email}. Try \`--role\`.`)
  } finally {
    await engine.close()
  }
}

import { ConfigError } from 'cloakroom'

/** How the pages look and what they are called. */
export interface ThemeOptions {
  /** Shown in titles and above forms. @default 'Cloakroom' */
  readonly name?: string
  /** Address of a picture on this site, such as `/logo.svg`. @default a ticket */
  readonly logo?: string
  /** Colour of buttons and links, as `#rrggbb`. @default '#3d5a80' */
  readonly accent?: string
  /** The same on a dark page. @default a lighter accent */
  readonly accentDark?: string
  /** Where the logo leads. @default '/' */
  readonly home?: string
}

/** {@link ThemeOptions}, checked. */
export interface Theme {
  readonly name: string
  readonly logo: string | null
  readonly home: string
  /** Variables for the stylesheet, as a stylesheet of its own. */
  readonly css: string
}

/** @throws {ConfigError} naming the setting that is wrong. */
export function resolveTheme(options: ThemeOptions = {}): Theme {
  const accent = requireColor('theme.accent', options.accent ?? '#3d5a80')
  const dark = requireColor('theme.accentDark', options.accentDark ?? lighten(accent))
  return {
    name: options.name ?? 'Cloakroom',
    logo: options.logo === undefined ? null : requirePath('theme.logo', options.logo),
    home: requirePath('theme.home', options.home ?? '/'),
    css: `:root{--accent:${accent};--on-accent:${inkOn(accent)}}
@media(prefers-color-scheme:dark){:root{--accent:${dark};--on-accent:${inkOn(dark)}}}
`,
  }
}

function requireColor(name: string, value: string): string {
  if (/^#[0-9a-f]{6}$/i.test(value)) return value.toLowerCase()
  throw new ConfigError('ERR_OPTION_INVALID', `\`${name}\` must be a colour such as \`#3d5a80\`.`)
}

function requirePath(name: string, value: string): string {
  if (/^\/(?!\/)[\w./~-]*$/.test(value)) return value
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` must be a path of this site: \`/logo.svg\`.`,
  )
}

function channels(color: string): readonly [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16)
  return [value >> 16, (value >> 8) & 255, value & 255]
}

function lighten(color: string): string {
  const mixed = channels(color).map(part => Math.round(part + (255 - part) * 0.5))
  return `#${mixed.map(part => part.toString(16).padStart(2, '0')).join('')}`
}

/** Black or white, whichever has the better contrast (WCAG 2.2, relative luminance). */
function inkOn(color: string): string {
  const [red, green, blue] = channels(color).map(part => {
    const share = part / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0)
  return luminance > 0.179 ? '#000000' : '#ffffff'
}

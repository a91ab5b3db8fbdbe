import type { Child } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminSection } from '../admin/admin.ts'
import type { Texts } from './texts.ts'
import type { Theme } from './theme.ts'

/** What every page is told about its request. */
export interface PageContext {
  readonly texts: Texts
  readonly theme: Theme
  /** Begins every address of these pages; empty at the root. */
  readonly base: string
  readonly isRegistrationOpen: boolean
  /** Makes a token against request forgery for a form. */
  readonly csrfToken: () => string
  readonly nonce: string
  readonly user: { readonly name: string } | null
  /** Parts of the console that the user may open. */
  readonly sections: readonly AdminSection[]
  /** Set while an administrator acts as somebody else. */
  readonly impersonating: string | null
  /** Seconds until the session ends for lack of activity; null without a session. */
  readonly endsInSeconds: number | null
  /** Addresses of the assets, with a digest of their content. */
  readonly asset: (name: 'style.css' | 'theme.css' | 'pages.js' | ExtraAsset) => string
}

/** What pages of the console load besides. */
type ExtraAsset = 'admin.css' | 'admin.js' | 'charts.js'

/** The frame of every page. */
export function Layout(props: {
  readonly context: PageContext
  readonly title: string
  /** Forms stand in a narrow card, lists take the whole width. @default 'card' */
  readonly width?: 'card' | 'wide' | 'console'
  readonly extras?: readonly ExtraAsset[]
  readonly children: Child
}): JSX.Element {
  const { context, title, width = 'card', extras = [], children } = props
  const { texts, theme, asset, nonce } = context
  return (
    <html lang={texts.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · ${theme.name}`}</title>
        {theme.logo !== null && <link rel="icon" href={theme.logo} />}
        <link rel="stylesheet" href={asset('style.css')} />
        <link rel="stylesheet" href={asset('theme.css')} />
        {extras.filter(isStyle).map(name => (
          <link rel="stylesheet" href={asset(name)} />
        ))}
        {['pages.js' as const, ...extras.filter(name => !isStyle(name))].map(name => (
          <script src={asset(name)} type="module" nonce={nonce}></script>
        ))}
      </head>
      <body>
        <a class="skip" href="#content">
          {texts.common.skipToContent}
        </a>
        <Banner context={context} />
        <Header context={context} />
        <main id="content" class={width} tabindex={-1}>
          {children}
        </main>
        <TimeoutDialog context={context} />
      </body>
    </html>
  )
}

function isStyle(name: ExtraAsset): boolean {
  return name.endsWith('.css')
}

function Header({ context }: { readonly context: PageContext }) {
  const { texts, theme, base, user, sections } = context
  return (
    <header class="site">
      <a class="brand" href={theme.home}>
        {theme.logo === null ? <Ticket /> : <img src={theme.logo} alt="" width="28" height="28" />}
        <span>{theme.name}</span>
      </a>
      {user !== null && (
        <nav aria-label={texts.common.account}>
          {sections.length > 0 && <a href={`${base}/admin`}>{texts.admin.title}</a>}
          <a href={`${base}/account`}>{user.name}</a>
          <form method="post" action={`${base}/logout`}>
            <CsrfField context={context} />
            <button type="submit" class="quiet">
              {texts.common.signOut}
            </button>
          </form>
        </nav>
      )}
    </header>
  )
}

function Banner({ context }: { readonly context: PageContext }) {
  const { texts, base, impersonating } = context
  if (impersonating === null) return null
  return (
    <div class="banner" role="status">
      <span>{texts.impersonation.banner(impersonating)}</span>
      <form method="post" action={`${base}/impersonation/stop`}>
        <CsrfField context={context} />
        <button type="submit">{texts.impersonation.stop}</button>
      </form>
    </div>
  )
}

function TimeoutDialog({ context }: { readonly context: PageContext }) {
  const { texts, base, endsInSeconds } = context
  if (endsInSeconds === null) return null
  return (
    <dialog
      id="timeout"
      data-ends-in={String(endsInSeconds)}
      data-renew={`${base}/session/renew`}
      aria-labelledby="timeout-title"
    >
      <h2 id="timeout-title">{texts.timeout.title}</h2>
      <p>{texts.timeout.text}</p>
      <form method="dialog">
        <CsrfField context={context} />
        <button type="submit" class="primary">
          {texts.timeout.stay}
        </button>
      </form>
    </dialog>
  )
}

/** The token that every form must send. */
export function CsrfField({
  context,
}: {
  readonly context: Pick<PageContext, 'csrfToken'>
}): JSX.Element {
  return <input type="hidden" name="_csrf" value={context.csrfToken()} />
}

function Ticket() {
  return (
    <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <path
        d="M4 9h24v5a2.5 2.5 0 0 0 0 5v4H4v-4a2.5 2.5 0 0 0 0-5z"
        fill="currentColor"
        opacity=".18"
      />
      <path
        d="M16 12.5a2 2 0 1 1 1.4 1.9c-.9.3-1.4.8-1.4 1.6l-8 4.6h16L16 16"
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  )
}

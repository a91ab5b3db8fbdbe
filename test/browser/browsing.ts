import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** A browser for tests, and everything that its pages complained about. */
export interface Browsing {
  /** Somebody with a browser, and cookies, of their own. */
  newVisitor(options?: BrowserContextOptions): Promise<Page>
  /** Errors of scripts, on the console and against the content security policy, since last asked. */
  takeProblems(): readonly string[]
  close(): Promise<void>
}

/** Where pictures of pages go. */
export const screenshots: string = fileURLToPath(
  new URL('../../.cache/screenshots/', import.meta.url),
)

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Chromium with a fresh profile. */
export async function openBrowser(baseURL: string): Promise<Browsing> {
  const executablePath = findChromium()
  const browser = await chromium.launch({ executablePath, args: flags })
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`
  let problems: string[] = []

  function watch(page: Page): void {
    page.on('pageerror', error => problems.push(`${page.url()}: ${error.message}`))
    page.on('console', message => {
      const { url } = message.location()
      const isRefusedPage = /status of (4|5)\d\d/.test(message.text()) && !/\.\w+$/.test(url)
      const isBad = message.type() === 'error' || message.type() === 'warning'
      if (isBad && !isRefusedPage) problems.push(`${page.url()}: ${message.text()}`)
    })
  }

  return {
    async newVisitor(options) {
      const context = await browser.newContext({ baseURL, userAgent, ...options })
      context.setDefaultTimeout(10_000)
      const page = await context.newPage()
      watch(page)
      return page
    },
    takeProblems() {
      const taken = problems
      problems = []
      return taken
    },
    close: () => browser.close(),
  }
}

/** Saves a picture of the whole page. */
export async function takePicture(page: Page, name: string): Promise<void> {
  await page.waitForLoadState()
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}${name}.png`, fullPage: true })
}

/** What axe finds wrong with a page for people who cannot see it well, or at all. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  const { resolve } = createRequire(import.meta.url)
  await page.evaluate(await readFile(resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(`axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => id + ': ' + html + '\\n' + failureSummary)))`)
}

/** How far a page can be scrolled to the side, in pixels. It should not at all. */
export function findOverflow(page: Page): Promise<number> {
  const root = 'document.documentElement'
  return page.evaluate(`${root}.scrollWidth - ${root}.clientWidth`)
}

function findChromium(): string {
  const path = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium'
  if (existsSync(path)) return path
  throw new Error(
    `There is no ${path}: install Chromium (Debian: apt-get install chromium), or name it in CHROMIUM_PATH.`,
  )
}

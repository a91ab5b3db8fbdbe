import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGatewayGround, type GatewayGround } from './support/gateway-ground.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const guide = await readFile(join(root, 'docs/migration/streamlit.md'), 'utf8')
const blocks = [...guide.matchAll(/^(Before|After):[\s\S]*?^```python\n([\s\S]*?)^```$/gm)]
const blocksOf = (kind: string): string[] =>
  blocks.filter(([, found]) => found === kind).map(([, , code = '']) => code)

/** What of Streamlit the guide uses, for a script that runs once from top to bottom. */
const streamlit = `
import json
import os


class context:
    headers = json.loads(os.environ["HEADERS"])


def button(label):
    return os.environ.get("PRESS") == label


def radio(label, options):
    return os.environ.get("CHOOSE", options[0])


def link_button(label, url):
    print(label, url)


def write(value):
    print(value)
`

/** Needs Python 3 on PATH. */
const python = promisify(execFile)

describe('docs/migration/streamlit.md', () => {
  let ground: GatewayGround
  let folder: string
  let headers: Record<string, string>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-streamlit-'))
    await writeFile(join(folder, 'streamlit.py'), streamlit)
    await copyFile(join(root, 'examples/streamlit/cloakroom.py'), join(folder, 'cloakroom.py'))
    ground = await createGatewayGround()
    const ada = await ground.signIn({ role: 'admin' })
    const seen = (await ada.load('/')).json()['headers'] as Record<string, string>
    // Streamlit finds headers whatever their case.
    headers = Object.fromEntries(
      Object.entries(seen).map(([name, value]) => [
        name.replace(/(^|-)[a-z]/g, letter => letter.toUpperCase()),
        value,
      ]),
    )
  })
  afterAll(async () => {
    await ground.close()
    await rm(folder, { recursive: true })
  })

  /** Runs a block as Streamlit does for a page load or a click. */
  async function run(code: string, env: Record<string, string> = {}): Promise<string> {
    await writeFile(join(folder, 'app.py'), code)
    const { stdout } = await python('python3', ['app.py'], {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        CLOAKROOM_URL: `http://127.0.0.1:${ground.port}`,
        HEADERS: JSON.stringify(headers),
        ...env,
      },
    })
    return stdout.trim()
  }

  it('shows three things before and after, all of them Python', async () => {
    const [before, after] = [blocksOf('Before'), blocksOf('After')]
    expect([before.length, after.length]).toEqual([3, 3])
    for (const code of [...before, ...after]) {
      await run(`compile(${JSON.stringify(code)}, "block", "exec")`)
    }
  })

  it('knows who is signed in', async () => {
    const [who = ''] = blocksOf('After')
    expect(await run(who)).toBe('Signed in as ada@example.org\nAdministration /_cloakroom/admin')
  })

  it('keeps a cart over page loads, and a theme on every device', { timeout: 60_000 }, async () => {
    const [, cart = '', theme = ''] = blocksOf('After')
    await run(cart, { PRESS: 'Add a coat' })
    await run(cart, { PRESS: 'Add a coat' })
    expect(await run(cart)).toBe("['coat', 'coat']")
    await run(theme, { CHOOSE: 'dark' })
    const other = await ground.openBrowser()
    await other.signIn()
    const seen = (await other.load('/')).json()['headers'] as Record<string, string>
    const mine = `from cloakroom import Values\nprint(Values("${seen['x-cloakroom-session']}", scope="user").get("theme"))`
    expect(await run(mine)).toBe('dark')
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Consumer, createConsumer, runNode } from './support/consumer.ts'
import { givenNames, readGuides } from './support/guides.ts'
import { createHttpClient } from './support/http-client.ts'
import { readEntryPoints } from './support/public-api.ts'
import { findFreePort, type RedisServer, startRedis } from './support/redis-server.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const guides = await readGuides()
const code = guides.flatMap(guide => guide.blocks.filter(({ language }) => /^tsx?$/.test(language)))
const runnable = code.filter(block => block.isRunnable)
const start = runnable.find(block => block.name.startsWith('README'))

const env: NodeJS.ProcessEnv = {
  SESSION_SECRET_KEY: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  COOKIE_SECRET_KEY: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
}

let consumers: ReadonlyMap<string, Consumer>
let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
  env['REDIS_URL'] = redis.url
  const made = guides.map(async ({ path, blocks }): Promise<[string, Consumer]> => {
    const files: Record<string, string> = { 'given.d.ts': givenNames }
    for (const block of blocks) {
      const { name, language } = block
      if (/^tsx?$/.test(language)) files[`${name}.${language}`] = `${block.code}\nexport {}\n`
    }
    return [path, await createConsumer(files)]
  })
  consumers = new Map(await Promise.all(made))
})
afterAll(async () => {
  await Promise.all([...consumers.values()].map(consumer => consumer.remove()))
  await redis.stop()
})

function consumerOf(path: string): Consumer {
  const consumer = consumers.get(path)
  if (consumer === undefined) throw new Error(`There is no guide ${path}.`)
  return consumer
}

describe.each([...new Set(code.map(block => block.guide))])('the code in %s', path => {
  it('compiles', async () => {
    expect(await consumerOf(path).compile()).toBe('')
  })
})

describe.each(guides)('the guide $path', ({ path, text, blocks }) => {
  it('shows no code in a language that nothing checks', () => {
    const languages = blocks.map(block => block.language)
    expect(
      languages.filter(language => ['js', 'javascript', 'typescript'].includes(language)),
    ).toEqual([])
  })

  it('names npm scripts that exist', () => {
    const scripts = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts
    const named = [...text.matchAll(/\bnpm (?:run )?(start|test|(?<=run )[\w:]+)/g)].map(
      ([, name]) => name,
    )
    expect(named.filter(name => !Object.hasOwn(scripts, name ?? ''))).toEqual([])
  })

  it('links to files that exist', () => {
    const links = [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)].map(([, link = '']) => link)
    expect(links.filter(link => !existsSync(join(root, dirname(path), link)))).toEqual([])
  })
})

describe.each(runnable.filter(block => block !== start))('the program $name', block => {
  it('runs to its end', async () => {
    const consumer = consumerOf(block.guide)
    await consumer.compile()
    const printed = await runNode([join(consumer.outFolder, `${block.name}.js`)], env)
    expect(printed).not.toContain('Error')
    // Some start the embedded database, which takes seconds of computing.
  }, 60_000)
})

describe('the start in README.md', () => {
  let server: ChildProcess
  let origin: string
  beforeAll(async () => {
    const port = await findFreePort()
    origin = `http://127.0.0.1:${port}`
    const consumer = consumerOf('README.md')
    await consumer.compile()
    const file = join(consumer.outFolder, `${start?.name}.js`)
    server = spawn(process.execPath, [file], {
      env: { ...process.env, ...env, PORT: String(port) },
      stdio: 'ignore',
    })
    await waitFor(origin)
  })
  afterAll(async () => {
    server.kill()
    await once(server, 'exit')
  })

  it('signs somebody in with a form and counts their visits', async () => {
    const client = createHttpClient(origin)
    expect((await client.send('/account')).status).toBe(401)
    const form = await (await client.send('/')).text()
    const token = /name="_csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
    const body = new URLSearchParams({ name: 'alice', _csrf: token })
    const signedIn = await client.send('/', { method: 'POST', body })
    expect(signedIn.headers.get('location')).toBe('/account')
    await client.send('/account')
    expect(await (await client.send('/account')).json()).toMatchObject({
      user: { id: 'alice' },
      visits: 2,
    })
  })

  it('refuses a form of another site, and one without its token that nothing else speaks for', async () => {
    const client = createHttpClient(origin)
    const body = new URLSearchParams({ name: 'alice' })
    for (const from of ['cross-site', '']) {
      const init = { method: 'POST', body, headers: { 'sec-fetch-site': from } }
      expect((await client.send('/', init)).status).toBe(403)
    }
  })
})

describe('README.md', () => {
  it('names every path of the package in its table', async () => {
    const specifiers = (await readEntryPoints('cloakroom')).map(entry => entry.specifier)
    const text = guides.find(guide => guide.path === 'README.md')?.text ?? ''
    expect(specifiers.filter(specifier => !text.includes(`| \`${specifier}\` |`))).toEqual([])
  })
})

async function waitFor(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) return
    await delay(25)
  }
  throw new Error(`${url} did not answer.`)
}

import { execFileSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { type Consumer, createConsumer, runNode } from './support/consumer.ts'
import { findPackages, readEntryPoints } from './support/public-api.ts'

describe.each(await findPackages())('the package in packages/%s', folder => {
  it('holds what users need and nothing else', () => {
    const json = execFileSync('npm', ['pack', '--dry-run', '--json'], {
      cwd: `packages/${folder}`,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      shell: process.platform === 'win32',
    })
    const [{ files }] = JSON.parse(json) as [{ files: { path: string }[] }]
    const paths = files.map(file => file.path)
    const besides = paths.filter(path => !/^dist\/.+\.(js|d\.ts)$/.test(path))
    expect(
      besides.filter(path => !/^(LICENSE|README\.md|package\.json|react\.css)$/.test(path)),
    ).toEqual([])
    expect(paths.filter(path => /\.test\.|\.contract\.|vectors|fixtures/.test(path))).toEqual([])
    expect(paths).toContain('dist/index.js')
  })

  it('exports what its list of names says, each with a doc comment', async () => {
    for (const { specifier, names } of await readEntryPoints(folder)) {
      expect(names.filter(each => !each.isDocumented).map(each => each.name)).toEqual([])
      const lines = names.map(each => (each.isType ? `type ${each.name}` : each.name))
      const file = specifier.replace(/^@/, '').replaceAll('/', '-')
      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`api/${file}.txt`)
    }
  })

  it('has these names at run time, and can be required by CommonJS', async () => {
    expect.hasAssertions()
    for (const { specifier, names } of await readEntryPoints(folder)) {
      const program = `
        require('${specifier}')
        import('${specifier}').then(found => console.log(Object.keys(found).join(' ')))
      `
      const found = (await runNode(['-e', program])).trim().split(' ')
      const values = names.filter(each => !each.isType).map(each => each.name)
      expect(found.filter(name => name !== 'module.exports').sort()).toEqual(values.sort())
    }
  })
})

const declaration = `
declare module 'cloakroom' {
  interface SessionData {
    cart?: string[]
  }
}
type IsAny<Type> = 0 extends 1 & Type ? true : false
`

const typedSession = `
import { createCloakroom, getCurrentSession, loginUser } from 'cloakroom'
import { errors, requireAuth } from 'cloakroom/express'
import express from 'express'
${declaration}
const app = express()
app.use(createCloakroom().express())
app.get('/', requireAuth('user'), async (request, response) => {
  const { data } = request.session
  const isAny: [IsAny<typeof data>, IsAny<typeof data.cart>] = [false, false]
  const cart: string[] | undefined = data.cart
  // @ts-expect-error: misspelt.
  data.crat = []
  // @ts-expect-error: not of the declared type.
  data.cart = 1
  // @ts-expect-error: an option that does not exist.
  await loginUser({ id: 'alice' }, { remembered: true })
  const current = getCurrentSession()
  const isCurrentAny: IsAny<typeof current.data.cart> = false
  // @ts-expect-error: misspelt.
  current.data.crat = []
  response.json([isAny, isCurrentAny, cart])
})
app.use(errors())
`

const besideExpressSession = `
import { createCloakroom, getCurrentSession } from 'cloakroom'
import { requireAuth } from 'cloakroom/express'
import express from 'express'
import session from 'express-session'
${declaration}
const app = express()
app.use(createCloakroom().express(), session({ secret: 'not used' }))
app.get('/', requireAuth(), (request, response) => {
  const theirs: session.Session = request.session
  const ours: string[] | undefined = getCurrentSession().data.cart
  response.json([theirs.id, request.sessionID, ours])
})
`

const everyClient = `
import { createCloakroom } from 'cloakroom'
import { Cluster as IoredisCluster, Redis as Ioredis } from 'ioredis'
import { Cluster as IovalkeyCluster, Redis as Iovalkey } from 'iovalkey'
import { createClient, createCluster, createSentinel } from 'redis'

createCloakroom({ redis: createClient() })
createCloakroom({ redis: createCluster({ rootNodes: [] }) })
createCloakroom({ redis: createSentinel({ name: 'main', sentinelRootNodes: [] }) })
createCloakroom({ redis: new Ioredis() })
createCloakroom({ redis: new Iovalkey() })
createCloakroom({ redis: new IoredisCluster([]) })
createCloakroom({ redis: new IovalkeyCluster([]) })
// @ts-expect-error: an address is no client.
createCloakroom({ redis: 'redis://localhost' })
`

const commonJs = `
import { createCloakroom } from 'cloakroom'
import express = require('cloakroom/express')

const cloakroom = createCloakroom({ audit: false, env: {} })
console.log(cloakroom.storage, typeof express.requireAuth)
cloakroom.close()
`

describe('a project that uses the package', () => {
  let consumer: Consumer
  afterEach(() => consumer.remove())

  const settings = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }

  it('has typed session data under Node.js resolution', async () => {
    consumer = await createConsumer({ 'app.ts': typedSession })
    expect(await consumer.compile({ ...settings, skipLibCheck: false })).toBe('')
  })

  it('has typed session data under bundler resolution', async () => {
    consumer = await createConsumer({ 'app.ts': typedSession })
    const bundler = { module: 'preserve', moduleResolution: 'bundler', skipLibCheck: false }
    expect(await consumer.compile({ ...settings, ...bundler })).toBe('')
  })

  it('may have express-session beside it', async () => {
    consumer = await createConsumer({ 'app.ts': besideExpressSession })
    expect(await consumer.compile({ ...settings, skipLibCheck: false })).toBe('')
  })

  it('may pass every client', async () => {
    consumer = await createConsumer({ 'app.ts': everyClient })
    expect(await consumer.compile(settings)).toBe('')
  })

  it('may be of CommonJS modules', async () => {
    consumer = await createConsumer({ 'app.cts': commonJs })
    expect(await consumer.compile({ ...settings, skipLibCheck: false })).toBe('')
    expect(await runNode([`${consumer.outFolder}/app.cjs`])).toBe('memory function\n')
  })
})

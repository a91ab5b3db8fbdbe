import { readFile } from 'node:fs/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { createApiSite } from '../../../../test/support/api-site.ts'
import { describeApi } from './openapi.ts'
import { apiRoutes } from './table.ts'

describe('describeApi', () => {
  it('gives a valid description in OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate({ ...describeApi('/api/auth') })
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })

  it('names everything it refers to', () => {
    const { components } = describeApi('') as {
      components: { schemas: object; responses: object }
    }
    const text = JSON.stringify(describeApi(''))
    const named = [...text.matchAll(/"#\/components\/(schemas|responses)\/(\w+)"/g)]
    expect(named.length).toBeGreaterThan(apiRoutes.length)
    const missing = named.filter(
      ([, kind = '', name = '']) => !Object.hasOwn(Reflect.get(components, kind), name),
    )
    expect(missing).toEqual([])
  })

  it('is what docs/openapi.json holds: run `npm run generate` otherwise', async () => {
    const file = new URL('../../../../docs/openapi.json', import.meta.url)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(describeApi('/api/auth'))
  })

  it('is answered by the API itself, with the place where it is mounted', async () => {
    const { site } = await createApiSite({ base: '/members' })
    const address = 'https://shop.example/members/api/auth/openapi.json'
    const answer = await site.accounts.fetch(new Request(address))
    expect(await answer?.json()).toEqual(describeApi('/members/api/auth'))
  })
})

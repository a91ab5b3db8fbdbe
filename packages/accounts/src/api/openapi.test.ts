import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { describeApi } from './openapi.ts'

describe('describeApi', () => {
  it('gives a valid description in OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate({ ...describeApi('/api/auth') })
    expect(result).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
  })
})

import { describe, expect, it } from 'vitest'
import { randomBytes } from '../core/random.ts'
import { findWeakness } from './weakness.ts'

describe('findWeakness', () => {
  it.each(['base64url', 'base64', 'hex'] as const)('accepts random secrets in %s', encoding => {
    const found = Array.from({ length: 500 }, () =>
      findWeakness(Buffer.from(randomBytes(24)).toString(encoding)),
    )
    expect(new Set(found)).toEqual(new Set([null]))
  })

  it.each([
    'change_this_secret_before_production_use',
    'REPLACE-WITH-A-RANDOM-TEXT-BEFORE-RUNNING',
    'yoursecrethere-yoursecrethere-and-so-on',
    'this is a super secret text for sessions',
    'keyboard cat keyboard dog keyboard bird!',
    'a-secret-of-at-least-32-characters-please',
    'placeholder-for-the-secret-of-production',
  ])('finds the placeholder %j', secret => {
    expect(findWeakness(secret)).toMatch(/placeholder/)
  })
})

import { describe, expect, it } from 'vitest'
import { denyingPermissions, serializePermissions } from './permissions-policy.ts'

describe('serializePermissions', () => {
  it('writes a dictionary of lists', () => {
    expect(
      serializePermissions({
        camera: [],
        fullscreen: ['*'],
        geolocation: ['self', 'https://maps.example.test'],
      }),
    ).toBe('camera=(), fullscreen=*, geolocation=(self "https://maps.example.test")')
  })

  it('denies all that is listed by default', () => {
    expect(serializePermissions(denyingPermissions)).toMatch(/^(?:[a-z-]+=\(\)(?:, |$))+$/)
  })

  it.each([
    [{ 'camera=*, usb': [] }, '`headers.permissionsPolicy` holds'],
    [{ Camera: [] }, '`headers.permissionsPolicy` holds'],
    [{ camera: ['https://a.test/path'] }, '`headers.permissionsPolicy.camera` holds'],
    [{ camera: ['"), usb=*'] }, '`headers.permissionsPolicy.camera` holds'],
    [{ camera: ['self', '*'] }, '`headers.permissionsPolicy.camera` holds'],
  ])('refuses %j', (policy, message) => {
    expect(() => serializePermissions(policy)).toThrow(message)
  })
})

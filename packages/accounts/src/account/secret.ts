import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits as 43 URL-safe characters. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** A random id of 132 bits, 22 URL-safe characters. It is no secret. */
export function newId(): string {
  return randomBytes(24).toString('base64url').slice(0, 22)
}

/** SHA-256 as base64url: what a store keeps of a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

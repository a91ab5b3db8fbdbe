import { z } from 'zod'

/** Says what a value of a type of the wire looks like. */
export type Schema<Wire> = z.ZodType<Wire>

/** A schema for each key of a type. */
export type Shape<Wire> = { readonly [Key in keyof Wire]-?: Schema<Wire[Key]> }

/** An object with every key of its type, as the compiler sees to, and no other. */
export function object<Wire extends object>(shape: Shape<Wire>): Schema<Wire> {
  return z.strictObject(shape) as unknown as Schema<Wire>
}

/** What people type; flows judge what it must be. Longer than any of it may be. */
export const text: Schema<string> = z.string().max(4096)

/** An instant, in UTC. */
export const instant: Schema<string> = z.iso.datetime()

/** Writes an instant down. */
export function instantOf(at: number): string {
  return new Date(at).toISOString()
}

/** {@link instantOf} for what may not have happened. */
export function instantOrNull(at: number | null): string | null {
  return at === null ? null : instantOf(at)
}

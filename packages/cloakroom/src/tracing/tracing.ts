import { toBase64Url } from '../core/bytes.ts'
import { hmacSha256, importKey } from '../crypto/digest.ts'

/** What may be written beside a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** The part of a span of `@opentelemetry/api` that is needed. */
export interface TraceSpan {
  setAttributes(attributes: Record<string, string | number | boolean>): unknown
  setStatus(status: { code: number; message?: string }): unknown
  recordException(error: Error): unknown
  end(): void
}

/** The part of a tracer of `@opentelemetry/api` that is needed: `trace.getTracer('cloakroom')` is one. */
export interface Tracer {
  startActiveSpan<Result>(
    name: string,
    options: { readonly attributes: Record<string, string | number | boolean> },
    run: (span: TraceSpan) => Result,
  ): Result
}

/** Runs steps in spans, so that what they call becomes part of them. */
export interface Tracing {
  /**
   * @param describe what to write down of the result.
   */
  span<Result>(
    name: string,
    step: {
      readonly attributes?: SpanAttributes
      run(): Promise<Result>
      describe?(result: Result): SpanAttributes
    },
  ): Promise<Result>
  /** Stands for an id: the same for the same, and nobody learns which without the secret. */
  hash(id: string): string
}

/** `SpanStatusCode.ERROR` */
const errorCode = 2

/** Makes a {@link Tracing}. @param secret what ids are hashed with */
export function createTracing(tracer: Tracer, secret: Uint8Array): Tracing {
  const key = importKey(secret)
  return {
    hash: id => toBase64Url(hmacSha256(key, id).subarray(0, 12)),
    span: (name, { attributes = {}, run, describe }) =>
      tracer.startActiveSpan(name, { attributes: { ...attributes } }, async span => {
        try {
          const result = await run()
          if (describe !== undefined) span.setAttributes({ ...describe(result) })
          return result
        } catch (error) {
          if (error instanceof Error) {
            span.recordException(error)
            span.setStatus({ code: errorCode, message: error.message })
          }
          throw error
        } finally {
          span.end()
        }
      }),
  }
}

import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Cloakroom, createCloakroom } from '../app/cloakroom.ts'

const quiet = { audit: false, env: {} } as const

describe('a Cloakroom with a tracer', () => {
  const exporter = new InMemorySpanExporter()
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  let cloakroom: Cloakroom
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
    trace.setGlobalTracerProvider(provider)
    cloakroom = createCloakroom({ ...quiet, tracer: trace.getTracer('cloakroom') })
  })
  afterAll(async () => {
    cloakroom.close()
    await provider.shutdown()
    context.disable()
    trace.disable()
  })
  afterEach(() => exporter.reset())

  const named = (name: string): ReadableSpan[] =>
    exporter.getFinishedSpans().filter(span => span.name === name)

  it('writes a span for a sign-in, for each load and for each commit', async () => {
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    const read = await cloakroom.sessions.validate(token)
    if (read.state !== 'valid') throw new Error(read.state)
    await cloakroom.sessions.update(read.session, data => data)
    const rotated = await cloakroom.sessions.rotate(read.session)
    await cloakroom.sessions.renew(rotated.session)
    await cloakroom.sessions.save(rotated.session)
    expect(exporter.getFinishedSpans().map(span => span.name)).toEqual([
      'cloakroom.sign-in',
      'cloakroom.session.load',
      ...Array(4).fill('cloakroom.session.commit'),
    ])
    const about = named('cloakroom.sign-in')[0]?.attributes
    expect(about?.['cloakroom.evicted']).toBe(0)
    const [load] = named('cloakroom.session.load')
    expect(load?.attributes).toEqual({
      'cloakroom.result': 'valid',
      'cloakroom.session': about?.['cloakroom.session'],
      'cloakroom.user': about?.['cloakroom.user'],
    })
    const operations = named('cloakroom.session.commit').map(
      span => span.attributes['cloakroom.operation'],
    )
    expect(operations).toEqual(['update', 'rotate', 'renew', 'save'])
  })

  it('shows no id and no token', async () => {
    const { token, session } = await cloakroom.sessions.create({ id: 'alice' })
    await cloakroom.sessions.validate(token)
    const text = JSON.stringify(exporter.getFinishedSpans().map(span => span.attributes))
    for (const secret of [token, session.id, 'alice']) expect(text).not.toContain(secret)
  })

  it('says why a session is not there', async () => {
    await cloakroom.sessions.validate('nonsense')
    expect(named('cloakroom.session.load')[0]?.attributes).toEqual({
      'cloakroom.result': 'absent',
      'cloakroom.reason': 'malformed',
    })
  })

  it('writes a span for each call that a limit judges, of sign-ins too', async () => {
    for (let count = 0; count < 6; count += 1) await cloakroom.limiter.check('auth_login', 'eve')
    const allowed = named('cloakroom.limit').map(span => span.attributes['cloakroom.allowed'])
    expect(allowed).toEqual([true, true, true, true, true, false])
    expect(named('cloakroom.limit')[0]?.attributes['cloakroom.rules']).toBe('auth_login')
    exporter.reset()
    await cloakroom.loginProtection.begin({ account: 'alice', address: '192.0.2.7' })
    expect(named('cloakroom.limit')).toHaveLength(1)
  })

  it('is part of the span that the request runs in', async () => {
    const handle = cloakroom.fetch(async (_request, session) => {
      await session.login({ id: 'alice' })
      return new Response()
    })
    const tracer = trace.getTracer('application')
    const traceId = await tracer.startActiveSpan('request', async span => {
      await handle(new Request('http://localhost/'))
      span.end()
      return span.spanContext().traceId
    })
    const [signIn] = named('cloakroom.sign-in')
    expect(signIn?.spanContext().traceId).toBe(traceId)
    expect(signIn?.parentSpanContext?.spanId).toBe(named('request')[0]?.spanContext().spanId)
  })

  it('marks what failed', async () => {
    const { session } = await cloakroom.sessions.create({ id: 'alice' })
    await cloakroom.sessions.revoke(session.id)
    await expect(cloakroom.sessions.update(session, data => data)).rejects.toThrow()
    const [commit] = named('cloakroom.session.commit')
    expect(commit?.status.code).toBe(SpanStatusCode.ERROR)
    expect(commit?.events[0]?.name).toBe('exception')
  })
})

describe('a Cloakroom without a tracer', () => {
  it('writes nothing, and puts nothing in between', async () => {
    const cloakroom = createCloakroom(quiet)
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    expect((await cloakroom.sessions.validate(token)).state).toBe('valid')
    expect(cloakroom.sessions.validate.name).toBe('validate')
    cloakroom.close()
  })
})

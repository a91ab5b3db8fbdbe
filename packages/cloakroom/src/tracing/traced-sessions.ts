import type { SessionManager, SessionRead } from '../sessions/manager.ts'
import type { SessionState } from '../sessions/state.ts'
import type { SpanAttributes, Tracing } from './tracing.ts'

/** The same manager, with a span for each session that is loaded, committed or begun. */
export function traceSessions<Data>(
  sessions: SessionManager<Data>,
  tracing: Tracing,
): SessionManager<Data> {
  function about({ id, userId }: Pick<SessionState<Data>, 'id' | 'userId'>): SpanAttributes {
    return {
      'cloakroom.session': tracing.hash(id),
      ...(userId !== null && { 'cloakroom.user': tracing.hash(userId) }),
    }
  }

  function describeRead(read: SessionRead<Data>): SpanAttributes {
    const result = { 'cloakroom.result': read.state }
    if (read.state === 'valid') return { ...result, ...about(read.session) }
    return read.state === 'absent' ? { ...result, 'cloakroom.reason': read.reason } : result
  }

  const commit = <Result>(
    operation: string,
    session: SessionState<Data>,
    run: () => Promise<Result>,
  ): Promise<Result> =>
    tracing.span('cloakroom.session.commit', {
      attributes: { 'cloakroom.operation': operation, ...about(session) },
      run,
    })

  return {
    ...sessions,
    validate: (token, options) =>
      tracing.span('cloakroom.session.load', {
        run: () => sessions.validate(token, options),
        describe: describeRead,
      }),
    create: (user, options) =>
      tracing.span(user === null ? 'cloakroom.session.create' : 'cloakroom.sign-in', {
        run: () => sessions.create(user, options),
        describe: ({ session, evicted }) => ({
          ...about(session),
          'cloakroom.evicted': evicted.length,
        }),
      }),
    save: (session, options) => commit('save', session, () => sessions.save(session, options)),
    update: (session, change, options) =>
      commit('update', session, () => sessions.update(session, change, options)),
    rotate: (session, options) =>
      commit('rotate', session, () => sessions.rotate(session, options)),
    renew: (session, options) => commit('renew', session, () => sessions.renew(session, options)),
  }
}

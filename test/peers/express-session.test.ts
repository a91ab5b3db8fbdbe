import { describe } from 'vitest'
import { describeCookieClass } from './express-session/cookie-class.ts'
import { describeCookies } from './express-session/cookies.ts'
import { describeDifferences } from './express-session/differences.ts'
import { peers } from './express-session/harness.ts'
import { describeLifecycle } from './express-session/lifecycle.ts'
import { describeMethods } from './express-session/methods.ts'
import { describeOptions } from './express-session/options.ts'
import { describeResponses } from './express-session/responses.ts'

describe.each(peers)('$name', peer => {
  describeLifecycle(peer)
  describeOptions(peer)
  describeCookies(peer)
  describeCookieClass(peer)
  describeMethods(peer)
  describeResponses(peer)
  describeDifferences(peer)
})

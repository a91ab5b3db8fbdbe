import { isAuthenticated } from 'cloakroom'
import { type NextRequest, NextResponse } from 'next/server'
import { proxy as wrap } from './lib/session'

export const config = { matcher: '/account' }

export const proxy = wrap((request: NextRequest) =>
  isAuthenticated() ? NextResponse.next() : NextResponse.redirect(new URL('/', request.url)),
)

// The floor of an answer with the header lines that Cloakroom adds to each page.
import { createServer } from 'node:http'
import { announce, answer } from '../harness/server.js'

const headers = Object.entries({
  'Content-Security-Policy':
    "default-src 'self'; script-src 'self' 'nonce-AdK1kbHQzx_7_y8EXFic3S' 'strict-dynamic'; style-src 'self' 'nonce-AdK1kbHQzx_7_y8EXFic3S'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
  'X-Content-Type-Options': 'nosniff',
  'Origin-Agent-Cluster': '?1',
  'X-XSS-Protection': '0',
  'Permissions-Policy':
    'camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
  'Cache-Control': 'private, no-store',
})

announce(
  createServer((_request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    answer(response, { userId: 'user-123', role: 'user' })
  }),
)

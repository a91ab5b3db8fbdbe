import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFreePort, type RedisServer, startRedis } from './redis-server.ts'

/** A redis-server with a second port, which speaks TLS. */
export interface TlsRedis {
  readonly server: RedisServer
  readonly port: number
  /** Its own certificate, which signs itself. */
  readonly certificate: string
  stop(): Promise<void>
}

/** Starts a {@link TlsRedis}. */
export async function startTlsRedis(): Promise<TlsRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-tls-'))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', certificate, '-days', '1', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1'],
  ])
  const port = await findFreePort()
  const settings = { port, 'cert-file': certificate, 'key-file': key, 'auth-clients': 'no' }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--tls-${name}`, String(value)])
  const server = await startRedis({ args })
  return {
    server,
    port,
    certificate: await readFile(certificate, 'utf8'),
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true })
    },
  }
}

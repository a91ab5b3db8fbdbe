import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { loadConfig } from '../../packages/gateway/src/config/load.ts'
import {
  type GatewaySettings,
  resolveSettings,
} from '../../packages/gateway/src/config/settings.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string): Promise<string> => readFile(join(root, 'deploy', path), 'utf8')

/** Variables that name files of secrets, and what such a file might hold. */
const secretFiles: Readonly<Record<string, string>> = {
  REDIS_URL_FILE: 'redis://cloakroom:password@redis:6379',
  SESSION_SECRET_KEY_FILE: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  COOKIE_SECRET_KEY_FILE: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
  AUDIT_SECRET_KEY_FILE: 'kP8sXn3vTq6wZb1yRd5gLm9hCj4fUe7a',
  CLOAKROOM_ACCOUNTS_URL_FILE: 'postgres://cloakroom:password@postgres/cloakroom',
}

/** The settings of the gateway with deploy/cloakroom.yaml and these variables. */
async function readSettings(names: readonly string[]): Promise<GatewaySettings> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-deploy-'))
  const env: Record<string, string> = {}
  for (const name of names) {
    const path = join(folder, name)
    await writeFile(path, `${secretFiles[name]}\n`)
    env[name] = path
  }
  const file = join(root, 'deploy/cloakroom.yaml')
  const { config } = await loadConfig({ folder, env, file })
  await rm(folder, { recursive: true })
  return resolveSettings(config)
}

describe('deploy/cloakroom.yaml', () => {
  it('is sound and safe with the secrets that every way of running it gives', async () => {
    const settings = await readSettings(Object.keys(secretFiles))
    expect(settings).toMatchObject({ host: '0.0.0.0', port: 8080, isDev: false })
    expect(settings.metrics).toEqual({ host: '0.0.0.0', port: 9464 })
    expect(settings.redis).toBe(secretFiles['REDIS_URL_FILE'])
  })
})

describe('the Dockerfile', () => {
  it('ends as nobody in particular, with one program, and copies what is there', async () => {
    const text = await read('Dockerfile')
    const lines = text.replace(/\\\n/g, ' ').split('\n')
    const stages = lines.filter(line => line.startsWith('FROM '))
    expect(stages).toEqual(['FROM node:22-alpine AS build', 'FROM node:22-alpine'])
    const last = lines.slice(lines.lastIndexOf('FROM node:22-alpine'))
    expect(last).toContain('USER node')
    expect(last.filter(line => line.startsWith('RUN '))).toEqual([])
    expect(text).not.toMatch(/^ADD |latest|ARG .*(SECRET|KEY|PASSWORD)/m)
    const { bin } = JSON.parse(await readFile(join(root, 'packages/gateway/package.json'), 'utf8'))
    const main = bin.cloakroom.replace('./', '/app/node_modules/@cloakroom/gateway/')
    expect(text).toContain(`ENTRYPOINT ["node", "${main}"]`)
    const copied = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    )
    const there = await readdir(root)
    expect(copied.length).toBeGreaterThan(3)
    expect(copied.filter(name => !there.includes(name))).toEqual([])
  })

  it('sends no secret and no build to the one who builds', async () => {
    const ignored = (await read('Dockerfile.dockerignore')).split('\n')
    expect(ignored).toEqual(
      expect.arrayContaining(['**/node_modules', '**/.env', '**/secrets', '**/.git']),
    )
  })
})

interface Service {
  readonly image?: string
  readonly read_only?: boolean
  readonly cap_drop?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly secrets?: readonly string[]
  readonly networks?: readonly string[]
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly command?: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
  readonly volumes: Readonly<Record<string, object>>
}

describe('the compose file', async () => {
  const compose = parse(await read('compose.yaml'), { merge: true }) as Compose
  const services = Object.entries(compose.services)

  it('runs two workers, Redis, PostgreSQL and a balancer, which alone is reached', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'balancer',
      'postgres',
      'redis',
      'worker-1',
      'worker-2',
    ])
    const open = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name)
    expect(open).toEqual(['balancer'])
    expect(compose.networks['back']?.internal).toBe(true)
    expect(compose.services['redis']?.networks).toEqual(['back'])
  })

  it('gives the workers no more than they need', async () => {
    for (const name of ['worker-1', 'worker-2']) {
      const { environment = {}, secrets = [], ...worker } = compose.services[name] ?? {}
      expect(worker).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
      const paths = Object.values(environment).map(path => path.replace('/run/secrets/', ''))
      expect(paths.toSorted()).toEqual(secrets.toSorted())
      await expect(readSettings(Object.keys(environment))).resolves.toBeDefined()
    }
  })

  it('names secrets, volumes, networks and files that are there', async () => {
    const there = await readdir(root, { recursive: false })
    expect(there).toContain('deploy')
    for (const [, { secrets = [], networks = [], volumes = [] }] of services) {
      expect(secrets.filter(name => compose.secrets[name] === undefined)).toEqual([])
      expect(networks.filter(name => compose.networks[name] === undefined)).toEqual([])
      for (const volume of volumes) {
        const [from = ''] = volume.split(':')
        if (from.startsWith('./deploy/')) await read(from.replace('./deploy/', ''))
        else expect(compose.volumes[from]).toBeDefined()
      }
    }
  })

  it('pins every image, and has Redis keep what it is given', () => {
    const images = services.flatMap(([, { image }]) => image ?? [])
    expect(images.filter(image => image !== 'cloakroom' && !/:\d/.test(image))).toEqual([])
    const command = compose.services['redis']?.command?.join(' ')
    expect(command).toMatch(/--appendonly yes .*--maxmemory 512mb --maxmemory-policy noeviction/)
  })

  it('gives Redis the rights that the guide says, and no others', async () => {
    const text = await read('compose.yaml')
    const guide = await readFile(join(root, 'docs/operating-redis.md'), 'utf8')
    const [, rights = ''] = /^ACL SETUSER cloakroom on >password resetkeys (.+)$/m.exec(guide) ?? []
    expect(rights).not.toBe('')
    for (const right of rights.replace('resetchannels ', '').split(' ')) {
      expect(text).toContain(right)
    }
  })
})

interface Manifest {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: Readonly<Record<string, unknown>>
}

describe('the Kubernetes manifests', async () => {
  const documents = parseAllDocuments(await read('kubernetes/cloakroom.yaml'))
  const manifests = documents.map(document => document.toJS() as Manifest)
  const specOf = (kind: string) => manifests.find(each => each.kind === kind)?.spec ?? {}

  it('are five, and sound', () => {
    expect(documents.flatMap(({ errors }) => errors)).toEqual([])
    expect(manifests.map(({ kind }) => kind)).toEqual([
      'Deployment',
      'Service',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'Ingress',
    ])
  })

  it('run as nobody, on a file system that nobody writes to, with all secrets from files', async () => {
    const { template, replicas } = specOf('Deployment') as never as {
      replicas: number
      template: { spec: { securityContext: object; containers: Record<string, unknown>[] } }
    }
    expect(replicas).toBeGreaterThan(1)
    expect(template.spec.securityContext).toMatchObject({ runAsNonRoot: true })
    const [container = {}] = template.spec.containers
    expect(container['securityContext']).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
    const env = container['env'] as { name: string; value: string }[]
    expect(env.every(({ value }) => value.startsWith('/run/secrets/cloakroom/'))).toBe(true)
    await expect(readSettings(env.map(({ name }) => name))).resolves.toBeDefined()
  })

  it('ask the paths and ports that the gateway has, and wait longer than it drains', async () => {
    const text = await read('kubernetes/cloakroom.yaml')
    const { port, metrics } = await readSettings(Object.keys(secretFiles))
    expect(text).toContain(`{ name: http, containerPort: ${port} }`)
    expect(text).toContain(`{ name: metrics, containerPort: ${metrics?.port} }`)
    const probes = [...text.matchAll(/path: (\/_cloakroom\/\w+)/g)].map(([, path]) => path)
    expect(new Set(probes)).toEqual(new Set(['/_cloakroom/live', '/_cloakroom/ready']))
    expect(Number(/terminationGracePeriodSeconds: (\d+)/.exec(text)?.[1])).toBeGreaterThan(5 + 5)
  })
})

describe('the systemd unit', () => {
  it('gives each secret as a credential, and the worker nothing else', async () => {
    const text = await read('systemd/cloakroom@.service')
    const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    expect(lines.filter(line => !/^(\[\w+\]|[A-Z]\w+=.*)$/.test(line))).toEqual([])
    const credentials = [...text.matchAll(/^LoadCredential=([\w-]+):/gm)].map(([, name]) => name)
    const variables = [...text.matchAll(/^Environment=(\w+_FILE)=%d\/([\w-]+)$/gm)]
    expect(variables.map(([, , name]) => name).sort()).toEqual(credentials.sort())
    await expect(readSettings(variables.map(([, name = '']) => name))).resolves.toBeDefined()
    for (const line of ['DynamicUser=yes', 'ProtectSystem=strict', 'NoNewPrivileges=yes']) {
      expect(lines).toContain(line)
    }
  })
})

describe('the settings of Traefik', () => {
  it('lead to both workers, and ask whether they are ready', async () => {
    const { http } = parse(await read('traefik/cloakroom.yaml'))
    const { service, middlewares } = http.routers.cloakroom
    const { loadBalancer } = http.services[service]
    expect(middlewares.every((name: string) => http.middlewares[name] !== undefined)).toBe(true)
    expect(loadBalancer.servers.map(({ url }: { url: string }) => url)).toEqual([
      'http://worker-1:8080',
      'http://worker-2:8080',
    ])
    expect(loadBalancer.healthCheck.path).toBe('/_cloakroom/ready')
  })
})

describe('the Caddyfile', () => {
  it('leads to both workers, and has as many braces that open as close', async () => {
    const text = await read('caddy/Caddyfile')
    expect(text).toContain('reverse_proxy worker-1:8080 worker-2:8080 {')
    expect(text).toContain('health_uri /_cloakroom/ready')
    const blocks = text.replace(/\{\$[^}]+\}/g, '')
    expect(blocks.split('{').length).toBe(blocks.split('}').length)
  })
})

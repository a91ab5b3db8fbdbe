import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** A proxy of a test's own, in front of what is tested. */
export interface FrontProxy {
  readonly port: number
  stop(): Promise<void>
}

/** Starts nginx with what belongs within `http { }`. */
export function startNginx(port: number, http: string): Promise<FrontProxy> {
  return start(port, {
    program: 'nginx',
    args: folder => ['-p', folder, '-c', 'proxy.conf', '-e', 'error.log'],
    config: `daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
${http}
}
`,
  })
}

/** Starts haproxy with its sections besides `defaults`. */
export function startHaproxy(port: number, sections: string): Promise<FrontProxy> {
  return start(port, {
    program: 'haproxy',
    args: folder => ['-f', join(folder, 'proxy.conf'), '-db'],
    config: `defaults
  mode http
  timeout connect 2s
  timeout client 30s
  timeout server 30s
  timeout tunnel 30s
${sections}
`,
  })
}

interface Program {
  readonly program: string
  readonly args: (folder: string) => readonly string[]
  readonly config: string
}

async function start(port: number, { program, args, config }: Program): Promise<FrontProxy> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-proxy-'))
  await writeFile(join(folder, 'proxy.conf'), config)
  const path = `${process.env['PATH']}:/usr/sbin:/usr/local/sbin`
  const child = spawn(program, args(folder), {
    env: { ...process.env, PATH: path },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let problems = ''
  child.stderr.on('data', chunk => {
    problems += chunk
  })
  const failure = new Promise<never>((_, reject) => {
    child.once('error', () =>
      reject(new Error(`These tests need ${program} on PATH: install it, such as by apt-get.`)),
    )
    child.once('exit', () => reject(new Error(`${program} did not start: ${problems}`)))
  })
  failure.catch(() => undefined)
  await Promise.race([waitFor(port), failure])
  return {
    port,
    async stop() {
      await end(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000)
  await exited
  clearTimeout(timer)
}

async function waitFor(port: number): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    const socket = connect(port, '127.0.0.1')
    const isUp = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isUp) return
    await delay(25)
  }
}

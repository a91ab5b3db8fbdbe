// Finds the Redis server that the tests start, and installs one where that takes no password.
import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

const advice =
  'The tests need redis-server or valkey-server 6.2 or later on PATH: install it with your system’s package manager (such as `apt-get install redis-server` or `brew install redis`) and run them again.'

/** The path of redis-server or valkey-server. @throws {Error} saying what to do. */
export function requireRedis() {
  const found = findRedis()
  if (found !== null) return found
  for (const commands of findInstallers()) {
    console.log(`No redis-server was found. Running \`${commands.at(-1).join(' ')}\`.`)
    if (!commands.every(runCommand)) continue
    const installed = findRedis()
    if (installed !== null) return installed
  }
  throw new Error(advice)
}

function findRedis() {
  return findProgram('redis-server') ?? findProgram('valkey-server')
}

/** Ways of installing Redis that ask nothing, each a list of commands. */
function findInstallers() {
  const installers = []
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const hasRights = asRoot.length === 0 || findProgram('sudo') !== null
  if (findProgram('apt-get') !== null && hasRights) {
    installers.push([
      [...asRoot, 'apt-get', 'update'],
      [...asRoot, 'apt-get', 'install', '-y', 'redis-server'],
    ])
  }
  if (findProgram('brew') !== null) installers.push([['brew', 'install', 'redis']])
  return installers
}

function findProgram(name) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders.map(folder => join(folder, name)).find(isExecutable) ?? null
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function runCommand([program, ...args]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0
}

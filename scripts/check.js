// What has to be green before a commit: every step in order, up to the first that fails.
//
//   npm run check               all steps
//   npm run check -- lint lua   these steps
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findPackages } from './packages.js'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Each step is one or more commands. */
const steps = {
  lint: () => [['npx', 'biome', 'check', '.']],
  types: () => [['npx', 'tsc', '-p', 'tsconfig.json']],
  build: () => [['npm', 'run', '--silent', 'build']],
  lua: () => [['node', 'scripts/build-lua.js', '--check']],
  assets: () => [['node', 'scripts/build-assets.js', '--check']],
  asvs: () => [['node', 'scripts/asvs.js', '--check']],
  tests: () => [['node', 'scripts/test.js', '--coverage']],
  publint: () => findPackages().map(path => ['npx', 'publint', 'run', path, '--strict']),
  // Every package is of ES modules only; CommonJS loads them with require in Node 20.19 and later.
  attw: () =>
    findPackages().map(path => [
      'npx',
      'attw',
      '--pack',
      path,
      '--profile',
      'esm-only',
      '--no-emoji',
      // A style sheet, which has no types.
      '--exclude-entrypoints',
      './react.css',
    ]),
  knip: () => [['npx', 'knip']],
}

process.exitCode = run(process.argv.slice(2))

function run(given) {
  const names = given.length > 0 ? given : Object.keys(steps)
  const unknown = names.find(name => !Object.hasOwn(steps, name))
  if (unknown !== undefined) {
    console.error(`There is no step ${unknown}. There are: ${Object.keys(steps).join(', ')}.`)
    return 2
  }
  for (const name of names) {
    console.log(`\n== ${name}`)
    if (!steps[name]().every(runCommand)) {
      console.log(`== ${name} failed`)
      return 1
    }
    console.log(`== ${name} passed`)
  }
  return 0
}

function runCommand([program, ...args]) {
  const { status } = spawnSync(program, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0
}

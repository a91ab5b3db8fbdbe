// What has to be there before anything is measured: the packages built, the peers installed.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Peers are installed beside the benchmark only: nothing else in the repository needs them. */
export function installPeers() {
  if (existsSync(`${root}bench/node_modules/better-auth`)) return
  console.log('Installing the peers into bench/node_modules.')
  run('npm', ['ci', '--prefix', `${root}bench`, '--ignore-scripts', '--no-audit', '--no-fund'])
}

export function buildPackages() {
  run('npx', ['tsc', '-b', 'packages/cloakroom', 'packages/accounts'])
}

function run(program, args) {
  const stdio = ['ignore', 'inherit', 'inherit']
  const { status } = spawnSync(program, args, { cwd: root, stdio })
  if (status !== 0) throw new Error(`\`${program} ${args.join(' ')}\` failed.`)
}

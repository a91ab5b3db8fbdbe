#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { runCommand } from './run.ts'

// What `cloakroom init` wrote; what the environment says goes before it.
if (existsSync('.env')) process.loadEnvFile('.env')

const stopped = new Promise<void>(resolve => {
  process.once('SIGINT', resolve).once('SIGTERM', resolve)
})

process.exitCode = await runCommand(process.argv.slice(2), {
  print: line => console.log(line),
  warn: line => console.error(line),
  ...(process.stderr.isTTY && {
    progress: text => void process.stderr.write(`\r\u001b[2K${text}`),
  }),
  env: process.env,
  folder: process.cwd(),
  stopped,
})
// Once a verb has ended, so has the command, whatever is still listened for.
process.exit()

#!/usr/bin/env node
import { runCommand } from './run.ts'

const stopped = new Promise<void>(resolve => {
  process.once('SIGINT', resolve).once('SIGTERM', resolve)
})

process.exitCode = await runCommand(process.argv.slice(2), {
  print: line => console.log(line),
  warn: line => console.error(line),
  env: process.env,
  folder: process.cwd(),
  stopped,
})
// Once a verb has ended, so has the command, whatever is still listened for.
process.exit()

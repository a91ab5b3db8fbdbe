import { getProgram } from '../../scripts/node-programs.js'

/** Programs of Node.js by line, such as `20,22`. Where they cannot be had, this one. */
export function readNodes(lines) {
  if (process.platform === 'linux' && process.arch === 'x64') {
    return lines.split(',').map(line => ({ line, node: getProgram(line) }))
  }
  const [line] = process.versions.node.split('.')
  return [{ line, node: process.execPath }]
}

import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const compiler = join(root, 'node_modules/typescript/bin/tsc')

/** A small project outside the repository, which has the built packages installed. */
export interface Consumer {
  /** Where {@link Consumer.compile} puts what it makes of `.ts` files. */
  readonly outFolder: string
  /** Compiles strictly and gives what the compiler says: nothing when all is well. */
  compile(options?: Readonly<Record<string, unknown>>): Promise<string>
  remove(): Promise<void>
}

/** Makes a project of these files, named by path. */
export async function createConsumer(files: Readonly<Record<string, string>>): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-consumer-'))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return {
    outFolder: join(folder, 'out'),
    async compile(options = {}) {
      const compilerOptions = {
        target: 'es2023',
        module: 'nodenext',
        strict: true,
        skipLibCheck: true,
        types: ['node'],
        jsx: 'react-jsx',
        rootDir: '.',
        outDir: 'out',
        ...options,
      }
      const config = { compilerOptions, files: Object.keys(files) }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
      return runNode([compiler, '-p', folder])
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

/** Runs Node.js to the end; gives what it printed, errors included. */
export function runNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise(resolve => {
    execFile(
      process.execPath,
      [...args],
      { cwd: root, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve(error === null ? stdout : `${stdout}${stderr}${error.message}`)
      },
    )
  })
}

import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const root = new URL('../../../', import.meta.url)
const folder = new URL('node_modules/.cache/cloakroom-chaos/', root)

/** The program of one process of the site, in one file: many are started. */
export const siteProgram: string = fileURLToPath(new URL('site.js', folder))

/** Builds it before the first test. */
export async function setup(): Promise<void> {
  await build({
    configFile: fileURLToPath(new URL('vitest.config.ts', root)),
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(new URL('./site.ts', import.meta.url)),
      outDir: fileURLToPath(folder),
      rolldownOptions: { output: { entryFileNames: 'site.js' } },
    },
  })
}

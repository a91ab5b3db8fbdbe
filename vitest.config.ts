import { fileURLToPath } from 'node:url'
import { configDefaults, defineConfig } from 'vitest/config'

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^cloakroom$/, replacement: source('packages/cloakroom/src/index.ts') },
      { find: /^cloakroom\/(.+)$/, replacement: source('packages/cloakroom/src/$1.ts') },
      { find: /^@cloakroom\/([^/]+)$/, replacement: source('packages/$1/src/index.ts') },
      { find: /^@cloakroom\/([^/]+)\/(.+)$/, replacement: source('packages/$1/src/$2.ts') },
    ],
  },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts', 'examples/**/*.test.ts'],
    // A browser is needed for these, applications to be built first, or all of the machine:
    // `npm run test:browser`, `npm run test:next`, `npm run test:chaos`.
    exclude: [
      ...configDefaults.exclude,
      'test/browser/**',
      'test/next/**',
      'test/streamlit/**',
      'test/chaos/faults/**',
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // What is waited for comes at once, or late on a busy machine.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // Even on one core: most of the time a test waits for a server, a timer or a browser.
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      exclude: ['**/*.test.ts', '**/*.contract.ts', '**/*.generated.ts'],
      reporter: [['text', { skipFull: true }], 'json-summary'],
      thresholds: {
        lines: 90,
        'packages/cloakroom/src/{crypto,sessions,protection}/**': { lines: 100 },
      },
    },
  },
})

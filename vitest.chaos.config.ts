import { defineConfig } from 'vitest/config'

/** A site under load while Redis, its network and its own processes fail: `npm run test:chaos`. */
export default defineConfig({
  test: {
    include: ['test/chaos/faults/**/*.test.ts'],
    globalSetup: ['test/chaos/faults/build.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    fileParallelism: false,
  },
})

import { defineConfig } from 'vitest/config'

/** Tests on Next.js, which is built first: `npm run test:next`. */
export default defineConfig({
  test: {
    include: ['test/next/**/*.test.ts'],
    globalSetup: ['test/next/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    fileParallelism: false,
  },
})

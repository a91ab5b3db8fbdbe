import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** Tests with a real Streamlit and a real browser: `npm run test:streamlit`. */
export default mergeConfig(
  defineConfig({ resolve: { alias: base.resolve?.alias ?? [] } }),
  defineConfig({
    test: {
      include: ['test/streamlit/**/*.test.ts'],
      testTimeout: 120_000,
      hookTimeout: 300_000,
      pool: 'forks',
      fileParallelism: false,
    },
  }),
)

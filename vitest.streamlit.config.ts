import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** Tests with a real Streamlit and a real browser: `npm run test:streamlit`. */
export default mergeConfig(
  defineConfig({ resolve: { alias: base.resolve?.alias ?? [] } }),
  defineConfig({
    test: {
      include: ['test/streamlit/**/*.test.ts'],
      globalSetup: ['test/streamlit/install.ts'],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      maxWorkers: 2,
    },
  }),
)

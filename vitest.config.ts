import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/postgres.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // each file owns a ledger, a gateway or a browser: more at once than cores only makes them slow
    maxWorkers: 2,
  },
})

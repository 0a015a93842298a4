import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // *.browser.test.ts need Chromium, some others PostgreSQL: without them they skip themselves, and say so
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/leftovers.ts', 'test/support/postgres.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // each file owns a ledger, a gateway or a browser: more at once than cores only makes them slow
    maxWorkers: 2,
  },
})

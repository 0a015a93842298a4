import { defineConfig } from 'vitest/config'

/** `npm test`: all that needs neither PostgreSQL, PgBouncer nor Chromium; what does has a configuration of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.services.test.ts'],
    globalSetup: ['test/support/leftovers.ts'],
    pool: 'forks',
    // what tests print, seeds above all, is for whoever looks into a failure
    silent: 'passed-only',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // each file owns a ledger, a gateway or a browser: more at once than cores only makes them slow
    maxWorkers: 2,
  },
})

import { defineConfig } from 'vitest/config'

/** `npm test`: all that needs neither PostgreSQL, PgBouncer nor Chromium; what does has a configuration of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.services.test.ts'],
    globalSetup: ['test/support/leftovers.ts'],
    pool: 'forks',
    isolate: false,
    execArgv: ['--expose-gc'],
    setupFiles: ['test/support/fresh-modules.ts'],
    // what tests print, seeds above all, is for whoever looks into a failure
    silent: 'passed-only',
    // for what hangs: how fast something is is read in soak and bench, and cores may be slow or busy
    testTimeout: 300_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    // each file owns a ledger, a gateway or a browser: more at once than cores only makes them slow
    maxWorkers: 3,
  },
})

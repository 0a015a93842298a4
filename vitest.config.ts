import { defineConfig } from 'vitest/config'
import { everyRun } from './test/support/every-run.ts'

/** `npm test`: all that needs neither PostgreSQL, PgBouncer nor Chromium; what does has a configuration of its own. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.services.test.ts'],
    globalSetup: ['test/support/leftovers.ts'],
    ...everyRun,
    // one more than the cores there are at least: many files wait more than they compute
    maxWorkers: 3,
  },
})

import { defineConfig } from 'vitest/config'
import { everyRun } from './test/support/every-run.ts'
import { filesWithServices, serviceCases } from './test/support/services.ts'

/** `npm run test:services`: what needs PostgreSQL, PgBouncer or Chromium; where one is not found, it fails and says how to get it. */
export default defineConfig({
  test: {
    include: filesWithServices(),
    // of a file that has others too, those alone
    testNamePattern: serviceCases,
    globalSetup: ['test/support/leftovers.ts', 'test/support/postgres.ts'],
    env: { UNPUSH_TEST_SERVICES: 'only' },
    ...everyRun,
    maxWorkers: 2,
  },
})

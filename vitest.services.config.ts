import { defineConfig } from 'vitest/config'
import { filesWithServices, serviceCases } from './test/support/services.ts'

/** `npm run test:services`: what needs PostgreSQL, PgBouncer or Chromium; where one is not found, it fails and says how to get it. */
export default defineConfig({
  test: {
    include: filesWithServices(),
    // of a file that has others too, those alone
    testNamePattern: serviceCases,
    globalSetup: ['test/support/leftovers.ts', 'test/support/postgres.ts'],
    env: { UNPUSH_TEST_SERVICES: 'only' },
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
    maxWorkers: 2,
  },
})

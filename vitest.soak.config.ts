import { defineConfig } from 'vitest/config'
import { figuresReporter } from './test/support/figures.ts'
import { longForms } from './test/support/long-forms.ts'

/** `npm run soak`: the long forms of the fault tests, of tampering with the audit trail and of what must be proven, alone, one after the other, and a table of what they measured. */
export default defineConfig({
  test: {
    // all faults and all of the console, the contract of vendors, and whatever has a long form
    include: [
      'test/faults/**/*.test.ts',
      'test/console/**/*.services.test.ts',
      'test/providers/contract.test.ts',
      ...longForms(),
    ],
    globalSetup: ['test/support/leftovers.ts', 'test/support/postgres.ts'],
    env: { UNPUSH_TEST_SOAK: 'on', UNPUSH_TEST_SERVICES: 'also' },
    pool: 'forks',
    // a hang is to end, and nothing else: on a busy machine a long form takes several times as long
    testTimeout: 7_200_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 1,
    reporters: ['verbose', figuresReporter()],
  },
})

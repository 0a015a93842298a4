import { defineConfig } from 'vitest/config'
import { figuresReporter } from './test/support/figures.ts'

/** `npm run soak`: the long forms of the fault tests, of tampering with the audit trail and of what must be proven, alone, one after the other, and a table of what they measured. */
export default defineConfig({
  test: {
    include: [
      'test/faults/**/*.test.ts',
      'test/http.test.ts',
      'test/audit/tamper.test.ts',
      'test/moderation/forged.test.ts',
      'test/moderation/outranking.test.ts',
      'test/moderation/order.test.ts',
      'test/moderation/variation.test.ts',
      'test/moderation/pulled-variation.test.ts',
      'test/flows/key-used-again.test.ts',
      'test/moderation/pull.test.ts',
      'test/moderation/receive.test.ts',
      'test/webhooks/deliver.test.ts',
      'test/recall/expire.test.ts',
      'test/recall/sealing.test.ts',
      'test/recall/retention.test.ts',
      'test/secrets/malformed.test.ts',
      'test/recall/replies.test.ts',
      'test/recall/isolation.test.ts',
      'test/access/grants.test.ts',
      'test/recall/proof.test.ts',
      'test/recall/events.test.ts',
      'test/ledger/window.test.ts',
      'test/ledger/first-start.test.ts',
      'test/metrics.test.ts',
      'test/pem.test.ts',
    ],
    globalSetup: ['test/support/leftovers.ts', 'test/support/postgres.ts'],
    env: { UNPUSH_TEST_SOAK: 'on', UNPUSH_TEST_SERVICES: 'also' },
    pool: 'forks',
    testTimeout: 600_000,
    hookTimeout: 300_000,
    teardownTimeout: 60_000,
    expect: { poll: { timeout: 60_000 } },
    maxWorkers: 1,
    reporters: ['verbose', figuresReporter()],
  },
})

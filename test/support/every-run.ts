import type { InlineConfig } from 'vitest/node'

/** What `npm test` and `npm run test:services` have in common. */
export const everyRun: InlineConfig = {
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
}

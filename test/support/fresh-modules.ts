/**
 * Runs before each test file. Files of one worker share its process, compiled code and embedded ledgers, which is most of what
 * starting one takes; our own modules, with all that they remember, are each file's own.
 */
import { vi } from 'vitest'

vi.unstubAllEnvs()
vi.unstubAllGlobals()
vi.restoreAllMocks()
vi.useRealTimers()
vi.resetModules()

// of what a closed embedded ledger held, the collector sees a few hundred bytes
if (process.memoryUsage.rss() > 1_500_000_000) globalThis.gc?.()

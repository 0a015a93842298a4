import { type LedgerAddress, readLedgerAddress } from './address.ts'
import type { Log } from '../log.ts'
import type { Ledger } from './sql.ts'

/**
 * Opens `pglite:<folder>`, `pglite:memory` or what is at `postgres://…`; throws AddressError where that cannot be read. PGlite is for one machine only: deployed bundles leave its
 * module out. Either client is loaded only when asked for: a cold start that needs no ledger pays for none.
 */
export async function openLedger(
  at: string | LedgerAddress,
  options: { snapshot?: string; connections?: number; log?: Log } = {},
): Promise<Ledger> {
  if (typeof at === 'string' && at.startsWith('pglite:')) {
    const { openPGlite } = await import('./pglite.ts')
    return openPGlite(at.slice('pglite:'.length), options)
  }
  const address = typeof at === 'string' ? readLedgerAddress(at) : at
  for (const notice of address.notices) options.log?.warn('ledger address', { notice })
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(address, options)
}

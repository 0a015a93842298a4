import type { Ledger } from './sql.ts'

/**
 * Opens `pglite:<folder>`, `pglite:memory` or `postgres://…`. PGlite is for one machine only: deployed bundles leave its
 * module out. Either client is loaded only when asked for: a cold start that needs no ledger pays for none.
 */
export async function openLedger(
  url: string,
  options: { snapshot?: string; connections?: number } = {},
): Promise<Ledger> {
  if (url.startsWith('pglite:')) {
    const { openPGlite } = await import('./pglite.ts')
    return openPGlite(url.slice('pglite:'.length), options)
  }
  const { openPostgres } = await import('./postgres.ts')
  return openPostgres(url, options)
}

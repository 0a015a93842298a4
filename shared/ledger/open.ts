import type { Ledger } from './sql.ts'
import { openPostgres } from './postgres.ts'

/**
 * Opens `pglite:<folder>`, `pglite:memory` or `postgres://…`. PGlite is for one machine only: deployed bundles leave its
 * module out, so it is loaded only when asked for.
 */
export async function openLedger(
  url: string,
  options: { snapshot?: string; connections?: number } = {},
): Promise<Ledger> {
  if (url.startsWith('pglite:')) {
    const { openPGlite } = await import('./pglite.ts')
    return openPGlite(url.slice('pglite:'.length), options)
  }
  return openPostgres(url, options)
}

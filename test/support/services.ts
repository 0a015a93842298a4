/**
 * What a run covers. `npm test`: all that needs neither PostgreSQL, PgBouncer nor Chromium. `npm run test:services`: what
 * needs one of them, against the real one. `npm run soak`: both, in the long form.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const mode = process.env['UNPUSH_TEST_SERVICES']
export const covers = { embedded: mode !== 'only', services: mode === 'only' || mode === 'also' }

/** Where Debian's packages put them; PostgreSQL is found by `startPostgres`. */
export const pgbouncer = '/usr/sbin/pgbouncer'
export const chromium = '/usr/bin/chromium'

/** How long something may be waited for in a browser: for what never comes, whatever machine it is. */
export const patienceMs = 120_000

/** In the full name of every case that needs a service. */
export const serviceCases = /\((PostgreSQL|PgBouncer|Chromium)\)/

/** The Debian packages that are missing here; `postgresql` says whether that one was found. */
export function missingPackages(postgresql: boolean): string[] {
  const there = { postgresql, pgbouncer: existsSync(pgbouncer), chromium: existsSync(chromium) }
  return Object.entries(there).flatMap(([name, found]) => (found ? [] : [name]))
}

/** Test files with cases that need a service: those that need one for all they do, and those that run on both ledgers. */
export function filesWithServices(): string[] {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  return readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map(name => `test/${name}`)
    .filter(
      path =>
        path.endsWith('.services.test.ts') ||
        (path.endsWith('.test.ts') &&
          /\bdescribeOn(Ledgers|Urls|Postgres)\(/.test(readFileSync(join(root, path), 'utf8'))),
    )
}

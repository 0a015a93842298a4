/** The same suite on both engines: PGlite in memory, and a database of its own on the tests' PostgreSQL. */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { packSnapshot } from '../../sandbox/ledger-snapshot.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'

export function describeOnLedgers(
  name: string,
  suite: (ledger: () => Ledger, engine: 'pglite' | 'postgres') => void,
): void {
  describe(`${name} (PGlite)`, () => {
    let ledger: Ledger
    beforeAll(async () => {
      ledger = await openPGliteForTest()
    })
    afterAll(() => ledger.close())
    suite(() => ledger, 'pglite')
  })
  describeOnPostgres(name, url => {
    let ledger: Ledger
    beforeAll(async () => {
      ledger = await openLedger(url(), { connections: 10 })
    })
    afterAll(() => ledger.close())
    suite(() => ledger, 'postgres')
  })
}

/** A migrated database of its own, dropped afterwards. */
export function describeOnPostgres(name: string, suite: (url: () => string) => void): void {
  const server = inject('postgres')
  describe.skipIf(server === null)(`${name} (PostgreSQL)`, () => {
    const database = `t_${randomBytes(8).toString('hex')}`
    let url = ''
    beforeAll(async () => {
      await onServer(server ?? '', `create database ${database}`)
      url = (server ?? '').replace(/[^/]*$/, database)
      const ledger = await openLedger(url)
      await migrate(ledger)
      await ledger.close()
    })
    afterAll(() => onServer(server ?? '', `drop database ${database} with (force)`))
    suite(() => url)
  })
}

export async function openPGliteForTest(): Promise<Ledger> {
  const ledger = await openLedger('pglite:memory', { snapshot: await packSnapshot() })
  await migrate(ledger)
  return ledger
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await client.unsafe(statement)
  } finally {
    await client.end({ timeout: 2 })
  }
}

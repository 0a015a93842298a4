/** The same suite on both engines: PGlite in memory, and a database of its own on the tests' PostgreSQL. */
import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { takeEngine } from './engines.ts'
import { covers } from './services.ts'

export function describeOnLedgers(
  name: string,
  suite: (ledger: () => Ledger, engine: 'pglite' | 'postgres') => void,
): void {
  describeOnPGlite(name, () => {
    let ledger: Ledger
    beforeAll(async () => {
      ledger = await takeEngine()
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

/** For suites that start a service of their own on either. */
export function describeOnUrls(
  name: string,
  suite: (ledgerUrl: () => string, engine: 'pglite' | 'postgres') => void,
): void {
  describeOnPGlite(name, () => suite(() => 'pglite:memory', 'pglite'))
  describeOnPostgres(name, url => suite(url, 'postgres'))
}

export function describeOnPGlite(name: string, suite: () => void): void {
  if (!covers.embedded) return
  describe(`${name} (PGlite)`, () => {
    suite()
  })
}

/** A migrated database of its own, dropped afterwards. */
export function describeOnPostgres(name: string, suite: (url: () => string) => void): void {
  if (!covers.services) return
  describe(`${name} (PostgreSQL)`, () => {
    let database: Database | null = null
    beforeAll(async () => {
      database = await createDatabase(inject('postgres'))
    })
    afterAll(() => database?.drop())
    suite(() => database?.url ?? '')
  })
}

export interface Database {
  readonly url: string
  drop(): Promise<void>
}

/** Empty and migrated, on the server whose maintenance database `server` names. */
export async function createDatabase(server: string): Promise<Database> {
  const name = `t_${randomBytes(8).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = server.replace(/[^/]*$/, name)
  const ledger = await openLedger(url)
  await migrate(ledger)
  await ledger.close()
  return { url, drop: () => onServer(server, `drop database ${name} with (force)`) }
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  try {
    await client.unsafe(statement)
  } finally {
    await client.end({ timeout: 2 })
  }
}

/**
 * From one version of the ledger to the next: a new ledger and one that was migrated are the same, and functions of the
 * version before go on while `migrate` runs and after it.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { migrate, type SchemaFiles } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { readCatalog } from '../support/catalog.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'

/** The schema as it was when migrations began; never edited. */
const first = new URL('./first-schema.sql', import.meta.url)
const ledgerFolder = new URL('../../shared/ledger/', import.meta.url)
const migrations = new URL('migrations/', ledgerFolder)

async function catalogOf(ledger: Ledger, files: SchemaFiles): Promise<string[]> {
  try {
    await migrate(ledger, files)
    return await readCatalog(ledger)
  } finally {
    await ledger.close()
  }
}

describe('the first schema with every migration (PostgreSQL)', () => {
  const current = { schema: new URL('schema.sql', ledgerFolder), migrations }
  it('is the schema of a new ledger', async () => {
    const maintenance = await openLedger(inject('postgres'))
    const names = [0, 1].map(() => `t_${randomBytes(8).toString('hex')}`)
    for (const name of names) await maintenance.script(`create database ${name}`)
    const [made, grown] = names.map(name => inject('postgres').replace(/[^/]*$/, name))
    try {
      const old = await openLedger(grown ?? '')
      await migrate(old, { schema: first, migrations: new URL('none/', import.meta.url) })
      expect(await catalogOf(old, current)).toEqual(await catalogOf(await openLedger(made ?? ''), current))
    } finally {
      for (const name of names) await maintenance.script(`drop database ${name} with (force)`)
      await maintenance.close()
    }
  })
})

/** What migrations may do: they only ever add, so that functions of the version before find what they know. */
const adding = `
  alter table recall add column note text;
  alter table work add column weight int not null default 1;
  create table later (id bigint generated always as identity primary key, recall_id text not null);
  create index later_by_recall on later (recall_id);
  create index recall_by_note on recall (note) where note is not null;
  create or replace function instant(p_at timestamptz) returns text language sql stable as $$
    select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  $$;`

describeOnPostgres('an upgrade under traffic', url => {
  let service: Service
  let folder: string
  beforeAll(async () => {
    service = await startService({ ledgerUrl: url() })
    folder = await mkdtemp(join(tmpdir(), 'unpush-upgrade-'))
  })
  afterAll(async () => {
    await service.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('fails no request, and its step is taken once however many try', async () => {
    const files = { schema: pathToFileURL(join(folder, 'schema.sql')), migrations: pathToFileURL(`${folder}/`) }
    await copyFile(new URL('schema.sql', ledgerFolder), files.schema)
    await writeFile(join(folder, '998-adds.sql'), adding)
    const state = { migrated: false }
    const answers: number[] = []
    const upgrade = async () => {
      // once some requests have been answered
      while (answers.length < 10) await new Promise(resolve => setTimeout(resolve, 5))
      const ledgers = await Promise.all([1, 2, 3].map(() => openLedger(url())))
      await Promise.all(ledgers.map(ledger => migrate(ledger, files)))
      await Promise.all(ledgers.map(ledger => ledger.close()))
      state.migrated = true
    }
    const traffic = async (worker: number) => {
      for (let n = 0; !state.migrated || n < 10; n++) {
        const notifyId = worker * 10_000 + n
        const tokens = service.sandbox.harmonyTokens().slice(0, 3)
        service.sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
        const target = { app: 'news-harmony', notifyId, tokens }
        const message = await service.call('POST', '/v1/messages', { id: `m-${notifyId}`, targets: [target] })
        const recall = await service.call('POST', '/v1/revoke', { message: `m-${notifyId}`, reason: 'r' })
        answers.push(message.status, recall.status)
        await service.call('GET', '/v1/recalls?limit=5').then(({ status }) => answers.push(status))
      }
    }
    await Promise.all([upgrade(), ...[1, 2, 3, 4].map(traffic)])
    // a statement that meets the lock of a migration waits for it
    expect(answers.filter(status => status >= 300)).toEqual([])
    const ledger = await openLedger(url())
    try {
      // whoever met the lock of the migration with a vendor's answer in hand left its lease to run out
      await service.gateway.runtime.drainer.idle()
      await ledger.query(`update work set lease_until = now() - interval '1 second' where state = 'running'`)
      await service.gateway.fire('sweep')
      expect(await ledger.query(`select state, count(*)::int as n from recall group by state`)).toMatchObject([
        { state: 'done' },
      ])
      expect(await ledger.query('select version from migration where version = 998')).toHaveLength(1)
    } finally {
      await ledger.close()
    }
  })
})

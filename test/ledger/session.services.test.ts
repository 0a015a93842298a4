/** A real server, with TLS, with settings that nobody here chose, and behind a pooler: statements find what they rely on. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, startPostgres } from '../../sandbox/postgres.ts'
import { readLedgerAddress } from '../../shared/ledger/address.ts'
import { migrate } from '../../shared/ledger/migrate.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import { only, type Ledger } from '../../shared/ledger/sql.ts'
import { makeAuthority } from '../support/certificate.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Pooler, startPgBouncer } from '../support/pgbouncer.ts'
import { type Service, startService } from '../support/service.ts'

const settingsOf = async (ledger: Ledger) =>
  only(
    await ledger.query<{ [name: string]: string }>(
      `select current_setting('statement_timeout') as statement_timeout, current_setting('lock_timeout') as lock_timeout,
        current_setting('jit') as jit, current_setting('datestyle') as datestyle, current_setting('timezone') as timezone,
        current_setting('intervalstyle') as intervalstyle, current_setting('application_name') as application_name`,
    ),
  )
const wanted = {
  statement_timeout: '15s',
  lock_timeout: '2s',
  jit: 'off',
  datestyle: 'ISO, MDY',
  timezone: 'UTC',
  intervalstyle: 'postgres',
  application_name: 'unpush',
}
const december = new Date('2026-12-05T23:30:00Z')

describeOnPostgres('a session', url => {
  const opened: Ledger[] = []
  const open = async (at: string, connections = 1) => {
    const ledger = await openLedger(at, { connections })
    opened.push(ledger)
    return ledger
  }
  afterAll(() => Promise.all(opened.map(ledger => ledger.close())))

  it('is the same whatever the user is set to', async () => {
    const admin = await open(url())
    const name = `s${url().slice(-8)}`
    await admin.query(`create role ${name} login`)
    const at = new URL(url())
    at.username = name
    try {
      for (const style of ['German', 'SQL, DMY', 'Postgres, DMY', 'ISO, DMY']) {
        for (const [setting, value] of [
          ['datestyle', style],
          ['timezone', 'Asia/Shanghai'],
          ['intervalstyle', 'iso_8601'],
          ['statement_timeout', '1s'],
          ['extra_float_digits', '-15'],
          ['default_transaction_isolation', 'serializable'],
        ] as const)
          await admin.query(`alter role ${name} set ${setting} = '${value}'`)
        const ledger = await openLedger(at.href, { connections: 1 })
        try {
          const [row] = await ledger.query<{ at: Date; f: number }>(
            `select $1::text::timestamptz as at, 0.1::float8 + 0.2 as f`,
            [december.toISOString()],
          )
          expect(row, style).toEqual({ at: december, f: 0.1 + 0.2 })
          expect(await settingsOf(ledger)).toEqual(wanted)
          // what a transaction holds is held by the same session
          expect(await ledger.transaction(sql => sql.query('show transaction_isolation'))).toEqual([
            { transaction_isolation: 'read committed' },
          ])
        } finally {
          await ledger.close()
        }
      }
    } finally {
      await admin.query(`drop role ${name}`)
    }
  })

  it('is set on every connection, also on one after another was lost', async () => {
    const ledger = await open(url(), 3)
    const all = await Promise.all([1, 2, 3, 4, 5, 6].map(() => settingsOf(ledger)))
    for (const settings of all) expect(settings).toEqual(wanted)
    const admin = await open(url())
    await admin.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await expect.poll(() => settingsOf(ledger).catch(() => null)).toEqual(wanted)
  })

  it('that may only be read is refused in one line', async () => {
    const admin = await open(url())
    const database = new URL(url()).pathname.slice(1)
    await admin.query(`alter database ${database} set default_transaction_read_only = on`)
    try {
      await expect((await open(url())).query('select 1')).rejects.toThrow(
        /^The ledger is read-only: [^\n]+\(25006\)\.$/,
      )
    } finally {
      await admin.transaction(async sql => {
        await sql.query('set transaction read write')
        await sql.query(`alter database ${database} reset default_transaction_read_only`)
      })
    }
  })

  it('of a database in another encoding is refused in one line', async () => {
    const admin = await open(url())
    const name = `l${url().slice(-8)}`
    await admin.query(`create database ${name} encoding LATIN1 locale 'C' template template0`)
    const at = new URL(url())
    at.pathname = `/${name}`
    const ledger = await openLedger(at.href)
    try {
      await expect(migrate(ledger)).rejects.toThrow(/^The ledger is in another encoding than UTF8: [^\n]+\.$/)
    } finally {
      await ledger.close()
      await admin.query(`drop database ${name} with (force)`)
    }
  })

  it('that nobody lets in says so, without a name', async () => {
    for (const [change, words] of [
      [(at: URL) => (at.username = 'canary-user'), /^The ledger does not let its user in: [^\n]+\(28000\)\.$/],
      [(at: URL) => (at.pathname = '/canary-database'), /^The ledger has no such database: [^\n]+\(3D000\)\.$/],
      [(at: URL) => (at.port = '1'), /^The ledger cannot be reached \(ECONNREFUSED\)\.$/],
      [(at: URL) => (at.hostname = 'canary.invalid'), /^The ledger cannot be reached \((ENOTFOUND|EAI_AGAIN)\)\.$/],
    ] as const) {
      const at = new URL(url())
      change(at)
      await expect((await open(at.href)).query('select 1')).rejects.toThrow(words)
    }
  })
})

describe('a server with TLS (PostgreSQL)', () => {
  const authority = makeAuthority()
  let cluster: Cluster
  beforeAll(async () => {
    const { key, certificate } = authority.issue('0.0.0.0', 'localhost')
    const started = await startPostgres({
      settings: ['ssl=on'],
      files: { 'server.key': key, 'server.crt': certificate },
    })
    if (started === null) throw new Error('PostgreSQL was there a moment ago')
    cluster = started
  })
  afterAll(() => cluster.stop())

  it('is reached by address and by name, and only with who signed it', async () => {
    const { port } = new URL(cluster.url)
    for (const [host, ca, expected] of [
      ['0.0.0.0', authority.certificate, 'true'],
      ['localhost', authority.certificate, 'true'],
      ['127.0.0.1', null, 'false'],
      ['0.0.0.0', null, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
      ['0.0.0.0', makeAuthority().certificate, 'CERT_SIGNATURE_FAILURE'],
    ] as const) {
      const ledger = await openLedger(readLedgerAddress(`postgres://app@${host}:${port}/postgres`, ca), {
        connections: 2,
      })
      const asked = ledger.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
      const said = await asked.then(
        rows => String(only(rows).ssl),
        (error: { code: string }) => error.code,
      )
      expect(said, host).toBe(expected)
      if (said === 'true') expect(await settingsOf(ledger)).toEqual(wanted)
      await ledger.close()
    }
  })
})

describe('behind a pooler (PgBouncer)', () => {
  describeOnPostgres('in either mode', url => {
    describe.each(['session', 'transaction'] as const)('%s', mode => {
      let pooler: Pooler
      beforeAll(async () => {
        pooler = await startPgBouncer(url(), mode)
      })
      afterAll(() => pooler.stop())
      const through = (query = '') => {
        const at = new URL(url())
        at.port = String(pooler.port)
        return at.href + query
      }

      it.each(['', '?pgbouncer=true'])('many statements at once find their session%s', async query => {
        // in session mode each connection holds one of the pool's two for as long as it is open
        const used = await Promise.all(
          mode === 'session'
            ? [openLedger(through(query), { connections: 2 })]
            : [1, 2, 3].map(() => openLedger(through(query), { connections: 4 })),
        )
        try {
          for (let round = 0; round < 40; round++) {
            const rows = await Promise.all(
              used.flatMap(ledger =>
                Array.from({ length: 4 }, async (_, index) => {
                  const text = `select $1::text::timestamptz as at, $2::text::int + ${round % 7} as n`
                  return only(await ledger.query<{ at: Date; n: number }>(text, [december.toISOString(), index])).at
                }),
              ),
            )
            for (const at of rows) expect(at).toEqual(december)
          }
        } finally {
          await Promise.all(used.map(ledger => ledger.close()))
        }
        expect(await pooler.log()).not.toMatch(/unsupported startup parameter/)
      })
    })

    it('the whole service takes a message back, in transaction mode', async () => {
      const pooler = await startPgBouncer(url(), 'transaction')
      const at = new URL(url())
      at.port = String(pooler.port)
      let service: Service | null = null
      try {
        service = await startService({ ledgerUrl: at.href })
        const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all' })
        const target = { app: 'news-android', pushId }
        const { status, body } = await service.call(
          'POST',
          '/v1/revoke',
          { target, reason: 'r' },
          { headers: { prefer: 'wait=15' } },
        )
        expect([status, body.state], JSON.stringify(body)).toEqual([202, 'done'])
        expect(service.logged.join('')).not.toMatch(/prepared statement/)
      } finally {
        await service?.close()
        await pooler.stop()
      }
    })
  })
})

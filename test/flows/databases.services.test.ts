/** A whole recall through the service, over each way in which people reach their PostgreSQL. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { openLedger } from '../../shared/ledger/open.ts'
import { only, type Ledger } from '../../shared/ledger/sql.ts'
import { makeAuthority } from '../support/certificate.ts'
import { createDatabase } from '../support/ledgers.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'

/** This machine's own, but no loopback: what the rules take for another machine, where TLS must be verified. */
const elsewhere = '0.0.0.0'
const ipv6 = Object.values(networkInterfaces()).some(list => list?.some(({ address }) => address === '::1'))

describe('a recall over the database (PostgreSQL)', () => {
  const authority = makeAuthority()
  let secured: Cluster
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unpush-databases-'))
    await writeFile(join(folder, 'ca.pem'), authority.certificate)
    const { key, certificate } = authority.issue(elsewhere, 'localhost')
    const started = await startPostgres({
      settings: ['ssl=on', `listen_addresses=127.0.0.1${ipv6 ? ',::1' : ''}`],
      files: { 'server.key': key, 'server.crt': certificate },
    })
    if (started === null) throw new Error('PostgreSQL was there a moment ago')
    secured = started
  })
  afterAll(async () => {
    await secured.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const changed = (url: string, change: (at: URL) => void) => {
    const at = new URL(url)
    change(at)
    return at.href
  }
  /** On a database of its own: the trail of each has a key of its own. */
  const onItsOwn = async (server: string, urlOf: (url: string, owner: Ledger) => string | Promise<string>) => {
    const database = await createDatabase(server)
    const owner = await openLedger(database.url, { connections: 1 })
    try {
      return await recall(await urlOf(database.url, owner))
    } finally {
      await owner.close()
      await database.drop()
    }
  }

  /** Registers, recalls, asks again, lets the timers run, and reads it all back. Resolves with whether that went over TLS. */
  const recall = async (ledgerUrl: string): Promise<boolean> => {
    const service: Service = await startService({ ledgerUrl })
    try {
      const pushId = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' }).pushId
      const tokens = service.sandbox.harmonyTokens().slice(0, 1200)
      service.sandbox.pushHarmony({ notifyId: 7, tokens, title: 't', body: 'b' })
      const id = `m-${randomBytes(4).toString('hex')}`
      // 5 December: read in the wrong order of day and month it is 12 May, and over
      const expiresAt = '2126-12-05T23:30:00.000Z'
      const targets = [
        { app: 'news-android', pushId },
        { app: 'news-harmony', notifyId: 7, tokens },
      ]
      const registered = await service.call('POST', '/v1/messages', { id, title: '谣言', targets, expiresAt })
      expect(registered.status, registered.text).toBe(201)
      const wait = { headers: { prefer: 'wait=20', 'idempotency-key': id } }
      const { status, body } = await service.call('POST', '/v1/revoke', { message: id, reason: 'r' }, wait)
      expect([status, body.state], JSON.stringify(body)).toEqual([202, 'done'])
      const again = await service.call('POST', '/v1/revoke', { message: id, reason: 'r' }, wait)
      expect(again.body.id).toBe(body.id)
      for (const timer of ['expire', 'sweep']) await service.gateway.fire(timer)
      const read = await service.call('GET', `/v1/messages/${id}`)
      expect([read.body.expiresAt, read.body.title]).toEqual([expiresAt, '谣言'])
      expect(service.logged.filter(line => /"level":"(error|warn)"/.test(line))).toEqual([])
      expect((await service.trail()).kind).toBe('whole')
      const ssl = 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'
      const [session] = await service.gateway.runtime.ledger.query<{ ssl: boolean }>(ssl)
      return session?.ssl ?? false
    } finally {
      await service.close()
    }
  }

  it('as it is', async () => {
    expect(await onItsOwn(inject('postgres'), url => url)).toBe(false)
  })

  it.each([elsewhere, 'localhost'])('over TLS to %s, signed by an authority of its own', async host => {
    const query = `?sslmode=verify-full&sslrootcert=${join(folder, 'ca.pem')}`
    expect(await onItsOwn(secured.url, url => changed(url, at => (at.hostname = host)) + query)).toBe(true)
  })

  it.each([
    ['in the query', (at: URL, socket: string) => `postgres://app@${at.pathname}?host=${socket}&port=${at.port}`],
    ['as the host', (at: URL, socket: string) => `postgres://app@${socket}:${at.port}${at.pathname}`],
  ])('over a Unix socket, %s', async (_, urlOf) => {
    const over = await onItsOwn(inject('postgres'), async (url, owner) => {
      const setting = "select current_setting('unix_socket_directories') as socket"
      return urlOf(new URL(url), encodeURIComponent(only(await owner.query<{ socket: string }>(setting)).socket))
    })
    expect(over).toBe(false)
  })

  it.skipIf(!ipv6)('over IPv6', async () => {
    expect(await onItsOwn(secured.url, url => changed(url, at => (at.hostname = '[::1]')))).toBe(false)
  })

  it.each(['German', 'SQL, DMY', 'Postgres, DMY'])('whose dates are written as in %s', async style => {
    const over = await onItsOwn(inject('postgres'), async (url, owner) => {
      const name = new URL(url).pathname.slice(1)
      await owner.query(`alter database ${name} set datestyle = '${style}'`)
      await owner.query(`alter database ${name} set timezone = 'Asia/Shanghai'`)
      return url
    })
    expect(over).toBe(false)
  })

  it.each([
    ['session', ''],
    ['transaction', ''],
    ['transaction', '?pgbouncer=true'],
  ] as const)('behind a pooler in %s mode%s (PgBouncer)', async (mode, query) => {
    // in session mode each connection of the service is a session of its own there
    const pooler = await startPgBouncer(inject('postgres'), mode, mode === 'session' ? 12 : 2)
    try {
      const through = (url: string) => changed(url, at => (at.port = String(pooler.port))) + query
      expect(await onItsOwn(inject('postgres'), through)).toBe(false)
      expect(await pooler.log()).not.toMatch(/unsupported startup parameter/)
    } finally {
      await pooler.stop()
    }
  })
})

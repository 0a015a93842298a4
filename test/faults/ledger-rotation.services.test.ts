/**
 * The ledger's password is changed under load, before its secret is: warm functions say 503 until they have read the secret
 * again, never 500, and nothing that was promised is lost. Short: secrets age sixty times faster. Long (`npm run soak`): as they do.
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { main_handler as revoke } from '../../functions/revoke.ts'
import { main_handler as sweep } from '../../functions/sweep.ts'
import { openLedger } from '../../shared/ledger/open.ts'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { createLog } from '../../shared/log.ts'
import { createRuntime, openLedgerOf, type Runtime, useRuntime } from '../../shared/runtime.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'
import { figure, soak } from '../support/figures.ts'
import { createDatabase } from '../support/ledgers.ts'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { readConfig } from '../../shared/config.ts'
import { documents } from './rig.ts'
import { createApiKey } from '../../shared/access/api-key.ts'
import { startVendor, type Vendor } from './vendor.ts'

const faster = soak ? 1 : 60
const clients = 8
/** Of the clock by which secrets age. */
const longestMs = 75_000
/** The owner is let in as it is; the function's user has to say its password. */
const doors = ['local all all trust', 'host all app 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256', '']

interface Seen {
  readonly status: number
  readonly atMs: number
  /** Of the recall that was promised. */
  readonly id: string | null
}

describe('a ledger whose password is rotated (PostgreSQL)', () => {
  let cluster: Cluster
  let vendor: Vendor
  let owner: Ledger
  let runtime: Runtime
  const api = createApiKey()
  const secrets = new Map<string, unknown>()
  let fetches = 0
  let url = ''
  const logged: string[] = []
  const newPassword = () => randomBytes(12).toString('hex')
  const store = (password: string) => {
    const at = new URL(url)
    at.username = 'rotating'
    at.password = password
    secrets.set('unpush/ledger', { url: at.href })
  }

  beforeAll(async () => {
    const started = await startPostgres({ files: { 'pg_hba.conf': doors.join('\n') } })
    if (started === null) throw new Error('PostgreSQL was there a moment ago')
    cluster = started
    vendor = await startVendor()
    url = (await createDatabase(cluster.url)).url
    owner = await openLedger(url, { connections: 2 })
    const password = newPassword()
    await owner.script(`create role rotating login superuser password '${password}'`)
    for (const [name, document] of Object.entries(documents(vendor.url, api.sha256, 'k', 1_000_000_000)))
      secrets.set(name, document)
    secrets.set('unpush/policy', { limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null } })
    store(password)
    const source = sourceOfDocuments('file', async name => {
      if (name === 'unpush/ledger') fetches += 1
      return new Map(secrets)
    })
    const log = createLog({ stream: { write: line => logged.push(line) } })
    const opened = openSecrets(source, { log, now: () => Date.now() * faster })
    runtime = createRuntime(readConfig({}), opened, await openLedgerOf({ ledgerUrl: null }, opened, 'api', log), log)
    useRuntime(runtime)
  })
  afterAll(async () => {
    useRuntime(null)
    await runtime.ledger.close()
    await owner.close()
    await vendor.close()
    await cluster.stop()
  })

  it('answers 503 until it has read the secret again, and loses nothing', async context => {
    const seen: Seen[] = []
    const over = new AbortController()
    let number = 0
    const client = async () => {
      while (!over.signal.aborted) {
        const handle = ++number
        const target = { app: 'phones', notifyId: handle, tokens: [`token-${handle}`] }
        const event = {
          httpMethod: 'POST',
          path: '/v1/revoke',
          queryString: {},
          headers: {
            authorization: `Bearer ${api.key}`,
            'content-type': 'application/json',
            prefer: 'wait=0',
            'idempotency-key': `rotation-${handle}`,
          },
          body: JSON.stringify({ target, reason: 'r' }),
        }
        const envelope = (await revoke(event, { time_limit_in_ms: 20_000, request_id: 'r' })) as Envelope
        const id: unknown = JSON.parse(envelope.body).id
        seen.push({ status: envelope.statusCode, atMs: Date.now(), id: typeof id === 'string' ? id : null })
        await new Promise(resolve => setTimeout(resolve, soak ? 200 : 20))
      }
    }
    const timer = async () => {
      while (!over.signal.aborted) {
        // fails while the ledger lets nobody in, as it should: the next minute's goes on
        await fire().catch(() => {})
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    }
    const fire = () =>
      sweep({ Type: 'Timer', TriggerName: 'sweep', Time: '', Message: '' }, { time_limit_in_ms: 20_000 })
    const count = (from: number, wanted: (status: number) => boolean) =>
      seen.slice(from).filter(({ status }) => wanted(status)).length
    const until = async (from: number, wanted: (status: number) => boolean, times: number) => {
      await expect.poll(() => count(from, wanted), { timeout: 300_000, interval: 20 }).toBeGreaterThanOrEqual(times)
    }
    const well = (status: number) => status === 202
    const away = (status: number) => status === 503

    const running = [...Array.from({ length: clients }, client), timer()]
    const turns: number[] = []
    for (let turn = 0; turn < 2; turn++) {
      let from = seen.length
      await until(from, well, 50)
      const password = newPassword()
      from = seen.length
      await owner.script(`alter role rotating password '${password}'`)
      // sessions outlive their password: these are ended, as a failover or an idle limit would end them
      await owner.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'rotating'")
      await until(from, away, 50)
      const changedAtMs = Date.now()
      store(password)
      from = seen.length
      await until(from, well, 50)
      const last = seen.findLast(({ status }) => status === 503)
      turns.push((last?.atMs ?? changedAtMs) - changedAtMs)
    }
    over.abort()
    await Promise.all(running)

    const statuses = new Map<number, number>()
    for (const { status } of seen) statuses.set(status, (statuses.get(status) ?? 0) + 1)
    expect(new Set(statuses.keys())).toEqual(new Set([202, 503]))
    const promised = seen.flatMap(({ id }) => (id === null ? [] : [id]))
    const lostAfterSweep = async () => {
      await owner.query("update work set lease_until = now() - interval '1 second' where state = 'running'")
      await owner.query("update work set run_at = now() where state = 'ready'")
      await fire()
      const done = await owner.query<{ id: string }>("select id from recall where state = 'done'")
      const there = new Set(done.map(({ id }) => id))
      return promised.filter(id => !there.has(id))
    }
    let lost = await lostAfterSweep()
    // a sweep ends with its time limit
    for (let left = Infinity; lost.length > 0 && lost.length < left; lost = await lostAfterSweep()) left = lost.length
    expect(lost).toEqual([])
    const slowest = Math.round((Math.max(...turns) * faster) / 1000)
    const measured = `${promised.length} recalls promised, ${lost.length} lost; ${statuses.get(503)} answers 503, the last ${slowest} s after the secret`
    figure(context, `ledger password rotated, ${turns.length} times`, measured, '0 lost, no 500, ≤ 75 s')
    // it looks again once a minute at most, and goes on by what it then finds
    const lookedFor = logged.filter(line => line.includes('ledger address changed')).length
    expect(lookedFor).toBe(turns.length)
    if (soak) expect(slowest * 1000).toBeLessThanOrEqual(longestMs)
    expect(logged.filter(line => line.includes('"status":500'))).toEqual([])
  })
})

interface Envelope {
  readonly statusCode: number
  readonly body: string
}

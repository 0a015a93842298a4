/** What a recall has PostgreSQL plan once a connection knows its statements: nothing, also in what they call. */
import { expect, it } from 'vitest'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { type Service, startService } from '../support/service.ts'

it('(PostgreSQL) has no statement planned anew for a recall that is like those before it', async () => {
  const cluster: Cluster | null = await startPostgres({
    settings: [
      'shared_preload_libraries=pg_stat_statements',
      'pg_stat_statements.track_planning=on',
      // also the statements of functions
      'pg_stat_statements.track=all',
    ],
  })
  if (cluster === null) throw new Error('PostgreSQL is not installed')
  let service: Service | null = null
  try {
    service = await startService({ ledgerUrl: cluster.url })
    const { ledger } = service.gateway.runtime
    const { sandbox } = service
    const tokens = sandbox.harmonyTokens().slice(0, 10)
    const revoke = async (subject: object, key: string) => {
      const headers = { prefer: 'wait=60', 'idempotency-key': key }
      const reply = await service?.call('POST', '/v1/revoke', { ...subject, reason: 'r' }, { headers })
      expect(reply?.body.state).toBe('done')
    }
    /** By handle, and by a message that went out through both vendors. */
    const recalls = async (nth: number) => {
      const [bare, registered] = [2 * nth, 2 * nth + 1]
      for (const notifyId of [bare, registered]) sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
      await revoke({ target: { app: 'news-harmony', notifyId: bare, tokens } }, `bare-${nth}`)
      const pushId = String(nth)
      sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
      const targets = [
        { app: 'news-android', pushId },
        { app: 'news-harmony', notifyId: registered, tokens },
      ]
      await service?.call('POST', '/v1/messages', { id: `m-${nth}`, targets })
      await revoke({ message: `m-${nth}` }, `message-${nth}`)
    }
    let nth = 0
    const measured = 10
    // five of each statement until PostgreSQL keeps a plan, on each connection that it may come by
    for (let n = 0; n < 24; n++) await recalls(++nth)
    await ledger.query('create extension pg_stat_statements')
    await ledger.query('select pg_stat_statements_reset()')
    for (let n = 0; n < measured; n++) await recalls(++nth)
    const planned = await ledger.query<{ query: string }>(
      `select left(query, 200) as query from pg_stat_statements where calls >= $1::text::int and plans > calls / 2`,
      [measured],
    )
    expect(planned).toEqual([])
  } finally {
    await service?.close()
    await cluster.stop()
  }
})

/** The same service on PostgreSQL, where requests really run side by side. */
import { expect, it } from 'vitest'
import { startService } from '../support/service.ts'
import { describeOnPostgres } from '../support/ledgers.ts'

describeOnPostgres('the service', url => {
  it('takes a message back, and makes one recall of many racers', async () => {
    const service = await startService({ ledgerUrl: url() })
    try {
      const { sandbox } = service
      const tokens = sandbox.harmonyTokens()
      sandbox.pushHarmony({ notifyId: 1, tokens, title: 't', body: 'b' })
      sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: '1' })
      const targets = [
        { app: 'news-android', pushId: '1' },
        { app: 'news-harmony', notifyId: 1, tokens },
      ]
      expect((await service.call('POST', '/v1/messages', { id: 'm', targets })).status).toBe(201)
      const subjects = [
        { message: 'm' },
        { target: { app: 'news-android', pushId: '1' } },
        { target: { app: 'news-harmony', notifyId: 1 } },
      ]
      const racers = Array.from({ length: 24 }, (_, i) =>
        service.call('POST', '/v1/revoke', { ...subjects[i % 3], reason: 'r' }, { headers: { prefer: 'wait=10' } }),
      )
      const replies = await Promise.all(racers)
      await service.gateway.runtime.drainer.idle()
      expect(replies.map(({ status }) => status).filter(status => status !== 200 && status !== 202)).toEqual([])
      // The push that TPNS numbered was revoked by exactly one task. Under the key of the other, whoever comes after a recall has
      // ended asks for a new one; each of them names every token once.
      const { ledger } = service.gateway.runtime
      const work = await ledger.query<{ tasks: number; devices: number | null; open: number }>(
        `select count(*) filter (where seq is null) as tasks, sum(devices) as devices, count(*) filter (where state <> 'done') as open
         from work group by recall_id`,
      )
      expect(work.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(1)
      expect(new Set(work.map(({ devices }) => devices).filter(devices => devices !== null))).toEqual(new Set([2500]))
      expect(work.reduce((sum, { open }) => sum + open, 0)).toBe(0)
      const { body } = await service.call('GET', '/v1/recalls')
      expect(new Set(body.items.map((item: { state: string }) => item.state))).toEqual(new Set(['done']))
    } finally {
      await service.close()
    }
  })

  it('answers a preflight only to the configured origin', async () => {
    const service = await startService({ ledgerUrl: url() })
    try {
      const reply = await service.call('OPTIONS', '/v1/revoke', undefined, {
        role: null,
        headers: { origin: 'https://elsewhere.example' },
      })
      expect([reply.status, reply.headers.get('access-control-allow-origin')]).toEqual([204, null])
    } finally {
      await service.close()
    }
  })
})

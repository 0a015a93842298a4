/** Only the vendor's record makes a revoke done, and nobody who looks can use up what proves it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Service, startService } from '../support/service.ts'

let service: Service
beforeEach(async () => {
  service = await startService()
})
afterEach(() => service.close())

/** Queries that the vendor's stand-in has taken. */
function queries(): number {
  const { tpns } = service.sandbox.snapshot() as { tpns: { queries: { 'news-android': number[] } } }
  return tpns.queries['news-android'].length
}

let pushes = 600_000

/** A push that has gone out. Resolves with its id. */
function pushed(): string {
  const pushId = String((pushes += 1))
  service.sandbox.pushTpns({ app: 'news-android', title: `t ${pushId}`, content: 'c', audience: 'all', pushId })
  return pushId
}

function look(pushId: string) {
  return service.call('GET', `/v1/status?app=news-android&pushId=${pushId}`, undefined, { role: 'viewer' })
}

describe('reads for people', () => {
  it('ask the vendor about one push once a minute, however many ask', async () => {
    const pushId = pushed()
    const replies = await Promise.all(Array.from({ length: 100 }, () => look(pushId)))
    for (const { status, body } of replies)
      expect([status, body.status, body.stale]).toEqual([200, 'PUSH_FINISHED', null])
    for (let asked = 0; asked < 100; asked++) expect((await look(pushId)).status).toBe(200)
    expect(queries()).toBe(1)
  })

  it('take their share of the query budget and no more, then tell the last record or when to come back', async () => {
    const ids = Array.from({ length: 30 }, pushed)
    const replies = []
    for (const pushId of ids) replies.push(await look(pushId))
    expect(replies.map(({ status }) => status)).toEqual(ids.map((_, index) => (index < 16 ? 200 : 503)))
    expect(queries()).toBe(16)
    expect(Number(replies.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(3500)
    // what was read before is told with its age
    await service.gateway.runtime.ledger.query("update vendor_record set as_of = as_of - interval '5 minutes'")
    const [known = ''] = ids
    const old = await look(known)
    expect([old.status, old.body.status]).toEqual([200, 'PUSH_FINISHED'])
    expect(old.body.stale).toContain('used up')
    expect(Date.now() - Date.parse(old.body.asOf)).toBeGreaterThan(290_000)
    expect(queries()).toBe(16)
  })
})

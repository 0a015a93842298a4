/** Decisions that race on PostgreSQL: each recall is decided once, by as many persons as it takes, and no vendor is called before. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApiKey } from '../../shared/access/api-key.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Reply, type Service, startService } from '../support/service.ts'
import { startTcpProxy, type TcpProxy, throughProxy } from '../support/tcp-proxy.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const doubles = soak ? 100 : 10
const cancels = soak ? 200 : 20
const cuts = soak ? 120 : 18

const people = {
  li: { role: 'operator', person: 'li.wei' },
  wang: { role: 'approver', person: 'wang.fang' },
  wangTwin: { role: 'approver', person: 'Wang.Fang' },
  zhao: { role: 'approver', person: 'zhao.min' },
  nobody: { role: 'operator' },
} as const
type Who = keyof typeof people

describeOnPostgres('decisions that race', url => {
  let service: Service
  let proxy: TcpProxy
  const keys = new Map(Object.keys(people).map(name => [name as Who, createApiKey().key]))
  beforeAll(async () => {
    proxy = await startTcpProxy({ port: Number(new URL(url()).port) })
    const documents = Object.entries(people).map(([id, who]) => {
      const sha256 = createHash('sha256')
        .update(keys.get(id as Who) ?? '')
        .digest('hex')
      return { id, sha256, apps: ['*'], ...who }
    })
    service = await startService({
      ledgerUrl: throughProxy(url(), proxy),
      secrets: {
        'unpush/access': { keys: documents },
        'unpush/policy': {
          approvalAbove: 2,
          limits: { requestsPerMinute: null, recallsPerHour: null, devicesPerHour: null },
        },
      },
    })
  })
  afterAll(async () => {
    await service.closeWhole()
    await proxy.close()
  })

  const as = (who: Who, method: string, path: string, body?: unknown) =>
    service.call(method, path, body, { role: null, headers: { authorization: `Bearer ${keys.get(who)}` } })
  const decide = (who: Who, id: string, what = 'approve') => as(who, 'POST', `/v1/recalls/${id}/${what}`)

  let next = 60_000
  async function waiting(who: Who): Promise<string> {
    const notifyId = next++
    const tokens = service.sandbox.harmonyTokens().slice(0, 3)
    service.sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
    const target = { app: 'news-harmony', notifyId, tokens }
    const { status, body } = await as(who, 'POST', '/v1/revoke', { target, reason: 'r' })
    expect([status, body.state]).toEqual([202, 'pending_approval'])
    return body.id
  }
  /** Once all that was begun has ended. */
  async function ended(id: string): Promise<Reply['body']> {
    await service.gateway.runtime.drainer.idle()
    return (await as('wang', 'GET', `/v1/recalls/${id}`)).body
  }
  async function counted(id: string) {
    const [row] = await service.gateway.runtime.ledger.query<{ calls: number; open: number; decided: number }>(
      `select (select count(*) from attempt a join recall_target t on t.id = a.recall_target_id where t.recall_id = $1::text)::int as calls,
         (select count(*) from work where recall_id = $1::text and result is null)::int as open,
         (select count(*) from (
           select detail::jsonb as detail from audit_unsealed where object = $1::text and action = 'recall.approved'
           union all
           select detail::jsonb from audit where object = $1::text and action = 'recall.approved') e
          where (detail ->> 'decided')::boolean)::int as decided`,
      [id],
    )
    return row
  }

  it(`begins once, however many approve at once (×${doubles})`, async () => {
    for (let round = 0; round < doubles; round++) {
      const id = await waiting('li')
      const replies = await Promise.all([
        decide('wang', id),
        decide('zhao', id),
        decide('wangTwin', id),
        decide('wang', id),
      ])
      const statuses = replies.map(({ status }) => status)
      expect(statuses, `round ${round}`).toContain(200)
      expect(statuses.filter(status => status !== 200 && status !== 409)).toEqual([])
      expect(await ended(id)).toMatchObject({ state: 'done', approval: { state: 'approved' } })
      expect(await counted(id), `round ${round}`).toEqual({ calls: 1, open: 0, decided: 1 })
    }
  })

  it(`takes two persons, and never one twice, where nobody is known to have asked (×${doubles})`, async () => {
    for (let round = 0; round < doubles; round++) {
      const id = await waiting('nobody')
      await Promise.all([decide('wang', id), decide('wangTwin', id), decide('wang', id)])
      expect(await ended(id), `round ${round}`).toMatchObject({ state: 'pending_approval', approval: { needed: 2 } })
      expect(await counted(id)).toEqual({ calls: 0, open: 0, decided: 0 })
      await decide('zhao', id)
      expect(await ended(id)).toMatchObject({ state: 'done' })
      expect(await counted(id)).toEqual({ calls: 1, open: 0, decided: 1 })
    }
  })

  it(`is either approved or cancelled, and in the end never both without a word (×${cancels})`, async () => {
    const seen = { approved: 0, cancelled: 0 }
    for (let round = 0; round < cancels; round++) {
      const id = await waiting('li')
      const approve = () => decide('wang', id)
      const cancel = () => as('li', 'POST', `/v1/recalls/${id}/cancel`)
      // neither is always the first
      const first = round % 2 === 0 ? approve() : cancel()
      const second = round % 2 === 0 ? cancel() : approve()
      const replies = await Promise.all([first, second])
      const approved = replies[round % 2]
      const cancelled = replies[1 - (round % 2)]
      const recall = await ended(id)
      const counts = await counted(id)
      const told = `round ${round}: ${approved?.status} ${cancelled?.status} ${recall.state} ${JSON.stringify(counts)}`
      expect([200, 409], told).toContain(approved?.status)
      expect([200, 409], told).toContain(cancelled?.status)
      expect(counts?.open, told).toBe(0)
      // whoever did not approve called nobody
      if (recall.approval.state === 'cancelled') {
        expect([approved?.status, recall.state, counts?.calls, counts?.decided], told).toEqual([409, 'cancelled', 0, 0])
        seen.cancelled += 1
      } else {
        expect([approved?.status, recall.approval.state, counts?.decided], told).toEqual([200, 'approved', 1])
        expect(['done', 'cancelled'], told).toContain(recall.state)
        seen.approved += 1
      }
    }
    expect(seen.approved + seen.cancelled).toBe(cancels)
  })

  it(`decides once or not at all, wherever the database fails over (×${cuts})`, async () => {
    const seen = { decided: 0, undecided: 0, answered: 0 }
    for (let round = 0; round < cuts; round++) {
      const id = await waiting('li')
      // each message of the connection that carries the decision, before it is there, behind it, and in place of its answer
      const [nth, way] = [Math.floor(round / 3) % 6, round % 3]
      let carrier: number | null = null
      let messages = 0
      let cut = false
      proxy.tap = (chunk, direction, connection) => {
        if (cut) return 'pass'
        if (direction === 'request' && carrier === null && chunk.includes('recall.approved')) carrier = connection
        if (connection !== carrier) return 'pass'
        if (direction === 'request') {
          messages += 1
          if (messages <= nth || way === 2) return 'pass'
          cut = true
          return way === 0 ? 'cut' : 'pass-and-cut'
        }
        if (messages <= nth) return 'pass'
        cut = true
        return 'cut'
      }
      const { status } = await decide('wang', id)
      proxy.tap = null
      const told = `round ${round}: ${status}, cut ${cut}`
      expect([200, 503], told).toContain(status)
      await service.gateway.runtime.drainer.idle()
      const stateOf = async () => (await as('wang', 'GET', `/v1/recalls/${id}`)).body.approval.state
      let [before, between, after] = ['', await counted(id), '']
      // the server may still be at the commit whose connection is gone
      for (; before !== after || before === ''; ) {
        before = await stateOf()
        between = await counted(id)
        after = await stateOf()
      }
      if (status === 200) seen.answered += 1
      if (after === 'approved') {
        expect(between?.decided, told).toBe(1)
        seen.decided += 1
      } else {
        expect([after, status, between], told).toEqual(['waiting', 503, { calls: 0, open: 0, decided: 0 }])
        seen.undecided += 1
      }
      expect((await decide('wang', id)).status, told).toBe(200)
      const { drainer, ledger } = service.gateway.runtime
      await drainer.idle()
      // what the cut took from a unit that had begun: its lease runs out
      await ledger.query(
        `update work set lease_until = now() - interval '1 second' where recall_id = $1::text and state = 'running'`,
        [id],
      )
      await drainer.run(id, Date.now() + 20_000)
      expect(await ended(id), told).toMatchObject({ state: 'done', approval: { state: 'approved' } })
      expect(await counted(id), told).toMatchObject({ open: 0, decided: 1 })
    }
    // both ends of the doubt were there
    expect(seen.undecided).toBeGreaterThan(0)
    expect(seen.decided).toBeGreaterThan(0)
  })
})

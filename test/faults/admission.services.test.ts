/** One key, one recall: with many at once, and with connections that die at the moment of the commit. */
import { expect, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { stepsOf } from '../support/steps.ts'
import { type Reply, type Service, startService } from '../support/service.ts'
import { type Fate, startTcpProxy, throughProxy } from '../support/tcp-proxy.ts'

const target = (notifyId: number) => ({ app: 'news-harmony', notifyId, tokens: ['token-1', 'token-2'] })

async function recallsOf(service: Service, notifyId: number): Promise<{ id: string; state: string }[]> {
  return service.gateway.runtime.ledger.query(
    'select r.id, r.state from recall r join recall_target t on t.recall_id = r.id where t.handle = $1::text order by r.id',
    [notifyId],
  )
}

/** At once: 320 requests in the long form; a statement waits for a lock for 2 s at most, however slow the cores. */
const [keys, atOnce] = soak ? [50, 5] : [15, 1]

describeOnPostgres('an idempotency key', url => {
  it(`makes one recall of 64 racers, ${keys} times`, async context => {
    const step = stepsOf(context)
    const service = await startService({ ledgerUrl: url() })
    try {
      const race = async (number: number): Promise<Reply[]> =>
        Promise.all(
          Array.from({ length: 64 }, () =>
            service.call(
              'POST',
              '/v1/revoke',
              { target: target(number), reason: 'r' },
              { headers: { 'idempotency-key': `race-${number}`, prefer: 'wait=10' } },
            ),
          ),
        )
      const replies: Reply[][] = []
      const startedAt = performance.now()
      for (let first = 1; first <= keys; first += atOnce) {
        const raced = Array.from({ length: atOnce }, (_, offset) => race(first + offset))
        replies.push(...(await step('race', () => Promise.all(raced))))
      }
      const seconds = (performance.now() - startedAt) / 1000
      const all = replies.flat()
      const failed = all.filter(({ status }) => status >= 500).length
      const answered = all.filter(({ status }) => status === 200 || status === 202).length
      const [{ recalls } = { recalls: 0 }] = await service.gateway.runtime.ledger.query<{ recalls: number }>(
        'select count(*) as recalls from recall',
      )
      const text = `${recalls} recalls, ${answered} answers, ${failed} 5xx in ${seconds.toFixed(1)} s`
      figure(context, `${keys} keys × 64 racers`, text, `${keys}, 0 duplicates, 0 5xx`)
      expect([recalls, answered, failed]).toEqual([keys, keys * 64, 0])
      for (const raced of replies) expect(new Set(raced.map(({ text }) => text)).size).toBe(1)
    } finally {
      await service.close()
    }
  })

  it('makes one recall however often the connection is cut at COMMIT', async context => {
    const cuts = soak ? 200 : 20
    const step = stepsOf(context)
    const proxy = await startTcpProxy({ port: Number(new URL(url()).port) })
    const service = await startService({ ledgerUrl: throughProxy(url(), proxy) })
    try {
      const { ledger } = service.gateway.runtime
      // every recall stays on its way, so that the next one of the same handle has something to supersede
      Object.assign(service.sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
      const wrong: string[] = []
      let [cut, committed] = [0, 0]
      for (let number = 1001; cut < cuts; number++) {
        // every second one takes a running recall's place: that is a transaction of several statements
        const supersedes = number % 2 === 0
        const body = { target: target(number), reason: 'r' }
        if (supersedes) await service.call('POST', '/v1/revoke', body, { headers: { prefer: 'wait=0' } })
        const before = (await recallsOf(service, number)).length
        const key = `cut-${number}`
        const overlay = { ...body, overlay: { title: 't', body: 'b' }, supersede: true }
        const call = () =>
          service.call('POST', supersedes ? '/v1/overlay' : '/v1/revoke', supersedes ? overlay : body, {
            headers: { 'idempotency-key': key, prefer: 'wait=10' },
          })
        const cutter = cutAtCommit(key, supersedes, way[number % way.length] ?? 'reply')
        proxy.tap = cutter.tap
        const first = await step('the call that is cut', call)
        proxy.tap = null
        if (!cutter.done()) {
          wrong.push(`${number}: the commit was not seen`)
          break
        }
        cut += 1
        if (first.status !== 503) wrong.push(`${number}: answered ${first.status}`)
        if ((await recallsOf(service, number)).length > before) committed += 1
        const second = await step('the retry', call)
        if (second.status !== 202 && second.status !== 200) wrong.push(`${number}: the retry got ${second.status}`)
        const recalls = await recallsOf(service, number)
        if (recalls.length !== before + 1) wrong.push(`${number}: ${recalls.length - before} recalls`)
        const keys = await ledger.query<{ id: string }>('select recall_id as id from answer where key = $1::text', [
          key,
        ])
        if (keys.length !== 1 || keys[0]?.id !== second.body.id) wrong.push(`${number}: the key names another recall`)
      }
      const text = `${cut} cuts, ${committed} of them committed: ${wrong.length} wrong`
      figure(context, 'connection cut at COMMIT', text, 'one recall each')
      expect(wrong).toEqual([])
      // both ends of the doubt were there
      expect(committed).toBeGreaterThan(cuts / 5)
      expect(committed).toBeLessThan(cuts)
    } finally {
      await service.close()
      await proxy.close()
    }
  })
})

/** Before the server has it · right behind it · when the server's word is on its way back. */
const way = ['before', 'behind', 'reply'] as const

/** Execute, as the extended protocol writes it for the nameless portal: no statement runs before it is there. */
const execute = Buffer.from('45000000090000000000', 'hex')

/** Cuts once: the connection that carries this key's admission, at the statement that commits it. */
function cutAtCommit(key: string, inTransaction: boolean, at: (typeof way)[number]) {
  let carrier: number | null = null
  let committing = false
  let done = false
  const tap = (chunk: Buffer, direction: 'request' | 'reply', connection: number): Fate => {
    if (carrier !== null && connection !== carrier) return 'pass'
    if (direction === 'reply') {
      if (!committing) return 'pass'
      done = true
      return 'cut'
    }
    if (done) return 'pass'
    const admits = carrier === null && chunk.includes(`"key":"${key}"`)
    if (admits) carrier = connection
    // outside a transaction the admission is its own commit, inside one the next statement is
    if (carrier === null || admits === inTransaction || !(admits || chunk.includes(execute))) return 'pass'
    committing = true
    if (at === 'reply') return 'pass'
    done = true
    return at === 'before' ? 'cut' : 'pass-and-cut'
  }
  return { tap, done: () => done }
}

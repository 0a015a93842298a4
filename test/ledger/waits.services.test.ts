/** What the network to the database adds to a recall: waits for it, one after the other, counted on the wire. */
import { expect, it, vi } from 'vitest'
import { main_handler as revoke } from '../../functions/revoke.ts'
import { runtime, useRuntime } from '../../shared/runtime.ts'
import { sealTargets } from '../../shared/recall/sealing.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'
import { startTcpProxy, throughProxy } from '../support/tcp-proxy.ts'
import { countWaits } from '../support/waits.ts'

/**
 * From a recall's request to its answer, over connections that are open and have its statements prepared. To be lowered with
 * whatever spares a wait: a number that allows more than there are would let them come back.
 */
const table = {
  'one Push Kit target by its handle': 3,
  'the same with an idempotency key': 4,
  'a TPNS push, looked at before and after': 5,
  'a registered message of three Push Kit targets': 4,
  'a registered message of two Push Kit targets and a TPNS push': 5,
  // they are sealed side by side: in which order they commit makes one more or less
  'a registered message of three targets whose tokens have just come': [10, 11],
} as const
type Kind = keyof typeof table

/** The same where nothing is known or open yet: neither a connection nor a statement nor what the caller has left of limits. */
const cold = { 'the first recall of a process': 6, 'the same with an idempotency key': 9 }

/** A pool of ten connections prepares a statement on each of them. */
const warm = 8
const rounds = 7
/** What a busy machine sends late looks like one wait more, never like one less: until one round was not late, so many are looked at. */
const mostRounds = 60
const isEnough = (seen: readonly number[], wanted: number) =>
  seen.length >= mostRounds || (seen.length >= rounds && Math.min(...seen) <= wanted)

describeOnPostgres('waits for the database', url => {
  it.each(Object.entries(table))('%s: %j', async (name, waits) => {
    const kind = name as Kind
    const { port, hostname } = new URL(url())
    const proxy = await startTcpProxy({ port: Number(port), host: hostname })
    const service = await startService({ ledgerUrl: throughProxy(url(), proxy) })
    try {
      const first = Math.floor(Math.random() * 1e8) * 10
      const seen: number[] = []
      for (let round = 0; !isEnough(seen, Math.max(...[waits].flat())); round++) {
        const number = first + round * 10
        const subject = await prepare(service, kind, number)
        await idle(service)
        const counted = countWaits(proxy)
        const reply = await service.call(
          'POST',
          '/v1/revoke',
          { ...subject, reason: 'r' },
          { headers: { prefer: 'wait=10', ...(kind.includes('key') ? { 'idempotency-key': `k${number}` } : {}) } },
        )
        const count = counted.count()
        counted.end()
        expect([reply.status, reply.body.state]).toEqual([202, 'done'])
        if (round >= warm) seen.push(count)
      }
      expect([waits].flat(), `waits in ${seen.length} rounds: ${seen.join(', ')}`).toContain(Math.min(...seen))
    } finally {
      await service.close()
      await proxy.close()
    }
  })

  it.each(Object.entries(cold))('%s: %i', async (name, waits) => {
    const { port, hostname } = new URL(url())
    const proxy = await startTcpProxy({ port: Number(port), host: hostname })
    // the vendor and the secrets are this service's, the runtime is one that the function opens itself
    const service = await startService({ ledgerUrl: url(), secrets: { 'unpush/policy': {} } })
    vi.stubEnv('LEDGER_URL', throughProxy(url(), proxy))
    try {
      const seen: number[] = []
      while (!isEnough(seen, waits)) {
        const number = Math.floor(Math.random() * 1e9)
        const subject = await prepare(service, 'one Push Kit target by its handle', number)
        const event = {
          httpMethod: 'POST',
          path: '/v1/revoke',
          headers: {
            authorization: `Bearer ${service.keys.operator}`,
            'content-type': 'application/json',
            prefer: 'wait=10',
            ...(name.includes('key') ? { 'idempotency-key': `k${number}` } : {}),
          },
          body: JSON.stringify({ ...subject, reason: 'r' }),
        }
        useRuntime(null)
        const counted = countWaits(proxy)
        const reply = await revoke(event, { request_id: 'r', time_limit_in_ms: 20_000 })
        seen.push(counted.count())
        counted.end()
        expect(reply).toMatchObject({ statusCode: 202, body: expect.stringContaining('"state":"done"') })
        const { drainer, sealer, ledger } = await runtime('api')
        await drainer.idle()
        await sealer.idle()
        await ledger.close()
      }
      expect(Math.min(...seen), `waits in ${seen.length} rounds: ${seen.join(', ')}`).toBe(waits)
    } finally {
      useRuntime(null)
      vi.unstubAllEnvs()
      await service.close()
      await proxy.close()
    }
  })
})

/** Has the sandbox show the pushes, registers what is recalled by message, and resolves with the subject of the recall. */
async function prepare(service: Service, kind: Kind, number: number): Promise<object> {
  const { sandbox, gateway } = service
  const tokens = sandbox.harmonyTokens().slice(0, 3)
  const pushId = String(number)
  const push = { app: 'news-android' as const, pushId }
  if (kind.includes('TPNS')) sandbox.pushTpns({ app: push.app, title: 't', content: 'b', audience: 'all', pushId })
  if (kind.startsWith('a TPNS push')) return { target: push }
  const handles = [0, 1, 2].map(nth => ({ app: 'news-harmony', notifyId: number + nth }))
  for (const { notifyId } of handles) sandbox.pushHarmony({ notifyId, tokens, title: 't', body: 'b' })
  if (!kind.startsWith('a registered message')) return { target: { ...handles[0], tokens } }

  const message = `m${number}`
  const late = kind.endsWith('just come')
  const withTokens = handles.map(handle => ({ ...handle, tokens: late ? [] : tokens }))
  const targets = kind.includes('TPNS') ? [push, ...withTokens.slice(1)] : withTokens
  expect((await service.call('POST', '/v1/messages', { id: message, targets })).status).toBe(201)
  if (late) {
    for (const handle of handles) {
      expect((await service.call('POST', `/v1/messages/${message}/tokens`, { ...handle, tokens })).status).toBe(200)
    }
  } else {
    const { runtime } = gateway
    const found = await runtime.ledger.query<{ id: number }>('select id from target where message_id = $1::text', [
      message,
    ])
    await sealTargets(
      runtime,
      found.map(({ id }) => id),
      Date.now() + 10_000,
    )
  }
  return { message }
}

async function idle({ gateway }: Service): Promise<void> {
  await gateway.runtime.drainer.idle()
  await gateway.runtime.sealer.idle()
}

/**
 * A recall after a quiet while in which all connections to the vendor died unseen: through the whole service, with the
 * sandbox's keep-alive hint away. Counted are requests; what it took is a figure.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { figure, soak } from '../support/figures.ts'
import { type Service, startService } from '../support/service.ts'
import { type Death, startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const many = 32
/** The vendor's time-out is ten seconds: beside `npm test` only the short ones are waited for. */
const deaths: readonly Death[] = soak ? ['fin', 'half-close', 'reset', 'silence'] : ['half-close', 'reset']

describe('a recall over connections that died in a quiet while', () => {
  let service: Service
  let proxy: TcpProxy
  let port = 1
  let tokens: readonly string[] = []
  let number = 1000
  beforeAll(async () => {
    service = await startService({
      secrets: demo => ({
        // documents are made anew at every read, and by then the proxy is there
        'unpush/apps/news-harmony': {
          ...(demo['unpush/apps/news-harmony'] as object),
          endpoint: `http://127.0.0.1:${port}/_sandbox/pushkit`,
        },
        'unpush/apps/news-android': {
          ...(demo['unpush/apps/news-android'] as object),
          endpoint: `http://127.0.0.1:${port}/_sandbox/tpns`,
        },
      }),
    })
    proxy = await startTcpProxy({ port: Number(new URL(service.url).port) })
    port = proxy.port
    // replies of one burst overlap, so that each has a connection of its own
    Object.assign(service.sandbox.switches.pushKit, { keepAliveHint: false, latencyMs: 50 })
    tokens = service.sandbox.harmonyTokens('all')
  })
  afterAll(async () => {
    await service.close()
    await proxy.close()
  })

  /** So many recalls at once; resolves when all are done, with what that took. */
  async function recall(count: number): Promise<number> {
    const startedAt = performance.now()
    const replies = await Promise.all(
      Array.from({ length: count }, () => {
        const target = { app: 'news-harmony', notifyId: ++number, tokens: tokens.slice(0, 1) }
        return service.call('POST', '/v1/revoke', { target, reason: 'r' }, { headers: { prefer: 'wait=20' } })
      }),
    )
    expect(replies.map(({ body }) => body.state)).toEqual(replies.map(() => 'done'))
    return performance.now() - startedAt
  }
  const calls = () => service.logged.filter(line => line.includes('"vendor answered"'))

  it.for(deaths)('is done at once, and nobody is told: %s', async (death, context) => {
    await recall(many)
    const liveMs = await recall(1)
    await recall(many)
    const open = proxy.accepted()
    // a quiet while, shorter than what we keep connections for ourselves
    await new Promise(resolve => setTimeout(resolve, 800))
    const met = proxy.met()
    await proxy.kill(death)
    const asked = calls().length
    const deadMs = await recall(1)
    // none, where this machine was so slow that they were closed by then
    expect(proxy.met() - met).toBeLessThanOrEqual(1)
    expect(proxy.accepted() - open).toBe(1)
    // one call, accepted: no failure, no back-off
    expect(calls().length - asked).toBe(1)
    expect(calls().at(-1)).toContain('"outcome":"accepted"')
    const more = `${Math.round(deadMs - liveMs)} ms more than the ${Math.round(liveMs)} ms over a live one, met ${proxy.met() - met}, 0 failed`
    const goalS = death === 'silence' ? 11 : 1.5
    const what = `recall after ${many} idle connections died (${death})`
    figure(context, what, more, `≤ ${goalS} s`, deadMs - liveMs <= goalS * 1000)
    await recall(many)
    expect(proxy.met() - met).toBeLessThanOrEqual(1)
  })

  describe('an overlay that must not be sent twice', () => {
    /** What the vendor took: it refuses a second push to everybody within a second, and that one is then asked again. */
    const sends = (): number =>
      (service.sandbox.snapshot() as { calls: { path: string; said: string }[] }).calls.filter(
        ({ path, said }) => path === '/v3/push/app' && said === 'yes',
      ).length
    const overlayOf = async (): Promise<unknown> => {
      const { pushId } = service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
      const target = { app: 'news-android', pushId }
      const overlay = { title: 'Correction', body: `of ${pushId}` }
      const asked = { target, overlay, reason: 'r' }
      return (await service.call('POST', '/v1/overlay', asked, { headers: { prefer: 'wait=20' } })).body.state
    }

    it('goes out once, over a connection that is alive', async () => {
      expect([await overlayOf(), sends()]).toEqual(['done', 1])
      await new Promise(resolve => setTimeout(resolve, 800))
      const met = proxy.met()
      await proxy.kill('reset')
      // the question for its record may meet one, which is then repeated
      expect([await overlayOf(), sends(), proxy.met() - met <= 1]).toEqual(['done', 2, true])
    })

    it('is not repeated before the vendor was asked, where its own connection died under it', async () => {
      const before = sends()
      const seen: string[] = []
      proxy.tap = (chunk, direction) => {
        const path =
          direction === 'request' ? /^POST \/_sandbox\/tpns(\S+)/.exec(chunk.toString('latin1'))?.[1] : undefined
        if (path === undefined) return 'pass'
        seen.push(path)
        return path === '/v3/push/app' && seen.filter(other => other === path).length === 1 ? 'cut' : 'pass'
      }
      const state = await overlayOf()
      proxy.tap = null
      const record = '/v3/statistics/get_push_record'
      expect([state, sends() - before]).toEqual(['done', 1])
      expect(seen.slice(0, 4)).toEqual([record, '/v3/push/app', record, '/v3/push/app'])
    })
  })
})

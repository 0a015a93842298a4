/** Questions over connections that died unseen, as vendors' are: one at most meets a dead one, and every job is answered. */
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { createSend } from '../../shared/http.ts'
import type { Pull } from '../../shared/moderation/pull-sources.ts'
import { pulls } from '../../shared/moderation/pulls.ts'
import { startTcpProxy, throughProxy } from '../support/tcp-proxy.ts'
import { startHuawei, startTencentCi } from './pull-stand-ins.ts'

const many = 8
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

const sources = [
  { source: 'tencent-ci', start: startTencentCi, done: 'Success', more: {} },
  { source: 'huawei-moderation', start: startHuawei, done: 'succeeded', more: { kinds: ['audio'] } },
] as const

describe.each(sources)('$source', ({ source, start, done, more }) => {
  it.each(['half-close', 'reset', 'silence'] as const)('is asked over new connections after %s', async death => {
    const api = await start()
    const proxy = await startTcpProxy({ port: Number(new URL(api.origin).port) })
    ends.push(
      () => proxy.close(),
      () => api.close(),
    )
    const clock = { ms: 0 }
    const send = createSend({ steady: () => clock.ms, wall: () => clock.ms })
    const pull: Pull<never> = pulls[source]
    const endpoint = throughProxy(api.origin, proxy).replace(/\/$/, '')
    const credentials = { ...api.pull, ...more, endpoint }
    const ask = async () => {
      const job = `st${randomUUID().replaceAll('-', '')}`
      api.jobs.set(job, { state: done, verdict: 'block', dataId: 'a' })
      // the short one is waited out over a silent connection
      const timeoutMs = death === 'silence' ? 1500 : 20_000
      return (await pull(job, credentials as never, { send, timeoutMs, nowMs: Date.now() })).kind
    }
    const answers = async () => Promise.all(Array.from({ length: many }, ask))
    const decided = Array.from({ length: many }, () => 'decided')
    expect(await answers()).toEqual(decided)
    expect(proxy.accepted()).toBe(many)
    await proxy.kill(death)
    clock.ms += 800
    expect(await answers()).toEqual(decided)
    expect([proxy.met(), api.asked.length, api.refused]).toEqual([1, 2 * many, []])
  })
})

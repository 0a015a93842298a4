/** Callbacks of a source that signs nothing, made up by somebody who knows its URL, and one that is genuine among them. */
import { randomUUID } from 'node:crypto'
import { afterEach, expect, it, vi } from 'vitest'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'
import { type QueryApi, startTencentCi } from './pull-stand-ins.ts'
import { signerOf } from './subjects.ts'

const forgeries = process.env['UNPUSH_TEST_SOAK'] === 'on' ? 5000 : 300
vi.setConfig({ testTimeout: forgeries * 100 + 300_000 })

let api: QueryApi
let service: Moderated
afterEach(async () => {
  await service.close()
  await api.close()
})

async function start(more: object = {}): Promise<void> {
  api = await startTencentCi()
  const { id = '', secret = {} } = makeEndpoints()['tencent-ci'] ?? {}
  const document = { secret: { ...secret, pull: api.pull, ...more } }
  service = await startModerated('pglite:memory', { 'tencent-ci': { id, secret } }, { 'tencent-ci': document })
}

const jobOf = () => `st${randomUUID()}`
const callback = (job: string, dataId: string, given?: { readonly urlSecret: string }) => {
  const text = JSON.stringify({ JobsDetail: { JobId: job, DataId: dataId, State: 'Success', Result: 1 } })
  const secret = service.endpoints['tencent-ci']?.secret ?? {}
  return service.deliver('tencent-ci', signerOf('tencent-ci').sign(text, given ?? secret))
}
const sweep = () => service.gateway.fire('sweep')

/** Twenty at a time; resolves with the statuses that were answered. */
async function forge(contentOf: (index: number) => string): Promise<Set<number>> {
  const statuses = new Set<number>()
  for (let done = 0; done < forgeries; done += 20) {
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) => callback(jobOf(), contentOf(done + index))),
    )
    for (const { status } of replies) statuses.add(status)
  }
  return statuses
}

it.each([
  ['contents that nobody registered', (index: number) => `nobody:${index}`],
  ['the content of the genuine one', () => 'article:1'],
  ['contents that are registered, and its own', (index: number) => `article:${1 + (index % 5)}`],
])('do not keep it from being asked about, when they speak of %s', async (_what, contentOf) => {
  await start()
  for (let article = 1; article <= 5; article++) await service.push(`article:${article}`, String(100 + article))
  // an endpoint takes 600 deliveries a second: what is over that is to be sent again
  for (const status of await forge(contentOf)) expect([200, 429]).toContain(status)
  const job = jobOf()
  api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: 'article:1' })
  await expect.poll(async () => (await callback(job, 'article:1')).status, { timeout: 60_000 }).toBe(200)
  // what was made up may have used this minute's questions: the next minute's run asks about it
  await expect.poll(() => sweep().then(() => service.recalls()), { timeout: 150_000, interval: 2000 }).toHaveLength(1)
  expect(await service.recalls()).toMatchObject([{ subject: { content: 'article:1' } }])
  // what was made up left no verdict
  expect(await service.verdicts()).toMatchObject([{ content: 'article:1', state: 'recalled' }])
})

it('is asked about soon where its message is registered after it came', async () => {
  await start()
  await forge(index => `nobody:${index}`)
  const job = jobOf()
  api.jobs.set(job, { state: 'Success', verdict: 'block', dataId: 'article:1' })
  await callback(job, 'article:1')
  // all that may be asked in this minute about what nobody registered has been
  await sweep()
  expect(await service.recalls()).toEqual([])
  await service.push('article:1', '101')
  await sweep()
  await expect.poll(() => service.recalls(), { timeout: 60_000 }).toHaveLength(1)
})

it('are one 401 without the key of the URL, and write nothing', async () => {
  await start()
  const { urlSecret = '' } = service.endpoints['tencent-ci']?.secret ?? {}
  const path = `/v1/webhooks/${service.endpoints['tencent-ci']?.id}`
  const raw = JSON.stringify({ JobsDetail: { JobId: jobOf(), DataId: 'article:1', Result: 1 } })
  const bodies = new Set<string>()
  for (const query of [
    '',
    '?',
    '?key',
    '?key=',
    `?key=${urlSecret.slice(1)}`,
    `?key=${urlSecret}0`,
    `?key=${urlSecret.toUpperCase()}`,
    `?KEY=${urlSecret}`,
    `?key=${urlSecret}&key=${urlSecret}`,
    `?key=x&key=${urlSecret}`,
    `?key[]=${urlSecret}`,
    `?urlSecret=${urlSecret}`,
    `?key=%00${urlSecret}`,
    `?key=${urlSecret}%20`,
  ]) {
    const reply = await service.call('POST', `${path}${query}`, undefined, { role: null, raw })
    expect(reply.status, query).toBe(401)
    bodies.add(reply.text)
  }
  for (const headers of [
    { key: urlSecret },
    { authorization: `Bearer ${urlSecret}` },
    { cookie: `key=${urlSecret}` },
  ]) {
    expect((await service.call('POST', path, undefined, { role: null, raw, headers })).status).toBe(401)
  }
  expect(bodies.size).toBe(1)
  expect(await service.gateway.runtime.ledger.query('select job from pull')).toEqual([])
  expect(await service.verdicts()).toEqual([])
  expect((await service.call('POST', `${path}?key=${urlSecret}&a=b`, undefined, { role: null, raw })).status).toBe(200)
  expect(service.logged.filter(line => line.includes(urlSecret))).toEqual([])
})

it('are a 401 at an endpoint whose document has no secret for the URL, whatever they bring', async () => {
  await start({ urlSecret: undefined })
  for (const urlSecret of ['', 'undefined', 'null', 'k'.repeat(22)]) {
    expect((await callback(jobOf(), 'article:1', { urlSecret })).status).toBe(401)
  }
})

it('are taken with either of two secrets while they are rotated', async () => {
  const [older, newer] = ['o'.repeat(22), 'n'.repeat(22)]
  await start({ urlSecret: [newer, older] })
  for (const [urlSecret, status] of [
    [older, 200],
    [newer, 200],
    ['x'.repeat(22), 401],
  ] as const) {
    expect((await callback(jobOf(), 'article:1', { urlSecret })).status).toBe(status)
  }
})

it('are answered 503 when no more can wait, so that the vendor sends again', async () => {
  await start()
  const { ledger } = service.gateway.runtime
  await service.push('article:1', '101')
  await ledger.query(
    `insert into pull (endpoint, job, content, wanted_at, run_at)
     select $1::text, 'st' || i, 'nobody:' || i, now() - make_interval(secs => 5001 - i), now() + interval '1 hour'
     from generate_series(1, 5000) i`,
    [service.endpoints['tencent-ci']?.id ?? ''],
  )
  const refused = await callback(jobOf(), 'nobody')
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('60')
  const waiting = async () => (await ledger.query<{ job: string }>('select job from pull')).map(({ job }) => job)
  expect(await waiting()).toHaveLength(5000)
  // what a message carries takes the place of the oldest
  const job = jobOf()
  expect((await callback(job, 'article:1')).status).toBe(200)
  const after = await waiting()
  expect(after).toHaveLength(5000)
  expect(after).toContain(job)
  expect(after).not.toContain('st1')
  // one that waits already is not turned away, and pushes nothing out
  expect((await callback(job, 'article:1')).status).toBe(200)
  expect(await waiting()).toHaveLength(5000)
})

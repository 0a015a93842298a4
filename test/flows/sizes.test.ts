/** What one record and one page may come to, whoever adds to it and however often. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bounds } from '../../shared/bounds.ts'
import { pageBytes } from '../../shared/pages.ts'
import { describeOnPostgres } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'

const contents = (from: number, count: number) => Array.from({ length: count }, (_, n) => `article:${from + n}`)
const targets = (from: number, count: number) =>
  Array.from({ length: count }, (_, n) => ({ app: 'news-android', pushId: String(1_000_000 + from + n) }))

describe('a message', () => {
  let service: Service
  beforeAll(async () => {
    service = await startService()
  })
  afterAll(() => service.close())

  it.each([
    ['contents', 'contentsPerMessage', contents],
    ['targets', 'targetsPerMessage', targets],
  ] as const)('has at most so many %s, over all that is added to it', async (member, bound, made) => {
    const id = `full-of-${member}`
    const most = bounds[bound].value
    expect((await service.call('POST', '/v1/messages', { id, [member]: made(0, 50) })).status).toBe(201)
    const add = (from: number, count: number) =>
      service.call('PATCH', `/v1/messages/${id}`, { [member]: made(from, count) })
    for (let from = 50; from + 100 <= most; from += 100) expect((await add(from, 100)).status).toBe(200)
    const over = await add(most - 50, 51)
    expect([over.status, over.body.bound, over.body.limit]).toEqual([413, bound, most])
    expect(over.body.detail).toBe(`The message would have ${most + 1} ${member}. ${bounds[bound].advice}`)
    // nothing of what is refused is kept
    expect((await service.call('GET', `/v1/messages/${id}`)).body[member]).toHaveLength(most - 50)
    expect((await add(most - 50, 50)).status).toBe(200)
    expect((await add(most, 1)).status).toBe(413)
    if (member === 'contents') expect((await add(0, 100)).status).toBe(200)
    const { body } = await service.call('GET', `/v1/messages/${id}`)
    expect(body[member]).toHaveLength(most)
  })

  it('shares a content with no more targets than one recall plans, and only its own owner fills that up', async () => {
    const { value } = bounds.targetsPerContent
    const carrying = (n: number) => ({ contents: ['crowded'], targets: targets(50_000 + n * 100, 100) })
    await service.gateway.runtime.ledger.query(
      `insert into message (id, digest, contents, registered_by, owner)
       select 'crowd-' || n, 'd', array['crowded'], 'key:sender', 'key:sender' from generate_series(1, $1::text::int) n`,
      [value - 100],
    )
    const register = (n: number, role: 'sender' | 'operator') =>
      service.call('POST', '/v1/messages', { id: `last-${n}`, ...carrying(n) }, { role })
    expect((await register(0, 'sender')).status).toBe(201)
    const over = await register(1, 'sender')
    expect([over.status, over.body.bound]).toEqual([413, 'targetsPerContent'])
    expect((await service.call('GET', '/v1/messages/last-1')).status).toBe(404)
    expect((await register(2, 'operator')).status).toBe(201)
    const patched = await service.call(
      'PATCH',
      '/v1/messages/last-0',
      { targets: targets(60_000, 1) },
      { role: 'sender' },
    )
    expect(patched.status).toBe(413)
  })

  it('is bounded in bytes by what bounds its members', async () => {
    const id = 'largest'
    const text = (length: number) => '中'.repeat(length)
    const long = Array.from({ length: 1000 }, (_, n) => `${n}${text(250)}`)
    const words = { title: text(1000), body: text(10_000), url: `a:${'x'.repeat(2046)}` }
    await service.call('POST', '/v1/messages', { id, ...words })
    for (let from = 0; from < 1000; from += 100) {
      const body = { contents: long.slice(from, from + 100), targets: targets(5000 + from, 100) }
      expect((await service.call('PATCH', `/v1/messages/${id}`, body)).status).toBe(200)
    }
    const { text: record } = await service.call('GET', `/v1/messages/${id}`)
    expect(Buffer.byteLength(record)).toBeGreaterThan(800_000)
    expect(Buffer.byteLength(record)).toBeLessThan(pageBytes)
  })

  it('refuses options of an overlay over their bound, whoever they are for', async () => {
    const target = { app: 'news-android', pushId: '77' }
    for (const vendor of ['tpns', 'huawei']) {
      const overlay = { title: 't', body: 'b', options: { [vendor]: { custom: 'x'.repeat(3_900_000) } } }
      const reply = await service.call('POST', '/v1/overlay', { target, reason: 'r', overlay })
      expect([reply.status, reply.body.bound]).toEqual([413, 'overlayOptionBytes'])
    }
  })
})

describe('a list', () => {
  it('ends its pages by bytes, and goes on where it ended', async () => {
    const service = await startService()
    try {
      const body = '中'.repeat(10_000)
      for (let n = 0; n < 80; n++) await service.call('POST', '/v1/messages', { id: `m${n}`, body })
      const seen: string[] = []
      let cursor = ''
      let pages = 0
      do {
        const page = await service.call('GET', `/v1/messages?limit=200${cursor}`)
        expect(Buffer.byteLength(page.text)).toBeLessThanOrEqual(pageBytes + 1000)
        seen.push(...page.body.items.map(({ id }: { id: string }) => id))
        cursor = page.body.nextCursor === null ? '' : `&cursor=${page.body.nextCursor}`
        pages++
      } while (cursor !== '')
      expect(pages).toBe(3)
      expect(seen).toEqual(Array.from({ length: 80 }, (_, n) => `m${79 - n}`))
    } finally {
      await service.close()
    }
  })
})

describeOnPostgres('changes of one message side by side', url => {
  it('do not count past each other', async () => {
    const service = await startService({ ledgerUrl: url() })
    try {
      const most = bounds.contentsPerMessage.value
      await service.call('POST', '/v1/messages', { id: 'm' })
      const add = (from: number, count: number) =>
        service.call('PATCH', '/v1/messages/m', { contents: contents(from, count) })
      for (let from = 0; from < most - 100; from += 100) await add(from, 100)
      const replies = await Promise.all([0, 1, 2, 3].map(n => add(10_000 + n * 100, 60)))
      expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 413, 413, 413])
      expect((await service.call('GET', '/v1/messages/m')).body.contents).toHaveLength(most - 40)
    } finally {
      await service.close()
    }
  })
})

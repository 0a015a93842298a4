import { createHash, generateKeyPairSync } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chainStart, followChain, hashRecord, noHash } from '../../shared/audit/chain.ts'
import { readDigests } from '../../shared/audit/digest.ts'
import { faultOfDigests, verifyTrail } from '../../shared/audit/verify.ts'
import { type AuditRecord, listAudit } from '../../shared/ledger/audit.ts'
import { auditAfter } from '../../shared/ledger/audit-check.ts'
import { conforms, document } from '../dashboard/document.ts'
import { appendAudit } from '../support/append-audit.ts'
import { type Service, startService } from '../support/service.ts'

interface Item extends Omit<AuditRecord, 'detail'> {
  readonly detail: { readonly [member: string]: unknown }
}

describe('the audit trail of the service', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  let service: Service
  beforeAll(async () => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
    service = await startService({ secrets: { 'unpush/audit-key': pem } })
  })
  afterAll(() => service.close())

  const trail = async (query = ''): Promise<Item[]> => {
    const { status, body } = await service.call('GET', `/v1/audit?limit=200${query}`, undefined, { role: 'admin' })
    expect(status).toBe(200)
    expect(conforms(document.components.schemas['AuditList'] ?? {}, body)).toEqual([])
    return body.items
  }
  const about = async (object: string) => (await trail(`&q=${object}`)).toReversed()

  it('tells who admitted, cancelled, retried and superseded a recall, and how each ended', async () => {
    const { sandbox } = service
    const tokens = sandbox.harmonyTokens().slice(0, 2)
    const target = { app: 'news-harmony', notifyId: 4 }
    const overlay = { title: 'n', body: 'n' }
    const reason = { reason: 'wrong link', ticket: 'INC-7' }
    const start = async (path: string, sent: object) =>
      (await service.call('POST', path, { target: { ...target, tokens }, ...sent })).body.id
    Object.assign(sandbox.switches.pushKit, { failure: 'http503', retryAfter: 600 })
    const first = await start('/v1/revoke', reason)
    // what is out when it is superseded would come back to it
    const blocked = async () => (await service.call('GET', `/v1/recalls/${first}`)).body.blocked
    for (let tries = 0; tries < 200 && (await blocked()) === null; tries++) await sleep(50)
    const second = await start('/v1/overlay', { overlay, reason: 'r', supersede: true })
    await service.call('POST', `/v1/recalls/${second}/cancel`)
    Object.assign(sandbox.switches.pushKit, { failure: null })
    await service.gateway.runtime.ledger.query("update bucket set held_until = '-infinity'")
    expect((await service.call('POST', `/v1/recalls/${second}/retry`)).status).toBe(202)

    const [admitted, superseded, ended, ...more] = await about(first)
    const by = { actor: 'key:operator', person: 'li.wei', object: first }
    const apps = ['news-harmony']
    expect(admitted).toMatchObject({ ...by, action: 'recall.admitted' })
    expect(admitted?.detail).toMatchObject({ operation: 'revoke', subject: { target }, ...reason, apps })
    expect(admitted?.detail['policy']).toMatch(/^[0-9a-f]{64}$/)
    expect(superseded).toMatchObject({ ...by, action: 'recall.superseded', detail: { apps, supersededBy: second } })
    expect(ended).toMatchObject({ actor: 'unpush', person: null, action: 'recall.settled' })
    expect(ended?.detail).toMatchObject({ operation: 'revoke', state: 'cancelled' })
    expect(more).toEqual([])
    expect((await about(second)).map(({ action, detail }) => [action, detail['state']])).toEqual([
      ['recall.admitted', undefined],
      ['recall.cancelled', undefined],
      ['recall.settled', 'cancelled'],
      ['recall.retried', undefined],
      ['recall.settled', 'done'],
    ])
  })

  it('tells what came of each device, and none of what was on it', async () => {
    const { sandbox } = service
    const tokens = sandbox.harmonyTokens().slice(0, 3)
    sandbox.pushHarmony({ notifyId: 5, tokens, title: 'secret words', body: 'secret words' })
    const target = { app: 'news-harmony', notifyId: 5, tokens }
    const overlay = { title: 'secret words', body: 'secret words' }
    const sent = { target, overlay, reason: 'r' }
    const { body } = await service.call('POST', '/v1/overlay', sent, { headers: { prefer: 'wait=10' } })
    expect(body.state).toBe('done')
    const [admitted, settled, ...more] = await about(body.id)
    expect(more).toEqual([])
    expect(admitted?.detail['overlay']).toMatch(/^[0-9a-f]{64}$/)
    expect(settled?.detail).toEqual({
      by: 'ledger',
      operation: 'overlay',
      state: 'done',
      apps: ['news-harmony'],
      devices: { accepted: 3, rejected: 0, unknown: 0 },
    })
    // notification text and tokens are in no record, neither is the caller's key
    const all = JSON.stringify(await service.gateway.runtime.ledger.query('select detail, actor, object from audit'))
    for (const hidden of ['secret words', ...tokens, service.keys.operator]) expect(all).not.toContain(hidden)
  })

  it('pages newest first, without loss or repeat, by time, app and word', async () => {
    const everything = await trail()
    expect(everything.map(({ seq }) => seq)).toEqual(everything.map((_, index) => everything.length - index))
    const seen: number[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/v1/audit?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`
      const { body }: { body: { items: Item[]; nextCursor: string | null } } = await service.call(
        'GET',
        path,
        undefined,
        { role: 'admin' },
      )
      seen.push(...body.items.map(({ seq }) => seq))
      cursor = body.nextCursor
    }
    expect(seen).toEqual(everything.map(({ seq }) => seq))
    const harmony = await trail('&app=news-harmony')
    expect(harmony.length).toBeGreaterThan(1)
    for (const { detail } of harmony) expect(detail['apps']).toContain('news-harmony')
    expect(await trail('&to=2020-01-01T00:00:00Z')).toEqual([])
    expect((await trail('&from=2020-01-01T00:00:00Z')).length).toBe(everything.length)
    expect((await trail('&q=li.wei')).every(({ person }) => person === 'li.wei')).toBe(true)
  })

  it('is for admins alone, and knows its own cursors', async () => {
    for (const role of ['sender', 'viewer', 'operator', 'approver'] as const)
      expect((await service.call('GET', '/v1/audit', undefined, { role })).status).toBe(403)
    const other = Buffer.from(JSON.stringify([new Date().toISOString(), 'msg_1'])).toString('base64url')
    const reply = await service.call('GET', `/v1/audit?cursor=${other}`, undefined, { role: 'admin' })
    expect([reply.status, reply.body.errors[0].path]).toEqual([400, '/cursor'])
  })

  it('holds with the key of the service, every entry signed or made by the ledger', async () => {
    expect(await service.trail()).toMatchObject({ kind: 'whole', macs: expect.any(Number) })
    const all = await trail()
    for (const { detail } of all) expect('signed' in detail).toBe(detail['by'] !== 'ledger')
  })

  it('shows a key of some apps what names these apps alone', async () => {
    const { ledger } = service.gateway.runtime
    const shared = { apps: ['news-harmony', 'news-ios'] }
    for (const detail of [shared, {}, { apps: [] }])
      await appendAudit(ledger, [{ by: { id: 'key:x', person: null }, action: 'test', object: 'two apps', detail }])
    const all = await trail()
    const listed = async (apps: string[]) =>
      listAudit(ledger, {
        limit: 200,
        before: null,
        q: null,
        app: null,
        actor: null,
        action: null,
        object: null,
        from: null,
        to: null,
        apps,
      })
    const own = (await listed(['news-harmony'])).map(({ seq }) => seq)
    expect(own).toEqual(all.filter(({ action }) => action !== 'test').map(({ seq }) => seq))
    expect((await listed(['news-harmony', 'news-ios'])).length).toBe(all.length - 2)
    expect(await listed(['news-ios'])).toEqual([])
  })

  it('can be computed again from its lines, which follow each other over pages', async () => {
    const admin = { role: 'admin' as const, headers: { accept: 'application/x-ndjson' } }
    const lines: { readonly [member: string]: string | number | null }[] = []
    for (let path: string | undefined = '/v1/audit?limit=3'; path !== undefined; ) {
      const { status, headers, text } = await service.call('GET', path, undefined, admin)
      expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson; charset=utf-8'])
      lines.push(
        ...text
          .trimEnd()
          .split('\n')
          .map(line => JSON.parse(line)),
      )
      path = /^<(.*)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1]
    }
    const { body } = await service.call('GET', '/v1/audit/head', undefined, { role: 'admin' })
    expect(body).toMatchObject({ seq: lines[0]?.['seq'], hash: lines[0]?.['hash'], unsealed: 0 })
    let before = Buffer.alloc(32)
    for (const line of lines.toReversed()) {
      const parts = body.hashed.map((name: string) => line[name] ?? null)
      const written = parts.map((part: string | number | null) =>
        part === null ? '-' : `${Buffer.byteLength(String(part))}:${part}`,
      )
      before = createHash('sha256').update(before).update(written.join('')).digest()
      expect(line['hash']).toBe(before.toString('hex'))
    }
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, place) => lines.length - place))
  })

  it('is asked for by actor, action and object, each as it is written', async () => {
    const all = await trail()
    for (const name of ['actor', 'action', 'object'] as const) {
      const wanted = all[0]?.[name] ?? ''
      const found = await trail(`&${name}=${encodeURIComponent(wanted)}`)
      expect(found).toEqual(all.filter(record => record[name] === wanted))
      expect(await trail(`&${name}=${encodeURIComponent(`${wanted}x`)}`)).toEqual([])
    }
  })

  it('shows the digest that sweep signed last', async () => {
    await service.gateway.fire('sweep')
    const { body } = await service.call('GET', '/v1/audit/head', undefined, { role: 'admin' })
    expect(body.digest).toEqual(readDigests(service.logged.join('')).at(-1))
  })

  it('can be computed again from what the ledger holds', async () => {
    const { ledger } = service.gateway.runtime
    const records = await auditAfter(ledger, 0, 1000)
    expect(followChain(chainStart, records)).toHaveProperty('seq', records.length)
    const [first] = records
    expect(first && hashRecord(noHash, first)).toBe(first?.hash)
  })

  it('lets a signed digest leave with every sweep, into the log', async () => {
    await service.gateway.fire('sweep')
    const { ledger } = service.gateway.runtime
    const digests = readDigests(service.logged.map(line => `2026-11-23 START ${line}`).join(''))
    expect(digests.length).toBeGreaterThan(1)
    expect(faultOfDigests(digests, [publicKey])).toBeNull()
    expect(await verifyTrail(ledger, { digests })).toMatchObject({ kind: 'whole', end: { seq: digests.at(-1)?.seq } })
    const forged = digests.map((digest, index) => (index === 1 ? { ...digest, hash: noHash } : digest))
    expect(faultOfDigests(forged, [publicKey])).toContain('signature')
    const another = generateKeyPairSync('ed25519').publicKey
    expect(faultOfDigests(digests, [another])).toContain('was not given')
  })
})

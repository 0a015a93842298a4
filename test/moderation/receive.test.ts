/** What a sender sees of the receiver, and what nobody may see of it. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedDelivery } from '../../sandbox/signers.ts'
import { makeSignerSecret } from '../../sandbox/signer-secrets.ts'
import { createLog } from '../../shared/log.ts'
import { receive } from '../../shared/moderation/receive.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { createTally } from '../../shared/tally.ts'
import type { Context } from '../../shared/serve.ts'
import { soak } from '../support/figures.ts'
import { describeOnPGlite, describeOnPostgres } from '../support/ledgers.ts'
import { makeEndpoints, type Moderated, startModerated } from './moderated-service.ts'
import { negativesOf, readSignature } from './negatives.ts'
import { signerOf, subjects } from './subjects.ts'

const said = { content: 'article:42', verdict: 'block' as const }
const refused =
  '{"type":"https://unpush.dev/problems/unauthorized","title":"No valid credential was given","status":401,"detail":"The delivery is not genuine."}'

describe('a receiver', () => {
  let service: Moderated
  const broken = `e_${randomBytes(4).toString('hex')}`
  beforeAll(async () => {
    service = await startModerated(
      'pglite:memory',
      makeEndpoints(),
      {},
      {
        [`unpush/webhooks/${broken}`]: { source: 'tencent-ams', secret: { sead: 'do-not-tell' }, policy: {} },
      },
    )
  })
  afterAll(() => service.close())

  it.each(subjects)('answers one body to all that is not genuine of $name, and tells nothing of it', async subject => {
    const signer = signerOf(subject.name)
    const { secret = {} } = service.endpoints[subject.name] ?? {}
    const json = signer.write(said)
    const genuine = signer.sign(json, secret)
    const told = [...Object.values(secret), readSignature(subject.envelope, genuine)].filter(text => text.length > 8)
    const bodies = new Set<string>()
    for (const [kind, sent] of negativesOf(subject, json, genuine, secret, makeSignerSecret(subject.name))) {
      // what HTTP itself cannot carry never comes
      if (Object.values(sent.headers).some(value => /[^\x20-\x7e]/.test(value))) continue
      const reply = await service.deliver(subject.name, sent)
      expect(reply.status, kind).toBe(401)
      bodies.add(reply.text)
      expect(told.filter(text => JSON.stringify([...reply.headers]).includes(text))).toEqual([])
    }
    expect([...bodies]).toEqual([refused])
    // uid is no secret, and is in no line either
    expect(told.filter(text => service.logged.some(line => line.includes(text)))).toEqual([])
    expect(await service.verdicts()).toEqual([])
  })

  it('knows an endpoint by its id alone', async () => {
    const post = (endpoint: string) =>
      service.call('POST', `/v1/webhooks/${endpoint}`, undefined, { role: null, raw: '{}' })
    for (const endpoint of ['e_0', 'E_0', '..', '%2e%2e', 'a%2Fb', 'a'.repeat(64), '%00', '_e', '-e', '%F0%9F%98%80']) {
      expect((await post(endpoint)).status, endpoint).toBe(404)
    }
    expect((await service.call('GET', '/v1/webhooks/e_0', undefined, { role: null })).status).toBe(405)
  })

  it('tells the log of each endpoint what was wrong, though all come from one address', async () => {
    for (const [source, { id, secret }] of Object.entries(service.endpoints)) {
      const signer = signerOf(source)
      const json = signer.write(said)
      const unsigned = source === 'tencent-ci' || source === 'huawei-moderation'
      const wrong: [check: string, sent: SignedDelivery][] = [
        [unsigned ? 'url key or signature' : 'signature', signer.sign(json, makeSignerSecret(source))],
      ]
      if (source === 'standard-webhooks' || source === 'sightengine')
        wrong.push(['time', signer.sign(json, secret, '1000000000')])
      // the signatures of these two are made of members of the text
      if (source !== 'ishumei' && source !== 'huawei-moderation')
        wrong.push(['not one JSON text', signer.sign(json.replace('}', ',"x":1,"x":2}'), secret)])
      for (const [check, sent] of wrong) {
        const reply = await service.deliver(source, sent)
        expect([reply.status, reply.text]).toEqual([401, refused])
        const lines = service.logged.map(line => JSON.parse(line)).filter(line => line.check === check)
        const line = { level: 'warn', why: 'signature', endpoint: id, webhook_source: source, check }
        expect(lines.filter(({ endpoint }) => endpoint === id)).toMatchObject([line])
      }
    }
  })

  it('does not tell a stranger what is wrong with an endpoint, and tells the log', async () => {
    const reply = await service.call('POST', `/v1/webhooks/${broken}`, undefined, { role: null, raw: '{}' })
    expect(reply.status).toBe(503)
    expect(reply.headers.get('retry-after')).toBe('60')
    expect(reply.body.detail).toBe('This endpoint cannot be used now.')
    const lines = service.logged.filter(line => line.includes(broken))
    expect(lines.join('\n')).toContain('member secret.0.seed is required')
    expect(lines.join('\n')).not.toContain('do-not-tell')
  })

  it('keeps what it cannot read, and says so in the list and in the log', async () => {
    const { id = '', secret = {} } = service.endpoints['tencent-ams'] ?? {}
    for (const text of ['{}', '[]', 'null', '"x"', '{"DataId":"a","Suggestion":"Bloc"}']) {
      const reply = await service.deliver('tencent-ams', signerOf('tencent-ams').sign(text, secret))
      expect([reply.status, reply.text]).toEqual([200, '{"received":true}'])
    }
    const unreadable = await service.verdicts('state=unreadable')
    expect(unreadable).toHaveLength(5)
    for (const verdict of unreadable) {
      expect(verdict).toMatchObject({ endpoint: id, content: null, operation: null })
      expect(verdict['detail']).toMatch(/^It is genuine and cannot be read: /)
    }
    const warned = service.logged.filter(line => line.includes('delivery without effect')).map(line => JSON.parse(line))
    expect(warned).toHaveLength(5)
    expect(warned[0]).toMatchObject({ level: 'warn', fault: 'unreadable', webhook_source: 'tencent-ams' })
  })

  it('acknowledges what names no content that a message could carry, and does nothing', async () => {
    const { secret = {} } = service.endpoints['tencent-ams'] ?? {}
    const before = (await service.verdicts()).length
    for (const id of ['x'.repeat(257), 'a\0b', 'a\ud83d', '']) {
      const text = JSON.stringify({ DataId: id, Suggestion: 'Block' })
      expect((await service.deliver('tencent-ams', signerOf('tencent-ams').sign(text, secret))).status).toBe(200)
    }
    const fresh = (await service.verdicts()).slice(0, -before)
    expect(fresh.map(({ content, state }) => [content, state])).toEqual(fresh.map(() => [null, 'unreadable']))
    expect(fresh[0]?.['detail']).toContain('it names no content that a message could carry')
    expect(fresh).toHaveLength(4)
  })

  it('takes 4 MiB and no more, and finds the verdict behind all of it', async () => {
    const { secret = {} } = service.endpoints['tencent-ams'] ?? {}
    const of = (bytes: number) => {
      const [before, after] = ['{"x":"', `","DataId":"large-${bytes}","Suggestion":"Block"}`]
      const text = `${before}${'x'.repeat(bytes - before.length - after.length)}${after}`
      return signerOf('tencent-ams').sign(text, secret)
    }
    expect((await service.deliver('tencent-ams', of(4 * 1024 * 1024))).status).toBe(200)
    expect((await service.deliver('tencent-ams', of(4 * 1024 * 1024 + 1))).status).toBe(413)
    expect(await service.verdicts(`content=large-${4 * 1024 * 1024}`)).toMatchObject([{ state: 'waiting' }])
  })

  const aged = (days: number) => Date.now() - days * 86_400_000
  it.each([
    [
      'getstream',
      (at: number) => ({
        type: 'moderation_check.completed',
        entity_id: 'dated',
        recommended_action: 'remove',
        created_at: new Date(at).toISOString(),
      }),
    ],
    [
      'getstream',
      (at: number) => ({
        type: 'review_queue_item.updated',
        review_queue_item: { entity_id: 'dated' },
        action: { type: 'remove', created_at: new Date(at).toISOString() },
      }),
    ],
    [
      'moderation-api',
      (at: number) => ({ type: 'QUEUE_ITEM_ACTION', timestamp: at, item: { id: 'dated' }, action: { key: 'remove' } }),
    ],
    [
      'netease-yidun',
      (at: number) => ({ antispam: { dataId: 'dated', suggestion: 2, resultType: 2, censorTime: at } }),
    ],
    ['tencent-ams', (at: number) => ({ DataId: 'dated', Suggestion: 'Block', UpdatedAt: new Date(at).toISOString() })],
  ])('acknowledges what %s dated more than a day ago, keeps it as refused, and does nothing', async (source, write) => {
    const { secret = {} } = service.endpoints[source] ?? {}
    const send = (at: number) => service.deliver(source, signerOf(source).sign(JSON.stringify(write(at)), secret))
    const before = (await service.verdicts()).length
    expect((await send(aged(1) - 60_000)).status).toBe(200)
    const [stale, ...others] = (await service.verdicts()).slice(0, -before || undefined)
    expect(others).toEqual([])
    expect(stale).toMatchObject({ state: 'refused', content: 'dated', operation: null, recalls: [] })
    expect(stale?.['detail']).toBe('It is dated more than a day before it came.')
    // nor does it hide or outrank anything: a pass of the same age lifts no block
    expect((await send(aged(1) + 60_000)).status).toBe(200)
    expect((await service.verdicts())[0]).toMatchObject({ state: expect.stringMatching(/^(waiting|outranked)$/) })
  })

  it('records what was judged of who wrote it, and takes nothing back', async () => {
    await service.push('u1', '79')
    const stream = (entity_type: string) => ({
      type: 'moderation_check.completed',
      entity_id: 'u1',
      entity_type,
      recommended_action: 'remove',
    })
    const coop = (typeId: string, typeName: string | null) => ({
      item: { id: 'u1', typeId, typeName },
      action: { id: 'remove' },
    })
    for (const [source, document] of [
      ['getstream', stream('stream:user')],
      ['getstream', stream('stream:v1:user_profile')],
      ['roost-coop', coop('user-profile', null)],
      ['roost-coop', coop('8f14e45f', 'User account')],
      [
        'moderation-api',
        { type: 'QUEUE_ITEM_ACTION', item: { id: 'u1', metaType: 'profile' }, action: { key: 'remove' } },
      ],
    ] as const) {
      const { secret = {} } = service.endpoints[source] ?? {}
      expect((await service.deliver(source, signerOf(source).sign(JSON.stringify(document), secret))).status).toBe(200)
    }
    const recorded = await service.verdicts('content=u1')
    expect(recorded).toHaveLength(5)
    for (const { state, detail } of recorded) {
      expect([state, detail]).toEqual([
        'recorded',
        expect.stringMatching(/^Items of the type .+ do not count at this endpoint\.$/),
      ])
    }
    expect((await service.call('GET', '/v1/messages/m-79')).body.recall).toBeNull()
  })

  it('records long and broken words cut, and shows them', async () => {
    const labels = Array.from({ length: 30 }, () => '😀'.repeat(40))
    const reply = await service.judge({ content: 'words', verdict: 'block', labels, reason: 'é😀'.repeat(400) })
    expect(reply.status).toBe(200)
    await service.push('words', '77')
    const [verdict] = await service.verdicts('content=words')
    expect(verdict).toMatchObject({ state: 'recalled' })
    expect(verdict?.['labels']).toHaveLength(20)
    const { body } = await service.call('GET', `/v1/recalls/${verdict?.recalls[0]}`)
    expect(body.reason.length).toBeLessThanOrEqual(500)
    expect(body.reason).toMatch(/^Moderation: block \(standard-webhooks; 😀/)
  })

  it('acknowledges while the vendor hangs', async () => {
    await service.push('slow', '78')
    service.sandbox.switches.tpns.latencyMs = 60_000
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        service.say('aliyun-green', { content: i === 0 ? 'slow' : `s${i}`, verdict: 'block' }),
      ),
    )
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
    const [verdict] = await service.verdicts('content=slow')
    expect((await service.call('GET', `/v1/recalls/${verdict?.recalls[0]}`)).body.state).toBe('running')
    service.sandbox.switches.tpns.latencyMs = 0
  })
})

describeOnPGlite('a restart', () => {
  it('does not bring a delivery back to life', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unpush-verdicts-'))
    try {
      expect(await effectsOfRestarts(`pglite:${join(folder, 'ledger')}`)).toEqual([1, 1, 1])
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
describeOnPostgres('a restart', url => {
  it('does not bring a delivery back to life', async () => {
    expect(await effectsOfRestarts(url())).toEqual([1, 1, 1])
  })
})

/** Every delivery several times at each of three starts. Resolves with the recalls that there are of each after each. */
async function effectsOfRestarts(ledgerUrl: string): Promise<number[]> {
  const endpoints = makeEndpoints()
  const sent = subjects.map(({ name }) => {
    const signer = signerOf(name)
    const json = signer.write({ content: name, verdict: 'block' })
    return { name, delivery: signer.sign(json, endpoints[name]?.secret ?? {}) }
  })
  const effects: number[] = []
  for (let start = 0; start < 3; start++) {
    const service = await startModerated(ledgerUrl, endpoints)
    try {
      for (const [index, { name }] of sent.entries()) if (start === 0) await service.push(name, String(500 + index))
      const replies = await Promise.all(
        sent.flatMap(({ name, delivery }) =>
          Array.from({ length: soak ? 10 : 3 }, () => service.deliver(name, delivery)),
        ),
      )
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
      expect((await service.verdicts()).map(({ state }) => state)).toEqual(sent.map(() => 'recalled'))
      effects.push((await service.recalls()).length / sent.length)
    } finally {
      await service.close()
    }
  }
  return effects
}

describe('unknown endpoints', () => {
  it('are looked for nowhere: the list is read once a minute, however many are asked for', async () => {
    const fetched: string[] = []
    let nowMs = 0
    const source = {
      name: 'test',
      fetch: async (secret: string) => {
        fetched.push(secret)
        return secret === 'unpush/webhooks' ? '{"webhooks":["e_listed"]}' : null
      },
    }
    const secrets = openSecrets(source, { now: () => nowMs })
    const tally = createTally(createLog({ level: 'silent' }))
    const ask = (endpoint: string) =>
      receive({
        secrets,
        tally,
        request: { headers: {}, sourceIp: '192.0.2.1' },
        params: { endpoint },
      } as unknown as Context).catch((error: Error) => error.message)
    const asked = [
      ...Array.from({ length: 1_500 }, (_, i) => `f_${i}`),
      'E_1',
      '../apps/news',
      '',
      'e 1',
      'unpush/access',
    ]
    for (const endpoint of asked) expect(await ask(endpoint)).toBe('There is no such endpoint.')
    expect(fetched).toEqual(['unpush/webhooks'])
    // on the list, and without a document
    for (let i = 0; i < 100; i++) expect(await ask('e_listed')).toBe('There is no such endpoint.')
    expect(fetched).toEqual(['unpush/webhooks', 'unpush/webhooks/e_listed'])
    nowMs = 300_000
    for (const endpoint of asked) expect(await ask(endpoint)).toBe('There is no such endpoint.')
    expect(fetched).toEqual(['unpush/webhooks', 'unpush/webhooks/e_listed', 'unpush/webhooks'])
  })

  it('are all of them where there is no list', async () => {
    const fetched: string[] = []
    const document = { source: 'tencent-ams', secret: { seed: 'seed of the test' }, policy: {} }
    const source = {
      name: 'test',
      fetch: async (secret: string) => {
        fetched.push(secret)
        return secret === 'unpush/webhooks/e_1' ? JSON.stringify(document) : null
      },
    }
    const context = {
      secrets: openSecrets(source),
      tally: createTally(createLog({ level: 'silent' })),
      request: { headers: {}, sourceIp: null },
      params: { endpoint: 'e_1' },
    }
    await expect(receive(context as unknown as Context)).rejects.toMatchObject({ slug: 'not-found' })
    expect(fetched).toEqual(['unpush/webhooks'])
  })
})

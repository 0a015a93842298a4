/** Who may stand above whom: verdicts of several endpoints on one content, in every order in which they can arrive. */
import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { listVerdicts } from '../../shared/ledger/list-verdicts.ts'
import { findDueVerdicts, noteOverturned, recordEffects, recordVerdicts } from '../../shared/ledger/verdicts.ts'
import { type Endpoint } from '../../shared/moderation/endpoint.ts'
import { authorities, type Authority, type Decision, verdictOf } from '../../shared/moderation/source.ts'
import { verdictRows } from '../../shared/moderation/verdict-row.ts'
import { describeOnLedgers } from '../support/ledgers.ts'
import { type Moderated, startModerated } from './moderated-service.ts'
import { endpointOf, signerOf } from './subjects.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
vi.setConfig({ testTimeout: soak ? 3_600_000 : 300_000 })

interface Given {
  readonly endpoint: string
  readonly decision: Decision
  readonly by: Authority
  readonly round: number
  /** Seconds ago; null: it tells no time. */
  readonly age: number | null
}

/** What their documents say beside the policy. The appeal endpoint may overrule `own`, and nobody else's. */
const documents: { readonly [endpoint: string]: { readonly [member: string]: unknown } } = {
  own: {},
  other: { authority: 'appeal' },
  low: { authority: 'machine' },
  appeals: { authority: 'appeal', appealOf: ['own'] },
  narrow: { apps: ['news-harmony'] },
  nothing: { policy: { block: 'none' }, authority: 'appeal' },
}
const names = Object.keys(documents)
const endpoints = new Map<string, Endpoint>(
  names.map(name => {
    const { policy = { block: 'revoke' }, ...more } = documents[name] ?? {}
    const secret = publishedSecret(makeSignerSecret('standard-webhooks'))
    return [name, endpointOf('standard-webhooks', secret, { policy, ...more })]
  }),
)

/** The rules again, in other words than the ledger's. */
function modelOf(all: readonly Given[]) {
  const rank = { pass: 0, review: 1, block: 2 }
  const place = ({ endpoint, decision, by, round, age }: Given) => {
    const most = authorities.indexOf((documents[endpoint]?.['authority'] as Authority | undefined) ?? 'human')
    const time = age === null ? (decision === 'block' ? Infinity : -Infinity) : -age
    return [Math.min(authorities.indexOf(by), most), round, time, rank[decision]]
  }
  const isHigher = (one: Given, other: Given): boolean => {
    const [mine, theirs] = [place(one), place(other)]
    const at = mine.findIndex((part, index) => part !== theirs[index])
    return at >= 0 && (mine[at] ?? 0) > (theirs[at] ?? 0)
  }
  const mayOverrule = (one: Given, other: Given) =>
    one.endpoint === other.endpoint || (one.endpoint === 'appeals' && other.endpoint === 'own')
  const isAbove = (one: Given, other: Given) => mayOverrule(one, other) && isHigher(one, other)
  const acts = ({ endpoint, decision }: Given) => decision === 'block' && endpoint !== 'nothing'
  const isPassed = (one: Given) => all.some(pass => pass.decision === 'pass' && isAbove(pass, one))
  const covers = (one: Given, other: Given) => one.endpoint !== 'narrow' || other.endpoint === 'narrow'
  const isTakenOver = (one: Given) =>
    all.some(other => acts(other) && isAbove(other, one) && !isPassed(other) && covers(other, one))
  return {
    /** What does something about a message that all apps are in. */
    due: all.filter(one => acts(one) && !isPassed(one) && !isTakenOver(one)),
    isPassed,
    isTakenOver,
    isOverturned: (one: Given) => {
      const above = all.filter(other => other.decision !== 'review' && isAbove(other, one))
      const [last] = above.sort((a, b) => (isHigher(a, b) ? -1 : 1))
      return last?.decision === 'pass' && (place(last)[0] ?? 0) > 0
    },
  }
}

const given = (ages: readonly (number | null)[]) =>
  fc.record({
    endpoint: fc.constantFrom(...names),
    decision: fc.constantFrom<Decision>('block', 'block', 'pass', 'pass', 'review'),
    by: fc.constantFrom(...authorities),
    round: fc.integer({ min: 0, max: 2 }),
    age: fc.constantFrom(...ages),
  })
/** No two at one place of the order: which of those is first does not matter, and is not said. */
const sets = fc.uniqueArray(given([10, 20, 30, 40, null]), {
  minLength: 2,
  maxLength: 5,
  selector: ({ by, round, age, decision }) => `${by} ${round} ${age} ${decision}`,
})
const sameClaims = (all: readonly Given[]) =>
  new Set(all.map(({ by, round, age, decision }) => [by === 'appeal' ? 'human' : by, round, age, decision].join(' ')))
    .size === all.length &&
  new Set(all.map(({ round, age, decision }) => [round, age, decision].join(' '))).size === all.length

describeOnLedgers('verdicts of several endpoints', ledger => {
  const register = (content: string) =>
    ledger().query(
      `with m as (
         insert into message (id, digest, contents, registered_by, owner)
         values ($1::text, '', array[$1::text], 'key:t', 't') returning id
       )
       insert into target (message_id, position, app, provider, handle)
       select id, 0, 'news-harmony', 'huawei', id || '-h' from m union all select id, 1, 'news-android', 'tpns', id || '-a' from m`,
      [content],
    )
  const nowMs = Date.now()
  const rowsOf = (content: string, all: readonly Given[]) =>
    all.map(({ endpoint: name, decision, by, round, age }, index) => {
      const endpoint = endpoints.get(name)
      if (endpoint === undefined) throw new Error(name)
      const occurredAt = age === null ? null : new Date(nowMs - age * 1000)
      const verdict = verdictOf({ content, decision, authority: by, round, occurredAt })
      const key = `${content} ${index}`
      return verdictRows({ name, endpoint, key, nowMs, asked: false }, [verdict])
    })

  it('come to the same in every order, and what the model says', async () => {
    const seed = Date.now()
    console.log(`outranking: seed ${seed}`)
    let set = 0
    await fc.assert(
      fc.asyncProperty(sets.filter(sameClaims), fc.infiniteStream(fc.nat()), async (all, random) => {
        set++
        const model = modelOf(all)
        for (let order = 0; order < 4; order++) {
          const content = `${seed}-${set}-${order}`
          const rows = rowsOf(content, all)
          const ids = rows.map(([row]) => row?.id ?? '')
          const shuffled = rows
            .map(row => ({ row, at: random.next().value ?? 0 }))
            .sort((a, b) => a.at - b.at)
            .map(({ row }) => row)
          await register(content)
          for (const row of shuffled) expect(await recordVerdicts(ledger(), row)).toHaveLength(1)
          // the same again, all at once: nothing new
          expect(await recordVerdicts(ledger(), rows.flat())).toEqual([])
          const due = await findDueVerdicts(ledger(), [content], 50)
          const first = new Set(due.filter(one => one.first).map(({ id }) => ids.indexOf(id)))
          expect(first).toEqual(new Set(model.due.map(one => all.indexOf(one))))
          // those that stand below another that does the same are due too, and wait for its recall
          const standing = all.filter(
            one => one.decision === 'block' && one.endpoint !== 'nothing' && !model.isPassed(one),
          )
          expect(new Set(due.map(({ id }) => ids.indexOf(id)))).toEqual(new Set(standing.map(one => all.indexOf(one))))
          const shown = await listVerdicts(ledger(), { ...everything, content })
          for (const { id, state } of shown) {
            const one = all[ids.indexOf(id)]
            if (one?.decision !== 'block' || one.endpoint === 'nothing') expect(state).toBe('recorded')
            else expect(state).toBe(model.isPassed(one) || model.isTakenOver(one) ? 'outranked' : 'waiting')
          }
          // each has recalled, before the others came: what a person passed since is overturned, and nothing else
          for (const [index, one] of all.entries()) {
            if (one.decision === 'block') await recordEffects(ledger(), ids[index] ?? '', [content], 'rcl_none')
          }
          await noteOverturned(ledger(), [content])
          for (const { id, state } of await listVerdicts(ledger(), { ...everything, content })) {
            const one = all[ids.indexOf(id)]
            if (one?.decision === 'block') expect(state).toBe(model.isOverturned(one) ? 'overturned' : 'recalled')
          }
        }
      }),
      { seed, numRuns: soak ? 2000 : 25 },
    )
  })

  it('that have to wait keep no other waiting', async () => {
    const mark = randomBytes(4).toString('hex')
    const block = { endpoint: 'own', decision: 'block', by: 'human', round: 2, age: null } as const
    for (let i = 0; i <= 60; i++) {
      await register(`${mark}-${i}`)
      await recordVerdicts(ledger(), rowsOf(`${mark}-${i}`, [i < 60 ? block : { ...block, by: 'machine' }]).flat())
    }
    await ledger().query("update verdict set problem = 'held' where content like $1::text and authority = 1", [
      `${mark}-%`,
    ])
    const due = (await findDueVerdicts(ledger(), null, 50)).map(({ content }) => content)
    expect(due).toHaveLength(50)
    expect(due).toContain(`${mark}-60`)
  })

  it('of apps that another does not reach are not taken over by it', async () => {
    const content = `narrow-${randomBytes(4).toString('hex')}`
    await register(content)
    const rows = rowsOf(content, [
      { endpoint: 'narrow', decision: 'block', by: 'human', round: 0, age: 10 },
      { endpoint: 'own', decision: 'block', by: 'machine', round: 0, age: 20 },
    ])
    await recordVerdicts(ledger(), rows.flat())
    const due = await findDueVerdicts(ledger(), [content], 50)
    expect(due.map(({ endpoint, apps, first }) => ({ endpoint, apps, first }))).toEqual([
      { endpoint: 'narrow', apps: ['news-harmony'], first: true },
      { endpoint: 'own', apps: null, first: true },
    ])
  })
})

const everything = {
  limit: 50,
  after: null,
  q: null,
  app: null,
  states: null,
  from: null,
  to: null,
  apps: null,
} as const

describe('an endpoint', () => {
  const secrets = Object.fromEntries(
    ['e_high', 'e_low', 'e_appeals', 'e_android'].map(name => [name, makeSignerSecret('standard-webhooks')]),
  )
  const document = (name: string, more: object) => ({
    [`unpush/webhooks/${name}`]: {
      source: 'standard-webhooks',
      secret: publishedSecret(secrets[name] ?? {}),
      policy: { block: 'revoke' },
      ...more,
    },
  })
  let service: Moderated
  beforeAll(async () => {
    service = await startModerated(
      'pglite:memory',
      {},
      {},
      {
        ...document('e_high', {}),
        ...document('e_low', { policy: {}, authority: 'appeal', contentPrefix: '' }),
        ...document('e_appeals', { policy: {}, authority: 'appeal', appealOf: ['e_high'] }),
        ...document('e_android', { apps: ['news-android'], contentPrefix: 'android:' }),
      },
    )
  })
  afterAll(() => service.close())

  const say = async (endpoint: string, data: object) => {
    const text = JSON.stringify({ type: 'moderation.verdict', data })
    const { headers, body } = signerOf('standard-webhooks').sign(text, secrets[endpoint] ?? {})
    const raw = new Uint8Array(body)
    const reply = await service.call('POST', `/v1/webhooks/${endpoint}`, undefined, { role: null, headers, raw })
    expect(reply.status).toBe(200)
  }

  it('that may do nothing hides no block of another, whatever it claims', async () => {
    await service.push('a', '901')
    await say('e_low', { content: 'a', verdict: 'pass', by: 'appeal', round: 1_000_000 })
    await say('e_high', { content: 'a', verdict: 'block', by: 'human' })
    expect(await service.verdicts('content=a&state=recalled')).toMatchObject([{ endpoint: 'e_high', messages: 1 }])
    await say('e_low', { content: 'a', verdict: 'pass', by: 'appeal', round: 1_000_000 })
    expect(await service.verdicts('content=a&state=overturned')).toEqual([])
    // nor what comes after
    expect((await service.push('a', '902')).body.recall).not.toBeNull()
  })

  it('stands above those of its appealOf', async () => {
    await service.push('b', '903')
    await say('e_high', { content: 'b', verdict: 'block', by: 'human' })
    await say('e_appeals', { content: 'b', verdict: 'pass', by: 'appeal' })
    const [passed] = await service.verdicts('content=b')
    expect(passed).toMatchObject({ endpoint: 'e_appeals', by: 'appeal', state: 'recorded' })
    expect(passed?.['overturns']).toHaveLength(1)
    expect(await service.verdicts('content=b&state=overturned')).toMatchObject([{ endpoint: 'e_high' }])
    expect((await service.push('b', '904')).body.recall).toBeNull()
  })

  it('claims no more than its document lets it', async () => {
    await say('e_high', { content: 'c', verdict: 'block', by: 'appeal' })
    expect(await service.verdicts('content=c')).toMatchObject([{ by: 'human' }])
  })

  it('takes back pushes of its own apps alone, and speaks of no content but those of its prefix', async () => {
    const push = async (id: string, content: string) => {
      service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: id })
      return service.call('POST', '/v1/messages', {
        id: `m-${id}`,
        contents: [content],
        targets: [
          { app: 'news-android', pushId: id, audience: 'all' },
          { app: 'news-harmony', notifyId: Number(id), tokens: [`token-${id}`] },
        ],
      })
    }
    await push('905', 'android:d')
    await push('906', 'd')
    await say('e_android', { content: 'd', verdict: 'block' })
    const [recall, ...more] = await service
      .recalls()
      .then(recalls => recalls.filter(({ requestedBy }) => requestedBy === 'endpoint:e_android'))
    expect(more).toEqual([])
    expect(recall?.['targets']).toMatchObject([{ app: 'news-android' }])
    expect((await service.call('GET', '/v1/messages/m-906')).body.recall).toBeNull()
    // a message with nothing for it is no business of its
    await service.call('POST', '/v1/messages', {
      id: 'm-907',
      contents: ['android:d'],
      targets: [{ app: 'news-harmony', notifyId: 907, tokens: ['token-907'] }],
    })
    await service.gateway.fire('sweep')
    expect((await service.call('GET', '/v1/messages/m-907')).body.recall).toBeNull()
    expect(await service.verdicts('content=android:d')).toMatchObject([{ state: 'recalled', messages: 1 }])
  })
})

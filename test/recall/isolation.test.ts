/** What is wrong with one target of a recall is wrong with that one alone, however the recall came about. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { signerOf } from '../moderation/subjects.ts'
import { makeSignerSecret, publishedSecret } from '../../sandbox/signer-secrets.ts'
import { type Service, startService } from '../support/service.ts'
import { moveWaits } from '../support/work-waits.ts'

const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
const endpoint = 'e_isolation'
const secret = makeSignerSecret('standard-webhooks')
const overlay = (n: number) => ({ title: `更正 ${n}`, body: '内容有误' })

/** What is wrong with the one. */
const faults = [
  'credentials are malformed',
  'credentials are gone',
  'vendor is unknown',
  'overlay is invalid',
  'tokens have left',
  'tokens cannot be sealed',
  'tokens are yet to come',
  'record is unknown to the vendor',
  'handle is in another recall',
  'app is outside the grant',
  'reply is garbled',
  'reply cannot be stored',
  'breaker is open',
  'app is paused',
] as const
type Fault = (typeof faults)[number]

let service: Service
let hostile: Server
let stopMoving = async () => {}

beforeEach(async () => {
  hostile = createServer((request, response) => {
    request.resume()
    // half an emoji and U+0000 in every text that a provider may keep
    const reply = { seq: '\ud83d', push_id: '1', ret_code: 1_000_000_001, err_msg: 'a\u0000b'.padEnd(499, '错') + '😀' }
    if (request.url?.includes('garbled') === true) response.end('<html>\ud83d')
    else response.end(JSON.stringify(reply))
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => hostile.once('listening', resolve))
  const { port } = hostile.address() as AddressInfo
  service = await startService({
    secrets: demo => {
      const tpns = demo['unpush/apps/news-android'] as object
      const { overlayCategory: _, ...pushKit } = demo['unpush/apps/news-harmony'] as { overlayCategory: string }
      const { keys } = demo['unpush/access'] as { keys: { id: string }[] }
      const reached = [
        'news-android',
        'news-harmony',
        'second-android',
        ...badApps.filter(app => app !== 'bad-outside'),
      ]
      return {
        ...demo,
        'unpush/apps/second-android': tpns,
        'unpush/apps/bad-credentials': { provider: 'tpns', accessId: '15', secretKey: '' },
        'unpush/apps/bad-vendor': { provider: 'nobody' },
        'unpush/apps/bad-overlay': pushKit,
        'unpush/apps/bad-conflict': tpns,
        'unpush/apps/bad-record': tpns,
        'unpush/apps/bad-outside': tpns,
        'unpush/apps/bad-garbled': { ...tpns, endpoint: `http://127.0.0.1:${port}`, accessId: '1500009991' },
        'unpush/apps/bad-reply': { ...tpns, endpoint: `http://127.0.0.1:${port}`, accessId: '1500009992' },
        'unpush/apps/bad-breaker': { ...tpns, accessId: '1500009993' },
        'unpush/apps/bad-paused': tpns,
        'unpush/access': { keys: keys.map(key => (key.id === 'operator' ? { ...key, apps: reached } : key)) },
        [`unpush/webhooks/${endpoint}`]: {
          source: 'standard-webhooks',
          secret: publishedSecret(secret),
          policy: { block: 'revoke' },
          overlay: overlay(0),
        },
      }
    },
  })
  // who asks for the others waits for no further try of the one
  stopMoving = moveWaits(service, { where: "app like 'bad-%'", to: "clock_timestamp() + interval '1 day'" })
  await service.call('POST', '/v1/pauses', { app: 'bad-paused', reason: 'drill' }, { role: 'admin' })
})
afterEach(async () => {
  await stopMoving()
  await service.close()
  await new Promise(resolve => hostile.close(resolve))
})

const badApps = [
  'bad-credentials',
  'bad-vendor',
  'bad-overlay',
  'bad-conflict',
  'bad-record',
  'bad-outside',
  'bad-garbled',
  'bad-reply',
  'bad-breaker',
  'bad-paused',
] as const

const cases = fc.record({
  good: fc.array(fc.constantFrom('news-android', 'second-android', 'news-harmony'), { minLength: 1, maxLength: 4 }),
  fault: fc.constantFrom(...faults),
  /** Where among the others it stands. */
  at: fc.nat(4),
  operation: fc.constantFrom('revoke', 'stop', 'overlay'),
  named: fc.constantFrom('message', 'content', 'verdict'),
})

let numbers = 40_000

/** The stand-in of TPNS takes 200 queries an hour, as the vendor does: so many cases in one world. */
const casesEach = 40
const worlds = Array.from({ length: soak ? 50 : 1 }, (_, n) => n + 1)

it.each(worlds)(
  `the others end as they would without it (world %i of ${worlds.length}, ${casesEach} cases each)`,
  async () => {
    const { ledger, drainer } = service.gateway.runtime
    await fc.assert(
      fc.asyncProperty(cases, async ({ good, fault, at, operation: asked, named }) => {
        const operation = named === 'verdict' ? 'revoke' : asked
        await ledger.query('delete from bucket')
        await ledger.query(
          `insert into breaker (app, probe_at, cause) values ('bad-breaker', now() + interval '1 hour', 'vendor')
         on conflict (app) do update set probe_at = excluded.probe_at`,
        )
        await ledger.query(`delete from breaker where app <> 'bad-breaker'`)
        const n = numbers++
        const content = `isolated:${n}`
        // TPNS shows everybody the same text once an hour: of its apps, which share a credential here, one overlays
        const apart =
          operation === 'overlay'
            ? good.filter((app, i) => app === 'news-harmony' || good.findIndex(isTpns) === i)
            : good
        const targets = apart.map(app => makeGood(app))
        targets.splice(at % (targets.length + 1), 0, await makeBad(fault))
        const ids = named === 'message' ? [`i-${n}`] : targets.map((_, index) => `i-${n}-${index}`)
        for (const [index, target] of targets.entries())
          await insert(ids[index] ?? ids[0] ?? '', content, index, target)
        if (named === 'verdict') {
          const text = JSON.stringify({ type: 'moderation.verdict', data: { content, verdict: 'block' } })
          const { headers, body } = signerOf('standard-webhooks').sign(text, secret)
          const reply = await service.call('POST', `/v1/webhooks/${endpoint}`, undefined, {
            role: null,
            headers,
            raw: new Uint8Array(body),
          })
          expect(reply.status, reply.text).toBe(200)
          // as sweep does, in case that the receiver had to answer before all were admitted
          await service.gateway.fire('sweep')
        } else {
          const reply = await service.call(
            'POST',
            `/v1/${operation}`,
            {
              ...(named === 'message' ? { message: ids[0] } : { content }),
              reason: 'isolation',
              ...(operation === 'overlay' && { overlay: overlay(n) }),
            },
            { headers: { prefer: 'wait=1' } },
          )
          // where none of the others can do it either, that is what is said
          const possible = targets.some(target => target.fault === null && expected(target.app, operation) !== 'failed')
          if (possible) expect(reply.status, `${fault}: ${reply.text}`).toBe(202)
          else if (reply.status !== 202) return
        }
        const stateOf = async ({ app, handle }: Made): Promise<[state: string | undefined, recallId: string]> => {
          const [row] = await ledger.query<{ state: string; recallId: string }>(
            `select state, recall_id as "recallId" from recall_target
           where app = $1::text and handle = $2::text and linked_id is null order by id desc limit 1`,
            [app, handle],
          )
          return [row?.state, row?.recallId ?? '']
        }
        for (const target of targets.filter(one => one.fault === null)) {
          let [state, recallId] = await stateOf(target)
          // on a slow machine the request may have answered before
          for (let rounds = 0; state === 'running' && rounds < 10; rounds++) {
            await drainer.run(recallId, Date.now() + 5000)
            ;[state, recallId] = await stateOf(target)
          }
          const [unit] = await ledger.query<{ blocked: string | null; vendor: object | null }>(
            `select w.blocked_detail as blocked, w.vendor from work w join recall_target t on t.id = w.recall_target_id
           where t.app = $1::text and t.handle = $2::text order by w.id desc limit 1`,
            [target.app, target.handle],
          )
          const told = `${target.app} beside one whose ${fault} (${operation} by ${named}): ${JSON.stringify(unit)}`
          expect(state, told).toBe(expected(target.app, operation))
        }
      }),
      { numRuns: casesEach, verbose: 1 },
    )
  },
)

const isTpns = (app: string) => app !== 'news-harmony'

/** Push Kit offers no stop. */
function expected(app: string, operation: string): string {
  return app === 'news-harmony' && operation === 'stop' ? 'failed' : 'done'
}

interface Made {
  readonly app: string
  readonly provider: string
  readonly handle: string
  readonly fault: Fault | null
  /** Null: the vendor addresses tasks. */
  readonly tokens: readonly string[] | null
  readonly more?: 'left' | 'unsealable'
}

function makeGood(app: string, fault: Fault | null = null, known = true): Made {
  const handle = String(numbers++)
  if (app === 'news-harmony' || app === 'bad-overlay') {
    const tokens = service.sandbox.harmonyTokens('phone').slice(0, 2)
    service.sandbox.pushHarmony({ notifyId: Number(handle), tokens, title: 't', body: 'b' })
    return { app, provider: 'huawei', handle, fault, tokens }
  }
  if (known)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId: handle })
  return { app, provider: 'tpns', handle, fault, tokens: null }
}

async function makeBad(fault: Fault): Promise<Made> {
  switch (fault) {
    case 'credentials are malformed':
      return makeGood('bad-credentials', fault)
    case 'credentials are gone':
      return makeGood('bad-gone', fault)
    case 'vendor is unknown':
      return { ...makeGood('bad-vendor', fault), provider: 'nobody' }
    case 'overlay is invalid':
      return makeGood('bad-overlay', fault)
    case 'tokens have left':
      return { ...makeGood('news-harmony', fault), more: 'left' }
    case 'tokens cannot be sealed':
      return { ...makeGood('news-harmony', fault), more: 'unsealable' }
    case 'tokens are yet to come':
      return { ...makeGood('news-harmony', fault), tokens: [] }
    case 'record is unknown to the vendor':
      return makeGood('bad-record', fault, false)
    case 'handle is in another recall': {
      const made = makeGood('bad-conflict', fault)
      const { ledger } = service.gateway.runtime
      await ledger.query(
        `insert into breaker (app, probe_at, cause) values ('bad-conflict', now() + interval '1 hour', 'vendor')`,
      )
      // of an operation that is asked for by none of the cases, so that it is always another one
      const other = await service.call('POST', '/v1/stop', {
        target: { app: made.app, pushId: made.handle },
        reason: 'before',
      })
      expect(other.status, other.text).toBe(202)
      await ledger.query(`update recall set operation = 'other' where id = $1::text`, [other.body.id])
      return made
    }
    case 'app is outside the grant':
      return makeGood('bad-outside', fault)
    case 'reply is garbled':
      return makeGood('bad-garbled', fault)
    case 'reply cannot be stored':
      return makeGood('bad-reply', fault)
    case 'breaker is open':
      return makeGood('bad-breaker', fault)
    case 'app is paused':
      return makeGood('bad-paused', fault)
  }
}

/** As registering leaves it, also where registering would refuse it today. */
async function insert(message: string, content: string, position: number, made: Made): Promise<void> {
  const { ledger } = service.gateway.runtime
  await ledger.query(
    `insert into message (id, digest, contents, registered_by, owner)
     values ($1::text, 'd', array[$2::text], 'key:sender', 'key:sender') on conflict do nothing`,
    [message, content],
  )
  const [row] = await ledger.query<{ id: number }>(
    `insert into target (message_id, position, app, provider, handle, audience)
     values ($1::text, $2::text::int, $3::text, $4::text, $5::text, $6::text) returning id`,
    [message, position, made.app, made.provider, made.handle, made.tokens === null ? 'all' : null],
  )
  if (made.tokens === null || made.tokens.length === 0) return
  await ledger.query(
    `insert into token_batch (target_id, seq, tokens, count)
     values ($1::text::bigint, 0, case when $3::text = 'left' then null else $2::text end, $4::text::int)`,
    [row?.id ?? 0, JSON.stringify(made.tokens), made.more ?? '', made.tokens.length],
  )
  if (made.more === 'unsealable')
    await ledger.query(`insert into token_chunk (target_id, tokens) values ($1::text::bigint, $2::text)`, [
      row?.id ?? 0,
      '"half a token\n"',
    ])
}

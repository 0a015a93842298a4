/**
 * Genuine deliveries of all sources, with everything odd in every member, against the service: what blocks acts, or is kept
 * with the reason, and no change that was made after signing is ever taken.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedDelivery } from '../../sandbox/signers.ts'
import { makeSignerSecret } from '../../sandbox/signer-secrets.ts'
import { type Moderated, startModerated } from './moderated-service.ts'
import { keyOf, type Path, samples, silent, unfinished } from './genuine.ts'
import { signerOf } from './subjects.ts'
import { choicesOf, type Odd, odds, optionalOf, type Variation, variationOf } from './variations.ts'

const seed = Date.now() % 2 ** 31
console.log(`variation: seed ${seed}`)
const soak = process.env['UNPUSH_TEST_SOAK'] === 'on'
/** Of each sample: those of one source make at least forty together, of which some are odd in the verdict itself. */
const shareOf = (source: string, all: number) =>
  soak ? all * 3 : Math.max(6, Math.ceil(all / samples.filter(sample => sample.source === source).length))

let service: Moderated
beforeAll(async () => {
  service = await startModerated()
})
afterAll(() => service.close())

let ids = 1_000_000
/** Blocks that wait for their message. */
const contents: string[] = []

/** Secrets of somebody else. */
const others = new Map(samples.map(({ source }) => [source, makeSignerSecret(source)]))

interface Row {
  readonly id: string
  readonly content: string | null
  readonly fault: string | null
  readonly problem: string | null
  readonly operation: string | null
}
const known = new Set<string>()
/** Verdicts that were recorded since this was asked last. */
async function recorded(): Promise<Row[]> {
  const rows = await service.gateway.runtime.ledger.query<Row>(
    'select id, content, fault, problem, operation from verdict order by received_at desc limit 30',
  )
  const fresh = rows.filter(({ id }) => !known.has(id))
  for (const { id } of fresh) known.add(id)
  return fresh
}

const acts = (row: Row, id: number) => row.content === String(id) && row.operation === 'revoke' && row.fault === null

/** The same bytes but for one, wherever it stands; or under a secret of somebody else. */
function forged(source: string, sent: SignedDelivery, json: string): SignedDelivery {
  if (randomInt(4) === 0) return signerOf(source).sign(json, others.get(source) ?? {})
  const body = Buffer.from(sent.body)
  const at = randomInt(body.length)
  body[at] = (body[at] ?? 0) ^ (1 << randomInt(7))
  return { ...sent, body }
}

async function deliver(source: string, { json, told }: Variation): Promise<void> {
  const sent = signerOf(source).sign(json, service.endpoints[source]?.secret ?? {})
  const forgery = await service.deliver(source, forged(source, sent, json))
  expect([forgery.status, await recorded()], `forged: ${told}`).toEqual([401, []])
  const reply = await service.deliver(source, sent)
  expect(reply.status, told).toBe(200)
}

/** Of the verdict itself, what is gone altogether can mean that there is none yet. */
const absent = new Set(['absent', 'null', 'no text', 'an empty object', 'a prototype', 'deep objects'])
const saysNothing = (source: string, path: Path, odd: Odd) => {
  const place = `${source}/${keyOf(path)}`
  return unfinished.has(place) || (silent.has(place) && absent.has(odd.name))
}

describe.each(samples.map((sample, index) => ({ ...sample, index })))('sample $index of $source', sample => {
  const { source, document, needed } = sample
  const asIs = { asNumbers: false, asTexts: false, letters: 'as it is', stranger: null } as const

  it('acts, whatever stands in the members that are not the verdict', async () => {
    await fc.assert(
      fc.asyncProperty(choicesOf(optionalOf(document, needed)), async choice => {
        const id = ++ids
        const variation = variationOf(sample, choice, id)
        await deliver(source, variation)
        const rows = await recorded()
        expect(
          rows.some(row => acts(row, id)),
          `${variation.told} → ${JSON.stringify(rows)}`,
        ).toBe(true)
        contents.push(String(id))
      }),
      { seed, numRuns: shareOf(source, 26), endOnFailure: true },
    )
  })

  it('leaves a trace, where the odd thing stands in the verdict itself', async () => {
    const odd = needed.flatMap(path =>
      odds.flatMap(one => (saysNothing(source, path, one) ? [] : [{ path, odd: one }])),
    )
    const chosen = soak
      ? odd
      : fc
          .sample(fc.shuffledSubarray(odd, { minLength: odd.length }), { numRuns: 1, seed })[0]
          ?.slice(0, shareOf(source, 16))
    const lost: string[] = []
    // an item that is absent and one that is null are the same bytes: a delivery that is known leaves nothing new
    const sent = new Set<string>()
    for (const change of chosen ?? []) {
      const id = ++ids
      const variation = variationOf(sample, { ...asIs, changes: [change] }, id)
      if (sent.has(variation.json)) continue
      sent.add(variation.json)
      await deliver(source, variation)
      const rows = await recorded()
      // what is odd may be a verdict all the same: 0 is a pass, and any text an action
      if (rows.length === 0 || rows.some(({ fault, problem }) => fault !== null && (problem ?? '').length < 20))
        lost.push(`${variation.told} → ${JSON.stringify(rows)}`)
    }
    expect(lost).toEqual([])
  })
})

it('does what they said, to the last of them', async () => {
  for (let at = 0; at < contents.length; at += 100) {
    const pushId = String(++ids)
    service.sandbox.pushTpns({ app: 'news-android', title: 't', content: 'b', audience: 'all', pushId })
    const targets = [{ app: 'news-android', pushId, audience: 'all' }]
    const message = { contents: contents.slice(at, at + 100), targets }
    expect((await service.call('POST', '/v1/messages', message)).status).toBe(201)
  }
  await service.gateway.fire('sweep')
  const done = await service.gateway.runtime.ledger.query<{ content: string }>(
    'select v.content from verdict v join verdict_effect e on e.verdict_id = v.id where e.recall_id is not null',
  )
  expect(contents.length).toBeGreaterThanOrEqual(samples.reduce((sum, { source }) => sum + shareOf(source, 26), 0))
  expect(new Set(done.map(({ content }) => content))).toEqual(new Set(contents))
})

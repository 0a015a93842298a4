/**
 * Hostile input at every place that the API reads: the function table × path parameters, query members, headers and body
 * members of the OpenAPI document, on both engines, over HTTP and as a platform's events. A 5xx is a defect.
 */
import { phraseOf } from '../../dashboard/words/notice-params.ts'
import { type Refusal, refusalInChinese } from '../../dashboard/words/refusals.ts'
import { request } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoKeys } from '../../sandbox/demo.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnUrls } from '../support/ledgers.ts'
import { type Service, startService } from '../support/service.ts'
import {
  anyValue,
  escaped,
  type Hostile,
  hostileValues,
  type Known,
  type Place,
  placesOf,
  valuesFor,
} from './hostile-places.ts'

describeOnUrls('hostile input', (ledgerUrl, engine) => {
  let service: Service
  let places: readonly Place[] = []
  let known: Known

  beforeAll(async () => {
    service = await startService({ ledgerUrl: ledgerUrl() })
    known = await make(service)
    places = placesOf(known)
  })
  afterAll(() => service.close())

  /** The status, after looking at what every answer must be. */
  async function answerTo(hostile: Hostile): Promise<number> {
    const { status, type, text } = await send(service, hostile)
    // it says how the service is, whoever asks how
    const ready = hostile.path === '/readyz' && status === 503
    expect(ready ? 200 : status, `${hostile.what}\n${text}`).toBeLessThan(500)
    if (status >= 400) {
      if (type !== null && !ready) expect(type, hostile.what).toMatch(/^application\/problem\+json/)
      expect(text.length, hostile.what).toBeLessThan(10_000)
      if (type !== null && !ready) {
        const { detail, errors = [] } = JSON.parse(text) as Partial<Refusal> & Pick<Refusal, 'detail'>
        // whoever reads Chinese is told as much
        expect(refusalInChinese({ detail, errors }), `${hostile.what}\n${text}`).not.toBeNull()
        for (const { message } of errors) expect(phraseOf(message), `${hostile.what}\n${text}`).not.toBeNull()
      }
    }
    return status
  }

  it('of each kind at each place is never a 5xx', async context => {
    let tried = 0
    const statuses = new Map<number, number>()
    for (const [index, place] of places.entries()) {
      // the short form: what the place looks like it would take, and one of all others
      const other = hostileValues[index % hostileValues.length]
      for (const value of soak ? hostileValues : [...valuesFor(place.name), other]) {
        const status = await answerTo(place.with(value))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
        tried++
      }
    }
    figure(context, `hostile inputs, by kind and place (${engine})`, `${tried}, 0 of 5xx`, '≥ 525, 0')
    expect(places.length).toBeGreaterThan(150)
    expect(tried).toBeGreaterThan(soak ? 10_000 : 500)
    // they are read, and not turned away before
    expect((statuses.get(400) ?? 0) + (statuses.get(404) ?? 0)).toBeGreaterThan(tried / 2)
    expect(statuses.get(429) ?? 0).toBeLessThan(tried / 50)
  })

  it('that is made is never a 5xx', async context => {
    const runs = soak ? 10_000 : 300
    await fc.assert(
      fc.asyncProperty(fc.nat(), anyValue, async (index, value) => {
        const place = places[index % places.length]
        if (place !== undefined) await answerTo(place.with(value))
      }),
      { numRuns: runs, endOnFailure: true },
    )
    figure(context, `hostile inputs, made (${engine})`, `${runs}, 0 of 5xx`, '10000, 0')
    expect((await service.call('GET', `/v1/messages/${known.message}`)).status).toBe(200)
  })

  it('leaves the reads beside it alone', async () => {
    const bad = ['%00', 'rcl_%00', `rcl_${'0'.repeat(25)}%00`, '%ED%A0%80', 'x'.repeat(3000), '..%2f..']
    const reads = Array.from({ length: 120 }, (_, n) =>
      n % 2 === 0
        ? service.call('GET', `/v1/recalls/${known.recall}`)
        : service.call('GET', `/v1/recalls/${bad[n % bad.length]}`, undefined, { role: 'viewer' }),
    )
    const statuses = (await Promise.all(reads)).map(({ status }) => status)
    expect(statuses).toEqual(Array.from({ length: 120 }, (_, n) => (n % 2 === 0 ? 200 : 404)))
  })
})

/** One thing of each kind. */
async function make(service: Service): Promise<Known> {
  const { id: message } = (await service.call('POST', '/v1/messages', { id: 'promo', contents: ['article:42'] })).body
  const tokens = service.sandbox.harmonyTokens().slice(0, 1)
  const target = { app: 'news-harmony', notifyId: 1, tokens }
  // done, so that nothing of it can be tried again: a retry takes two seconds
  const wait = { headers: { prefer: 'wait=20' } }
  const { id: recall, state } = (await service.call('POST', '/v1/revoke', { target, reason: 'r' }, wait)).body
  expect(state).toBe('done')
  const none = '0'.repeat(26)
  return {
    message,
    recall,
    delivery: `dlv_${'0'.repeat(32)}`,
    endpoint: 'e_none',
    pause: `pse_${none}`,
    verdict: `vrd_${none}`,
    file: 'console-AAAAAAAA.js',
  }
}

const roleOf = ({ path }: Hostile): keyof DemoKeys => (/^\/v1\/(audit|pauses)/.test(path) ? 'admin' : 'operator')

/** Over HTTP as it stands: no client in between that would mend or refuse it. `type` is null where no function answered. */
async function send(
  service: Service,
  hostile: Hostile,
): Promise<{ status: number; type: string | null; text: string }> {
  const query = hostile.query.map(([name, value]) => `${escaped(name)}=${escaped(value)}`).join('&')
  const headers: { [name: string]: string } = {
    authorization: `Bearer ${service.keys[roleOf(hostile)]}`,
    prefer: 'wait=0',
    ...(hostile.body === null ? {} : { 'content-type': 'application/json' }),
  }
  for (const [name, value] of Object.entries(hostile.headers)) {
    // what no client can send as a header at all is left out: Node refuses it on either side
    if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers[name.toLowerCase()] = value
  }
  return new Promise((resolve, reject) => {
    const path = query === '' ? hostile.path : `${hostile.path}?${query}`
    const sent = request(service.url + path, { method: hostile.method, headers, agent: false }, reply => {
      const parts: Buffer[] = []
      reply.on('data', (part: Buffer) => parts.push(part))
      reply.on('end', () => {
        const byFunction = reply.headers['x-request-id'] !== undefined
        const type = byFunction ? (reply.headers['content-type'] ?? '') : null
        resolve({ status: reply.statusCode ?? 0, type, text: Buffer.concat(parts).toString() })
      })
    })
    sent.on('error', reject)
    sent.end(hostile.body === null ? undefined : Buffer.from(hostile.body))
  })
}

import { readdirSync, readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Problem } from '../../shared/errors.ts'
import { createLog } from '../../shared/log.ts'
import { type Handlers, platformHandler, timerHandler } from '../../shared/platform/envelope.ts'
import type { ApiRequest, ApiResponse, Invocation, TimerFiring } from '../../shared/platform/request.ts'
import { dialects } from './dialects.ts'

const samples = new URL('./samples/', import.meta.url)
const sample = (name: string): { [member: string]: unknown } => JSON.parse(readFileSync(new URL(name, samples), 'utf8'))

interface Seen {
  request: ApiRequest | null
  firing: TimerFiring | null
  invocation: Invocation | null
}

const fine: ApiResponse = { status: 202, headers: { location: '/v1/recalls/rcl_1' }, body: '{"id":"rcl_1"}' }

function recorder(response: ApiResponse = fine) {
  const seen: Seen = { request: null, firing: null, invocation: null }
  const lines: string[] = []
  const handlers: Handlers = {
    request: async (request, invocation) => {
      Object.assign(seen, { request, invocation })
      return response
    },
    timer: async (firing, invocation) => {
      Object.assign(seen, { firing, invocation })
    },
  }
  const log = createLog({ stream: { write: line => lines.push(line) } })
  return { seen, lines, log, handlers, handle: platformHandler(handlers, { log: () => log }) }
}

async function decode(event: unknown): Promise<ApiRequest> {
  const { seen, handle } = recorder()
  await handle(event, {})
  if (seen.request === null) throw new Error('the event was not taken as a request')
  return seen.request
}

describe('one request in every dialect', () => {
  const requests = readdirSync(samples).filter(name => !/timer|schedule|kafka/.test(name))
  const names = ['accept', 'content-type', 'idempotency-key', 'prefer', 'cookie', 'x-trace']
  const essence = ({ method, path, query, headers, body, sourceIp }: ApiRequest) => ({
    method,
    path,
    query: [...query],
    headers: Object.fromEntries(names.map(name => [name, headers[name]])),
    body: body.toString(),
    sourceIp,
  })

  it.each(requests)('%s', async name => {
    expect(essence(await decode(sample(name)))).toEqual({
      method: 'POST',
      path: '/v1/revoke',
      query: [
        ['app', 'news-android'],
        ['q', '限时 优惠'],
      ],
      headers: {
        accept: 'application/json',
        'content-type': 'application/json; charset=utf-8',
        'idempotency-key': '"k-1"',
        prefer: 'wait=5',
        cookie: 'a=1; b=2',
        'x-trace': 'one, two',
      },
      body: '{"message":"promo-2026-11-23","reason":"链接错误"}',
      sourceIp: '203.0.113.7',
    })
  })

  it.each(requests)('%s without anything that is not needed', async name => {
    const bare = sample(name)
    for (const member of ['body', 'headers', 'multiValueHeaders', 'cookies', 'queryString', 'queryStringParameters']) {
      if (member !== 'multiValueHeaders' || 'resource' in bare) delete bare[member]
    }
    for (const member of ['rawQueryString', 'multiValueQueryStringParameters', 'isBase64Encoded']) delete bare[member]
    const request = await decode(bare)
    expect([...request.query, Object.keys(request.headers), request.body.length]).toEqual([[], 0])
    expect(request).toMatchObject({ method: 'POST', path: '/v1/revoke' })
  })
})

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).filter(name => name !== 'x-scf-remote-addr')
const value = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/)
const text = fc.string({ unit: 'binary', maxLength: 12 }).filter(candidate => !/\p{Surrogate}/u.test(candidate))

describe.each(Object.entries(dialects))('%s', (_name, encode) => {
  it('carries any method, path, query, headers and bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PROPFIND'),
          segments: fc.array(text, { maxLength: 4 }),
          query: fc.array(fc.tuple(text, text), { maxLength: 5 }),
          headers: fc.dictionary(token, fc.oneof(value, fc.array(value, { minLength: 2, maxLength: 3 }))),
          body: fc.oneof(
            fc.uint8Array({ maxLength: 64 }),
            text.map(written => Buffer.from(written)),
          ),
        }),
        async ({ method, segments, query, headers, body }) => {
          const path = `/${segments.map(encodeURIComponent).join('/')}`
          const asked = new URLSearchParams(query).toString()
          const url = asked === '' ? path : `${path}?${asked}`
          const request = { method, url, headers, body: Buffer.from(body), sourceIp: '2001:db8::1' }
          const seen = await decode(JSON.parse(JSON.stringify(encode(request))))
          const separator = (name: string) => (name === 'cookie' ? '; ' : ', ')
          expect({ ...seen, query: grouped(seen.query), headers: { ...seen.headers }, body: [...seen.body] }).toEqual({
            method,
            path,
            query: grouped(new URLSearchParams(query)),
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, given]) => [name, [given].flat().join(separator(name))]),
            ),
            body: [...body],
            sourceIp: '2001:db8::1',
          })
        },
      ),
      { numRuns: 150 },
    )
  })
})

/** Dialects that write an object keep the order within a name only. */
function grouped(query: URLSearchParams): { [name: string]: string[] } {
  return Object.fromEntries([...new Set(query.keys())].sort().map(name => [name, query.getAll(name)]))
}

describe('where the request came from', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['203.0.113.7:80', '203.0.113.7'],
    ['[2001:db8::7]:80', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:db8::7', '2001:db8::7'],
    ['localhost', null],
    ['', null],
  ])('x-scf-remote-addr %j → %j', async (written, address) => {
    const event = { httpMethod: 'GET', path: '/', headers: { 'X-Scf-Remote-Addr': written } }
    expect((await decode(event)).sourceIp).toBe(address)
  })

  it('believes no header that the caller can write', async () => {
    const event = { httpMethod: 'GET', path: '/', headers: { 'x-forwarded-for': '203.0.113.9' } }
    expect((await decode(event)).sourceIp).toBeNull()
  })
})

describe('timers', () => {
  it.each(['scf-timer.json', 'aws-schedule.json'])('%s', async name => {
    const { seen, handle } = recorder()
    expect(await handle(sample(name), {})).toBeUndefined()
    expect(seen.firing).toMatchObject({ name: 'every-minute', at: new Date('2019-02-21T11:49:00Z') })
  })

  it('hands the message on', async () => {
    const { seen, handle } = recorder()
    await handle(sample('scf-timer.json'), {})
    expect(seen.firing?.message).toBe('go on')
  })

  it.each([[{}], [{ source: 'unpush.kick' }], [null], [undefined], ['']])('%j is a kick', async event => {
    const { seen, handle } = recorder()
    await handle(event, {})
    expect(seen.firing).toEqual({ name: 'kick', at: null, message: null })
  })

  it('rejects when the work failed, and leaves the reason to the log', async () => {
    const { lines, log } = recorder()
    const failing: Handlers = { timer: () => Promise.reject(new Error('the ledger said: tok-123')) }
    const fired = platformHandler(failing, { log: () => log })(sample('scf-timer.json'), { request_id: 'r-1' })
    await expect(fired).rejects.toThrow('Timer "every-minute" failed; the log has the reason under r-1.')
    expect(lines.join('')).toContain('the ledger said')
  })

  it('rejects where there is no timer', async () => {
    await expect(platformHandler({})({}, {})).rejects.toThrow('This function has no timer, and was fired by "kick".')
  })
})

describe('a function that only has a timer', () => {
  const handle = (timer: NonNullable<Handlers['timer']>) => timerHandler(timer, () => createLog({ level: 'silent' }))

  it.each(['scf-timer.json', 'aws-schedule.json'])('is fired by %s, and counts its cold start once', async name => {
    const colds: boolean[] = []
    const fire = handle(async (firing, { coldStart }) => {
      colds.push(coldStart)
      expect(firing).toMatchObject({ name: 'every-minute', at: new Date('2019-02-21T11:49:00Z') })
    })
    expect([await fire(sample(name), {}), await fire(sample(name), {})]).toEqual([undefined, undefined])
    expect(colds).toEqual([true, false])
  })

  it.each([[sample('scf-function-url.json')], [sample('aws-http-api.json')], [{ Records: [] }]])(
    'refuses what is no firing',
    async event => {
      await expect(handle(() => Promise.reject(new Error('fired')))(event, {})).rejects.toThrow(
        'An event that no function',
      )
    },
  )
})

describe('what is no event of ours', () => {
  it.each([
    [sample('scf-ckafka.json'), 'Records'],
    [{ source: 'aws.s3', detail: {} }, 'source, detail'],
    ['hello', 'none (string)'],
    [[{}], 'none (object)'],
  ])('%j is refused by the names of its members', async (event, named) => {
    const { handle } = recorder()
    await expect(handle(event, {})).rejects.toThrow(`with the members: ${named}.`)
  })
})

describe('the answer', () => {
  const asked = { httpMethod: 'GET', path: '/', headers: {} }

  it('is the whole envelope', async () => {
    expect(await recorder().handle(asked, {})).toEqual({
      isBase64Encoded: false,
      statusCode: 202,
      headers: { location: '/v1/recalls/rcl_1' },
      body: '{"id":"rcl_1"}',
    })
  })

  it('carries bytes as base64', async () => {
    const { handle } = recorder({ status: 200, headers: {}, body: Buffer.from([0xff, 0x00]) })
    expect(await handle(asked, {})).toMatchObject({ isBase64Encoded: true, body: '/wA=' })
  })

  const failing = async (error: unknown) => {
    const { lines, log } = recorder()
    const request = async () => {
      throw error
    }
    const envelope = await platformHandler({ request }, { log: () => log })(asked, { request_id: 'r-1' })
    const body: { [member: string]: unknown } = JSON.parse(envelope?.body ?? '')
    return { statusCode: envelope?.statusCode, headers: envelope?.headers, body, log: lines.join('') }
  }

  it('to a Problem is that problem, and no line in the log', async () => {
    const { statusCode, headers, body, log } = await failing(
      new Problem('method-not-allowed', 'Use GET.', { headers: { Allow: 'GET' } }),
    )
    expect(statusCode).toBe(405)
    expect(headers).toMatchObject({ 'content-type': 'application/problem+json', Allow: 'GET' })
    expect(body).toMatchObject({ type: 'https://unpush.dev/problems/method-not-allowed', requestId: 'r-1' })
    expect(log).toBe('')
  })

  it.each([[new Error('canary-7')], ['canary-7'], [undefined]])(
    'to %s is a 500 that says nothing of it',
    async error => {
      const { statusCode, body, log } = await failing(error)
      expect(statusCode).toBe(500)
      expect(body).toMatchObject({ type: 'https://unpush.dev/problems/internal', requestId: 'r-1' })
      expect(JSON.stringify(body)).not.toContain('canary')
      expect(log).toContain('"request_id":"r-1"')
    },
  )

  it('where the function takes no requests is a 404', async () => {
    expect(await platformHandler({})(asked, {})).toMatchObject({ statusCode: 404 })
  })
})

describe('the invocation', () => {
  const asked = { httpMethod: 'GET', path: '/', headers: {} }

  it('knows Lambda by its context', async () => {
    const { seen, handle } = recorder()
    const context = { awsRequestId: 'a-1', getRemainingTimeInMillis: () => 1234, callbackWaitsForEmptyEventLoop: true }
    await handle(asked, context)
    expect(seen.invocation).toMatchObject({ requestId: 'a-1', platform: 'lambda', coldStart: true })
    expect(seen.invocation?.remainingMs()).toBe(1234)
    expect(context.callbackWaitsForEmptyEventLoop).toBe(false)
    await handle(asked, context)
    expect(seen.invocation?.coldStart).toBe(false)
  })

  it('counts down on SCF where the context only tells the limit', async () => {
    const { seen, handle } = recorder()
    await handle(asked, { request_id: 's-1', time_limit_in_ms: 10_000 })
    expect(seen.invocation).toMatchObject({ requestId: 's-1', platform: 'scf' })
    expect(seen.invocation?.remainingMs()).toBeGreaterThan(5_000)
    expect(seen.invocation?.remainingMs()).toBeLessThanOrEqual(10_000)
  })

  it.each([[null], [undefined], [{}]])('has an id of its own with the context %j', async context => {
    const { seen, handle } = recorder()
    await handle(asked, context)
    expect(seen.invocation?.requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(seen.invocation?.remainingMs()).toBeLessThanOrEqual(3_000)
  })
})

import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callAws } from '../../shared/cloud/aws.ts'
import { refuseSigV4 } from '../support/cloud/sigv4.ts'
import { type Answered, type Arrived, standIn, type StandIn } from '../support/cloud/stand-in.ts'

const id = `AKIA${randomBytes(8).toString('hex')}`
const key = randomBytes(20).toString('base64')
const token = randomBytes(16).toString('hex')
let api: StandIn
let last: Arrived | null = null
let answer: Answered | null = { status: 200, body: '{}' }
beforeAll(async () => {
  api = await standIn(async arrived => {
    last = arrived
    return answer
  })
})
afterAll(() => api.close())

const call = (
  more: { path?: string; body?: string; headers?: { [name: string]: string }; token?: string | null } = {},
) =>
  callAws({
    service: 'lambda',
    path: more.path ?? '/2015-03-31/functions/unpush-prod-sweep/invocations',
    headers: more.headers ?? {},
    body: more.body ?? '',
    region: 'ap-southeast-1',
    credentials: { id, key, token: more.token === undefined ? token : more.token },
    endpoint: api.origin,
    timeoutMs: 2000,
  })

describe('a call of AWS', () => {
  it('is signed by SigV4, whatever its path, body and headers', async () => {
    const segment = fc.stringMatching(/^[A-Za-z0-9_~-]{0,20}$/)
    await fc.assert(
      fc.asyncProperty(
        fc.array(segment, { maxLength: 4 }),
        fc.string({ unit: 'grapheme' }),
        fc.stringMatching(/^[ -~]{0,30}$/),
        fc.boolean(),
        async (segments, body, value, withToken) => {
          const path = `/${segments.join('/')}`
          const headers = { 'content-type': 'application/json', 'x-amz-target': value }
          const reply = await call({ path, body, headers, token: withToken ? token : null })
          expect(reply).toEqual({ ok: true, status: 200, text: '{}' })
          if (last === null) throw new Error('nothing arrived')
          const keyring = { [id]: withToken ? { key, token } : { key } }
          const arrived = { ...last, headers: { ...last.headers, 'x-amz-target': value.trim().replace(/ +/g, ' ') } }
          expect(refuseSigV4(arrived, 'lambda', 'ap-southeast-1', keyring)).toBeNull()
        },
      ),
      { numRuns: 200, verbose: 1 },
    )
  })

  it('says where clocks differ: signatures are dated', async () => {
    const date = new Date(Date.now() - 400_000).toUTCString()
    answer = { status: 403, headers: { date }, body: '{"__type":"InvalidSignatureException","message":"m"}' }
    expect(await call()).toMatchObject({ skew: expect.stringMatching(/^our clock is (39\d|40[01]) s ahead of AWS's$/) })
  })

  it.each<[string, Answered | null, object]>([
    [
      '__type',
      { status: 400, body: '{"__type":"a#AccessDeniedException","Message":"m"}' },
      { code: 'AccessDeniedException', message: 'm' },
    ],
    [
      'a header',
      { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException:http://x' }, body: '{"message":"m"}' },
      { code: 'ResourceNotFoundException', message: 'm' },
    ],
    ['nothing', { status: 503, body: '<html>' }, { code: 'unreached', message: 'HTTP 503' }],
    ['a cut', null, { code: 'unreached', message: 'ECONNRESET' }],
  ])('tells an error named by %s', async (_what, answered, expected) => {
    answer = answered
    expect(await call()).toEqual({ ok: false, skew: null, ...expected })
  })
})

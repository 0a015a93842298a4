import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { apnsReasons } from '../../../shared/providers/apns/reasons.ts'
import { received } from '../fake-send.ts'
import { expectClean } from '../subject.ts'
import { ask, content, token } from './app.ts'

const refusal = (reason: unknown, status = 400, headers = {}) =>
  received(JSON.stringify({ reason }), status, { 'apns-id': 'eabeae54-14a8-11e5-b60b-1697f925ec7b', ...headers })

describe('a reply', () => {
  it('of 200 without a body is a yes', async () => {
    const { outcome } = await ask('overlay', { reply: received('', 200, { 'apns-id': 'ABC-1' }) })
    expect(outcome).toEqual({
      kind: 'accepted',
      vendor: { code: null, message: null, requestId: 'ABC-1', httpStatus: 200 },
    })
  })

  it('of any other shape is none', async () => {
    const text = fc.oneof(
      fc.constantFrom(' ', '{}', 'OK', '{"reason":""}', '<html></html>', '\ufeff'),
      fc.json(),
      fc.string(),
    )
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 200, max: 599 }), async (body, status) => {
        fc.pre(status !== 200 || body !== '')
        const { outcome } = await ask('revoke', { reply: received(body, status) })
        expect(['accepted', 'already_done', 'partial']).not.toContain(outcome.kind)
      }),
      { seed: 20261129, numRuns: 300 },
    )
  })

  it.each<[number, string, object]>([
    [400, 'BadDeviceToken', { kind: 'partial', rejected: [{ reason: 'BadDeviceToken', count: 1 }], unknown: 0 }],
    [400, 'DeviceTokenNotForTopic', { kind: 'partial' }],
    [410, 'Unregistered', { kind: 'partial', rejected: [{ reason: 'Unregistered', count: 1 }] }],
    [410, 'ExpiredToken', { kind: 'partial' }],
    [400, 'TopicDisallowed', { kind: 'auth' }],
    [400, 'BadCollapseId', { kind: 'refused' }],
    [413, 'PayloadTooLarge', { kind: 'refused' }],
    [403, 'ExpiredProviderToken', { kind: 'auth' }],
    [403, 'InvalidProviderToken', { kind: 'auth' }],
    [403, 'BadEnvironmentKeyInToken', { kind: 'auth' }],
    [403, 'BadEnvironmentKeyIdInToken', { kind: 'auth' }],
    [429, 'TooManyRequests', { kind: 'throttled', of: 'token', quota: false, retryAfterMs: null }],
    [429, 'TooManyProviderTokenUpdates', { kind: 'throttled', retryAfterMs: 1_200_000, quota: false }],
    [500, 'InternalServerError', { kind: 'unknown' }],
    [503, 'ServiceUnavailable', { kind: 'throttled' }],
    [503, 'Shutdown', { kind: 'throttled' }],
    [400, 'IdleTimeout', { kind: 'unknown' }],
    [400, 'SomethingNew', { kind: 'refused' }],
    [403, 'SomethingNew', { kind: 'auth' }],
    [429, 'SomethingNew', { kind: 'throttled' }],
    [500, 'SomethingNew', { kind: 'unknown' }],
    [200, 'SomethingNew', { kind: 'unknown' }],
  ])('%s %s', async (status, reason, expected) => {
    const { outcome } = await ask('revoke', { reply: refusal(reason, status) })
    expect(outcome).toMatchObject({
      ...expected,
      vendor: { code: reason, httpStatus: status, requestId: 'eabeae54-14a8-11e5-b60b-1697f925ec7b' },
    })
    expect('of' in outcome).toBe('of' in expected)
  })

  it('that throttles one device alone says nothing of others, and obeys Retry-After', async () => {
    const { outcome } = await ask('revoke', { reply: refusal('TooManyRequests', 429, { 'retry-after': '7' }) })
    expect(outcome).toMatchObject({ of: 'token', retryAfterMs: 7000 })
  })

  it('with a known reason is never a yes, and repeats nothing of the request', async () => {
    for (const reason of [
      ...Object.keys(apnsReasons),
      token,
      'constructor',
      ['BadDeviceToken'],
      { reason: 'x' },
      null,
      7,
    ])
      for (const status of [200, 400, 403, 410, 429, 500, 503]) {
        const { outcome, session } = await ask('overlay', {
          content: { ...content, title: 'A title nobody may keep' },
          reply: received(
            JSON.stringify({ reason, title: 'A title nobody may keep', all: `${token} bearer` }),
            status,
            {
              'apns-id': token,
            },
          ),
        })
        expect(['accepted', 'already_done']).not.toContain(outcome.kind)
        expectClean(outcome, [token, session.value, 'A title nobody may keep'])
      }
  })

  it.each(['unreached', 'unprocessed', 'timeout', 'reset', 'too_large'] as const)(
    'that did not come (%s) tells nothing',
    async failure => {
      const { outcome } = await ask('revoke', { reply: { failure, detail: 'GOAWAY 0' } })
      expect(outcome).toMatchObject({ kind: 'unknown', vendor: { code: null, httpStatus: null } })
    },
  )
})

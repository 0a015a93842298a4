import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenDigest } from '../../../shared/providers/wire/masking.ts'
import type { Outcome } from '../../../shared/providers/provider.ts'
import { received } from '../fake-send.ts'
import { allInvalidByReason, allInvalidOne, partialHms, partialRevoke, partialWithBlanks } from './recorded.ts'
import { ask, batchOf } from './app.ts'
import { expectWholeCounts } from '../subject.ts'

async function outcomeOf(text: string, total = 3): Promise<Outcome> {
  const tokens = batchOf(Array.from({ length: total }, (_, index) => `token-${index}`))
  return (await ask('revoke', { reply: received(text), tokens })).outcome
}

describe('tokens that failed', () => {
  it('are counted by reason', async () => {
    expect(await outcomeOf(partialRevoke)).toMatchObject({
      kind: 'partial',
      rejected: [{ reason: 'tokenFormatError', count: 1 }],
      unknown: 0,
    })
    expect(await outcomeOf(partialWithBlanks, 2)).toMatchObject({
      rejected: [{ reason: 'tokenFormatError', count: 1 }],
      unknown: 0,
    })
    expect(await outcomeOf(partialHms, 4)).toMatchObject({ rejected: [{ reason: '80100000', count: 1 }], unknown: 0 })
  })

  it('are all of them where the vendor says so, whatever it lists', async () => {
    const rejectedOf = async (text: string, total: number) => {
      const outcome = await outcomeOf(text, total)
      return outcome.kind === 'partial' ? [outcome.rejected, outcome.unknown] : outcome.kind
    }
    expect(await rejectedOf(allInvalidByReason, 2)).toEqual([[{ reason: 'noRight', count: 2 }], 0])
    expect(await rejectedOf(allInvalidOne, 3)).toEqual([
      [
        { reason: 'noPushTypeRight', count: 1 },
        { reason: '80300007', count: 2 },
      ],
      0,
    ])
    const inWords = '{"code":"80300007","msg":"All the tokens are invalid."}'
    expect(await rejectedOf(inWords, 3)).toEqual([[{ reason: '80300007', count: 3 }], 0])
    expect(await rejectedOf(allInvalidByReason, 1)).toEqual([[{ reason: '80300007', count: 1 }], 0])
  })

  it.each([
    ['the message is no JSON', 'Check Parameter Partial Success.', [], 3],
    ['nothing is listed', '{"illegalTokens":{},"success":3,"failure":0}', [], 3],
    ['nothing is counted', '{"illegalTokens":{"noRight":["a"]}}', [{ reason: 'noRight', count: 1 }], 2],
    [
      'fewer are listed',
      '{"illegalTokens":{"noRight":["a"]},"success":1,"failure":2}',
      [{ reason: 'noRight', count: 1 }],
      2,
    ],
    ['more are listed', '{"illegalTokens":{"noRight":["a","b","c","d"]},"success":0,"failure":4}', [], 3],
    [
      'the batch was another',
      '{"illegalTokens":{"noRight":["a"]},"success":5,"failure":1}',
      [{ reason: 'noRight', count: 1 }],
      2,
    ],
    [
      'counts are text',
      '{"failure":"1","illegalTokens":{"noRight":["a"]},"success":"2"}',
      [{ reason: 'noRight', count: 1 }],
      0,
    ],
    [
      'one is listed twice',
      '{"illegalTokens":{"noRight":["a"],"appinfoError":["a","b"]},"failure":2}',
      [
        { reason: 'noRight', count: 1 },
        { reason: 'appinfoError', count: 1 },
      ],
      0,
    ],
    [
      'a reason is written twice',
      '{"illegalTokens":{"noRight":["a"]," noRight ":["b"]},"failure":2}',
      [{ reason: 'noRight', count: 2 }],
      0,
    ],
    ['the list is no list', '{"illegalTokens":{"noRight":"a"},"success":2,"failure":1}', [], 3],
  ])('are told apart from what is not known: %s', async (_, msg, rejected, unknown) => {
    const outcome = await outcomeOf(JSON.stringify({ code: '80100020', msg }))
    expect(outcome).toMatchObject({ kind: 'partial', rejected, unknown })
  })

  it('always add up', async () => {
    const lists = fc.dictionary(
      fc.constantFrom('noRight', ' noRight', 'tokenFormatError', 'x'),
      fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 1, null)),
    )
    const counts = fc.oneof(fc.integer({ min: -2, max: 6 }), fc.constantFrom('1', '2', 1.5, null))
    const msg = fc.record(
      { illegalTokens: lists, illegal_tokens: fc.array(fc.string()), success: counts, failure: counts },
      { requiredKeys: [] },
    )
    const code = fc.constantFrom('80100000', '80100020', '80300007')
    await fc.assert(
      fc.asyncProperty(
        code,
        fc.oneof(msg, fc.jsonValue()),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (code, msg, packed, total) => {
          const text = JSON.stringify({ code, msg: packed ? JSON.stringify(msg) : msg })
          const outcome = await outcomeOf(text, total)
          expect(outcome.kind).toBe('partial')
          expectWholeCounts(outcome, total)
          const { rejected = [], unknown = NaN } = outcome.kind === 'partial' ? outcome : {}
          const none = rejected.reduce((sum, { count }) => sum + count, 0) === total && unknown === 0
          expect(none || code !== '80300007').toBe(true)
        },
      ),
      { seed: 20261123, numRuns: 500 },
    )
  })
})

describe("the vendor's words", () => {
  it('name tokens by their digest', async () => {
    const { outcome } = await ask('revoke', { reply: received(partialRevoke) })
    expect(outcome.vendor).toEqual({
      code: '80100020',
      message: `{"illegalTokens":{"tokenFormatError":["${tokenDigest('pushToken3')}"]},"success":2,"failure":1}`,
      requestId: '169000000000000000001714',
      httpStatus: 200,
    })
  })

  it('name no token, whatever form they have it in', async () => {
    const token = fc
      .string({ minLength: 1, maxLength: 60, unit: 'binary' })
      .filter(text => !/^[\d"{}[\]:,.a-z ]{1,3}$/i.test(text))
    const shapes = [
      (tokens: string[]) => tokens.join(' '),
      (tokens: string[]) => `bad tokens: ${JSON.stringify(tokens)}`,
      (tokens: string[]) => JSON.stringify({ illegalTokens: { noRight: tokens } }),
      (tokens: string[]) =>
        JSON.stringify({ illegalTokens: { noRight: tokens } })
          .replaceAll('/', '\\/')
          .slice(0, -3),
      (tokens: string[]) => JSON.stringify({ note: tokens[0], [tokens[0] ?? '']: [[tokens]] }),
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(token, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...shapes),
        fc.constantFrom('80100020', '80100001', '80000000', '12345678'),
        async (tokens, shape, code) => {
          const text = JSON.stringify({ code, msg: shape(tokens), requestId: tokens[0] })
          const { outcome } = await ask('revoke', { reply: received(text), tokens: batchOf(tokens) })
          // digests, counts, our own words and the marks of JSON may well hold a short token
          const said = [outcome.vendor.message ?? '', outcome.vendor.requestId ?? ''].join(' ')
          for (const one of tokens.filter(text => text.length > 12)) {
            expect(said).not.toContain(one)
            expect(said).not.toContain(JSON.stringify(one).slice(1, -1))
          }
          expect(outcome.vendor.requestId === null || !tokens.includes(outcome.vendor.requestId)).toBe(true)
        },
      ),
      { seed: 20261123, numRuns: 400 },
    )
  })

  it('stay short where a thousand tokens failed', async () => {
    const tokens = Array.from({ length: 1000 }, (_, index) => `${'MAM0Ku'.repeat(18)}${index}`)
    const msg = JSON.stringify({ illegalTokens: { tokenFormatError: tokens }, failure: 1000, success: 0 })
    const reply = received(JSON.stringify({ code: '80100020', msg, requestId: '1' }))
    const { outcome } = await ask('revoke', { reply, tokens: batchOf(tokens) })
    expect(outcome).toMatchObject({
      kind: 'partial',
      rejected: [{ reason: 'tokenFormatError', count: 1000 }],
      unknown: 0,
    })
    expect(outcome.vendor.message?.length).toBeLessThanOrEqual(501)
    expect(outcome.vendor.message).not.toContain('MAM0Ku')
  })

  it.each([
    ['a text', '"1690"', '1690'],
    ['a number', '157278422841836431010901', '157278422841836431010901'],
    ['nothing', '""', null],
    ['a list', '["1"]', null],
  ])('may have %s for a request id', async (_, requestId, expected) => {
    const { outcome } = await ask('revoke', { reply: received(`{"code":"80000000","requestId":${requestId}}`) })
    expect(outcome.vendor.requestId).toBe(expected)
  })
})

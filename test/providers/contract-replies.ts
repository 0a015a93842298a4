/** What a provider makes of replies, documented and otherwise, without a network. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Credentials, OutcomeKind } from '../../shared/providers/provider.ts'
import { fakeSend, received } from './fake-send.ts'
import { hostileReplies } from './hostile.ts'
import { callOf, type Context, expectClean, expectWholeCounts, perform, type Step } from './subject.ts'

const seed = 20261123
const now = () => 1_795_000_000_000
const yes: readonly OutcomeKind[] = ['accepted', 'already_done', 'partial']

export function describeReplies<C extends Credentials>({ subject, credentials, steps }: Context<C>): void {
  const { provider, request, content, hidden } = subject
  const total = request.named.by === 'tokens' ? request.named.count : 0

  const ask = async (step: Step, reply: Parameters<typeof fakeSend>[0]) => {
    const { send, sent } = fakeSend(reply)
    return { ...(await perform(provider, step, request, content, callOf(credentials, send, { now }))), sent }
  }

  describe.each(subject.replies)('the documented reply "$name"', reply => {
    it.each([...reply.steps])(`to %s is ${reply.kind}`, async step => {
      const { outcome, sent } = await ask(step, received(reply.text, reply.status ?? 200, reply.headers ?? {}))
      expect(outcome.kind).toBe(reply.kind)
      expect(outcome.vendor.code).toBe(reply.code)
      expect(outcome.vendor.httpStatus).toBe(reply.status ?? 200)
      expect(sent).toHaveLength(1)
      expectWholeCounts(outcome, total)
      expectClean(outcome, hidden)
    })
  })

  describe.each(steps)('%s', step => {
    it.each(hostileReplies)('takes no yes from $name', async ({ text }) => {
      for (const status of [200, 204, 302, 400, 404, 500, 502]) {
        const { outcome, record, sent } = await ask(step, received(text, status))
        expect(yes).not.toContain(outcome.kind)
        expect(record).toBeNull()
        expect(sent).toHaveLength(1)
        expect(outcome.kind === 'unknown' || status !== 200).toBe(true)
      }
    })

    it('takes no yes from anything that carries no code', async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof(fc.json(), fc.string()), fc.integer({ min: 200, max: 599 }), async (text, status) => {
          const { outcome } = await ask(step, received(text, status))
          expect(yes).not.toContain(outcome.kind)
          expect(outcome.vendor.code).toBeNull()
        }),
        { seed, numRuns: 300 },
      )
    })

    it('keeps a code nobody knows, and treats it as a refusal', async () => {
      const stranger = fc.integer({ min: 1, max: 999_999_999 }).filter(code => !subject.codes.includes(String(code)))
      await fc.assert(
        fc.asyncProperty(stranger, fc.boolean(), fc.constantFrom(200, 400, 404), async (code, asText, status) => {
          const text = JSON.stringify({ [subject.codeMember]: asText ? String(code) : code })
          const { outcome } = await ask(step, received(text, status))
          expect(['refused', 'unsupported']).toContain(outcome.kind)
          expect(outcome.vendor.code).toBe(String(code))
        }),
        { seed, numRuns: 100 },
      )
    })

    it('has an outcome for every code, as number and as text', async () => {
      for (const code of subject.codes) {
        const kinds = new Set<OutcomeKind>()
        for (const value of [code, Number(code)]) {
          const { outcome } = await ask(step, received(JSON.stringify({ [subject.codeMember]: value })))
          expect(outcome.vendor.code).toBe(code)
          expectWholeCounts(outcome, total)
          kinds.add(outcome.kind)
        }
        expect(kinds.size).toBe(1)
      }
    })

    it('reads HTTP statuses where there is no code', async () => {
      const kindOf = async (status: number) => (await ask(step, received('', status))).outcome.kind
      expect(await kindOf(401)).toBe('auth')
      expect(await kindOf(403)).toBe('auth')
      for (const status of [429, 503]) expect(await kindOf(status)).toBe('throttled')
      for (const status of [200, 302, 408, 500, 502, 504]) expect(await kindOf(status)).toBe('unknown')
      for (const status of [400, 404, 413]) expect(['refused', 'unsupported']).toContain(await kindOf(status))
    })

    it.each([
      ['120', 120_000],
      ['Mon, 01 Jan 2018 00:00:00 GMT', 0],
      [new Date(now() + 90_000).toUTCString(), 90_000],
      ['999999999', 3_600_000],
      ['soon', null],
    ])('obeys Retry-After: %s', async (value, retryAfterMs) => {
      const { outcome } = await ask(step, received('busy', 503, { 'retry-after': value }))
      expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs, quota: false })
    })

    it.each(['unreached', 'timeout', 'reset', 'too_large'] as const)('does not know after %s', async failure => {
      const { outcome, sent } = await ask(step, { failure, detail: 'ECONNRESET' })
      expect(outcome).toMatchObject({ kind: 'unknown', vendor: { code: null, httpStatus: null } })
      expect(sent).toHaveLength(1)
    })

    it('repeats nothing of the request, even where the vendor does', async () => {
      const { codeMember, messageMember } = subject
      const echoes = (all: string): object[] => [
        { [codeMember]: 99, [messageMember]: all },
        { [codeMember]: 99, [messageMember]: `no: ${JSON.stringify(all)}` },
        { [codeMember]: all, [messageMember]: { all }, requestId: all, push_id: all },
        ...subject.codes.flatMap(code =>
          hidden.map(secret => ({
            [codeMember]: code,
            [messageMember]: JSON.stringify({
              illegalTokens: { [secret]: hidden, [`x${secret}`]: [all] },
              failure: secret,
            }),
            requestId: secret,
            push_id: secret,
            pushRecordData: [{ pushId: Object.values(request.names)[0], status: secret, title: all, content: secret }],
          })),
        ),
      ]
      const count = echoes('').length
      for (let index = 0; index < count; index++) {
        let signed = ''
        const { outcome, record } = await ask(step, ({ headers, body }) => {
          signed = headers['Sign'] ?? headers['Authorization']?.replace('Bearer ', '') ?? ''
          const all = `${JSON.stringify(headers)} ${String(body)} ${hidden.join(' ')}`
          return received(JSON.stringify(echoes(all)[index]))
        })
        expect(signed.length).toBeGreaterThan(20)
        expectClean({ outcome, record }, [...hidden, signed])
      }
    })
  })
}

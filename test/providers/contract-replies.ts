/** What a provider makes of the replies its vendor documents, and of codes, words and statuses, without a network. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Sending } from '../../shared/http.ts'
import type { Credentials, OutcomeKind } from '../../shared/providers/provider.ts'
import { fakeSend, received } from './fake-send.ts'
import {
  callOf,
  type Context,
  devicesOf,
  expectClean,
  expectWholeCounts,
  isYes,
  perform,
  type Reply,
  requestOf,
  type Step,
} from './subject.ts'

const seed = 20261123
const now = () => 1_795_000_000_000

export function describeReplies<C extends Credentials>({ subject, credentials, steps }: Context<C>): void {
  const { provider, content, hidden, codes, session = null } = subject

  const ask = async (step: Step, reply: Parameters<typeof fakeSend>[0]) => {
    const { send, sent } = fakeSend(reply)
    const request = requestOf(subject, step)
    const total = devicesOf(request)
    const call = callOf(credentials, send, { now, session })
    return { ...(await perform(provider, step, request, content, call)), sent, total }
  }
  const replied = ({ text, status = 200, headers = {} }: Reply, other = status) => received(text, other, headers)

  describe.each(subject.replies)('the documented reply "$name"', reply => {
    it.each([...reply.steps])(`to %s is ${reply.kind}`, async step => {
      const { outcome, sent, total } = await ask(step, replied(reply))
      expect(outcome.kind).toBe(reply.kind)
      expect(outcome.vendor.code).toBe(reply.code)
      expect(outcome.vendor.httpStatus).toBe(reply.status ?? 200)
      expect(sent).toHaveLength(1)
      expectWholeCounts(outcome, total)
      expectClean(outcome, hidden)
    })
  })

  describe.each(steps)('%s', step => {
    it('takes no yes from anything that carries no code', async () => {
      const isOwn = (text: string) => subject.yes[step]?.some(yes => yes.text.trim() === text.trim()) === true
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(fc.json(), fc.string()).filter(text => !isOwn(text)),
          fc.integer({ min: 200, max: 599 }),
          async (text, status) => {
            const { outcome, total } = await ask(step, received(text, status))
            expect(isYes(outcome, total)).toBe(false)
            expect(outcome.vendor.code).toBeNull()
          },
        ),
        { seed, numRuns: 300 },
      )
    })

    it('keeps a code nobody knows, and treats it as a refusal', async () => {
      const isDigits = codes.every(code => /^-?\d+$/.test(code))
      const digits = fc.integer({ min: 1, max: 999_999_999 }).map(String)
      const words = fc.stringMatching(/^[A-Z][A-Za-z_]{3,20}$/)
      const stranger = (isDigits ? digits : words).filter(code => !codes.includes(code))
      await fc.assert(
        fc.asyncProperty(stranger, fc.boolean(), fc.boolean(), async (code, asText, asBadRequest) => {
          const reply = subject.says(isDigits && !asText ? Number(code) : code, 'no')
          const { outcome } = await ask(step, replied(reply, asBadRequest ? 400 : reply.status))
          expect(['refused', 'unsupported']).toContain(outcome.kind)
          expect(outcome.vendor.code).toBe(code)
        }),
        { seed, numRuns: 100 },
      )
    })

    it('has an outcome for every code, the same as number and as text', async () => {
      for (const code of codes) {
        const kinds = new Set<OutcomeKind>()
        for (const value of /^-?\d+$/.test(code) ? [code, Number(code)] : [code]) {
          const { outcome, total } = await ask(step, replied(subject.says(value, 'words')))
          expect(outcome.vendor.code).toBe(code)
          expectWholeCounts(outcome, total)
          kinds.add(outcome.kind)
        }
        expect(kinds.size, code).toBe(1)
      }
    })

    it('reads HTTP statuses where there is no code', async () => {
      const expected = (status: number): readonly OutcomeKind[] => {
        const own = subject.statuses?.[status]
        if (own !== undefined) return own
        if (status === 401 || status === 403) return ['auth']
        if (status === 429 || status === 503) return ['throttled']
        return status >= 400 && status < 500 && status !== 408 ? ['refused', 'unsupported'] : ['unknown']
      }
      const isYesWithoutBody = subject.yes[step]?.some(({ text }) => text === '') === true
      for (const status of [200, 302, 400, 401, 403, 404, 408, 413, 429, 500, 502, 503, 504]) {
        if (status === 200 && isYesWithoutBody) continue
        expect(expected(status), `${status}`).toContain((await ask(step, received('', status))).outcome.kind)
      }
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
      const names = Object.values(requestOf(subject, step).names).map(String)
      const echoes = (all: string): readonly Reply[] => [
        subject.says(99, all),
        subject.says('Stranger', all),
        subject.says(99, `no: ${JSON.stringify(all)}`),
        subject.says(all, { all }),
        ...codes.flatMap(code =>
          hidden.map(secret =>
            subject.says(
              code,
              JSON.stringify({
                illegalTokens: { [secret]: hidden, [`x${secret}`]: [all] },
                failure: secret,
              }),
            ),
          ),
        ),
        ...(subject.yes[step] ?? []).flatMap(yes =>
          hidden.map(secret => ({
            ...yes,
            text: withWords(yes.text, secret, names),
            headers: { 'x-request-id': secret },
          })),
        ),
      ]
      const count = echoes('').length
      for (let index = 0; index < count; index++) {
        let proofs: readonly string[] = []
        const { outcome, record } = await ask(step, (sending: Sending) => {
          proofs = subject.proofsOf(sending)
          const all = `${JSON.stringify(sending.headers)} ${sending.url} ${String(sending.body)} ${hidden.join(' ')}`
          return replied(echoes(all)[index] ?? { text: '' })
        })
        expect(proofs.length).toBeGreaterThan(0)
        for (const proof of proofs) expect(proof.length).toBeGreaterThan(20)
        expectClean({ outcome, record }, [...hidden, ...proofs])
      }
    })
  })
}

/** The same JSON with `words` for every text in it, save those that name the push. */
function withWords(text: string, words: string, names: readonly string[]): string {
  if (text === '') return text
  const turned = (value: unknown): unknown => {
    if (typeof value === 'string') return names.includes(value) || /^\d+$/.test(value) ? value : words
    if (Array.isArray(value)) return value.map(turned)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([member, inside]) => [member, turned(inside)]))
  }
  return JSON.stringify(turned(JSON.parse(text)))
}

/** A snapshot is the world: given back, it goes on in the same way. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { goOffline, goOnline, type Phone, touch } from '../../sandbox/phone.ts'
import { createTestSandbox, type TestSandbox } from '../support/sandbox.ts'

type Step = (sandbox: TestSandbox, nowMs: number) => void

const anyPhone = (sandbox: TestSandbox, pick: number): Phone | undefined => sandbox.phones[pick % sandbox.phones.length]
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ title: fc.string(), slow: fc.boolean(), later: fc.boolean() }).map(
    ({ title, slow, later }): Step =>
      (sandbox, nowMs) =>
        void sandbox.pushTpns({
          app: 'news-android',
          title,
          content: 'c',
          audience: 'all',
          perSecond: slow ? 10 : undefined,
          sendAtMs: later ? nowMs + 5000 : undefined,
        }),
  ),
  fc.nat(3).map(
    (notifyId): Step =>
      sandbox =>
        sandbox.pushHarmony({ notifyId, tokens: sandbox.harmonyTokens('pc'), title: 't', body: 'b' }),
  ),
  fc.nat().map(
    (pick): Step =>
      sandbox => {
        const phone = anyPhone(sandbox, pick)
        if (phone !== undefined) goOffline(phone)
      },
  ),
  fc.nat().map(
    (pick): Step =>
      (sandbox, nowMs) => {
        const phone = anyPhone(sandbox, pick)
        if (phone !== undefined) goOnline(phone, nowMs)
      },
  ),
  fc.nat().map(
    (pick): Step =>
      sandbox => {
        const phone = anyPhone(sandbox, pick)
        const [notice] = phone?.notices ?? []
        if (phone !== undefined && notice !== undefined)
          touch(phone, notice.key, pick % 2 === 0 ? 'clicked' : 'cleared')
      },
  ),
)

it('goes on in the same way after a restart', () => {
  const nowMs = 1_795_000_000_000
  fc.assert(
    fc.property(fc.array(step, { maxLength: 10 }), fc.array(step, { maxLength: 6 }), (before, after) => {
      const one = createTestSandbox({ now: () => nowMs })
      for (const act of before) act(one, nowMs)
      const kept = JSON.parse(JSON.stringify(one.snapshot()))
      const two = createTestSandbox({ snapshot: kept, now: () => nowMs })
      expect(two.snapshot()).toEqual(kept)
      for (const act of after) {
        act(one, nowMs)
        act(two, nowMs)
      }
      expect(two.snapshot()).toEqual(one.snapshot())
      expect(two.secrets('http://localhost:1')).toEqual(one.secrets('http://localhost:1'))
      one.close()
      two.close()
    }),
    { numRuns: 8 },
  )
})

it('is not the live world, and does not become it', () => {
  const sandbox = createTestSandbox()
  sandbox.pushTpns({ app: 'news-ios', title: 't', content: 'c', audience: 'all' })
  const kept = sandbox.snapshot()
  const text = JSON.stringify(kept)
  const again = createTestSandbox({ snapshot: kept })
  again.pushTpns({ app: 'news-ios', title: 'u', content: 'c', audience: 'all' })
  sandbox.pushTpns({ app: 'news-ios', title: 'v', content: 'c', audience: 'all' })
  expect(JSON.stringify(kept)).toBe(text)
  sandbox.close()
  again.close()
})

it.each([undefined, null, 7, 'x', {}, { version: 1, phones: [] }])('begins anew with %j', snapshot => {
  const sandbox = createTestSandbox({ snapshot })
  expect(sandbox.phones.length).toBe(2860)
  sandbox.close()
})

it('starts over without changing who is who', () => {
  const sandbox = createTestSandbox()
  const fresh = JSON.stringify(sandbox.phones)
  const secrets = sandbox.secrets('http://localhost:1')
  const { pushId } = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
  sandbox.switches.tpns.revokeRetired = true
  let heard = 0
  const forget = sandbox.onChange(() => (heard += 1))
  sandbox.reset()
  expect([heard, JSON.stringify(sandbox.phones) === fresh, sandbox.switches.tpns.revokeRetired]).toEqual([
    1,
    true,
    false,
  ])
  expect(sandbox.secrets('http://localhost:1')).toEqual(secrets)
  forget()
  const next = sandbox.pushTpns({ app: 'news-android', title: 't', content: 'c', audience: 'all' })
  expect([heard, next.pushId === pushId]).toEqual([1, false])
  sandbox.close()
})

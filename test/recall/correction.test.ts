/** Which of the two a correction chooses for a target, whatever a vendor's tables say and whatever it can do of them. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ChannelCapability, Effect, Provider } from '../../shared/providers/provider.ts'
import { planTarget } from '../../shared/recall/plan.ts'
import { fakeProvider, yes } from '../support/fake-provider.ts'

const today = '2026-11-29'
const channels = ['own', 'one', 'two', 'three'] as const
const span = fc.constantFrom(
  {},
  { until: '2025-03-25' },
  { since: '2027-01-01' },
  { since: '2020-01-01', until: today },
)
const cell = (effect: Effect) => fc.record({ effect: fc.constantFrom<Effect>(effect, 'none'), span })
const table = (effect: Effect) => fc.array(cell(effect), { minLength: channels.length, maxLength: channels.length })
const can = fc.constantFrom('can', 'refused', 'invalid', 'not offered')
const vendor = fc.record({
  revoke: table('removed'),
  overlay: table('replaced'),
  revoking: can,
  overlaying: can,
  stopping: can,
})

type Drawn = typeof vendor extends fc.Arbitrary<infer V> ? V : never

function providerOf({ revoke, overlay, revoking, overlaying, stopping }: Drawn): Provider {
  const how = { stop: stopping, revoke: revoking, overlay: overlaying }
  const offered = (['stop', 'revoke', 'overlay'] as const).filter(step => how[step] !== 'not offered')
  const { provider } = fakeProvider({ addressing: 'task', answer: () => yes, methods: offered })
  const rows = (cells: Drawn['revoke']): ChannelCapability[] =>
    cells.map(({ effect, span: when }, nth) => ({
      channel: channels[nth] ?? '',
      effect,
      source: 's',
      asOf: today,
      ...when,
    }))
  const { operations } = provider.capabilities
  const of = { stop: [], revoke: rows(revoke), overlay: rows(overlay) }
  return {
    ...provider,
    capabilities: {
      ...provider.capabilities,
      operations: Object.fromEntries(
        Object.entries(operations).map(([step, capability]) => [step, { ...capability, channels: of[step as 'stop'] }]),
      ),
    },
    assess: step => ({
      refusal: how[step] === 'refused' ? `No ${step}.` : null,
      invalid: how[step] === 'invalid' && step === 'overlay' ? [{ path: '/body', message: 'is too long' }] : [],
      effects: of[step].map(({ channel, effect }) => ({ channel, effect })),
      toEverybody: false,
      warnings: [],
    }),
  }
}

const planOf = (drawn: Drawn, fallback: boolean) =>
  planTarget({
    operation: 'correct',
    fallback,
    overlay: { title: 't', body: 'b', url: null, forceCollapse: false, options: {} },
    app: 'a',
    handle: '1',
    names: null,
    audience: null,
    audienceSize: null,
    provider: providerOf(drawn),
    credentials: { provider: 'x' },
    record: null,
    superseded: false,
    overlaidAlike: false,
    excepts: false,
    today,
  })

/** Ways that are cleared today, by the tables. */
const cleared = (cells: Drawn['revoke'], how: string) =>
  how === 'refused' || how === 'not offered'
    ? 0
    : cells.filter(
        ({ effect, span: { since = today, until = today } }) => effect !== 'none' && since <= today && until >= today,
      ).length

describe('a correction of one target', () => {
  it('chooses what clears more ways today, the revoke where neither does, and the other where that cannot be done', () => {
    fc.assert(
      fc.property(vendor, fc.boolean(), (drawn, fallback) => {
        const { requested, ladder, refusal, invalid, remarks = [] } = planOf(drawn, fallback)
        const further = cleared(drawn.overlay, drawn.overlaying) > cleared(drawn.revoke, drawn.revoking)
        const [preferred, other] = further ? (['overlay', 'revoke'] as const) : (['revoke', 'overlay'] as const)
        const possible = {
          revoke: drawn.revoking === 'can' || drawn.revoking === 'invalid',
          overlay: drawn.overlaying === 'can',
          stop: drawn.stopping === 'can' || drawn.stopping === 'invalid',
        }
        const rungs = [preferred, other, 'stop' as const].filter(step => possible[step])
        const chosen = rungs.find(step => step !== 'stop')
        expect(requested).toBe(chosen ?? preferred)
        expect(ladder).toEqual(fallback ? rungs : chosen === undefined ? [] : [chosen])
        // a weaker one, and none at all, are told of with their reason
        expect(refusal === null).toBe(ladder.length > 0)
        if (ladder.length > 0 && ladder[0] !== preferred)
          expect(remarks[0]).toContain(`is done instead of ${preferred}.`)
        expect(invalid.length > 0).toBe(preferred === 'overlay' && drawn.overlaying === 'invalid')
      }),
      { numRuns: 2000 },
    )
  })
})

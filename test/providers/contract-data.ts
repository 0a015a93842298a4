/** What a provider says of itself. */
import { expect, it } from 'vitest'
import { operations } from '../../shared/operation.ts'
import { type Credentials } from '../../shared/providers/provider.ts'
import { batchSizeOf } from '../../shared/recall/addressing.ts'
import { type Context, expectClean, openCredentials, requestOf } from './subject.ts'

const date = /^20\d\d-\d\d-\d\d$/

export function describeData<C extends Credentials>({ subject, credentials, steps }: Context<C>): void {
  const { provider, content, hidden, document } = subject
  const { capabilities } = provider
  const tables = operations.flatMap(operation => capabilities.operations[operation] ?? [])

  it('offers exactly the operations its capability table has', () => {
    const methods = operations.filter(operation => provider[operation] !== undefined)
    expect(methods).toEqual(operations.filter(operation => capabilities.operations[operation] !== undefined))
  })

  it('dates its data and names its sources', () => {
    for (const { source, asOf } of [...tables.flatMap(({ channels }) => channels), ...capabilities.limits]) {
      expect(source).toMatch(/^https:\/\/\S+$/)
      expect(asOf).toMatch(date)
    }
    for (const { since = '2026-01-01', until = '2026-01-01' } of tables.flatMap(({ channels }) => channels)) {
      expect(since).toMatch(date)
      expect(until).toMatch(date)
    }
  })

  it('can read whatever its proofs and needs ask for', () => {
    const needsStatus = tables.some(({ confirmedBy, needsRecord }) => needsRecord || confirmedBy.length > 0)
    expect(needsStatus && !steps.includes('status')).toBe(false)
  })

  it.each(operations)('assesses %s without asking anybody', operation => {
    const { names, named } = requestOf(subject, operation)
    const audience = named.by === 'audience' ? named.audience : null
    for (const overlay of [null, content]) {
      const facts = { credentials, names, audience, record: null, overlay }
      const { refusal, invalid, warnings } = provider.assess(operation, facts)
      expect(refusal === null).toBe(provider[operation] !== undefined)
      expect(invalid).toEqual([])
      for (const text of [...warnings, ...(refusal === null ? [] : [refusal])]) {
        expect(text).toMatch(/\.$/)
        // some vendors write their name small
        expect(/^[A-Z]/.test(text) || text.startsWith(provider.title[0]), text).toBe(true)
      }
    }
  })

  it('shares budgets between apps of one credential, and names no secret in them', () => {
    expect(provider.budget(credentials)).toBe(provider.budget(openCredentials(provider, document)))
    expectClean(provider.budget(credentials), hidden)
  })

  it('asks no more of a budget than it ever holds', () => {
    const fares = steps.flatMap(step => provider.fare(step, batchSizeOf(provider), credentials))
    for (const { lane, cost } of fares) {
      expect(cost).toBeLessThanOrEqual(lane.kind === 'rate' ? lane.burst : lane.limit)
      if (lane.kind !== 'window' || lane.shares === undefined) continue
      const shares = Object.values(lane.shares)
      expect(shares.reduce((sum, { calls }) => sum + calls, 0)).toBe(lane.limit)
      for (const { calls } of shares) expect(calls).toBeGreaterThanOrEqual(cost)
    }
  })
}

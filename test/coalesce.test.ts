import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coalesce } from '../shared/coalesce.ts'

type Input = { readonly id: number; readonly is: 'good' | 'bad' | 'away' }

const inputs = fc
  .array(fc.constantFrom<Input['is'][]>('good', 'good', 'good', 'bad', 'away'), { maxLength: 40 })
  .map(kinds => kinds.map((is, id) => ({ id, is })))

/** Refuses a statement as PostgreSQL does: as a whole, by the first of its units that is wrong. */
function statements() {
  const sizes: number[] = []
  const run = async (units: readonly Input[]): Promise<number[]> => {
    sizes.push(units.length)
    await Promise.resolve()
    const wrong = units.find(({ is }) => is !== 'good')
    if (wrong?.is === 'bad') throw Object.assign(new Error('unsupported Unicode escape sequence'), { code: '22P05' })
    if (wrong?.is === 'away') throw Object.assign(new Error('terminating connection'), { code: '57P01' })
    return units.map(({ id }) => id * 10)
  }
  return { run, sizes }
}

describe('units that share a statement', () => {
  it('fail alone where one is bad, each with its own outcome', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async units => {
        const kept = units.filter(({ is }) => is !== 'away')
        const { run, sizes } = statements()
        const ask = coalesce(run, 16)
        const results = await Promise.allSettled(kept.map(unit => ask(unit)))
        expect(results.map(result => (result.status === 'fulfilled' ? result.value : null))).toEqual(
          kept.map(({ id, is }) => (is === 'good' ? id * 10 : null)),
        )
        expect(sizes.length).toBeLessThanOrEqual(Math.ceil(kept.length / 16) + kept.length)
      }),
      { numRuns: 200 },
    )
  })
  it('fail together in an outage, which is not met again for each', async () => {
    await fc.assert(
      fc.asyncProperty(inputs, async units => {
        const { run, sizes } = statements()
        const ask = coalesce(run, 1000)
        const results = await Promise.allSettled(units.map(unit => ask(unit)))
        const firstWrong = units.find(({ is }) => is !== 'good')
        if (firstWrong?.is === 'away') {
          expect(sizes).toEqual([units.length])
          expect(results.every(({ status }) => status === 'rejected')).toBe(true)
        } else {
          // asked alone up to the unit that meets the outage, and never again after it
          const away = units.findIndex(({ is }) => is === 'away')
          const asked = away === -1 ? units.length : away + 1
          if (firstWrong?.is === 'bad' && units.length > 1) expect(sizes.length).toBe(1 + asked)
          results.forEach((result, place) =>
            expect(result.status).toBe(units[place]?.is === 'good' && place < asked ? 'fulfilled' : 'rejected'),
          )
        }
      }),
      { numRuns: 200 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSlots } from '../../shared/recall/slots.ts'

describe('slots', () => {
  it('never carry more calls at once than there are of them, and carry all, in the order they came', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.record({ turns: fc.integer({ min: 0, max: 6 }), fails: fc.boolean() }), { maxLength: 25 }),
        async (count, calls) => {
          const slots = createSlots(count, 1000)
          let under = 0
          let most = 0
          const begun: number[] = []
          const ends = await Promise.allSettled(
            calls.map(({ turns, fails }, index) =>
              slots.run(async () => {
                begun.push(index)
                most = Math.max(most, ++under)
                for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
                under -= 1
                if (fails) throw new Error('no')
                return index
              }),
            ),
          )
          expect(most).toBeLessThanOrEqual(count)
          expect(begun).toEqual(calls.map((_, index) => index))
          expect(ends.map(({ status }) => status === 'rejected')).toEqual(calls.map(({ fails }) => fails))
        },
      ),
    )
  })

  it('tell how many calls they begin in a while: few before any was made, more the faster they are', async () => {
    const slots = createSlots(10, 1000)
    expect(slots.within(100)).toBe(1)
    for (let call = 0; call < 60; call++) await slots.run(async () => {})
    expect(slots.within(100)).toBeGreaterThan(10)
  })
})

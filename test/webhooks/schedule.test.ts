/** When a delivery is tried again, and when no more (goal G32). */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Posted } from '../../shared/webhooks/guarded-post.ts'
import { nextTryMs, readRetryAfter, scheduleMs } from '../../shared/webhooks/schedule.ts'
import { judge } from '../../shared/webhooks/try-delivery.ts'

const day = 86_400_000
const answered = (status: number, retryAfter: string | null = null, text = ''): Posted => ({
  kind: 'answered',
  status,
  retryAfter,
  text,
})
const half = () => 0.5
const judged = (posted: Posted, tries = 1, nowMs = 0) => judge('standard', tries, posted, half, nowMs)

describe('the schedule', () => {
  it('has ten tries over 75 h 35 min', () => {
    const minutes = scheduleMs.reduce((sum, ms) => sum + ms) / 60_000
    expect([scheduleMs.length, Math.floor(minutes)]).toEqual([10, 75 * 60 + 35])
  })

  it('is kept within a fifth, and never asks sooner than the receiver wants', () => {
    const chance = fc.double({ min: 0, max: 1, noNaN: true })
    const seed = Date.now()
    console.log(`schedule: seed ${seed}`)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        chance,
        fc.integer({ min: 0, max: day }),
        (tries, at, retryAfterMs) => {
          const wanted = scheduleMs[tries] ?? 0
          const plain = nextTryMs(tries, 0, () => at) ?? 0
          expect(plain).toBeGreaterThanOrEqual(wanted * 0.8)
          expect(plain).toBeLessThanOrEqual(wanted * 1.2)
          expect(nextTryMs(tries, retryAfterMs, () => at)).toBe(Math.max(plain, retryAfterMs))
        },
      ),
      { seed, numRuns: 1000 },
    )
    expect([nextTryMs(10, 0, half), nextTryMs(11, 5, half)]).toEqual([null, null])
  })

  it('uses the whole of the jitter', () => {
    expect([nextTryMs(1, 0, () => 0), nextTryMs(1, 0, half), nextTryMs(1, 0, () => 1)]).toEqual([4000, 5000, 6000])
  })
})

describe('Retry-After', () => {
  const nowMs = Date.parse('2026-11-23T00:00:00Z')
  it.each([
    [null, 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Mon, 23 Nov 2026 00:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 00:00:00 GMT', 0],
    ['999999', day],
    ['-5', 0],
    ['1.5', 0],
    ['soon', 0],
    ['2026', 2_026_000],
    ['Monday, or so', 0],
  ])('%s is %d ms', (header, ms) => {
    expect(readRetryAfter(header, nowMs)).toBe(ms)
  })
})

describe('a try', () => {
  it('succeeds with 2xx alone', () => {
    for (let status = 100; status < 600; status++) {
      const { kind } = judged(answered(status))
      expect([status, kind]).toEqual([
        status,
        status >= 200 && status < 300 ? 'delivered' : status === 410 ? 'failed' : 'later',
      ])
    }
  })

  it('that gets 410 disables at once', () => {
    expect(judged(answered(410))).toMatchObject({ kind: 'failed', disabledBy: 'The receiver is gone (410).' })
  })

  it('that is the tenth disables where it fails, and not where it does not', () => {
    expect(judged(answered(500), 9)).toMatchObject({ kind: 'later', delayMs: day, disabledBy: null })
    expect(judged(answered(500), 10)).toMatchObject({ kind: 'failed', disabledBy: expect.stringMatching(/10 times/) })
    expect(judged(answered(204), 10)).toMatchObject({ kind: 'delivered', disabledBy: null })
  })

  it.each([429, 502, 503, 504])('that gets %d holds its subscriber, longer where the receiver says so', status => {
    expect(judged(answered(status))).toMatchObject({ delayMs: 5000, holdMs: 5000 })
    expect(judged(answered(status), 3)).toMatchObject({ delayMs: 1_800_000, holdMs: 60_000 })
    expect(judged(answered(status, '3600'))).toMatchObject({ delayMs: 3_600_000, holdMs: 3_600_000 })
  })

  it('that gets no answer or no connection holds its subscriber; one that is refused by itself does not', () => {
    expect(judged({ kind: 'unanswered', detail: 'No reply.' })).toMatchObject({ kind: 'later', holdMs: 5000 })
    expect(judged({ kind: 'refused', detail: 'The URL must be https.' })).toMatchObject({ status: null, holdMs: 5000 })
    expect(judged(answered(400))).toMatchObject({ kind: 'later', holdMs: 0 })
  })
})

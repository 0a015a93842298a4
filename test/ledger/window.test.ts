/** A window that is divided by purpose: nobody takes a kept share's room, and the whole is never overdrawn. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Purpose, Share } from '../../shared/providers/provider.ts'
import { queryWindow } from '../../shared/providers/tpns/capabilities.ts'
import { figure, soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

type Shares = { readonly [P in Purpose]?: Share }
interface Draw {
  readonly purpose: Purpose
  readonly atMs: number
}
interface Played extends Draw {
  readonly waitMs: number
}

const windowMs = 1000
const purposes: readonly Purpose[] = ['proof', 'overlay', 'look', 'discover', 'figures', 'people']
const seed = Math.floor(Math.random() * 2 ** 31)
const runs = soak ? 2000 : 30

/** Any division that a vendor could have: some kept, some that borrow. */
const divisions = fc
  .array(fc.record({ calls: fc.integer({ min: 1, max: 6 }), kept: fc.boolean(), borrows: fc.boolean() }), {
    minLength: purposes.length,
    maxLength: purposes.length,
  })
  .map(shares => Object.fromEntries(purposes.map((purpose, index) => [purpose, shares[index]])) as Shares)
const tpnsLike: Shares = {
  proof: { calls: 8, kept: true, borrows: true },
  overlay: { calls: 4, kept: true },
  look: { calls: 3 },
  discover: { calls: 2 },
  figures: { calls: 1 },
  people: { calls: 2 },
}
const draws = fc
  .array(
    fc.record({
      purpose: fc.constantFrom(...purposes),
      gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 900, max: 1100 })),
      times: fc.integer({ min: 1, max: 8 }),
    }),
    { minLength: 10, maxLength: 60, size: 'max' },
  )
  .map(steps => {
    let atMs = 0
    return steps.flatMap(({ purpose, gapMs, times }) => {
      atMs += gapMs
      return Array.from({ length: times }, (): Draw => ({ purpose, atMs }))
    })
  })

describeOnLedgers('a window divided by purpose', (ledger, engine) => {
  beforeAll(() =>
    // the ledger's own arithmetic, at moments that the test chooses
    ledger().script(`
      create function play(p_draws json, p_limit int, p_window_ms float8, p_shares jsonb) returns table (waited float8)
      language plpgsql as $$
      declare
        draw record;
        held bucket;
      begin
        select null::text, null::text, '-infinity'::timestamptz, '{}'::timestamptz[], '{}'::text[], '{}'::jsonb,
          '-infinity'::timestamptz into held.budget, held.lane, held.tat, held.hits, held.purposes, held.asking, held.held_until;
        for draw in select * from json_to_recordset(p_draws) as d(purpose text, at_ms float8) loop
          select (c.b).hits, (c.b).purposes, c.wait_ms into held.hits, held.purposes, waited
            from charge(held, timestamptz '2026-01-01Z' + make_interval(secs => draw.at_ms / 1000), 'window', 1, null, null,
              p_limit, p_window_ms, p_shares, draw.purpose, 0) c;
          return next;
        end loop;
      end $$`),
  )

  const play = async (asked: readonly Draw[], limit: number, shares: Shares | null): Promise<Played[]> => {
    const rows = await ledger().query<{ waited: number }>(
      'select waited from play($1::text::json, $2::text::int, $3::text::float8, $4::text::jsonb)',
      [
        JSON.stringify(asked.map(({ purpose, atMs }) => ({ purpose, at_ms: atMs }))),
        limit,
        windowMs,
        shares === null ? null : JSON.stringify(shares),
      ],
    )
    return asked.map((draw, index) => ({ ...draw, waitMs: rows[index]?.waited ?? -1 }))
  }

  it.each([
    ['as TPNS divides it', fc.constant(tpnsLike)],
    ['in any way', divisions],
  ])('is never overdrawn, and gives a kept share whenever it is asked for, divided %s', async (_, anyShares) => {
    let drawn = 0
    await fc.assert(
      fc.asyncProperty(anyShares, draws, async (shares, asked) => {
        const limit = sum(purposes.map(purpose => shares[purpose]?.calls ?? 0))
        const played = await play(asked, limit, shares)
        drawn += played.length
        for (const [index, draw] of played.entries()) {
          const before = played.slice(0, index).filter(({ waitMs }) => waitMs === 0)
          const inWindow = (atMs: number) => before.filter(hit => hit.atMs > atMs - windowMs)
          const share = shares[draw.purpose]
          const own = inWindow(draw.atMs).filter(({ purpose }) => purpose === draw.purpose).length
          if (draw.waitMs === 0) {
            expect(inWindow(draw.atMs).length + 1).toBeLessThanOrEqual(limit)
            if (share?.borrows !== true) expect(own + 1).toBeLessThanOrEqual(share?.calls ?? 0)
          } else {
            if (share?.kept === true) expect(own).toBeGreaterThanOrEqual(share.calls)
            // that long and no longer, where nobody else draws meanwhile
            expect(hasRoom(inWindow(draw.atMs + draw.waitMs), draw.purpose, shares, limit)).toBe(true)
            expect(hasRoom(inWindow(draw.atMs + draw.waitMs - 1), draw.purpose, shares, limit)).toBe(false)
          }
        }
      }),
      { numRuns: runs, seed },
    )
    expect(drawn).toBeGreaterThan(runs * 10)
  })

  it('leaves 80 queries of TPNS to proof and 40 to overlays, whatever else asks', async context => {
    const { limit, shares } = queryWindow
    const hungry: Purpose[] = ['people', 'look', 'discover', 'people', 'look', 'figures']
    const flood = Array.from(
      { length: 500 },
      (_, index): Draw => ({ purpose: hungry[index % 6] ?? 'look', atMs: index }),
    )
    const then = (purpose: Purpose) => Array.from({ length: 200 }, (): Draw => ({ purpose, atMs: 600 }))
    const granted = (played: readonly Played[], purpose: Purpose) =>
      played.filter(draw => draw.purpose === purpose && draw.waitMs === 0).length
    const after = await play([...flood, ...then('proof'), ...then('overlay')], limit, shares)
    expect(purposes.map(purpose => granted(after, purpose))).toEqual([80, 40, 28, 24, 12, 16])
    // alone, proof has all but what overlays keep
    const alone = await play([...then('proof'), ...then('overlay'), ...then('people')], limit, shares)
    expect([granted(alone, 'proof'), granted(alone, 'overlay'), granted(alone, 'people')]).toEqual([160, 40, 0])
    figure(context, `queries left to proof after 500 others (${engine})`, `${granted(after, 'proof')}`, '80')
  })

  it('is one whole where nothing divides it', async () => {
    const asked = Array.from({ length: 9 }, (_, index): Draw => ({ purpose: 'act', atMs: index }))
    const played = await play(asked, 4, null)
    expect(played.map(({ waitMs }) => waitMs)).toEqual([0, 0, 0, 0, 996, 995, 994, 993, 992])
  })
})

describe('the rule', () => {
  it('is as TPNS states it: 200 an hour', () => {
    expect(sum(Object.values(queryWindow.shares).map(({ calls }) => calls))).toBe(200)
    expect(queryWindow).toMatchObject({ limit: 200, windowMs: 3_600_000 })
  })
})

/** The rule again, in the words of its comment. */
function hasRoom(hits: readonly Draw[], purpose: Purpose, shares: Shares, limit: number): boolean {
  const count = (of: Purpose) => hits.filter(hit => hit.purpose === of).length + (of === purpose ? 1 : 0)
  const share = shares[purpose]
  if (share !== undefined && share.borrows !== true && count(purpose) > share.calls) return false
  const taken = purposes.map(of => (shares[of]?.kept === true ? Math.max(shares[of].calls, count(of)) : count(of)))
  return sum(taken) <= limit
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/**
 * The order of verdicts stands in the ledger's `verdict_state`, by which they are shown and counted, and in the fragments by which
 * they act (verdicts.ts): both must say the same of any verdicts, and what is said in plain words here.
 */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { actsNow, blockedAgain, passed, takenOver } from '../../shared/ledger/verdicts.ts'
import { soak } from '../support/figures.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const endpoints = ['e_1', 'e_2', 'e_3']
const apps = ['a', 'b']

const verdict = fc.record({
  content: fc.constantFrom('x', 'x', 'x', 'y', null),
  endpoint: fc.constantFrom(...endpoints),
  authority: fc.nat(2),
  round: fc.nat(1),
  // the time that it tells, or none
  orderedAt: fc.constantFrom('-infinity', '2026-11-01T00:00:00Z', '2026-11-01T00:00:01Z', 'infinity'),
  severity: fc.constantFrom(null, 0, 0, 1, 2, 2),
  outranks: fc.subarray(endpoints),
  acts: fc.boolean(),
  apps: fc.constantFrom(null, null, ['a'], ['b'], apps),
  hoursAgo: fc.constantFrom(1, 23, 25),
  queued: fc.boolean(),
  fault: fc.constantFrom(null, null, null, null, 'unreadable', 'stale'),
  problem: fc.boolean(),
  overturnedBy: fc.option(fc.nat(7), { nil: null, freq: 2 }),
  did: fc.constantFrom('nothing', 'nothing', 'recalled', 'refused'),
})
type Verdict = typeof verdict extends fc.Arbitrary<infer V> ? V & { readonly id: string } : never

/** Greater counts more. */
function compare(one: Verdict, other: Verdict): number {
  const times = ['-infinity', '2026-11-01T00:00:00Z', '2026-11-01T00:00:01Z', 'infinity']
  const key = ({ authority, round, orderedAt, severity }: Verdict) => [
    authority,
    round,
    times.indexOf(orderedAt),
    severity ?? Number.NaN,
  ]
  const [a, b] = [key(one), key(other)]
  for (const [place, value] of a.entries()) {
    const against = b[place] ?? 0
    // what takes no part is neither above nor below, unless something before that decides
    if (Number.isNaN(value) || Number.isNaN(against)) return Number.NaN
    if (value !== against) return value - against
  }
  return one.id < other.id ? -1 : one.id > other.id ? 1 : 0
}

const stands = (verdict: Verdict) => verdict.acts && (verdict.hoursAgo < 24 || verdict.queued)

function stateOf(mine: Verdict, all: readonly Verdict[]): string {
  const above = (one: Verdict, other: Verdict) =>
    one.content !== null &&
    one.content === other.content &&
    one.outranks.includes(other.endpoint) &&
    compare(one, other) > 0
  const isPassed = (verdict: Verdict) => all.some(pass => pass.severity === 0 && above(pass, verdict))
  const within = (narrow: Verdict, wide: Verdict) =>
    wide.apps === null || (narrow.apps !== null && narrow.apps.every(app => wide.apps?.includes(app)))
  const isTakenOver = all.some(other => stands(other) && above(other, mine) && !isPassed(other) && within(mine, other))
  if (mine.fault === 'unreadable') return 'unreadable'
  if (mine.fault === 'stale') return 'refused'
  const pass = mine.overturnedBy === null ? undefined : all[mine.overturnedBy]
  if (pass !== undefined && !all.some(block => block.severity === 2 && above(block, mine) && compare(block, pass) > 0))
    return 'overturned'
  if (mine.did !== 'nothing') return mine.did
  if (!mine.acts) return 'recorded'
  if (isPassed(mine) || isTakenOver) return 'outranked'
  if (mine.problem) return 'held'
  return mine.content !== null && stands(mine) ? 'waiting' : 'unmatched'
}

/** The same of the fragments. */
const byFragments = `case
  when v.fault = 'unreadable' then 'unreadable'
  when v.fault = 'stale' then 'refused'
  when exists (select from verdict p where p.id = v.overturned_by and not ${blockedAgain('p', 'v')}) then 'overturned'
  when s.did <> 'nothing' then s.did
  when v.operation is null then 'recorded'
  when ${passed('v')} or ${takenOver('v')} then 'outranked'
  when v.problem is not null then 'held'
  when v.content is not null and ${actsNow('v')} then 'waiting'
  else 'unmatched' end`

describeOnLedgers('the state of a verdict', ledger => {
  it('is the same wherever it is told, for any verdicts on a content', async () => {
    const seen = new Set<string>()
    await fc.assert(
      fc.asyncProperty(fc.array(verdict, { minLength: 1, maxLength: 8 }), async given => {
        const all = given.map((one, n): Verdict => ({ ...one, id: `vrd_${n}` }))
        await ledger().query('delete from verdict')
        await ledger().query(
          `insert into verdict (id, endpoint, source, tier, content, labels, authority, round, ordered_at, severity, outranks,
             operation, apps, received_at, queued, fault, problem, overturned_by)
           select id, endpoint, 'standard-webhooks', 'A', content, '[]', authority, round, "orderedAt", severity,
             array(select json_array_elements_text(outranks)), case when acts then 'revoke' end,
             case when json_typeof(apps) = 'array' then array(select json_array_elements_text(apps)) end,
             now() - make_interval(hours => "hoursAgo"), queued, fault, case when problem then 'p' end,
             case when "overturnedBy" is not null then 'vrd_' || "overturnedBy" end
           from json_to_recordset($1::text::json) as v(id text, endpoint text, content text, authority int, round int,
             "orderedAt" timestamptz, severity int, outranks json, acts boolean, apps json, "hoursAgo" int, queued boolean,
             fault text, problem boolean, "overturnedBy" int)`,
          [JSON.stringify(all)],
        )
        const rows = await ledger().query<{ id: string; shown: string; acted: string }>(
          `select v.id, verdict_state(v, case when s.did = 'nothing' then 0 else 1 end, s.did = 'recalled') as shown, ${byFragments} as acted
           from verdict v join json_to_recordset($1::text::json) as s(id text, did text) on s.id = v.id order by v.id`,
          [JSON.stringify(all)],
        )
        const expected = all.map(one => ({ id: one.id, state: stateOf(one, all) }))
        for (const { state } of expected) seen.add(state)
        expect(rows.map(({ id, shown }) => ({ id, state: shown }))).toEqual(expected)
        expect(rows.map(({ id, acted }) => ({ id, state: acted }))).toEqual(expected)
      }),
      { numRuns: soak ? 5000 : 150 },
    )
    expect(seen.size).toBe(9)
  })
})

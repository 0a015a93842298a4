/** Texts of what has ended leave, and of what has not they stay: against a model, on both engines. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { retireTexts } from '../../shared/ledger/texts.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const days = 30
const age = fc.integer({ min: 1, max: 59 }).filter(n => n !== days)
const scenario = fc.record({
  since: age,
  /** Days until (below 0: since) the message's own end. */
  expires: fc.option(fc.integer({ min: -59, max: 20 }).filter(n => n !== -days)),
  targets: fc.array(
    fc.record({
      kept: fc.option(age),
      /** Days since it settled; 0: it runs. */
      recalls: fc.array(fc.oneof(fc.constant(0), age), { maxLength: 2 }),
    }),
    { maxLength: 3 },
  ),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never

function isOver({ since, expires, targets }: Scenario): boolean {
  const ends = [
    since,
    ...(expires === null ? [] : [-expires]),
    ...targets.flatMap(({ kept, recalls }) => [...(kept === null ? [] : [kept]), ...recalls]),
  ]
  return ends.every(end => end > days)
}

let ids = 0

describeOnLedgers('texts', ledger => {
  const make = async ({ since, expires, targets }: Scenario): Promise<string> => {
    const id = `m${++ids}`
    await ledger().query(
      `insert into message (id, digest, title, body, url, contents, registered_by, owner, texts_since, expires_at)
       values ($1::text, '', 'title', 'body', 'https://x', '{c}', 'key:x', 'key:x', now() - $2::text::int * interval '1 day',
         now() + $3::text::int * interval '1 day')`,
      [id, since, expires],
    )
    for (const [position, { kept, recalls }] of targets.entries()) {
      const [target] = await ledger().query<{ id: number }>(
        `insert into target (message_id, position, app, provider, handle, kept_since)
         values ($1::text, $2::text::int, 'a', 'huawei', $3::text, now() - $4::text::int * interval '1 day') returning id`,
        [id, position, `${id}-${position}`, kept],
      )
      for (const [n, settled] of recalls.entries()) {
        const recall = `r-${id}-${position}-${n}`
        await ledger().query(
          `insert into recall (id, operation, state, reason, requested_by, owner, subject, overlay, fallback, apps, give_up_at, settled_at)
           values ($1::text, 'overlay', $2::text, 'r', 'key:x', 'key:x', '{}', '{"title":"t","body":"b"}', true, '{a}', now(),
             case when $3::text::int > 0 then now() - $3::text::int * interval '1 day' end)`,
          [recall, settled > 0 ? 'done' : 'running', settled],
        )
        await ledger().query(
          `insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
           values ($1::text, 0, $2::text::bigint, 'a', 'huawei', 'h', 'done', false, '{}')`,
          [recall, target?.id ?? 0],
        )
      }
    }
    return id
  }
  const textsOf = async (id: string) =>
    (
      await ledger().query<{ texts: number; contents: string }>(
        `select num_nonnulls(title, body, url) as texts, contents::text as contents from message where id = $1::text`,
        [id],
      )
    )[0]

  it('of a message leave when it has been over for so long, and not before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(scenario, { minLength: 1, maxLength: 6 }), async scenarios => {
        const made: [string, Scenario][] = []
        for (const one of scenarios) made.push([await make(one), one])
        await retireTexts(ledger(), days, Date.now() + 60_000)
        for (const [id, one] of made) {
          expect(await textsOf(id), JSON.stringify(one)).toEqual({ texts: isOver(one) ? 0 : 3, contents: '{c}' })
        }
        const overlays = await ledger().query<{ overlay: unknown; settled: number | null }>(
          `select overlay, extract(epoch from now() - settled_at) / 86400 as settled from recall`,
        )
        for (const { overlay, settled } of overlays) expect(overlay === null).toBe(settled !== null && settled > days)
        await ledger().query('delete from message')
        await ledger().query('delete from target')
        await ledger().query('delete from recall')
        await ledger().query('delete from recall_target')
      }),
      { numRuns: 25 },
    )
  })

  it('of verdicts leave, but not while these act', async () => {
    const insert = (id: string, old: number) =>
      ledger().query(
        `insert into verdict (id, endpoint, source, tier, content, decision, labels, reason, overlay, authority, round,
           ordered_at, outranks, received_at)
         values ($1::text, 'e', 's', 'B', 'c', 'block', '[]', 'why', '{}', 0, 0, now(), '{e}',
           now() - $2::text::float8 * interval '1 day')`,
        [id, old],
      )
    for (const old of [0.5, 1.5, 2.5, 40]) await insert(`v${old}`, old)
    const kept = async () =>
      (
        await ledger().query<{ id: string }>(
          'select id from verdict where reason is not null or overlay is not null order by id',
        )
      ).map(({ id }) => id)
    await retireTexts(ledger(), days, Date.now() + 60_000)
    expect(await kept()).toEqual(['v0.5', 'v1.5', 'v2.5'])
    await retireTexts(ledger(), 1, Date.now() + 60_000)
    expect(await kept()).toEqual(['v0.5', 'v1.5'])
    expect((await ledger().query('select from verdict')).length).toBe(4)
  })

  it('leave by more than one statement where there are many, and none when the time is over', async () => {
    await ledger().query(
      `insert into message (id, digest, title, contents, registered_by, owner, texts_since)
       select 'many-' || n, '', 't', '{}', 'key:x', 'key:x', now() - interval '60 days' from generate_series(1, 1200) n`,
    )
    expect(await retireTexts(ledger(), days, Date.now() - 1)).toBe(0)
    expect(await retireTexts(ledger(), days, Date.now() + 60_000)).toBe(1200)
    expect(await retireTexts(ledger(), days, Date.now() + 60_000)).toBe(0)
    await ledger().query('delete from message')
  })
})

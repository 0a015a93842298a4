/** A recall by content may have more targets than one answer can hold: the first are shown, and all are counted. */
import { expect, it } from 'vitest'
import type { Ledger } from '../../shared/ledger/sql.ts'
import { listRecalls, readRecalls } from '../../shared/ledger/recalls.ts'
import { pageBytes } from '../../shared/pages.ts'
import { allProviders } from '../../shared/providers/registry.ts'
import { viewRecall } from '../../shared/recall/view.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const providers = await allProviders()

const caller = { id: 'key:ops', owner: 'ops', person: null, grant: null }
const options = {
  providers: new Map(providers.map(provider => [provider.name, provider])),
  mayDecide: () => false,
  assumeAudience: null,
  rateOf: () => 100,
  now: new Date(),
  caller,
}

/** Of every target two devices are accepted and one is pending; the last one waits for a credential. */
async function make(ledger: Ledger, id: string, targets: number): Promise<void> {
  await ledger.query(
    `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
     values ($1::text, 'revoke', 'running', 'r', 'key:ops', 'ops', '{"content":"c"}', true, '{a,b}', now() + interval '1 day')`,
    [id],
  )
  await ledger.query(
    `with made as (
       insert into recall_target (recall_id, position, target_id, app, provider, handle, state, active, plan)
       select $1::text, n, 0, case when n % 2 = 0 then 'a' else 'b' end, 'huawei', n::text, 'running', false,
         '{"requested":"revoke","ladder":["revoke"],"steps":{"revoke":{"effects":[],"warnings":["w"]}},"refusal":null}'
       from generate_series(0, $2::text::int - 1) n
       returning id, position, app
     )
     insert into work (recall_id, recall_target_id, target_id, seq, app, devices, operation, ladder, step, state, give_up_at,
       accepted, blocked_by, blocked_since, blocked_detail)
     select $1::text, id, 0, 0, app, 3, 'revoke', 'revoke', 'act', 'ready', now() + interval '1 day', 2,
       case when position = $2::text::int - 1 then 'credential' end, now(), 'd' from made`,
    [id, targets],
  )
}

const shown = (view: object) => view as { [member: string]: unknown; targets: object[]; moreTargets: number }

describeOnLedgers('a recall of many targets', ledger => {
  it('shows the first thousand, and counts all of them', async () => {
    await make(ledger(), 'rcl_many', 2500)
    const [recall] = await readRecalls(ledger(), ['rcl_many'])
    if (recall === undefined || recall === null) throw new Error('it is not there')
    const view = shown(viewRecall(recall, options))
    expect([view.targets.length, view.moreTargets]).toEqual([1000, 1500])
    expect(view['devices']).toEqual({ total: 7500, accepted: 5000, rejected: 0, unknown: 0, pending: 2500 })
    expect(view['blocked']).toMatchObject({ by: 'credential' })
    expect(view['etaSeconds']).toBeGreaterThan(0)
    expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(pageBytes)
  })

  it('shows a hundred in a list, whose parts stay small', async () => {
    for (let n = 0; n < 5; n++) await make(ledger(), `rcl_list_${n}`, 1001)
    const named = { content: null, message: null, handle: null, person: null, operation: null, ticket: null }
    const filter = { ...named, q: 'rcl_list', app: null, states: null, from: null, to: null, caller }
    const found = await listRecalls(ledger(), { ...filter, limit: 26, after: null })
    const views = found.map(recall => shown(viewRecall(recall, options)))
    expect(views.map(({ targets, moreTargets }) => [targets.length, moreTargets])).toEqual(
      Array.from({ length: 5 }, () => [100, 901]),
    )
    for (const view of views) {
      expect(view['devices']).toMatchObject({ total: 3003, accepted: 2002 })
      expect(view['blocked']).toMatchObject({ by: 'credential' })
      expect(Buffer.byteLength(JSON.stringify(view))).toBeLessThan(pageBytes / 20)
    }
  })

  it('shows all where there are no more', async () => {
    await make(ledger(), 'rcl_few', 1000)
    const [recall] = await readRecalls(ledger(), ['rcl_few'])
    if (recall === undefined || recall === null) throw new Error('it is not there')
    const view = shown(viewRecall(recall, options))
    expect([view.targets.length, view.moreTargets]).toEqual([1000, 0])
    expect(view['devices']).toMatchObject({ total: 3000 })
  })
})

/** Senders of status webhooks that die beside a delivery: it arrives all the same, under one id, and is settled. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { makeSecret, type Receiver, startReceiver, verify } from '../webhooks/receiver.ts'
import type { LedgerCrash } from './crash-points.ts'
import { type OpenRig, openRig } from './rig.ts'
import { bundleFunctions, type Functions } from './processes.ts'

/** How often the receiver may have it, and how many tries may stay without an end. */
const crashes: readonly (LedgerCrash & { readonly arrivals: readonly number[]; readonly open: readonly number[] })[] = [
  { statement: 'lease', moment: 'before', arrivals: [1], open: [0] },
  { statement: 'lease', moment: 'inside', arrivals: [1], open: [0] },
  { statement: 'lease', moment: 'after', arrivals: [1], open: [1] },
  { statement: 'deliver', moment: 'before', arrivals: [2], open: [1] },
  { statement: 'deliver', moment: 'inside', arrivals: [2], open: [1] },
  { statement: 'deliver', moment: 'wire', arrivals: [1, 2], open: [0, 1] },
  { statement: 'deliver', moment: 'after', arrivals: [1], open: [0] },
]

describe('senders that die (PostgreSQL)', () => {
  const secret = makeSecret()
  let functions: Functions
  let receiver: Receiver
  let rig: OpenRig
  const run = (crash: LedgerCrash | null) =>
    functions.start({ steps: [{ timer: 'sweep' }], crash }, rig.environment).ended
  beforeAll(async () => {
    receiver = await startReceiver()
    functions = await bundleFunctions()
    const subscriber = { url: `${receiver.url}/hook`, secret, events: ['recall.accepted'], format: 'standard' }
    rig = await openRig(inject('postgres'), functions, undefined, { 'unpush/subscribers/console': subscriber })
    await run(null)
  })
  afterAll(async () => {
    await rig.close()
    await functions.close()
    await receiver.close()
  })

  it.each(crashes)('$statement, $moment', async ({ statement, moment, arrivals, open }) => {
    const { ledger } = rig
    const recall = `rcl_${statement}_${moment}`
    receiver.taken.length = 0
    await ledger.query(
      `insert into recall (id, operation, state, reason, requested_by, owner, subject, fallback, apps, give_up_at)
       values ('${recall}', 'revoke', 'running', 'r', 'key:x', 'key:x', '{}', true, '{phones}', now())`,
    )
    expect((await run({ statement, moment })).killed).toBe(true)
    await rig.buried()
    // it would end by itself
    await ledger.query("update delivery set lease_until = now() - interval '1 second' where lease_until is not null")
    expect((await run(null)).killed).toBe(false)
    const [delivery] = await ledger.query<{ id: string; state: string; open: number }>(
      `select id, state, (select count(*) from delivery_attempt where delivery_id = d.id and finished_at is null) as open
       from delivery d where recall_id = '${recall}'`,
    )
    expect(delivery?.state).toBe('delivered')
    expect(open).toContain(delivery?.open)
    expect(arrivals).toContain(receiver.taken.length)
    for (const taken of receiver.taken) {
      expect(taken.headers['webhook-id']).toBe(delivery?.id)
      expect(verify(secret, taken).data.id).toBe(recall)
    }
  })
})

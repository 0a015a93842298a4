/** A trail that somebody holds up is told of: by `/readyz`, in the log, and to subscribers, once for each spell. */
import { expect, it } from 'vitest'
import { watchTrail } from '../../shared/audit/keep-trail.ts'
import { createHealth } from '../../shared/health.ts'
import { longestUnsealedSeconds, sealAudit } from '../../shared/ledger/audit.ts'
import { listDeliveries } from '../../shared/ledger/deliveries.ts'
import { mirrorSubscribers } from '../../shared/ledger/subscribers.ts'
import { createLog } from '../../shared/log.ts'
import { openSecrets } from '../../shared/secrets/secrets.ts'
import { sourceOfDocuments } from '../../shared/secrets/source.ts'
import { appendAudit } from '../support/append-audit.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

describeOnLedgers('a trail that lags', ledger => {
  const lines: string[] = []
  const log = createLog({ stream: { write: line => lines.push(line) } })
  const watch = () => watchTrail({ ledger: ledger(), log })
  const wait = async (seconds: number): Promise<void> => {
    const entry = { by: { id: 'key:test', person: null }, action: 'test', object: 'o', detail: {} }
    await appendAudit(ledger(), [entry])
    await ledger().script(`
      alter table audit_unsealed disable trigger all;
      update audit_unsealed set at = clock_timestamp() - make_interval(secs => ${seconds});
      alter table audit_unsealed enable trigger all`)
  }
  const audit = async () => {
    const access = new Map<string, unknown>([['unpush/access', { keys: [] }]])
    const secrets = openSecrets(sourceOfDocuments('test', async () => access))
    return (await createHealth(async () => ({ ledger: ledger(), secrets }), log)()).checks['audit']
  }
  const told = (apps: readonly string[] | null = null) =>
    listDeliveries(ledger(), {
      limit: 100,
      after: null,
      q: null,
      app: null,
      subscriber: null,
      states: null,
      from: null,
      to: null,
      apps,
    })

  it('is told of once, and again when it comes again', async () => {
    await mirrorSubscribers(
      ledger(),
      [
        { id: 'alarms', events: ['audit.lagging'], apps: null, digest: '1' },
        { id: 'some', events: ['audit.lagging'], apps: ['app'], digest: '1' },
        { id: 'recalls', events: ['recall.failed'], apps: null, digest: '1' },
      ],
      [],
    )
    await wait(longestUnsealedSeconds - 60)
    expect(await audit()).toEqual({ ok: true, detail: null })
    await watch()
    expect(await told()).toEqual([])

    await wait(longestUnsealedSeconds + 30)
    const [lag] = await ledger().query<{ seconds: number }>('select audit_lag() as seconds')
    expect(lag?.seconds).toBeGreaterThan(longestUnsealedSeconds)
    expect(await audit()).toEqual({
      ok: false,
      detail: 'Entries of the audit trail have waited for 5 minutes to be sealed.',
    })
    for (let i = 0; i < 3; i++) await watch()
    const first = await told()
    const seen = first.map(({ subscriber, type, recallId }) => ({ subscriber, type, recallId }))
    expect(seen).toHaveLength(2)
    const event = { type: 'audit.lagging', recallId: null }
    expect(seen).toContainEqual({ subscriber: 'alarms', ...event })
    expect(seen).toContainEqual({ subscriber: 'some', ...event })
    const [sent] = await ledger().query<{ data: object }>("select data from delivery where subscriber = 'alarms'")
    expect(sent?.data).toEqual({
      seconds: expect.any(Number),
      oldestAt: expect.stringMatching(/^\d{4}-.*Z$/),
      links: { self: '/v1/audit' },
    })
    // it is no app's: who reaches some apps alone is not shown it
    expect(await told(['app'])).toEqual([])

    await sealAudit(ledger(), 100)
    expect(await audit()).toEqual({ ok: true, detail: null })
    await watch()
    await wait(longestUnsealedSeconds + 1)
    await watch()
    expect(await told()).toHaveLength(4)
    expect(lines.filter(line => line.includes('the audit trail lags'))).toHaveLength(2)
    await sealAudit(ledger(), 100)
  })
})

/** Two instances are asked about the same push: the vendor hears of it once. */
import { expect, it } from 'vitest'
import { send } from '../../shared/http.ts'
import { createLog } from '../../shared/log.ts'
import { createStatusReader } from '../../shared/recall/status.ts'
import { fakeApps, fakeProvider, noReply, record } from '../support/fake-provider.ts'
import { describeOnLedgers } from '../support/ledgers.ts'

const silent = createLog({ level: 'silent' })

describeOnLedgers('reads for people', ledger => {
  const readers = async (answer: Parameters<typeof fakeProvider>[0]['answer']) => {
    await ledger().query('delete from vendor_record')
    await ledger().query('delete from bucket')
    const { provider, calls } = fakeProvider({ addressing: 'task', answer })
    const app = await fakeApps(provider).find('app')
    if (app === null) throw new Error('gone')
    const instances = [createStatusReader(ledger(), send), createStatusReader(ledger(), send)]
    return {
      calls,
      read: (pushId: string) =>
        instances.flatMap(read => [read(app, { pushId }, silent), read(app, { pushId }, silent)]),
    }
  }

  it('of several instances share one request, and its answer', async () => {
    const { calls, read } = await readers(async () => {
      await new Promise(resolve => setTimeout(resolve, 400))
      return record('REVOKED')
    })
    const answers = await Promise.all([...read('1'), ...read('2')])
    expect(answers.map(({ known, stale }) => [known?.record.status, stale])).toEqual(
      answers.map(() => ['REVOKED', null]),
    )
    expect(calls.map(({ handle }) => handle).sort()).toEqual(['1', '2'])
  })

  it('are not held up by one that failed', async () => {
    let failures = 1
    const { calls, read } = await readers(() =>
      failures-- > 0
        ? { outcome: { kind: 'unknown', vendor: noReply, reason: 'reset' }, record: null }
        : record('FINISHED'),
    )
    const answers = await Promise.all(read('3'))
    expect(answers.some(({ known }) => known?.record.status === 'FINISHED')).toBe(true)
    expect(calls.length).toBe(2)
  })

  it('draw on nothing but their own share', async () => {
    const { calls, read } = await readers(() => record('FINISHED'))
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => read(`push ${index}`)).flat())
    expect(calls.length).toBe(8)
    expect(answers.filter(({ waitMs }) => waitMs > 3_500_000).length).toBe(32 * 4)
    const [row] = await ledger().query<{ purposes: string[] }>('select to_jsonb(purposes) as purposes from bucket')
    expect(row?.purposes).toEqual(Array.from({ length: 8 }, () => 'people'))
  })

  it('make everybody wait where the vendor names a time', async () => {
    const { calls, read } = await readers(() => ({
      outcome: { kind: 'throttled', vendor: noReply, retryAfterMs: 60_000, quota: true },
      record: null,
    }))
    await Promise.all(read('4'))
    const answers = await Promise.all(read('5'))
    expect(calls.length).toBe(1)
    for (const { known, waitMs } of answers) expect([known, waitMs > 50_000]).toEqual([null, true])
  })
})

/** Any vendor, any order of answers: work ends, counts add up, and nothing is called done without the vendor's yes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Operation } from '../../shared/operation.ts'
import type { OperationCapability, Outcome, OutcomeKind, VendorRecord } from '../../shared/providers/provider.ts'
import { sentenceOf } from '../../shared/sentences.ts'
import { ladderOf } from '../../shared/recall/plan.ts'
import type { StepResult, VendorView, WorkState } from '../../shared/recall/decision.ts'
import { requestOf } from '../../shared/recall/next-request.ts'
import { backOffMs } from '../../shared/recall/postpone.ts'
import { decide } from '../../shared/recall/steps.ts'
import { noReply } from '../support/fake-provider.ts'

const proof = { stop: 'STOPPED', revoke: 'REVOKED', overlay: 'REPLACED' } as const
const task: VendorView = {
  capability: operation => ({
    addressing: [{ by: 'task' }],
    confirmedBy: [proof[operation]],
    overBy: ['FINISHED'],
    needsRecord: operation === 'overlay',
    repeatable: operation !== 'overlay',
    channels: [],
  }),
  canReadStatus: true,
  isWhole: () => true,
  assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
}
const tokens: VendorView = {
  ...task,
  canReadStatus: false,
  isWhole: () => false,
  capability: operation => ({
    addressing: [{ by: 'tokens', most: 1000 }],
    confirmedBy: [],
    needsRecord: false,
    repeatable: operation !== 'overlay',
    channels: [],
  }),
}

const outcome = (kind: OutcomeKind): Outcome => {
  switch (kind) {
    case 'partial':
      return { kind, vendor: noReply, rejected: [{ reason: 'x', count: 2 }], unknown: 1 }
    case 'refused':
    case 'unknown':
      return { kind, vendor: noReply, reason: 'x' }
    case 'throttled':
      return { kind, vendor: noReply, retryAfterMs: 1000, quota: false }
    default:
      return { kind, vendor: noReply }
  }
}
const kinds: OutcomeKind[] = [
  'accepted',
  'already_done',
  'too_late',
  'not_found',
  'unsupported',
  'auth',
  'partial',
  'refused',
  'unknown',
  'throttled',
]
const record = (status: string): VendorRecord => ({ status, scheduled: false, detail: {} })
const answers = fc.record({
  kind: fc.constantFrom(...kinds),
  status: fc.constantFrom('FINISHED', 'STOPPED', 'REVOKED', 'REPLACED', 'WAIT'),
  way: fc.integer({ min: 0, max: 12 }),
})
/** Nobody called the vendor: a budget is empty for a moment or for long, its breaker is open, the credential is not to be had. */
const uncalled: readonly ((record: VendorRecord | null) => StepResult)[] = [
  record => ({ kind: 'used_up', lane: 'l', waitMs: 900, quota: true, record }),
  record => ({ kind: 'used_up', lane: 'l', waitMs: 600_000, quota: true, record }),
  record => ({ kind: 'open', cause: 'vendor', waitMs: 1000, clockAheadMs: 0, record }),
  record => ({ kind: 'locked', detail: 'x', record }),
]

describe('the steps of a unit of work', () => {
  const start = (operation: Operation, byTask: boolean): WorkState => ({
    operation,
    ladder: ladderOf(operation, true, true),
    step: byTask ? 'read' : 'act',
    confirmations: 0,
    failures: 0,
    unsettled: 0,
    devices: byTask ? null : 10,
    record: null,
    remainingMs: 3_600_000,
  })

  /** Plays the script. Resolves with how it ended, and the operation that ended it; null: it goes on. */
  const play = (
    begun: WorkState,
    view: VendorView,
    script: readonly { kind: OutcomeKind; status: string; way: number }[],
  ) => {
    let work = begun
    const acted = new Map<string, string[]>()
    const said: string[] = []
    const codes: string[] = []
    for (const { kind, status, way } of script) {
      const outcomeNow = outcome(kind)
      const known = record(status)
      const newest = kind === 'accepted' ? known : work.record
      const wanted = requestOf(work)
      const missed = uncalled[way]
      const result: StepResult =
        missed !== undefined
          ? missed(work.record)
          : wanted === 'status'
            ? {
                kind: 'read',
                reading: { outcome: outcomeNow, record: kind === 'accepted' ? known : null },
                record: newest,
              }
            : { kind: 'acted', outcome: outcomeNow, record: work.record }
      if (result.kind === 'acted' && wanted !== 'status') acted.set(wanted, [...(acted.get(wanted) ?? []), kind])
      const { change, failures, confirmations, warnings, notices } = decide(work, result, view, 0.5)
      for (const notice of notices) {
        codes.push(notice.code)
        expect(warnings).toContain(sentenceOf(notice))
      }
      said.push(...warnings)
      if (change.kind === 'final') {
        return { work, result, kind, status, change, operation: change.operation ?? work.operation, acted, codes, said }
      }
      const moved = change.kind === 'continue' ? { operation: change.operation, ladder: change.ladder } : {}
      work = {
        ...work,
        ...moved,
        step: change.step,
        failures,
        confirmations,
        record: result.kind === 'read' ? newest : work.record,
        remainingMs: work.remainingMs - (change.kind === 'later' ? change.delayMs : 0),
      }
      expect(work.ladder[0]).toBe(work.operation)
    }
    return null
  }
  const yeses = new Set(['accepted', 'already_done', 'partial'])

  it('ask the record which no it was, where the vendor says that only the record knows', () => {
    const no: Outcome = { kind: 'refused', vendor: { ...noReply, code: '400' }, reason: 'x', look: true }
    const asked = decide(start('stop', true), { kind: 'acted', outcome: no, record: null }, task, 0)
    expect(asked.change).toMatchObject({ kind: 'continue', step: 'look' })
    expect(asked.vendor).toMatchObject({ code: '400' })
    const looking: WorkState = { ...start('stop', true), step: 'look' }
    expect(requestOf(looking)).toBe('status')
    const read = (kind: OutcomeKind, status: string) =>
      decide(
        { ...looking, devices: 3 },
        { kind: 'read', reading: { outcome: outcome(kind), record: record(status) }, record: null },
        task,
        0,
      ).change
    expect(read('accepted', 'STOPPED')).toMatchObject({ kind: 'final', result: 'accepted' })
    const failed = (reason: string) => ({ kind: 'final', result: 'failed', rejections: [{ reason, count: 3 }] })
    expect(read('accepted', 'FINISHED')).toMatchObject(failed('too_late'))
    expect(read('accepted', 'WAIT')).toMatchObject(failed('refused'))
    expect(read('not_found', '')).toMatchObject(failed('not_found'))
    for (const kind of ['unknown', 'throttled', 'auth'] as const)
      expect(read(kind, '')).toMatchObject({ kind: 'later', step: 'look' })
    // without a record to look at, no is no
    expect(decide(start('stop', true), { kind: 'acted', outcome: no, record: null }, tokens, 0).change).toMatchObject({
      kind: 'final',
      result: 'failed',
    })
  })

  it('end, add up, and say yes only after a yes', () => {
    let ends = 0
    fc.assert(
      fc.property(
        fc.constantFrom<Operation>('stop', 'revoke', 'overlay'),
        fc.boolean(),
        fc.array(answers, { minLength: 60, maxLength: 60 }),
        (operation, byTask, script) => {
          const end = play(start(operation, byTask), byTask ? task : tokens, script)
          if (end === null) return
          ends += 1
          const { work, change, acted } = end
          if (work.devices !== null) {
            expect(change.accepted + change.rejected + change.unknown).toBe(work.devices)
          }
          if (change.result === 'accepted' && !byTask) {
            expect(acted.get(end.operation)?.some(kind => yeses.has(kind))).toBe(true)
          }
        },
      ),
      { numRuns: 2000 },
    )
    expect(ends).toBeGreaterThan(1000)
  })

  it("count what a task's record shows, and never an unread one", () => {
    const ends = { accepted: 0, unrecorded: 0, unconfirmed: 0 }
    fc.assert(
      fc.property(
        fc.constantFrom<Operation>('stop', 'revoke', 'overlay'),
        fc.array(answers, { minLength: 60, maxLength: 60 }),
        fc.constantFrom(20_000, 3_600_000, 86_400_000),
        (operation, script, remainingMs) => {
          const end = play({ ...start(operation, true), remainingMs }, task, script)
          if (end === null) return
          const { change, result, kind, status, acted, codes } = end
          const didSay = (acted.get(end.operation) ?? []).some(said => yeses.has(said))
          if (codes.includes('unconfirmed')) {
            // the vendor had said yes, and it is neither done nor failed
            ends.unconfirmed += 1
            expect([change.result, didSay]).toEqual(['partial', true])
          }
          if (change.result !== 'accepted') return
          // in the very moment in which its record was read
          expect(result.kind).toBe('read')
          if (codes.includes('unrecorded')) {
            ends.unrecorded += 1
            expect([kind, didSay]).toEqual(['not_found', true])
          } else {
            ends.accepted += 1
            expect([kind, status]).toEqual(['accepted', proof[end.operation]])
          }
        },
      ),
      { numRuns: 3000 },
    )
    for (const [end, count] of Object.entries(ends)) expect([end, count > 20]).toEqual([end, true])
  })

  it('take the yes for all there is where the vendor keeps records of scheduled pushes alone', () => {
    const some: VendorView = {
      ...task,
      capability: () => ({ ...needsNoRecord, provesScheduled: true }),
    }
    const needsNoRecord: OperationCapability = {
      addressing: [{ by: 'task' }],
      confirmedBy: ['DELETED'],
      needsRecord: false,
      repeatable: true,
      channels: [],
    }
    const look = (before: VendorRecord | null, now: VendorRecord | null, confirmations = 0, view = some) =>
      decide(
        { ...start('stop', true), step: 'confirm', record: before, confirmations },
        {
          kind: 'read',
          reading: { outcome: outcome(now === null ? 'not_found' : 'accepted'), record: now },
          record: now ?? before,
        },
        view,
        0,
      ).change
    const held = (status: string, scheduled: boolean): VendorRecord => ({ status, scheduled, detail: {} })
    const ended = { kind: 'final', result: 'accepted' }
    expect(look(null, null)).toMatchObject(ended)
    expect(look(held('SENT', false), held('SENT', false))).toMatchObject(ended)
    expect(look(held('WAITS', true), held('DELETED', false))).toMatchObject(ended)
    // it went out all the same, or still waits: no yes tells otherwise
    expect(look(held('WAITS', true), held('SENT', false))).toMatchObject({ kind: 'later', step: 'confirm' })
    expect(look(held('SENT', false), held('SENT', false), 1)).toMatchObject({ kind: 'later', step: 'confirm' })
    expect(look(null, held('WAITS', true))).toMatchObject({ kind: 'later', step: 'confirm' })
    const every: VendorView = { ...task, capability: () => needsNoRecord }
    expect(look(null, null, 0, every)).toMatchObject({ kind: 'later', step: 'confirm' })
  })

  it('wait for the proof of a revoke while its budget is empty, with a stop meanwhile', () => {
    const work: WorkState = {
      ...start('revoke', true),
      ladder: ['revoke', 'stop'],
      step: 'confirm',
      record: record('X'),
    }
    const usedUp = (waitMs: number): StepResult => ({
      kind: 'used_up',
      lane: 'query',
      waitMs,
      quota: true,
      record: work.record,
    })
    // a moment is waited for
    expect(decide(work, usedUp(900), task, 0).change).toMatchObject({ kind: 'later', step: 'confirm', delayMs: 900 })
    const meanwhile = decide(work, usedUp(3_000_000), task, 0)
    expect(meanwhile.change).toMatchObject({ kind: 'continue', step: 'meanwhile', operation: 'revoke' })
    expect(requestOf({ ...work, step: 'meanwhile' })).toBe('stop')
    const sent = decide(
      { ...work, step: 'meanwhile' },
      { kind: 'acted', outcome: outcome('accepted'), record: work.record },
      task,
      0,
    )
    expect(sent).toMatchObject({ change: { kind: 'continue', step: 'prove' }, notices: [{ code: 'sent_meanwhile' }] })
    const proving: WorkState = { ...work, step: 'prove' }
    expect(decide(proving, usedUp(3_000_000), task, 0).change).toMatchObject({
      kind: 'later',
      step: 'prove',
      delayMs: 3_000_000,
      blocked: { by: 'quota' },
    })
    const read = (status: string) =>
      decide(
        proving,
        { kind: 'read', reading: { outcome: outcome('accepted'), record: record(status) }, record: record(status) },
        task,
        0,
      )
    expect(read('REVOKED').change).toMatchObject({ kind: 'final', result: 'accepted' })
    expect(read('REVOKED').change).not.toHaveProperty('operation')
    expect(read('STOPPED').change).toMatchObject({ kind: 'final', result: 'accepted', operation: 'stop' })
    expect(read('FINISHED').change).toMatchObject({ kind: 'continue', step: 'act', operation: 'stop' })
    // where the window opens only after the end
    expect(decide({ ...proving, remainingMs: 60_000 }, usedUp(3_000_000), task, 0)).toMatchObject({
      change: { kind: 'final', result: 'partial' },
      notices: [{ code: 'unconfirmed', params: { operation: 'revoke', because: 'budget' } }],
    })
    // what may not fall waits, and an overlay is not hidden behind a stop
    for (const other of [
      { ...work, ladder: ['revoke'] as const },
      { ...work, operation: 'overlay' as const, ladder: ['overlay', 'stop'] as const },
    ]) {
      expect(decide(other, usedUp(3_000_000), task, 0).change).toMatchObject({ kind: 'later', step: 'confirm' })
    }
  })

  it('never repeat an overlay that may be out without asking', () => {
    const work = { ...start('overlay', true), step: 'act' as const, record: record('FINISHED') }
    const { change } = decide(work, { kind: 'acted', outcome: outcome('unknown'), record: work.record }, task, 0)
    expect(change).toMatchObject({ kind: 'later', step: 'sent' })
    const asked = decide(
      { ...work, step: 'sent' },
      {
        kind: 'read',
        reading: { outcome: outcome('accepted'), record: record('REPLACED') },
        record: record('REPLACED'),
      },
      task,
      0,
    )
    expect(asked.change).toMatchObject({ kind: 'final', result: 'accepted' })
    const not = decide(
      { ...work, step: 'sent' },
      {
        kind: 'read',
        reading: { outcome: outcome('accepted'), record: record('FINISHED') },
        record: record('FINISHED'),
      },
      task,
      0,
    )
    expect(not.change).toMatchObject({ kind: 'continue', step: 'act' })
  })

  it('say so where the record had shown an earlier overlay, and cannot show this one apart', () => {
    const reading = { outcome: outcome('accepted'), record: record('REPLACED') }
    const confirm = (before: string) =>
      decide(
        { ...start('overlay', true), step: 'confirm', record: record(before) },
        { kind: 'read', reading, record: reading.record },
        task,
        0,
      )
    expect(confirm('FINISHED')).toMatchObject({ change: { kind: 'final', result: 'accepted' }, warnings: [] })
    const second = confirm('REPLACED')
    expect(second.change).toMatchObject({ kind: 'final', result: 'accepted' })
    expect(second.warnings).toEqual([expect.stringContaining('REPLACED already, of an earlier one')])
  })

  it('look again when a cancel came too late for a push that had just gone out', () => {
    const waiting = { status: 'WAIT', scheduled: true, detail: {} }
    const work = { ...start('stop', true), step: 'act' as const, record: waiting }
    // whichever word a vendor has for it
    for (const kind of ['refused', 'too_late', 'not_found', 'unsupported'] as const) {
      const denied = { kind: 'acted', outcome: outcome(kind), record: waiting } as const
      const once = decide(work, denied, task, 0)
      expect(once.change, kind).toMatchObject({ kind: 'continue', step: 'read' })
      const twice = decide({ ...work, failures: once.failures }, denied, task, 0)
      expect(twice.change, kind).toMatchObject({ kind: 'final', result: 'failed' })
    }
  })

  it('say once what somebody must mend where a credential is refused, and each time where that is the end', () => {
    const advice = 'Set the host.'
    const work = { ...start('revoke', true), step: 'act' as const }
    const said = (answer: Outcome, failures: number) =>
      decide({ ...work, failures }, { kind: 'acted', outcome: answer, record: null }, task, 0).warnings
    expect(said({ kind: 'auth', vendor: noReply, advice }, 0)).toEqual([advice])
    expect(said({ kind: 'auth', vendor: noReply, advice }, 1)).toEqual([])
    expect(said({ kind: 'refused', reason: 'x', vendor: noReply, advice }, 3)).toEqual([advice])
  })

  it('back off with full jitter inside their bounds', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (failures, chance) => {
        const ms = backOffMs(failures, chance)
        expect(ms).toBeGreaterThanOrEqual(0)
        expect(ms).toBeLessThanOrEqual(Math.min(300_000, 2000 * 2 ** failures))
      }),
    )
  })
})

it('orders the ladder by strength', () => {
  expect(ladderOf('revoke', true, true)).toEqual(['revoke', 'overlay', 'stop'])
  expect(ladderOf('revoke', true, false)).toEqual(['revoke', 'stop'])
  expect(ladderOf('overlay', true, true)).toEqual(['overlay', 'stop'])
  expect(ladderOf('revoke', false, true)).toEqual(['revoke'])
  expect(ladderOf('stop', true, true)).toEqual(['stop'])
})

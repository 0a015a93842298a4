/** Any vendor, any order of answers: work ends, counts add up, and nothing is called done without the vendor's yes. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Operation, Outcome, OutcomeKind, VendorRecord } from '../../shared/providers/provider.ts'
import { ladderOf } from '../../shared/recall/plan.ts'
import {
  backOffMs,
  decide,
  requestOf,
  type StepResult,
  type VendorView,
  type WorkState,
} from '../../shared/recall/steps.ts'
import { noReply } from '../support/fake-provider.ts'

const proof = { stop: 'STOPPED', revoke: 'REVOKED', overlay: 'REPLACED' } as const
const task: VendorView = {
  capability: operation => ({
    confirmedBy: [proof[operation]],
    needsRecord: operation === 'overlay',
    repeatable: operation !== 'overlay',
    channels: [],
  }),
  canReadStatus: true,
  assess: () => ({ refusal: null, invalid: [], effects: [], toEverybody: false, warnings: [] }),
}
const tokens: VendorView = {
  ...task,
  canReadStatus: false,
  capability: operation => ({ confirmedBy: [], needsRecord: false, repeatable: operation !== 'overlay', channels: [] }),
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
  dry: fc.integer({ min: 0, max: 9 }),
})

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

  it('end, add up, and say yes only after a yes', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Operation>('stop', 'revoke', 'overlay'),
        fc.boolean(),
        fc.array(answers, { minLength: 60, maxLength: 60 }),
        (operation, byTask, script) => {
          let work = start(operation, byTask)
          let saidYes = false
          for (const { kind, status, dry } of script) {
            const said = outcome(kind)
            const known = record(status)
            const result: StepResult =
              dry === 0
                ? { kind: 'dry', lane: 'l', waitMs: 1000, quota: true, record: work.record }
                : requestOf(work.step) === 'status'
                  ? {
                      kind: 'read',
                      reading: { outcome: said, record: kind === 'accepted' ? known : null },
                      record: kind === 'accepted' ? known : work.record,
                    }
                  : { kind: 'acted', outcome: said, record: work.record }
            if (result.kind === 'acted' && ['accepted', 'already_done', 'partial'].includes(kind)) saidYes = true
            if (result.kind === 'read' && kind === 'accepted' && status === proof[work.operation]) saidYes = true
            const { change, failures, confirmations } = decide(work, result, byTask ? task : tokens, 0.5)
            if (change.kind === 'final') {
              if (work.devices !== null) {
                expect(change.accepted + change.rejected + change.unknown).toBe(work.devices)
              }
              if (change.result === 'accepted') expect(saidYes).toBe(true)
              return
            }
            const moved = change.kind === 'continue' ? { operation: change.operation, ladder: change.ladder } : {}
            const newest = result.kind === 'read' && kind === 'accepted' ? known : work.record
            work = {
              ...work,
              ...moved,
              step: change.step,
              failures,
              confirmations,
              record: newest,
              remainingMs: work.remainingMs - (change.kind === 'later' ? change.delayMs : 0),
            }
            expect(work.ladder[0]).toBe(work.operation)
          }
        },
      ),
      { numRuns: 2000 },
    )
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

  it('look again when a cancel came too late for a push that had just gone out', () => {
    const waiting = { status: 'WAIT', scheduled: true, detail: {} }
    const work = { ...start('stop', true), step: 'act' as const, record: waiting }
    const once = decide(work, { kind: 'acted', outcome: outcome('refused'), record: waiting }, task, 0)
    expect(once.change).toMatchObject({ kind: 'continue', step: 'read' })
    const twice = decide(
      { ...work, failures: once.failures },
      { kind: 'acted', outcome: outcome('refused'), record: waiting },
      task,
      0,
    )
    expect(twice.change).toMatchObject({ kind: 'final', result: 'failed' })
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

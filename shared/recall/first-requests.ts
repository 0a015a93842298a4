/** What a recall that is about to be admitted asks vendors for first: how many requests, and which begin with its admission. */
import { batchBounds } from '../bounds.ts'
import type { UnitWish } from '../ledger/begin-attempts.ts'
import type { HandleFacts } from '../ledger/facts.ts'
import type { NewRecall, NewRecallTarget } from '../ledger/new-recall.ts'
import type { Apps } from './apps.ts'
import { nextRequest } from './next-request.ts'
import type { Overlay } from './plan.ts'

/** Vendor requests that it comes to, as far as that is known before the ledger has told. */
export function unitsOf(targets: readonly NewRecallTarget[], handles: readonly HandleFacts[]): number {
  const units = targets.map(({ addressing, batch = batchBounds.tokens, batches, linkedId, plan }, index) => {
    if (linkedId !== null || plan.ladder.length === 0) return 0
    if (addressing === 'task') return 1
    return batches.length > 0 ? batches.length : Math.ceil((handles[index]?.devices ?? 0) / batch)
  })
  return units.reduce((a, b) => a + b, 0)
}

/** The first vendor requests of its first units, of those whose size is known already. */
export async function firstWishes(
  apps: Apps,
  { id, targets }: Pick<NewRecall, 'id' | 'targets'>,
  overlay: Overlay | null,
  handles: readonly HandleFacts[],
  units: number,
): Promise<UnitWish[]> {
  const wishes: UnitWish[] = []
  let before = 0
  for (const [position, target] of targets.entries()) {
    const { app, addressing, batches, linkedId, plan, firstStep } = target
    const [operation] = plan.ladder
    if (linkedId !== null || operation === undefined) continue
    // how many batches a registered push has, only the ledger knows
    if (addressing === 'tokens' && batches.length === 0) break
    const found = await apps.find(app).catch(() => null)
    const { record = null, recordAgeMs = null } = handles[position] ?? {}
    const parts = addressing === 'task' ? [{ seq: null, count: null }] : batches
    for (const { seq, count } of parts) {
      if (++before > units) return wishes
      const { names = null, audience } = target
      const state = {
        app,
        names,
        audience,
        operation,
        step: firstStep,
        superseded: false,
        devices: count,
        overlay,
        record,
        recordAgeMs,
        tokens: batches,
      }
      const next = nextRequest(state, found)
      if (next.kind !== 'ask') continue
      const { request, sends, budget, fares, purpose } = next
      wishes.push({ recallId: id, position, seq, app, step: request, sends, budget, fares, purpose })
    }
  }
  return wishes
}

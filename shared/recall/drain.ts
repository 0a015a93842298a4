/**
 * Claims work, has it performed, and rolls up what ended. One drainer serves a whole process: a request asks it to work on
 * its recall for a while, `sweep` asks it to work on everything. Whatever it leaves is found by the next one, anywhere.
 */
import { randomUUID } from 'node:crypto'
import { coalesce } from '../coalesce.ts'
import { claimWork, type ClaimedWork } from '../ledger/claim-work.ts'
import { nextDue } from '../ledger/due-work.ts'
import type { LeasedWork } from '../ledger/admit-recall.ts'
import type { Grant } from '../ledger/begin-attempts.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { readRecall, type StoredRecall } from '../ledger/recalls.ts'
import type { Ledger } from '../ledger/sql.ts'
import type { SealedBatch } from '../ledger/tokens.ts'
import type { Session } from '../providers/provider.ts'
import type { App } from './apps.ts'
import { sessionsOf } from './sessions.ts'
import { createAct } from './act.ts'
import { createSlots } from './slots.ts'
import { createPerform, type PerformOptions } from './perform.ts'
import { createTurns } from './turns.ts'

export interface DrainOptions extends PerformOptions {
  readonly sql: Pick<Ledger, 'query' | 'together'>
  /** Vendor requests at once. */
  readonly inFlight: number
  /** Called when a recall came to its end. */
  readonly onSettled?: () => void
}

export interface Drainer {
  /**
   * Works on one recall, or (null) on all, until `untilMs` (epoch): resolves earlier when nothing is left that can be
   * done by then, or only after more than `patienceMs` of waiting. Requests still out at that moment are not waited
   * for; they settle later, or their lease runs out. Resolves with the recall as it ended, where that was asked for and its
   * last unit ended here: it was read together with that end, or right after.
   */
  run(recallId: string | null, untilMs: number, patienceMs?: number, options?: RunOptions): Promise<StoredRecall | null>
  /** Work came to the recall: who works on it here claims it at once. */
  look(recallId: string): void
  /**
   * Room for up to `units` that this process is about to admit, and does at once where there is time until `untilMs`: they are
   * admitted as leased to it. Either `take` or `cancel` must follow.
   */
  book(untilMs: number, units: number): Booking
  /** Resolves when no vendor request is out. */
  idle(): Promise<void>
}

export interface RunOptions {
  /** The batches that this recall was admitted with. */
  readonly inHand?: readonly SealedBatch[]
  /** It is wanted as it ended. */
  readonly ended?: boolean
  /** All its units were taken with a booking: there is nothing to claim. */
  readonly taken?: boolean
}

export interface Booking {
  readonly owner: string
  readonly leaseMs: number
  /** At most so many units. */
  readonly units: number
  take(leased: readonly LeasedWork[]): void
  cancel(): void
}

/**
 * Less than this before the end no new work is claimed; and so much of what the slots do next is held at hand, which is
 * longer than a claim takes.
 */
const lastClaimMs = 100
/** Requests at once to vendors that take one device a request. */
const manyAtOnce = 200

export function createDrainer(options: DrainOptions): Drainer {
  const { sql, send, log, now, vendorTimeoutMs, inFlight } = options
  const owner = randomUUID()
  const leaseMs = vendorTimeoutMs * 2 + 10_000
  const slots = createSlots(inFlight, vendorTimeoutMs)
  // what has begun goes out, whatever the vendor says meanwhile: no more of it than keeps the slots busy
  const begun = createSlots(2 * inFlight, vendorTimeoutMs)
  const finish = coalesce<string, string | null>(async ids => {
    const changed = new Map((await finishRecalls(sql, [...new Set(ids)])).map(({ id, state }) => [id, state]))
    return ids.map(id => changed.get(id) ?? null)
  }, 256)

  interface Interest {
    readonly recallId: string | null
    readonly inHand: readonly SealedBatch[]
    readonly wantsEnd: boolean
    ended: StoredRecall | null
    /** Work may be claimable that nobody has looked for yet. */
    look: boolean
    settled: boolean
    wake: () => void
  }
  const interests = new Set<Interest>()
  /** Claimed work, by recall. */
  const held = new Map<string, number>()
  /** By push. `missed`: one ended, and no roll-up is known to have seen it. */
  const unsettled = new Map<number, { readonly claims: Set<string>; missed: boolean }>()
  let heldInAll = 0
  let more = false
  let claiming: Promise<void> | null = null
  const out = new Set<Promise<void>>()

  const wake = (recallId: string) => {
    for (const interest of interests) {
      // a request that has not claimed yet waits here for room: every settled unit wakes it
      if (interest.recallId === null || interest.recallId === recallId || more || interest.look) interest.wake()
    }
  }
  const hold = (recallId: string, by: 1 | -1) => {
    heldInAll += by
    const count = (held.get(recallId) ?? 0) + by
    if (count === 0) held.delete(recallId)
    else held.set(recallId, count)
  }
  const take = (work: ClaimedWork) => {
    const here = unsettled.get(work.recallTargetId) ?? { claims: new Set(), missed: false }
    unsettled.set(work.recallTargetId, here)
    here.claims.add(claimOf(work))
  }
  /** `missed`: it ended without a roll-up. True: it was the last of its push here, and the push has to be rolled up. */
  const settleHere = (work: ClaimedWork, missed: boolean): boolean => {
    const here = unsettled.get(work.recallTargetId)
    if (here?.claims.delete(claimOf(work)) !== true) return false
    here.missed ||= missed
    if (here.claims.size > 0) return false
    unsettled.delete(work.recallTargetId)
    return here.missed
  }
  const turn = createTurns(sql, log, {
    last: (push, units) => {
      const here = unsettled.get(push)
      if (here?.claims.size !== units) return false
      // what ends from now on may end after the roll-up has looked, and be told of before it
      here.missed = false
      return true
    },
    wanted: (recallId, units) =>
      held.get(recallId) === units &&
      [...interests].some(interest => interest.recallId === recallId && interest.wantsEnd),
    read: recall => {
      // another unit may have come to its end since it was read
      if (recall.state === 'running') return
      for (const interest of interests) if (interest.recallId === recall.id) interest.ended = recall
    },
  })
  const act = createAct({
    send,
    log,
    now,
    vendorTimeoutMs,
    slots,
    manySlots: createSlots(manyAtOnce, vendorTimeoutMs),
    manyAtOnce,
  })
  const sessions = sessionsOf(sql)
  const open = (app: App, refused: Session | null) => sessions(app, { send, now, timeoutMs: vendorTimeoutMs }, refused)
  const perform = createPerform(options, turn, begun, act, open, leaseMs)
  /** Units to hold at most: one for each slot, and so many behind it that it never waits for a claim. */
  const most = () => inFlight + Math.min(2 * inFlight, Math.max(inFlight, slots.within(lastClaimMs)))
  const hasRoom = () => heldInAll <= most() - inFlight / 2

  /** One claim at a time for the whole process, for everything anyone is interested in. */
  const claim = (): Promise<void> => {
    claiming ??= (async () => {
      // requests that arrive in the same turn share the claim
      await new Promise(resolve => setImmediate(resolve))
      claiming = null
      const limit = Math.min(inFlight, most() - heldInAll)
      // a claim under way when this one was asked for may have taken the room: all stay as they are and look again
      if (limit <= 0) return
      const inHand = new Map<string, readonly SealedBatch[]>()
      const ids = [...interests].map(interest => {
        interest.look = false
        if (interest.recallId !== null && interest.inHand.length > 0) inHand.set(interest.recallId, interest.inHand)
        return interest.recallId
      })
      const recallIds = ids.includes(null) ? null : ids.filter(id => id !== null)
      const rows = await claimWork(sql, { owner, limit, leaseMs, recallIds, inHand })
      more = rows.length === limit
      for (const work of rows) start(work, null)
    })()
    return claiming
  }

  /** Never rejects. */
  const settled = async (work: ClaimedWork, granted: Grant | null): Promise<void> => {
    try {
      const { ended, rolledUp } = await perform(work, granted)
      // A roll-up before the last unit of a push finds it unfinished. Of several processes one comes to its last after all others,
      // be it that it finds it settled by another.
      const left = settleHere(work, ended && rolledUp === undefined)
      if (rolledUp !== undefined) told(work.recallId, rolledUp)
      if (left && ended) told(work.recallId, await finish(work.recallId))
    } catch (error) {
      log.error('work failed inside', { recall_id: work.recallId, work_id: work.id, error })
    } finally {
      hold(work.recallId, -1)
      settleHere(work, false)
      wake(work.recallId)
    }
  }

  const start = (work: ClaimedWork, granted: Grant | null) => {
    hold(work.recallId, 1)
    take(work)
    const task = settled(work, granted).finally(() => out.delete(task))
    out.add(task)
  }

  /** What a roll-up came to. */
  const told = (recallId: string, state: string | null) => {
    if (state === null || state === 'running') return
    log.info('recall settled', { recall_id: recallId, state })
    options.onSettled?.()
    for (const interest of interests) if (interest.recallId === recallId) interest.settled = true
  }

  return {
    look: recallId => {
      for (const interest of interests) {
        if (interest.recallId !== recallId) continue
        interest.look = true
        interest.wake()
      }
    },
    book: (untilMs, units) => {
      const room = untilMs - now() > lastClaimMs ? Math.max(0, Math.min(units, inFlight, most() - heldInAll)) : 0
      let booked = room
      const free = () => {
        heldInAll -= booked
        booked = 0
      }
      heldInAll += room
      return {
        owner,
        leaseMs,
        units: room,
        take: leased => {
          free()
          for (const { work, grant } of leased) start(work, grant)
        },
        cancel: free,
      }
    },
    run: async (recallId, untilMs, patienceMs = Infinity, { inHand = [], ended = false, taken = false } = {}) => {
      const interest: Interest = {
        recallId,
        inHand,
        wantsEnd: ended,
        ended: null,
        look: !taken,
        settled: false,
        wake: () => {},
      }
      interests.add(interest)
      try {
        while (!interest.settled && untilMs - now() > lastClaimMs) {
          if ((interest.look || more) && hasRoom()) {
            await claim()
            continue
          }
          if ((recallId === null ? heldInAll : (held.get(recallId) ?? 0)) > 0 || more || interest.look) {
            await wokenOr(interest, untilMs - now())
            continue
          }
          const dueMs = await nextDue(sql, recallId === null ? null : [recallId])
          // some came while that was asked
          if (interest.look) continue
          if (dueMs === null) {
            if (recallId !== null) await finish(recallId)
            return null
          }
          if (dueMs > patienceMs || now() + dueMs > untilMs - lastClaimMs) return null
          await wokenOr(interest, Math.max(5, Math.min(dueMs, 250)))
          interest.look = true
        }
        if (!interest.settled) return null
        if (interest.ended !== null || !ended || recallId === null) return interest.ended
        // its last units settled side by side, so that neither turn had the whole
        const anew = await readRecall(sql, recallId)
        return anew?.state === 'running' ? null : anew
      } finally {
        interests.delete(interest)
      }
    },
    idle: async () => {
      while (out.size > 0) await Promise.race(out)
    },
  }
}

/** A unit may be claimed anew while its zombie is still out. */
function claimOf({ id, fence }: ClaimedWork): string {
  return `${id} ${fence}`
}

function wokenOr(interest: { wake: () => void }, ms: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, Math.max(0, ms))
    interest.wake = () => {
      clearTimeout(timer)
      resolve()
    }
  })
}

/** The vendor requests of one step of a unit of work: one, or where it takes one device a request, one for each device. */
import { setFlagsFromString } from 'node:v8'
import type { Send } from '../http.ts'
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Progress } from '../ledger/settle-work.ts'
import type { Log } from '../log.ts'
import type { Call, Outcome, Session, StatusReading, TokenBatch, VendorReply } from '../providers/provider.ts'
import { addressingOf } from './addressing.ts'
import { askVendor } from './ask-vendor.ts'
import { readAudience } from './audience.ts'
import { askForEach, type EachResult } from './each-token.ts'
import { askInHalves, isRefusedForSome } from './in-halves.ts'
import { createSlots, type Slots } from './slots.ts'
import type { Request } from './next-request.ts'
import { once } from '../once.ts'
import { overlayFor } from './plan.ts'
import { keyOf, vendorRequest } from './vendor-request.ts'

export interface Acted {
  /** Null: there was no time to begin more. */
  readonly reading: StatusReading | null
  /** What goes before the reading, which is of the devices that are left; null: it is of all. */
  readonly pass: Pass | null
}

export interface Pass {
  readonly progress: Progress
  readonly left: TokenBatch
  readonly reply: VendorReply
}

export interface ActOptions {
  readonly send: Send
  readonly log: Log
  readonly now: () => number
  readonly vendorTimeoutMs: number
  /** For requests of units, and for those of which a unit makes many. */
  readonly slots: Slots
  readonly manySlots: Slots
  /** Requests of all units for one device each, at once. */
  readonly manyAtOnce: number
}

export type Act = (
  work: ClaimedWork,
  request: Request,
  how: { readonly renew: boolean; readonly session: Session | null; readonly mayBegin: () => boolean },
) => Promise<Acted>

/** Units that ask for one device a request at once, of those in hand: these keep every slot busy. */
const unitsAtOnce = 16

/**
 * Of 200 requests that begin in one turn all are alive when the young generation is collected, and V8 concludes that such objects
 * live long: it makes them in the old generation from then on, where nothing is freed before 100 MB have gathered. They live for
 * one answer of the vendor.
 */
const keepRequestsYoung = once(() => setFlagsFromString('--no-allocation-site-pretenuring'))

/** Resolves with what the vendor made of it. Never rejects. */
export function createAct(options: ActOptions): Act {
  const { send, log, now, vendorTimeoutMs, slots, manySlots, manyAtOnce } = options
  const units = createSlots(unitsAtOnce, vendorTimeoutMs)
  const sendOnce: Send = sending => send({ ...sending, once: true })
  return async (work, { app, request, sends, fares }, { renew, session, mayBegin }) => {
    const { provider, credentials } = app
    const content = overlayFor(provider.name, work.overlay)
    const callFor = (devices: () => string | null): Call => ({
      credentials,
      send: sends ? sendOnce : send,
      timeoutMs: vendorTimeoutMs,
      renew,
      now,
      session,
      // most vendors know nothing of it
      get key() {
        return keyOf(work, devices())
      },
    })
    const way = request === 'status' ? null : addressingOf(provider, request, { audience: readAudience(work.audience) })
    const asked = vendorRequest(provider, request, work)
    if (way?.by !== 'token' || work.tokens === null) {
      // of what is left of a unit, too: a vendor that refused the whole may have kept its key
      const whole = callFor(() => work.tokens?.json.toString() ?? null)
      const reading = await slots.run(() => askVendor(provider, request, asked, content, whole, log))
      if (work.tokens === null || !isRefusedForSome(reading.outcome, work.tokens.count)) return { reading, pass: null }
      const all = JSON.parse(work.tokens.json.toString()) as string[]
      const each = await askInHalves(all, {
        ask: async part => {
          const json = JSON.stringify(part)
          const some = { ...asked, named: { by: 'tokens', json: Buffer.from(json), count: part.length } } as const
          const call = callFor(() => json)
          return (await slots.run(() => askVendor(provider, request, some, content, call, log))).outcome
        },
        mayBegin,
        repeatable: !sends,
        pause: () => new Promise(resolve => setTimeout(resolve, paceOf(fares))),
      })
      return each.left.length === 0 ? { reading: readingOf(each), pass: null } : parted(each)
    }
    const { json } = work.tokens
    keepRequestsYoung()
    const each = await units.run(() =>
      askForEach(JSON.parse(json.toString()) as string[], {
        ask: async token => {
          const one = { ...asked, named: { by: 'token', token } } as const
          return (
            await askVendor(
              provider,
              request,
              one,
              content,
              callFor(() => token),
              log,
            )
          ).outcome
        },
        run: call => manySlots.run(call),
        atOnce: manyAtOnce,
        mayBegin,
        now,
        repeatable: !sends,
      }),
    )
    return each.left.length === 0 ? { reading: readingOf(each), pass: null } : parted(each)
  }
}

/** Milliseconds from one request to the next at the pace of its slowest budget. */
export function paceOf(fares: Request['fares']): number {
  return Math.max(0, ...fares.map(({ lane, cost }) => (lane.kind === 'rate' ? (1000 * cost) / lane.perSecond : 0)))
}

const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }

function readingOf({ rejected, unknown, reply }: EachResult): StatusReading {
  const vendor = reply?.vendor ?? noReply
  const outcome: Outcome =
    rejected.length === 0 && unknown === 0
      ? { kind: 'accepted', vendor }
      : { kind: 'partial', rejected, unknown, vendor }
  return { outcome, record: null }
}

function parted({ accepted, rejected, unknown, left, why, reply }: EachResult): Acted {
  const count = rejected.reduce((sum, one) => sum + one.count, 0)
  const json = JSON.stringify(left)
  return {
    reading: why === null ? null : { outcome: why, record: null },
    pass: {
      progress: { accepted, rejected: count, unknown, rejections: rejected, left: json },
      left: { json: Buffer.from(json), count: left.length },
      reply: reply?.vendor ?? noReply,
    },
  }
}

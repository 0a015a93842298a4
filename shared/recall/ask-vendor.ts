/**
 * One request to a vendor, and what of its answer may be kept: no provider is called anywhere else, so that none can bring
 * in a text that the ledger cannot store, a record without bounds, counts that do not add up, or an exception.
 */
import { compareClocks } from '../clock-skew.ts'
import type { Log } from '../log.ts'
import type { Operation } from '../operation.ts'
import type {
  Call,
  Figures,
  FiguresReading,
  Listing,
  Outcome,
  OverlayContent,
  Provider,
  Rejection,
  StatusReading,
  VendorRecord,
  VendorReply,
  VendorRequest,
} from '../providers/provider.ts'
import { clip, exactly, isStorable } from '../text.ts'

const noReply: VendorReply = { code: null, message: null, requestId: null, httpStatus: null }
const maxMessage = 500
const maxReason = 200
/** Of codes, ids, statuses and reasons of rejections: one that is longer, or cannot be stored as it is, is none. */
const maxName = 128
/** What a vendor gives reasons for beyond these is counted under its code. */
const maxReasons = 50
const recordBounds = { depth: 8, size: 65_536 }
const maxRecordMembers = 50

/** Never rejects. `content` is asked for an overlay alone; null there, and a method that is missing: `unsupported`. */
export async function askVendor(
  provider: Provider,
  step: Operation | 'status',
  request: VendorRequest,
  content: OverlayContent | null,
  given: Call,
  log: Log,
): Promise<StatusReading> {
  const clocks = compareClocks(given.send, given.now)
  const { credentials, timeoutMs, now, renew, session } = given
  const call: Call = {
    credentials,
    send: clocks.send,
    timeoutMs,
    now,
    renew,
    session,
    // made where it is asked for: of a unit of 500 requests there are 500
    get key() {
      return given.key
    },
  }
  const { outcome, record } = await ask(provider, step, request, content, call, log)
  return { outcome: outcome.kind === 'auth' ? { ...outcome, clockAheadMs: clocks.aheadMs() } : outcome, record }
}

/** The vendor's harmless call. Never rejects; only for a provider that has one. */
export async function askToCheck(provider: Provider, call: Call, log: Log): Promise<Outcome> {
  try {
    const outcome = await provider.check?.ask(call)
    return outcome === undefined ? noMethod(provider, 'check').outcome : keptOutcome(outcome, null)
  } catch (error) {
    const type = noteDefect(provider, 'check', error, log)
    return { kind: 'unknown', reason: `the call failed inside (${type})`, vendor: noReply }
  }
}

/** What one page may bring, and how long its texts may be: as those of a message that is registered. */
const maxListed = 200
const maxTitle = 1000
const maxBody = 10_000

/** One page of what was pushed. Never rejects; null: the provider failed inside, which the log says. */
export async function askForList(
  provider: Provider,
  since: Date,
  page: string | null,
  call: Call,
  log: Log,
): Promise<Listing | null> {
  try {
    const listing = await provider.list?.(since, page, call)
    if (listing === undefined) return null
    const pushes = listing.pushes.slice(0, maxListed).flatMap(push => {
      const handle = exactly(push.handle, maxName)
      if (handle === null) return []
      const title = push.title === null ? null : clip(push.title, maxTitle)
      const body = push.body === null ? null : clip(push.body, maxBody)
      return [
        { ...push, handle, title, body, audience: exactly(push.audience, maxName), record: keptRecord(push.record) },
      ]
    })
    return { outcome: listing.outcome, pushes, next: exactly(listing.next, maxName) }
  } catch (error) {
    noteDefect(provider, 'list', error, log)
    return null
  }
}

const maxChannels = 50

/** How many devices a push went to. Never rejects; only for a provider that tells. */
export async function askForFigures(
  provider: Provider,
  request: VendorRequest,
  call: Call,
  log: Log,
): Promise<FiguresReading> {
  try {
    const reading = await provider.figures?.ask(request, call)
    if (reading === undefined) return { outcome: noMethod(provider, 'figures').outcome, figures: null }
    const { outcome, figures } = reading
    return { outcome: keptOutcome(outcome, null), figures: figures === null ? null : keptFigures(figures) }
  } catch (error) {
    const type = noteDefect(provider, 'figures', error, log)
    return {
      outcome: { kind: 'unknown', reason: `the call failed inside (${type})`, vendor: noReply },
      figures: null,
    }
  }
}

function keptFigures({ devices, channels }: Figures): Figures {
  const counted = (count: number | null) => (Number.isSafeInteger(count) && (count ?? -1) >= 0 ? count : null)
  return {
    devices: counted(devices),
    channels: channels.slice(0, maxChannels).flatMap(row => {
      const channel = exactly(row.channel, maxName)
      if (channel === null) return []
      return [
        {
          channel,
          planned: counted(row.planned),
          sent: counted(row.sent),
          arrived: counted(row.arrived),
          clicked: counted(row.clicked),
          cleared: counted(row.cleared),
        },
      ]
    }),
  }
}

/** Never rejects. */
async function ask(
  provider: Provider,
  step: Operation | 'status',
  request: VendorRequest,
  content: OverlayContent | null,
  call: Call,
  log: Log,
): Promise<StatusReading> {
  try {
    if (step === 'status') {
      const reading = await provider.status?.(request, call)
      return reading === undefined ? noMethod(provider, step) : keptReading(reading, request)
    }
    const outcome =
      step === 'overlay'
        ? content === null
          ? undefined
          : await provider.overlay?.(request, content, call)
        : await provider[step]?.(request, call)
    return outcome === undefined ? noMethod(provider, step) : keptReading({ outcome, record: null }, request)
  } catch (error) {
    const type = noteDefect(provider, step, error, log)
    return { outcome: { kind: 'unknown', reason: `the call failed inside (${type})`, vendor: noReply }, record: null }
  }
}

function noteDefect(provider: Provider, step: string, error: unknown, log: Log): string {
  const type = error instanceof Error ? error.name : 'unknown'
  // an error's message may repeat what could not be read
  const at = error instanceof Error ? (error.stack ?? '').split('\n').filter(line => /^ {4}at /.test(line)) : []
  log.error('a provider failed inside', {
    vendor: provider.name,
    operation: step,
    type,
    at: at.slice(0, 5).join('\n'),
  })
  return type
}

/** A deploy may have taken a method away from work that was planned with it. */
function noMethod(provider: Provider, step: string): StatusReading {
  const vendor = { ...noReply, message: `${provider.name} offers no ${step}` }
  return { outcome: { kind: 'unsupported', vendor }, record: null }
}

function keptReading({ outcome, record }: StatusReading, { named }: VendorRequest): StatusReading {
  const devices = named.by === 'tokens' ? named.count : named.by === 'token' ? 1 : null
  return { outcome: keptOutcome(outcome, devices), record: record === null ? null : keptRecord(record) }
}

function keptOutcome(outcome: Outcome, devices: number | null): Outcome {
  const vendor = keptReply(outcome.vendor)
  switch (outcome.kind) {
    case 'partial':
      return { ...outcome, ...keptCounts(outcome, vendor.code ?? 'unknown', devices), vendor }
    case 'refused':
    case 'unknown':
      return { ...outcome, reason: clip(outcome.reason, maxReason), vendor }
    case 'throttled': {
      const { retryAfterMs } = outcome
      const isTime = retryAfterMs !== null && Number.isFinite(retryAfterMs) && retryAfterMs >= 0
      return { ...outcome, retryAfterMs: isTime ? retryAfterMs : null, vendor }
    }
    default:
      return { ...outcome, vendor }
  }
}

function keptReply({ code, message, requestId, httpStatus }: VendorReply): VendorReply {
  return {
    code: exactly(code, maxName),
    message: message === null ? null : clip(message, maxMessage),
    requestId: exactly(requestId, maxName),
    httpStatus: Number.isSafeInteger(httpStatus) ? httpStatus : null,
  }
}

type Counts = Pick<Extract<Outcome, { kind: 'partial' }>, 'rejected' | 'unknown'>

/** Counts that cannot be those of `total` devices are none: then nothing is known of any. */
function keptCounts({ rejected, unknown }: Counts, code: string, total: number | null): Counts {
  const counts = new Map<string, number>()
  for (const { reason, count } of rejected) {
    const name = exactly(reason, maxName) ?? code
    const counted = counts.has(name) || counts.size < maxReasons ? name : code
    counts.set(counted, (counts.get(counted) ?? 0) + count)
  }
  const all = [...counts].map(([reason, count]): Rejection => ({ reason, count }))
  const sum = all.reduce((whole, { count }) => whole + count, unknown)
  const adds =
    [unknown, ...rejected.map(({ count }) => count)].every(count => Number.isSafeInteger(count) && count >= 0) &&
    sum <= (total ?? 2 ** 31 - 1)
  return adds ? { rejected: all, unknown } : { rejected: [], unknown: total ?? 0 }
}

/** A member that cannot be kept exactly is left out: an audience that is nearly the original's is another one. */
function keptRecord({ status, scheduled, detail }: VendorRecord): VendorRecord {
  const members = Object.entries(detail)
    .filter(([name]) => exactly(name, maxName) !== null)
    .slice(0, maxRecordMembers)
    .map(([name, value]) => [name, isStorable(value, recordBounds) ? value : null])
  return { status: exactly(status, maxName), scheduled, detail: Object.fromEntries(members) }
}

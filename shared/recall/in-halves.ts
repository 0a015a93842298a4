/** A batch that its vendor refuses for some of its devices without naming them: it is asked for in halves, down to one device. */
import type { Outcome } from '../providers/provider.ts'
import type { EachResult } from './each-token.ts'

export interface HalvesOptions {
  /** Asks for some of the devices. Never rejects. */
  readonly ask: (tokens: readonly string[]) => Promise<Outcome>
  /** False once so much of the lease is over that what begins now might outlive it. */
  readonly mayBegin: () => boolean
  /** A repeat of what had no answer is seen by nobody. */
  readonly repeatable: boolean
  /** Between two requests: the unit has drawn on budgets for one. */
  readonly pause: () => Promise<void>
}

/** Refused for some of its devices, none of which it names. */
export function isRefusedForSome(outcome: Outcome, devices: number): boolean {
  return outcome.kind === 'refused' && outcome.apart === true && devices > 1
}

/** `tokens` were refused together. One part after another; ends early where an answer goes for all of them. Never rejects. */
export async function askInHalves(
  tokens: readonly string[],
  { ask, mayBegin, repeatable, pause }: HalvesOptions,
): Promise<EachResult> {
  const counts = new Map<string, number>()
  const count = (reason: string, devices: number) => counts.set(reason, (counts.get(reason) ?? 0) + devices)
  const parts = halves(tokens)
  let [accepted, unknown] = [0, 0]
  let [why, reply]: [Outcome | null, Outcome | null] = [null, null]
  while (why === null && parts.length > 0) {
    await pause()
    if (!mayBegin()) break
    const part = parts.shift() ?? []
    const outcome = await ask(part)
    if (isRefusedForSome(outcome, part.length)) {
      parts.unshift(...halves(part))
      continue
    }
    reply = outcome
    const known = counted(outcome, part.length, repeatable)
    if (known === null) {
      why = outcome
      parts.unshift(part)
      continue
    }
    accepted += known.accepted
    unknown += known.unknown
    for (const { reason, count: devices } of known.rejected) count(reason, devices)
  }
  const rejected = [...counts].map(([reason, devices]) => ({ reason, count: devices }))
  return { accepted, rejected, unknown, left: parts.flat(), why, reply }
}

function halves(tokens: readonly string[]): (readonly string[])[] {
  const middle = Math.ceil(tokens.length / 2)
  return [tokens.slice(0, middle), tokens.slice(middle)].filter(({ length }) => length > 0)
}

/** What became of a part; null: it is to be tried again, or the answer goes for all. */
function counted(
  outcome: Outcome,
  devices: number,
  repeatable: boolean,
): Pick<EachResult, 'accepted' | 'rejected' | 'unknown'> | null {
  switch (outcome.kind) {
    case 'accepted':
    case 'already_done':
      return { accepted: devices, rejected: [], unknown: 0 }
    case 'partial': {
      const { rejected, unknown } = outcome
      return { accepted: devices - rejected.reduce((sum, { count }) => sum + count, 0) - unknown, rejected, unknown }
    }
    case 'not_found':
    case 'too_late':
      return { accepted: 0, rejected: [{ reason: outcome.vendor.code ?? outcome.kind, count: devices }], unknown: 0 }
    case 'unknown':
      return repeatable ? null : { accepted: 0, rejected: [], unknown: devices }
    default:
      return null
  }
}

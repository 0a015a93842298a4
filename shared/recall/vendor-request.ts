/** A unit of work as its vendor is asked for it. */
import { createHash } from 'node:crypto'
import type { ClaimedWork } from '../ledger/claim-work.ts'
import type { Operation } from '../operation.ts'
import type { Named, Provider, VendorRequest } from '../providers/provider.ts'
import { addressingOf } from './addressing.ts'
import { readAudience } from './audience.ts'
import { namesOf } from './view-handle.ts'

type Unit = Pick<ClaimedWork, 'handle' | 'names' | 'audience' | 'tokens' | 'record'>

export function vendorRequest(provider: Provider, step: Operation | 'status', work: Unit): VendorRequest {
  return {
    names: namesOf(provider, work.handle, work.names),
    named: namedOf(provider, step, work),
    record: work.record,
  }
}

function namedOf(provider: Provider, step: Operation | 'status', { audience: kept, tokens }: Unit): Named {
  const audience = readAudience(kept)
  const by = step === 'status' ? 'task' : addressingOf(provider, step, { audience })?.by
  if (by === 'audience' && audience !== null) return { by, audience }
  return by === 'tokens' && tokens !== null ? { by, ...tokens } : { by: 'task' }
}

/**
 * What a vendor knows a repeat by: a UUID, the same however often these devices of the unit are asked for, and no other unit's in
 * any ledger. `devices`: which those are; null: all of the push.
 */
export function keyOf(
  { recallId, id, operation }: Pick<ClaimedWork, 'recallId' | 'id' | 'operation'>,
  devices: string | null,
): string {
  const hex = createHash('sha256')
    .update(`${recallId} ${id} ${operation} ${devices ?? ''}`)
    .digest('hex')
  // the two marks of a random UUID: some vendors look for them
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4]
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}

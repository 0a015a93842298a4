/** How the operations of a vendor name the devices of a target. Pure. */
import { batchBounds } from '../bounds.ts'
import { type Operation, operations } from '../operation.ts'
import type { Addressing, Audience, Provider } from '../providers/provider.ts'

/** Null: the vendor does not offer the operation. */
export function addressingOf(
  { capabilities }: Provider,
  operation: Operation,
  { audience }: { readonly audience: Audience | null },
): Addressing | null {
  const ways = capabilities.operations[operation]?.addressing
  if (ways === undefined) return null
  const [first] = ways
  const preferred = ways.find(({ by }) => (by === 'audience') === (audience !== null))
  return preferred ?? first
}

/** Whether it is done with one request, or with one unit of work for each batch of tokens. */
export function isWhole({ by }: Addressing): boolean {
  return by === 'task' || by === 'audience'
}

/** Whether a recall begins with one request for the whole push; of a ladder without a rung, whether its vendor knows nothing else. */
export function beginsWhole(
  provider: Provider,
  [first]: readonly Operation[],
  target: { readonly audience: Audience | null },
): boolean {
  const way = first === undefined ? null : addressingOf(provider, first, target)
  return way === null ? !takesTokens(provider) : isWhole(way)
}

/** Some operation names devices: targets have tokens, and those are counted. */
export function takesTokens({ capabilities }: Provider): boolean {
  return waysOf(capabilities).some(way => !isWhole(way))
}

/** Some operation names an audience. */
export function takesAudience({ capabilities }: Provider): boolean {
  return waysOf(capabilities).some(({ by }) => by === 'audience')
}

/** Tokens of a batch that fits every operation of the vendor. */
export function batchSizeOf({ capabilities }: Pick<Provider, 'capabilities'>): number {
  const sizes = waysOf(capabilities).flatMap(way =>
    way.by === 'tokens' ? [way.most] : way.by === 'token' ? [way.together] : [],
  )
  return Math.min(batchBounds.tokens, ...sizes)
}

function waysOf(capabilities: Provider['capabilities']): Addressing[] {
  return operations.flatMap(operation => capabilities.operations[operation]?.addressing ?? [])
}

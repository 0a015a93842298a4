/**
 * What a recall asks for: one operation for all its targets, or a correction, which takes for each target the one that suits
 * it (contract §4.2).
 */
import { type Operation, operations } from './operation.ts'
import type { Provider } from './providers/provider.ts'

export const askedOperations = [...operations, 'correct'] as const
export type AskedOperation = (typeof askedOperations)[number]

/** What a target of it may be asked to do first. */
export function firstOperations(asked: AskedOperation): readonly Operation[] {
  return asked === 'correct' ? ['revoke', 'overlay'] : [asked]
}

/** Whether the vendor lets what is asked follow a stop of the same push. */
export function mayFollowStop(provider: Provider | null | undefined, asked: AskedOperation): boolean {
  const followedBy = provider?.capabilities.operations.stop?.followedBy ?? []
  return firstOperations(asked).every(operation => followedBy.includes(operation))
}

/** How many devices a push went to that its vendor addresses as a whole: its own word, else the sender's, else the policy's. Pure. */
import type { Reach } from '../ledger/new-recall.ts'

export interface TaskSize {
  /** By the vendor's figures; null: it has not told. */
  readonly vendorDevices: number | null
  /** As the sender stated it. */
  readonly audienceSize: number | null
}

/** `assumed` null: nothing is assumed, and so nothing may be known. */
export function taskReach<Assumed extends number | null>(
  { vendorDevices, audienceSize }: TaskSize,
  assumed: Assumed,
): Reach | (Assumed extends null ? null : never) {
  if (vendorDevices !== null) return { devices: vendorDevices, basis: 'vendor' }
  if (audienceSize !== null) return { devices: audienceSize, basis: 'stated' }
  // the compiler does not follow the condition
  return (assumed === null ? null : { devices: assumed, basis: 'assumed' }) as Reach
}

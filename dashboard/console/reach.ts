/** How far a message or a recall goes, and on what that number rests. */
import type { Message, Recall } from './answers.ts'
import { type Basis, type Reach, weakest } from './numbers.ts'
import { me } from './session.ts'

/** As the API says it; a version that does not say it tells enough to add it up. */
export function reachOfMessage(message: Message): Reach {
  const told = reachIn(message)
  if (told !== null) return told
  return addUp(
    message.targets.map(target => {
      const { audienceSize, devices } = target
      if (audienceSize === undefined) return { devices: devices ?? null, basis: 'exact' as const }
      return audienceSize === null ? assumed() : { devices: audienceSize, basis: 'stated' as const }
    }),
  )
}

export function assumed(): Reach {
  return { devices: me.value?.policy?.assumeAudience ?? null, basis: 'assumed' }
}

export function addUp(parts: readonly Reach[]): Reach {
  const known = parts.flatMap(({ devices }) => (devices === null ? [] : [devices]))
  return {
    devices: known.length === 0 ? null : known.reduce((a, b) => a + b),
    basis: weakest(parts.map(({ basis }) => basis)),
  }
}

/** The member `reach` of an answer; null: this version has none. */
export function reachIn(answer: object): Reach | null {
  const { reach } = answer as { readonly reach?: { readonly devices?: unknown; readonly basis?: unknown } }
  if (typeof reach !== 'object' || reach === null) return null
  const bases: readonly Basis[] = ['exact', 'vendor', 'stated', 'assumed']
  const basis = bases.find(one => one === reach.basis)
  if (basis === undefined) return null
  return { devices: typeof reach.devices === 'number' ? reach.devices : null, basis }
}

export function reachOfRecall(recall: Recall): Reach {
  return reachIn(recall) ?? { devices: recall.devices?.total ?? null, basis: 'exact' }
}

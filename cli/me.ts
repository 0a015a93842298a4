/** Who asks, and from how many devices on the service's policy wants digits. */
import type { Me } from './answers.ts'
import type { Api } from './api.ts'
import { exits } from './exit-codes.ts'
import { CommandFailed } from './failure.ts'

const defaultConfirmAbove = 100_000

/** Null: the service does not tell, which is no reason not to go on. */
export async function readMe(api: Api): Promise<Me | null> {
  const answer = await api.try('GET', '/v1/me', { tries: 1 }).catch((error: unknown) => {
    if (error instanceof CommandFailed && error.exit === exits.outOfReach) return null
    throw error
  })
  return answer?.status === 200 ? (answer.body as Me) : null
}

/** Null: the policy wants digits for no number. */
export function confirmAboveOf(me: Me | null): number | null {
  const confirmAbove = me?.policy?.confirmAbove
  return confirmAbove === undefined ? defaultConfirmAbove : confirmAbove
}

/** What the end of a command says to a script. The numbers are fixed. */
import type { RecallState } from '../dashboard/words/terms.ts'

export const exits = {
  ok: 0,
  /** A defect, or out of reach after all tries (429 and 503 too). */
  outOfReach: 1,
  wrongInput: 2,
  partial: 3,
  notAllowed: 4,
  notAccepted: 5,
  waitsForApproval: 6,
  notFinished: 7,
  nothingDone: 8,
  ended: 9,
  notWell: 10,
  interrupted: 130,
} as const

export type Exit = (typeof exits)[keyof typeof exits]

const exitOfState: { readonly [S in RecallState]: Exit } = {
  pending_approval: exits.waitsForApproval,
  // taken in; what waits for the end says notFinished where time is up
  running: exits.ok,
  done: exits.ok,
  partial: exits.partial,
  failed: exits.notAccepted,
  cancelled: exits.ended,
  declined: exits.ended,
  expired: exits.ended,
}

/** Of a recall by its own state. A state that this version does not know is not called a success. */
export function exitOf(state: string): Exit {
  return Object.hasOwn(exitOfState, state) ? exitOfState[state as RecallState] : exits.notFinished
}

/** Of a refusal of the API. */
export function exitOfProblem(status: number, slug: string | null): Exit {
  if (slug === 'unsupported') return exits.nothingDone
  switch (status) {
    case 401:
    case 403:
      return exits.notAllowed
    case 404:
      return exits.nothingDone
    case 409:
      return exits.notAccepted
    case 429:
      return exits.outOfReach
    default:
      return status >= 400 && status < 500 ? exits.wrongInput : exits.outOfReach
  }
}

/** What ends a command early: an exit code, words for people, and the one document that `--json` prints. */
import { type Exit, exits } from './exit-codes.ts'

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status?: number
  readonly detail: string
  readonly requestId?: string | null
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  readonly [member: string]: unknown
}

export interface FailureOptions {
  /** What to type or do next, one line each. */
  readonly next?: readonly string[]
  /** Of `unpush.dev/problems/`; default by the exit code. */
  readonly slug?: string
  readonly title?: string
  /** Further members of the document: the plan that was refused. */
  readonly members?: { readonly [name: string]: unknown }
  /** The API's own problem, printed as it came. */
  readonly problem?: Problem
}

const slugs: { readonly [E in Exit]: string } = {
  [exits.ok]: 'internal',
  [exits.outOfReach]: 'unavailable',
  [exits.wrongInput]: 'invalid-request',
  [exits.partial]: 'internal',
  [exits.notAllowed]: 'unauthorized',
  [exits.notAccepted]: 'conflict',
  [exits.waitsForApproval]: 'conflict',
  [exits.notFinished]: 'unavailable',
  [exits.nothingDone]: 'not-found',
  [exits.ended]: 'not-confirmed',
  [exits.notWell]: 'not-well',
  [exits.interrupted]: 'interrupted',
}

/** Thrown to end a command. `message`: one sentence in the language of whoever reads. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly exit: Exit
  readonly next: readonly string[]
  readonly document: Problem
  /** By which the words for people are found; null: `message` says all. */
  readonly slug: string | null

  constructor(exit: Exit, message: string, options: FailureOptions = {}) {
    super(message)
    this.exit = exit
    this.next = options.next ?? []
    this.slug = options.problem === undefined ? null : slugOf(options.problem)
    const slug = options.slug ?? slugs[exit]
    this.document = options.problem ?? {
      ...options.members,
      type: `https://unpush.dev/problems/${slug}`,
      title: options.title ?? message,
      detail: message,
    }
  }
}

export function slugOf({ type }: Problem): string | null {
  return /^https:\/\/unpush\.dev\/problems\/([a-z-]+)$/.exec(type)?.[1] ?? null
}

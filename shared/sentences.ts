/**
 * Sentences for people that carry a code, so that any language can be made of them. A notice stands beside its English
 * sentence wherever that is kept or shown.
 */
import type { Operation } from './operation.ts'

export type Notice =
  /**
   * The vendor accepted it, and its record never showed that it was done. `because`: the budget for reading the record was
   * used up, the record could not be read, or it says `status` all the same.
   */
  | {
      readonly code: 'unconfirmed'
      readonly params: {
        readonly operation: Operation
        readonly because: 'budget' | 'unreadable' | 'record'
        readonly status: string | null
      }
    }
  /** The vendor accepted it, and has no record of the push that could show more. */
  | { readonly code: 'unrecorded'; readonly params: { readonly operation: Operation } }
  /** The vendor took `sent` too, since reading what became of `operation` has to wait. */
  | { readonly code: 'sent_meanwhile'; readonly params: { readonly operation: Operation; readonly sent: Operation } }
  /**
   * The vendor refuses the same words to everybody twice within that time. `certain` false: it is not known whether this push
   * went to everybody.
   */
  | {
      readonly code: 'identical_overlay'
      readonly params: { readonly windowSeconds: number; readonly certain: boolean }
    }
  /** The sender used the key of this push again: what is on screens now is another message's. */
  | { readonly code: 'superseded'; readonly params: { readonly [none: string]: never } }

export function sentenceOf(notice: Notice): string {
  switch (notice.code) {
    case 'unconfirmed': {
      const { operation, because, status } = notice.params
      const why = {
        budget: 'the budget for reading its record stayed used up',
        unreadable: 'its record could not be read in time',
        record: `its record still says ${status ?? 'nothing'}`,
      }[because]
      return `The vendor accepted the ${operation}, and nothing confirms that it was done: ${why}.`
    }
    case 'unrecorded':
      return `The vendor accepted the ${notice.params.operation}; it has no record of this push that could confirm it.`
    case 'sent_meanwhile': {
      const { operation, sent } = notice.params
      return `Whether the ${operation} was done cannot be read for now: ${sent} was sent too.`
    }
    case 'identical_overlay': {
      const { windowSeconds, certain } = notice.params
      const span = windowSeconds === 3600 ? 'an hour' : `${windowSeconds} seconds`
      return certain
        ? `The vendor refuses a second identical push to everybody within ${span}.`
        : `The same overlay went out within ${span}: if this push went to everybody, the vendor refuses it now.`
    }
    case 'superseded':
      return 'A newer message was registered under the same key: what it pushed has taken the place of this push on screens, and would be taken back instead.'
    default:
      return notice satisfies never
  }
}

/** Why nothing can be done that names an audience. */
export const audienceGone =
  'Whom this push went to was deleted when its time was over (tokenRetentionDays): the vendor can no longer be told.'

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

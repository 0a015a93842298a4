/** How much of a vendor may be asked, for what, and what a call costs. */

/**
 * What a request is for. proof: reading the record that shows whether an act was done · overlay: reading the record that an
 * overlay cannot be sent without · look: reading it before another act · discover: listing what was pushed · figures: how many
 * devices a push went to · people: somebody asked to see it · act: the operation itself.
 */
export type Purpose = 'proof' | 'overlay' | 'look' | 'discover' | 'figures' | 'people' | 'act'

/** Part of a window that one purpose has for itself. */
export interface Share {
  readonly calls: number
  /** Nobody else ever takes what is left of it. */
  readonly kept?: boolean
  /** It also takes what shares that are not kept have left. */
  readonly borrows?: boolean
}

/** A vendor budget shared by all instances that use one credential. */
export type Lane =
  /** `cost` units flow at `perSecond`, up to `burst` at once. */
  | { readonly name: string; readonly kind: 'rate'; readonly perSecond: number; readonly burst: number }
  /**
   * At most `limit` calls in any `windowMs`. With `shares`, whose calls add up to the limit: a purpose takes at most its share
   * in any window, what a kept one has left is never anybody else's, and one that borrows also takes what the others have left.
   */
  | {
      readonly name: string
      readonly kind: 'window'
      readonly limit: number
      readonly windowMs: number
      readonly shares?: { readonly [P in Purpose]?: Share }
    }

export interface Fare {
  readonly lane: Lane
  readonly cost: number
}

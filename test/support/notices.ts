/** Notices of a target, in which the lasting ones of its vendor stand too. */
import { expect } from 'vitest'

/** One of them is this. */
export const has = (notice: object): unknown => expect.arrayContaining([notice])

/** None of them has this code. */
export const hasNone = (code: string): unknown => expect.not.arrayContaining([expect.objectContaining({ code })])

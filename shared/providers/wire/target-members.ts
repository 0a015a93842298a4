/** Members that the targets of several vendors have in common. */
import * as z from 'zod/mini'

/** A key that the sender chose (`tag`, a collapse id): text that can be a header of a push service, up to so many bytes. */
export function senderKey(mostBytes: number) {
  return z.string().check(
    z.minLength(1),
    z.refine(key => Buffer.byteLength(key) <= mostBytes, `must have at most ${mostBytes} bytes`),
    z.refine(key => key.isWellFormed() && !/\p{Cc}/u.test(key), 'must hold no control characters'),
  )
}

/**
 * An id that its vendor prints as a number, as text: a number that holds all its digits never comes here (`withNative`). Other
 * numbers have lost theirs.
 */
export function vendorDigits(form: RegExp, message: string) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === 'number' ? 'must be written in digits alone, as a string or as a number' : undefined,
    })
    .check(z.regex(form, message))
}

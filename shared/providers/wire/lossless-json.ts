/** JSON in which an integer beyond 2^53 keeps its digits: TPNS prints 19-digit ids as bare numbers. */

/**
 * In valid JSON these are exactly its strings and its numbers, so that digits inside a string are left alone. The last quote
 * is optional, so that a string without an end is not looked for again from every quote inside it.
 */
const stringOrNumber = /"[^"\\]*(?:\\.[^"\\]*)*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const integer = /^-?\d+$/
/** The shortest integer that a double may round has 16 digits. */
const longDigits = /\d{16}/

/** Like JSON.parse, save that integers a double cannot hold come back as strings of digits. Undefined: not JSON. */
export function parseLossless(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    // Only text known to be valid is rewritten: quoting a number must never make JSON of something that was none.
    return longDigits.test(text) ? JSON.parse(text.replace(stringOrNumber, quoteUnsafe)) : value
  } catch {
    return undefined
  }
}

function quoteUnsafe(literal: string): string {
  return integer.test(literal) && !Number.isSafeInteger(Number(literal)) ? `"${literal}"` : literal
}

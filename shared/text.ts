/**
 * The way in for text that others wrote: replies of vendors, verdicts, messages of errors. PostgreSQL stores neither
 * U+0000 nor half of a surrogate pair, and refuses the whole statement that carries one.
 */

/** `text` with U+FFFD in place of each U+0000 and of each half of a surrogate pair. Any other text comes back as it is. */
export function storable(text: string): string {
  const wellFormed = text.isWellFormed() ? text : text.toWellFormed()
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\ufffd') : wellFormed
}

/** Storable, and at most `most` UTF-16 units: what is longer ends in `…`, never in the middle of a code point. */
export function clip(text: string, most: number): string {
  // what is cut off is not looked at: a megabyte may be
  if (text.length > most) return `${storable(text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, ''))}…`
  return storable(text)
}

/** `text` without any of the characters of `end` at its end: a pattern like `\n+$` is tried anew at every one of them in the middle. */
export function withoutTrailing(text: string, end: string): string {
  let length = text.length
  while (length > 0 && end.includes(text.charAt(length - 1))) length--
  return text.slice(0, length)
}

/** `text` where it can be stored as it is, in at most `most` UTF-16 units; else null: a changed name is another name. */
export function exactly(text: string | null, most: number): string | null {
  return text !== null && text.length <= most && storable(text) === text ? text : null
}

// An escaped backslash first, so that what follows it is not taken for an escape; then a whole pair.
const escapes = /\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..|\\u(?:0000|[dD][89a-fA-F]..)/g

/** A JSON text of which every string is storable: JSON.stringify writes what is not as `\u0000` and `\ud800`. */
export function storableJson(json: string): string {
  const text = storable(json)
  if (!/\\u(?:0000|[dD][89a-fA-F])/.test(text)) return text
  return text.replace(escapes, found => (found.length === 6 ? '\\ufffd' : found))
}

export interface Bounds {
  /** Of lists and objects within each other. */
  readonly depth: number
  /** Characters of all names and texts together; a number or a word counts as eight. */
  readonly size: number
}

/** Whether a JSON value can be stored exactly as it is, within these bounds. Reads no further than they reach. */
export function isStorable(value: unknown, { depth, size }: Bounds): boolean {
  let left = size
  const fits = (part: unknown, levels: number): boolean => {
    left -= typeof part === 'string' ? part.length + 2 : 8
    if (left < 0) return false
    if (typeof part === 'string') return storable(part) === part
    if (typeof part !== 'object' || part === null) return true
    if (levels === 0) return false
    if (Array.isArray(part)) return part.every(item => fits(item, levels - 1))
    return Object.entries(part).every(([name, item]) => fits(name, levels) && fits(item, levels - 1))
  }
  return fits(value, depth)
}

/**
 * Members of a delivery as senders really write them, for every source the same: null is absent, a whole number can be an
 * id, a word has any case, a time that cannot be read is the time of arrival.
 */
export interface Members {
  readonly [name: string]: unknown
}

/** Null: not an object. */
export function membersOf(value: unknown): Members | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
}

/** Null is absent, and so is a text with nothing in it. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** What stands in a list, without nulls, or an object that stands alone; empty where there is none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter(item => item !== null) : membersOf(value) === null ? [] : [value]
}

/** A text that is not empty, or the digits of a whole number. */
export function idOf(value: unknown): string | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : null
  return typeof value === 'string' && value !== '' ? value : null
}

/** As `idOf`, and numbers of any kind. */
export function textOf(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : idOf(value)
}

/** Of a list, and of one that stands alone. */
export function textsOf(value: unknown): string[] {
  return (Array.isArray(value) ? itemsOf(value) : [value]).flatMap(item => textOf(item) ?? [])
}

/** Also where it is written as a text. */
export function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}

/** Whole and not negative, up to a million; what is not is 0. */
export function roundOf(value: unknown): number {
  const number = numberOf(value)
  return number === null || number < 0 || !Number.isInteger(number) ? 0 : Math.min(number, 1_000_000)
}

/** Lower case, for tables of words; '' where there is none. */
export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : ''
}

/** What `words` has for a word; undefined: nothing. */
export function meaningOf<Meaning>(words: { readonly [word: string]: Meaning }, value: unknown): Meaning | undefined {
  const word = wordOf(value)
  return Object.hasOwn(words, word) ? words[word] : undefined
}

const zoned = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,12})?)?(?:[Zz]|[+-]\d\d:?\d\d)$/
/** By how many digits it has: seconds, milliseconds, microseconds, nanoseconds since 1970. */
const epochs: { readonly [digits: number]: number } = { 10: 1e3, 13: 1, 16: 1e-3, 19: 1e-6 }

/**
 * Null: there is none. RFC 3339, or a number since 1970. What is there and cannot be read, a time without a zone among it, is
 * the time of arrival.
 */
export function timeOf(value: unknown, arrivedAt: Date): Date | null {
  if (value === undefined || value === null || value === '') return null
  const written = textOf(value) ?? ''
  const scale = /^\d+$/.test(written) ? epochs[written.length] : undefined
  const ms =
    scale !== undefined
      ? Number(written) * scale
      : zoned.test(written)
        ? Date.parse(written.replace(' ', 'T').replace(',', '.'))
        : Number.NaN
  // what the ledger can hold, and anybody can mean
  return ms >= 0 && ms < Date.UTC(9999, 0) ? new Date(ms) : arrivedAt
}

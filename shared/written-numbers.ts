/**
 * How a request wrote its numbers. 9007199254740993 is read as the double …992, and 1e3 and 1.0 as what cannot be told from 1000
 * and 1; an id that its vendor prints as a number is known by its digits.
 */
import type { WrittenNumber } from './json-scan.ts'

/** By the object that has them as members: those numbers alone that are not written as JavaScript would write them. */
const written = new WeakMap<object, Map<string | number, string>>()

/** `root` was just parsed from the text in which these numbers were found. */
export function keepWritten(root: unknown, numbers: readonly WrittenNumber[]): void {
  for (const { path, text } of numbers) {
    let holder: unknown = root
    for (const key of path.slice(0, -1)) holder = isObject(holder) ? Reflect.get(holder, key) : null
    const [member] = path.slice(-1)
    if (!isObject(holder) || member === undefined) continue
    const known = written.get(holder) ?? new Map<string | number, string>()
    written.set(holder, known.set(member, text))
  }
}

/** The members of an object. A whole number is a bigint where it was written in digits alone, and else the number that it was. */
export function membersAsWritten(holder: object): [name: string, value: unknown][] {
  const known = written.get(holder)
  return Object.entries(holder).map(([name, value]) => {
    if (typeof value !== 'number') return [name, value]
    const text = known?.get(name) ?? String(value)
    return [name, /^\d+$/.test(text) ? BigInt(text) : value]
  })
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Parts of which the schemas of requests are made: what zod has them as takes null for a value, and items before their number. */
import * as z from 'zod/mini'
import { bounds } from './bounds.ts'
import { maxInputErrors } from './errors.ts'
import { once } from './once.ts'
import { membersAsWritten } from './written-numbers.ts'

/** A member that may be left out, or be `null`, which is the same (contract §4.1). */
export function optional<Member extends z.ZodMiniType>(member: Member) {
  return z.optional(
    z.pipe(
      z.nullable(member),
      z.transform(value => value ?? undefined),
    ),
  )
}

/**
 * For objects whose members a vendor reads: those that are `null` are left out before, and a whole number that was written in
 * digits alone is a bigint, which `withNative` makes what the vendor's schema takes.
 */
export const membersOfVendor = once(() => z.transform(asWritten<{ app: string; [member: string]: unknown }>))

/** The same, without a schema; what is no object is left as it is. */
export function asWritten<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // oxlint-disable-next-line no-unsafe-type-assertion -- members that may be null may be left out
  return Object.fromEntries(membersAsWritten(value).filter(([, member]) => member !== null)) as Value
}

/** A list that is measured before its items are looked at: zod reports on every item first, and on the length last. */
export function list<Item extends z.ZodMiniType>(
  item: Item,
  { most, least = 0 }: { readonly most: number; readonly least?: number },
) {
  return z.pipe(
    z.transform((value: z.input<Item>[], { issues }) => {
      if (Array.isArray(value) && value.length > most) {
        issues.push({ code: 'too_big', origin: 'array', maximum: most, inclusive: true, input: value })
      }
      return value
    }),
    z.array(item).check(z.maxLength(most), ...(least > 0 ? [z.minLength(least)] : [])),
  )
}

/**
 * Push tokens: any text but none, "do not depend on or limit the length" beyond `bounds.tokenBytes`. Their number is looked
 * at first, and no more is told of them than one answer holds. What is over a bound names it in `params`: `parseInput` makes a
 * 413 of that.
 */
export function tokenList(least = 0, atMost: number | null = null) {
  return z.pipe(
    z.transform((value: string[], { issues }) => {
      if (!Array.isArray(value)) return value
      if (atMost !== null && value.length > atMost) {
        issues.push({ code: 'too_big', origin: 'array', maximum: atMost, inclusive: true, input: value })
        return value
      }
      const most = bounds.tokensPerRequest.value
      if (value.length > most) {
        const message = `must have at most ${most} items`
        issues.push({ code: 'custom', message, params: { bound: 'tokensPerRequest' }, input: value })
        return value
      }
      for (const [index, token] of value.entries()) {
        if (isToken(token)) continue
        const at = { input: token, path: [index] }
        if (typeof token !== 'string') issues.push({ code: 'invalid_type', expected: 'string', ...at })
        else if (token === '') issues.push({ code: 'too_small', origin: 'string', minimum: 1, inclusive: true, ...at })
        else {
          const message = `must have at most ${bounds.tokenBytes.value} bytes`
          issues.push({ code: 'custom', message, params: { bound: 'tokenBytes' }, ...at })
        }
        if (issues.length === maxInputErrors) break
      }
      return value
    }),
    z
      .array(z.string().check(z.minLength(1)))
      .check(
        ...(least > 0 || atMost === null ? [z.minLength(least)] : []),
        ...(atMost === null ? [] : [z.maxLength(atMost)]),
      ),
  )
}

/** `overlay.options`: by vendor name what its provider reads, stored as it is also for targets that come later. */
export const optionsOf = once(() =>
  z.pipe(
    z.transform((value: { readonly [vendor: string]: { readonly [member: string]: unknown } }, { issues }) => {
      const most = bounds.overlayOptionBytes.value
      const bytes = Buffer.byteLength(JSON.stringify(value) ?? '')
      if (bytes > most) {
        const message = `has ${bytes} bytes, and may have ${most}`
        issues.push({ code: 'custom', message, params: { bound: 'overlayOptionBytes' }, input: value })
      }
      return dropNulls(value)
    }),
    z.record(z.string(), z.record(z.string(), z.unknown())),
  ),
)

/** UTF-8 has at most three bytes for a UTF-16 unit: nearly all tokens need not be measured. */
export function isToken(value: unknown): value is string {
  if (typeof value !== 'string' || value === '') return false
  const most = bounds.tokenBytes.value
  return value.length * 3 <= most || Buffer.byteLength(value) <= most
}

/** Of what is no object nothing is dropped: the schema behind says what it must be. */
function dropNulls<Value extends object>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  // oxlint-disable-next-line no-unsafe-type-assertion -- members that may be null may be left out
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) as Value
}

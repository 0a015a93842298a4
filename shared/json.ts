/**
 * Bodies in: bytes → JSON that PostgreSQL can hold → a checked value. What is wrong is a Problem that says where.
 */
import { isUtf8 } from 'node:buffer'
import type { ZodMiniType } from 'zod/mini'
import type { $ZodIssue } from 'zod/v4/core'
import { type BoundName, bounds, isBound, overBound } from './bounds.ts'
import { type InputError, maxInputErrors, pointer, Problem } from './errors.ts'
import { inputErrors, sentence } from './issues.ts'
import { scanJson, type WrittenNumber } from './json-scan.ts'
import { describeSyntaxFault } from './json-syntax.ts'
import { keepWritten } from './written-numbers.ts'

const loneSurrogate = /\p{Surrogate}/u

/**
 * Reads a whole JSON body. The result is safe to walk recursively, to store as jsonb and to send on as UTF-8, and no
 * member of it was given twice. Numbers are as JSON.parse reads them; how they were written is kept beside
 * (`membersAsWritten`).
 *
 * Throws `payload-too-large` (413) over `limitBytes` or `bounds.bodyValues`, `invalid-request` (400) for anything
 * else; the message tells the position and never repeats content.
 */
export function readJson(body: Buffer, limitBytes: number): unknown {
  if (body.length > limitBytes) {
    throw new Problem('payload-too-large', `The body has ${body.length} bytes; at most ${limitBytes} are taken.`)
  }
  if (body.length === 0) throw invalidBody('is empty, and must be JSON')
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) {
    throw invalidBody('begins with a byte order mark; send UTF-8 without one')
  }
  const text = body.toString('utf8')
  if (!isUtf8(body)) throw invalidBody(`is not valid UTF-8 at byte ${firstBadByte(body, text)} (counted from 0)`)
  const numbers: WrittenNumber[] = []
  const fault = scanJson(text, { values: bounds.bodyValues.value, depth: 64, members: 1000 }, numbers)
  if (fault === 'too many values') {
    throw overBound('bodyValues', `The body has more than ${bounds.bodyValues.value} values.`)
  }
  if (fault) throw invalidInput([{ path: pointer(fault.path), message: fault.message }])
  const value = parse(text)
  // Raw text cannot hold them, so without an escape there is nothing to look for in the strings.
  const wrong = findFault(value, text.includes('\\u') || text.includes('__proto__'))
  if (wrong) throw invalidInput([{ path: pointer(wrong.path), message: wrong.message }])
  keepWritten(value, numbers)
  return value
}

/**
 * Checks a value. Throws `invalid-request` (400) with one error for each wrong member, or the refusal of the bound that a
 * member is over. `above` is where the value stands in the input.
 */
export function parseInput<T>(schema: ZodMiniType<T>, value: unknown, above: readonly PropertyKey[] = []): T {
  const result = schema.safeParse(value, { error: sentence })
  if (result.success) return result.data
  const { issues } = result.error
  const errors = inputErrors(issues, above)
  const over = issues.find(issue => boundOf(issue) !== null)
  const bound = over === undefined ? null : boundOf(over)
  if (over === undefined || bound === null) throw invalidInput(errors)
  const path = pointer([...above, ...over.path])
  throw overBound(bound, `${path || 'The input'} ${over.message}.`, { errors })
}

/** As {@link file://./members.ts} writes it. */
function boundOf(issue: $ZodIssue): BoundName | null {
  const name: unknown = issue.code === 'custom' ? issue.params?.['bound'] : null
  return typeof name === 'string' && isBound(name) ? name : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's own message quotes the text.
    throw invalidBody(`is not valid JSON: ${describeSyntaxFault(text)}`)
  }
}

function invalidBody(message: string): Problem {
  return new Problem('invalid-request', `The body ${message}.`, { errors: [{ path: '', message }] })
}

function invalidInput(errors: readonly InputError[]): Problem {
  const [first] = errors
  const many = errors.length < maxInputErrors ? `${errors.length}` : `${maxInputErrors} or more`
  const detail =
    first && errors.length === 1
      ? `${first.path || 'The input'} ${first.message}.`
      : `${many} members of the input are not valid; \`errors\` lists them.`
  return new Problem('invalid-request', detail, { errors })
}

interface Fault {
  /** Built from the inside out, and only once there is a fault. */
  readonly path: PropertyKey[]
  readonly message: string
}

function findFault(value: unknown, lookIntoStrings: boolean): Fault | null {
  if (typeof value === 'string') return lookIntoStrings ? stringFault(value) : null
  // 1e999 is valid JSON and reads as Infinity, which no JSON can carry on.
  if (typeof value === 'number' && !Number.isFinite(value)) return { path: [], message: 'is a number out of range' }
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const fault = findFault(item, lookIntoStrings)
      if (fault) return under(index, fault)
    }
    return null
  }
  for (const [name, item] of Object.entries(value)) {
    if (lookIntoStrings && stringFault(name)) return { path: [], message: `has a member whose name ${unstorable}` }
    // Copying such a member with an assignment would swap the copy's prototype.
    if (name === '__proto__') return { path: [], message: 'has a member named __proto__, which is not taken' }
    const fault = findFault(item, lookIntoStrings)
    if (fault) return under(name, fault)
  }
  return null
}

const unstorable = 'holds U+0000 or half of a surrogate pair, which cannot be stored'

function stringFault(text: string): Fault | null {
  return text.includes('\0') || loneSurrogate.test(text) ? { path: [], message: unstorable } : null
}

function under(key: PropertyKey, fault: Fault): Fault {
  fault.path.unshift(key)
  return fault
}

/** The first replacement character of the decoded text that was not one in the bytes. */
function firstBadByte(body: Buffer, text: string): number {
  let at = 0
  let from = 0
  for (;;) {
    const found = text.indexOf('\ufffd', from)
    if (found < 0) return at
    at += Buffer.byteLength(text.slice(from, found))
    if (!(body[at] === 0xef && body[at + 1] === 0xbf && body[at + 2] === 0xbd)) return at
    at += 3
    from = found + 1
  }
}

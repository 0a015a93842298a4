/**
 * What is wrong with an input, in sentences: zod/mini brings no messages of its own.
 *
 * No message repeats a value, since a value may be a push token or a key. The name of a member that is not known is
 * repeated only where it looks like a name (`isRepeatable`).
 */
import type { $ZodIssue, $ZodIssueInvalidType, $ZodRawIssue } from 'zod/v4/core'
import { type InputError, isRepeatable, maxInputErrors, pointer } from './errors.ts'

const kinds: { readonly [expected: string]: string } = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  never: 'left out',
}

const formats: { readonly [format: string]: string } = {
  datetime: 'must be a time as in RFC 3339, like 2026-11-24T08:00:00+08:00',
  url: 'must be a URL',
}
const unknownName = 'is not a member known here'

const sizes: { readonly [origin: string]: string } = { string: 'characters', array: 'items', record: 'members' }

/** The error map given to every parse. A message set on the schema itself goes before it. */
export function sentence(issue: $ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is required' : `must be ${kindOf(issue)}`
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : `must be ${alternatives(issue.values)}`
    case 'invalid_format':
      return formats[issue.format] ?? 'does not have the form it must have'
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`
    case 'too_small':
      return bound(issue.origin, issue.exact ? 'exactly' : 'at least', issue.minimum, issue.inclusive)
    case 'too_big':
      return bound(issue.origin, issue.exact ? 'exactly' : 'at most', issue.maximum, issue.inclusive)
    case 'unrecognized_keys':
      return unknownName
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'has a name that is not allowed here'
    case 'invalid_union':
      return Array.isArray(issue['options'])
        ? `must be ${alternatives(issue['options'])}`
        : 'has none of the forms allowed here'
    default:
      return 'is not valid'
  }
}

/** zod asks for a number first and for a whole one only then; the caller is told both at once. */
function kindOf({ expected, inst }: $ZodRawIssue<$ZodIssueInvalidType>): string {
  // oxlint-disable-next-line no-underscore-dangle -- zod's name
  const definition = inst?._zod.def
  const whole = definition && 'format' in definition && definition.format === 'safeint'
  return kinds[whole ? 'int' : expected] ?? `of type ${expected}`
}

/**
 * Issues as zod reports them → one error for each member, at most {@link maxInputErrors}: the rest is not even looked at.
 * `above` is where the value stands in the input.
 */
export function inputErrors(issues: readonly $ZodIssue[], above: readonly PropertyKey[] = []): InputError[] {
  const errors: InputError[] = []
  for (const error of errorsIn(issues, above)) {
    errors.push(error)
    if (errors.length === maxInputErrors) break
  }
  return errors
}

function* errorsIn(issues: readonly $ZodIssue[], above: readonly PropertyKey[]): Generator<InputError> {
  for (const issue of issues) {
    const path = [...above, ...issue.path]
    if (issue.code === 'unrecognized_keys') {
      for (const name of issue.keys) yield unknownMember(path, name)
    } else if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      yield* unionErrors(path, issue.errors, issue.message)
    } else yield { path: pointer(path), message: issue.message }
  }
}

function unknownMember(path: readonly PropertyKey[], name: string): InputError {
  return isRepeatable(name)
    ? { path: pointer([...path, name]), message: unknownName }
    : { path: pointer(path), message: `has a member that is not known here, its name ${name.length} characters long` }
}

/** The one form that the input clearly meant is explained in full; else the kinds that would do are listed. */
function* unionErrors(
  path: readonly PropertyKey[],
  forms: readonly (readonly $ZodIssue[])[],
  fallback: string,
): Generator<InputError> {
  const wrongKind = (form: readonly $ZodIssue[]) =>
    form.some(issue => issue.path.length === 0 && ['invalid_type', 'invalid_value'].includes(issue.code))
  const meant = forms.filter(form => !wrongKind(form))
  const [only] = meant
  if (only && meant.length === 1) return yield* errorsIn(only, path)
  const roots = forms.flatMap(form => form.filter(issue => issue.path.length === 0).map(issue => issue.message))
  const messages = [...new Set(roots)]
  const joinable = messages.length > 0 && messages.every(message => message.startsWith('must be '))
  const joined = `must be ${messages.map(message => message.slice('must be '.length)).join(' or ')}`
  yield { path: pointer(path), message: joinable ? joined : (messages.length === 1 && messages[0]) || fallback }
}

function bound(origin: string, relation: string, limit: number | bigint, inclusive: boolean | undefined): string {
  const unit = sizes[origin]
  if (unit && relation === 'at least' && limit === 1) return 'must not be empty'
  if (unit) return `must have ${relation} ${limit} ${Number(limit) === 1 ? unit.slice(0, -1) : unit}`
  if (inclusive === false) return `must be ${relation === 'at least' ? 'more' : 'less'} than ${limit}`
  return `must be ${relation} ${limit}`
}

function alternatives(values: readonly unknown[]): string {
  const written = values.map(value => (typeof value === 'string' ? JSON.stringify(value) : String(value)))
  return written.length < 2 ? written.join('') : `${written.slice(0, -1).join(', ')} or ${written.at(-1)}`
}

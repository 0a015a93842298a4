/** A vendor's words without what must not be kept: push tokens, secrets, the text of a notification. */
import { createHash } from 'node:crypto'
import { clip, exactly } from '../../text.ts'

export interface Hidden {
  /** Push tokens of the request: written as the first 12 hex digits of their SHA-256. */
  readonly tokens?: readonly string[]
  /** Keys and signatures of the request. */
  readonly secrets?: readonly string[]
  /** What people read on their phones. */
  readonly texts?: readonly string[]
}

/** A message longer than this helps nobody; the ledger keeps one for every attempt. */
const maxLength = 500
/** No document shows a message of more than a hundred; this much of one is searched for what must not be kept. */
const maxReadLength = 65_536
/** A title of one or two characters occurs everywhere, and gives nothing away. */
const minTextLength = 4
/** Tokens and JWTs that are not this request's, or that were cut in half. Reasons are as long, but have no digits. */
const opaque = /[A-Za-z0-9+/=_-]{24,}/g

/** The first 12 hex digits of the token's SHA-256: what logs, records and answers show of it. */
export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 12)
}

/** `text` without anything hidden and without anything that looks like a key, at most 500 characters; '' is null. */
export function masked(text: string | null, hidden: Hidden): string | null {
  if (text === null || text === '') return null
  const clean = withoutHidden(text.slice(0, maxReadLength), hidden).replace(opaque, run =>
    /\d/.test(run) ? tokenDigest(run) : run,
  )
  // the end of what was read may be the beginning of something hidden
  const whole = text.length > maxReadLength ? clean.slice(0, -longestForm(hidden)) : clean
  return clip(whole, maxLength)
}

function longestForm({ tokens = [], secrets = [], texts = [] }: Hidden): number {
  // an escape inside JSON has six characters
  return [...tokens, ...secrets, ...texts].reduce((most, { length }) => Math.max(most, 6 * length), 1)
}

/** For short names (an id, a reason): null where it holds a token or a secret, or cannot be a name. */
export function nameOrNull(text: string | null, { tokens = [], secrets = [] }: Hidden): string | null {
  const name = exactly(text, 64)
  if (name === null || name === '') return null
  return withoutHidden(name, { tokens, secrets }) === name ? name : null
}

function withoutHidden(text: string, { tokens = [], secrets = [], texts = [] }: Hidden): string {
  const replacements = new Map<string, string>()
  for (const value of texts) {
    if (value.length >= minTextLength) addForms(replacements, text, value, () => '[text]')
  }
  // hashed where it is found alone: a yes for one device names none
  for (const value of tokens) addForms(replacements, text, value, () => tokenDigest(value))
  for (const value of secrets) addForms(replacements, text, value, () => '[secret]')
  if (replacements.size === 0) return text
  // One pass, longest first: a token may be the beginning of another, and a digest may hold a short one.
  const longestFirst = [...replacements.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(longestFirst.map(form => form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')).join('|'), 'g')
  return text.replace(pattern, found => replacements.get(found) ?? '')
}

/** As it is, and as it looks inside JSON inside a string. */
function addForms(replacements: Map<string, string>, text: string, value: string, by: () => string): void {
  // no form is shorter
  if (value.length > text.length) return
  const escaped = JSON.stringify(value).slice(1, -1)
  for (const form of new Set([value, escaped, escaped.replaceAll('/', '\\/')])) {
    if (form !== '' && text.includes(form)) replacements.set(form, by())
  }
}

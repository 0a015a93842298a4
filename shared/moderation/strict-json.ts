/**
 * JSON of which every reader makes the same: one text in UTF-8, in which no object has two members of one name. One parser
 * takes the first of those and another the last, so that what the sender's own software signed could be read here as
 * something else.
 *
 * Only the members that a source reads are built; the others are checked and passed over, whatever they hold: a video with a
 * thousand frames costs no more than one without.
 */
import { isUtf8 } from 'node:buffer'
import { membersOf } from './reading.ts'

/** More than any verdict has; a list of millions is not built. */
const mostBuilt = 100_000
/** Ids have up to twenty digits, of which a number keeps sixteen: these become texts. */
const longNumber = /^-?\d{16,}$/
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y

export interface StrictJson {
  /** Objects hold those of their members that are wanted. */
  readonly value: unknown
  /** It holds more than can be a verdict, and was not built to its end. */
  readonly tooMuch: boolean
}

/** Null: not one JSON text in UTF-8, or a repeated member. `wanted`: names of members, at any depth. */
export function readStrictJson(bytes: Buffer, wanted: ReadonlySet<string>): StrictJson | null {
  return isUtf8(bytes) ? read(bytes.toString('utf8'), wanted, null) : null
}

/** The members of one object, each as the JSON text that it was sent as. Null as above, and where it is no object. */
export function memberTexts(bytes: Buffer): ReadonlyMap<string, string> | null {
  const texts = new Map<string, string>()
  const found = isUtf8(bytes) ? read(bytes.toString('utf8'), new Set(), texts) : null
  return membersOf(found?.value) === null ? null : texts
}

interface Open {
  /** Null: an object. */
  readonly list: unknown[] | null
  /** Null: a list, or it is passed over. */
  readonly object: { [name: string]: unknown } | null
  /** One alone is no set: most objects that anybody nests have one member. */
  names: string | Set<string> | null
  name: string
  readonly builds: boolean
}

type Next = 'value' | 'value or ]' | 'name' | 'name or }' | 'comma or end'

/** `texts` gets what stands behind each name of the outermost object. */
function read(text: string, wanted: ReadonlySet<string>, texts: Map<string, string> | null): StrictJson | null {
  const open: Open[] = []
  let root: unknown
  let built = 0
  let start = 0
  let next: Next = 'value'
  let at = 0
  const builds = (): boolean => {
    const inner = open.at(-1)
    if (built > mostBuilt) return false
    return inner === undefined || (inner.builds && (inner.list !== null || wanted.has(inner.name)))
  }
  const put = (value: unknown) => {
    built++
    const inner = open.at(-1)
    if (inner === undefined) root = value
    else if (inner.list !== null) inner.list.push(value)
    else if (inner.object !== null) inner.object[inner.name] = value
  }
  for (;;) {
    const [outermost] = open
    if (next === 'comma or end' && open.length === 1 && outermost !== undefined) {
      texts?.set(outermost.name, text.slice(start, at))
    }
    while (isBlank(text.charCodeAt(at))) at++
    if (next === 'value' && open.length === 1) start = at
    const sign = text[at]
    if (next === 'comma or end') {
      const inner = open.at(-1)
      if (inner === undefined) return sign === undefined ? { value: root, tooMuch: built > mostBuilt } : null
      if (sign === ',') next = inner.list === null ? 'name' : 'value'
      else if (sign === (inner.list === null ? '}' : ']')) open.pop()
      else return null
      at++
    } else if (next === 'name' || next === 'name or }') {
      const inner = open.at(-1)
      if (sign === '}' && next === 'name or }') {
        open.pop()
        next = 'comma or end'
        at++
        continue
      }
      const behind = sign === '"' ? endOfString(text, at) : -1
      if (behind < 0 || inner === undefined) return null
      // decoded, since an escape is another spelling of the same name
      const name = stringIn(text, at, behind)
      if (isRepeated(inner, name)) return null
      inner.name = name
      at = behind
      while (isBlank(text.charCodeAt(at))) at++
      if (text[at] !== ':') return null
      next = 'value'
      at++
    } else if (sign === '{' || sign === '[') {
      const kept = builds()
      const list: unknown[] | null = sign === '[' ? [] : null
      const object = list === null && kept ? Object.create(null) : null
      if (kept) put(list ?? object)
      open.push({ list, object, names: null, name: '', builds: kept })
      next = list === null ? 'name or }' : 'value or ]'
      at++
    } else if (sign === ']' && next === 'value or ]') {
      open.pop()
      next = 'comma or end'
      at++
    } else {
      const end = sign === '"' ? endOfString(text, at) : endOfScalar(text, at)
      if (end < 0) return null
      if (builds()) put(sign === '"' ? stringIn(text, at, end) : scalarIn(text.slice(at, end)))
      next = 'comma or end'
      at = end
    }
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09
}

/** Behind the closing quote; -1: it is not a string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) return at + 1
    if (code < 0x20) return -1
    if (code !== 0x5c) continue
    at++
    if (text[at] === 'u' && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4
    else if (!/^["\\/bfnrt]$/.test(text[at] ?? '')) return -1
  }
  return -1
}

function stringIn(text: string, start: number, end: number): string {
  const inside = text.slice(start + 1, end - 1)
  return inside.includes('\\') ? JSON.parse(`"${inside}"`) : inside
}

function endOfScalar(text: string, start: number): number {
  scalar.lastIndex = start
  return scalar.test(text) ? scalar.lastIndex : -1
}

function scalarIn(written: string): unknown {
  return longNumber.test(written) ? written : JSON.parse(written)
}

function isRepeated(inner: Open, name: string): boolean {
  if (inner.names === null) {
    inner.names = name
    return false
  }
  if (typeof inner.names === 'string') inner.names = new Set([inner.names])
  if (inner.names.has(name)) return true
  inner.names.add(name)
  return false
}

/**
 * JSON counted before it is built: a few megabytes of `{}` become hundreds of megabytes of objects, and two million wrong
 * items as many sentences about them. One pass over the text, without recursion; JSON.parse still decides what is JSON.
 */

export interface JsonBounds {
  /** Values of every kind, those that hold others included. */
  readonly values: number
  /** Lists and objects within each other. */
  readonly depth: number
  /** Members of one object. */
  readonly members: number
}

export interface JsonFault {
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A number that JavaScript writes otherwise: 1e3, 1.0, -0, more digits than a double holds. */
export interface WrittenNumber {
  readonly path: readonly (string | number)[]
  readonly text: string
}

/** What names a push stands in the body itself, in its `target` or in one of its `targets`. */
const deepestNames = 3

interface Open {
  /** Null: a list. Made with the first name: `{}` is what hostile bodies hold most of. */
  names: Set<string> | 'none yet' | null
  /** The item or member that is being read. */
  at: string | number
}

/**
 * The first place where `text` goes over a bound or gives a name twice within one object; null: there is none. Of two
 * members of one name one reader takes the first and another the last. Text that is no JSON is read as far as it goes.
 * `numbers` gets the numbers that are members where names of a push may stand, and that JavaScript writes otherwise.
 */
export function scanJson(
  text: string,
  bounds: JsonBounds,
  numbers?: WrittenNumber[],
): JsonFault | 'too many values' | null {
  const open: Open[] = []
  let inner: Open | undefined
  let awaitsName = false
  let values = 0
  const fault = (levels: number, message: string): JsonFault => ({
    path: open.slice(0, levels).map(({ at }) => at),
    message,
  })
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code <= 0x20 || code === colon) {
      at++
      continue
    }
    if (code === comma) {
      if (inner?.names === null) inner.at = Number(inner.at) + 1
      else awaitsName = inner !== undefined
      at++
      continue
    }
    if (code === closingBrace || code === closingBracket) {
      open.pop()
      inner = open.at(-1)
      awaitsName = false
      at++
      continue
    }
    if (code === quote && awaitsName && inner?.names) {
      const end = endOfString(text, at)
      const name = decoded(text.slice(at, end))
      awaitsName = false
      at = end
      inner.at = name
      if (inner.names === 'none yet') inner.names = new Set()
      if (inner.names.has(name)) return fault(open.length, 'is given more than once')
      inner.names.add(name)
      if (inner.names.size > bounds.members) return fault(open.length - 1, `has more than ${bounds.members} members`)
      continue
    }
    if (++values > bounds.values) return 'too many values'
    if (code === quote) at = endOfString(text, at)
    else if (code === openingBrace || code === openingBracket) {
      if (open.length === bounds.depth) return fault(open.length, `is nested more than ${bounds.depth} levels deep`)
      inner = { names: code === openingBrace ? 'none yet' : null, at: 0 }
      open.push(inner)
      awaitsName = code === openingBrace
      at++
    } else {
      const start = at
      do at++
      while (at < text.length && !ends(text.charCodeAt(at)))
      // letters are words: true, false, null
      if (numbers === undefined || code > nine || !inner?.names || open.length > deepestNames) continue
      const number = text.slice(start, at)
      if (String(Number(number)) !== number) numbers.push({ path: open.map(one => one.at), text: number })
    }
  }
  return null
}

const quote = 0x22
const comma = 0x2c
const nine = 0x39
const colon = 0x3a
const openingBracket = 0x5b
const backslash = 0x5c
const closingBracket = 0x5d
const openingBrace = 0x7b
const closingBrace = 0x7d

/** Whether a number or a word ends before this character. */
function ends(code: number): boolean {
  return (
    code <= 0x20 ||
    code === comma ||
    code === colon ||
    code === quote ||
    code === openingBracket ||
    code === closingBracket ||
    code === openingBrace ||
    code === closingBrace
  )
}

/**
 * Past the closing quote of the string that begins at `start`; the end of the text where it is not closed. Character by
 * character: the engine takes `indexOf` for a value that it may compute early, and once it had compiled this loop it looked
 * for a quote at every character, to the end of the text: minutes for four megabytes of `{}`.
 */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    at += code === backslash ? 2 : 1
  }
  return text.length
}

/** An escape is another spelling of the same name. What JSON does not know as a string is refused by its parser later. */
function decoded(string: string): string {
  if (!string.includes('\\')) return string.slice(1, -1)
  try {
    return String(JSON.parse(string))
  } catch {
    return string
  }
}

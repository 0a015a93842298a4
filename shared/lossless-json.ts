/** JSON in which an integer beyond 2^53 keeps its digits: vendors print 19-digit ids as bare numbers, and people paste them. */

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

/** In valid JSON: its strings, and the brackets that open and close what they stand in. */
const stringOrBracket = /"[^"\\]*(?:\\.[^"\\]*)*"?|[{}[\]]/g
const colonNext = /\s*:/y

/**
 * Of valid JSON: whether an object in it names a member twice. JSON.parse would keep the last and say nothing of the first, so
 * that a refusal could be read as a yes.
 */
export function repeatsMember(text: string): boolean {
  /** Names of the members of each object that is open; null for a list. */
  const open: (Set<string> | null)[] = []
  for (const { 0: part, index } of text.matchAll(stringOrBracket)) {
    if (part === '{') open.push(new Set())
    else if (part === '[') open.push(null)
    else if (part === '}' || part === ']') open.pop()
    else {
      const names = open.at(-1) ?? null
      colonNext.lastIndex = index + part.length
      if (names === null || !colonNext.test(text)) continue
      const name = part.includes('\\') ? String(JSON.parse(part)) : part.slice(1, -1)
      if (names.has(name)) return true
      names.add(name)
    }
  }
  return false
}

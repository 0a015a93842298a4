/**
 * JSON of which every reader makes the same. Two members of one name are legal JSON of which one parser takes the first
 * and another the last: what the sender's own software signed could then be read here as something else.
 */
import { readJson } from '../json.ts'

/** Undefined: not UTF-8, not one JSON text, or one with repeated or dangerous members. */
export function readStrictJson(bytes: Buffer): unknown {
  try {
    const value = readJson(bytes, bytes.length)
    return repeatsMember(bytes.toString('utf8')) ? undefined : value
  } catch {
    return undefined
  }
}

/** `text` is JSON already, so that only strings and brackets need to be told apart. */
function repeatsMember(text: string): boolean {
  /** The names so far of each open object; null for a list. */
  const open: (Set<string> | null)[] = []
  let awaitsName = false
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]
    if (sign === '"') {
      const end = endOfString(text, at)
      const names = open.at(-1)
      if (awaitsName && names) {
        // decoded, since an escape is another spelling of the same name
        const name: string = JSON.parse(text.slice(at, end))
        if (names.has(name)) return true
        names.add(name)
      }
      awaitsName = false
      at = end - 1
    } else if (sign === '{' || sign === '[') {
      open.push(sign === '{' ? new Set() : null)
      awaitsName = sign === '{'
    } else if (sign === '}' || sign === ']') {
      open.pop()
    } else if (sign === ',') {
      awaitsName = open.at(-1) !== null
    }
  }
  return false
}

function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

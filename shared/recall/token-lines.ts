/** Push tokens as JSON Lines: one JSON string a line, tens of thousands in one body. */
import { isUtf8 } from 'node:buffer'
import { bounds, overBound } from '../bounds.ts'
import { Problem } from '../errors.ts'
import type { TokenLines } from '../ledger/tokens.ts'
import { isToken } from '../members.ts'
import { storable } from '../text.ts'

/** No escape, no blank around it, nothing that JSON.stringify would write another way: the line is its own JSON text. */
const plain = /"[^"\\\p{Cc}\p{Surrogate}\ufffd]+"(?:\n|$)/uy
const lineBreaks = /[\r\n]+/y
/** Of a plain line, so short that its token cannot be over `bounds.tokenBytes`: three bytes for a character, two quotes. */
const shortLine = Math.floor(bounds.tokenBytes.value / 3) + 2

/**
 * Problem: names the first line that is no token (400), or the bound that is met (413). Plain lines that follow each other
 * stay one text, and every other line is read once: a body of any lines takes time in proportion to its length.
 */
export function readTokenLines(body: Buffer): TokenLines {
  const text = body.toString('utf8')
  /** What is rewritten so far, and from where on nothing is. */
  const pieces: string[] = []
  let kept = 0
  let count = 0
  for (let at = 0; at < text.length; ) {
    const first = text.charCodeAt(at)
    if (first === 0x0a || first === 0x0d) {
      pieces.push(text.slice(kept, at))
      at = kept = at + lengthOf(lineBreaks, text, at)
      continue
    }
    if (++count > bounds.tokensPerRequest.value) {
      throw overBound('tokensPerRequest', `The body has more than ${bounds.tokensPerRequest.value} lines.`)
    }
    plain.lastIndex = at
    if (plain.test(text) && plain.lastIndex - at <= shortLine) {
      at = plain.lastIndex
      continue
    }
    const end = text.indexOf('\n', at)
    const next = end < 0 ? text.length : end + 1
    pieces.push(text.slice(kept, at), readLine(text, at, end < 0 ? text.length : end, body), '\n')
    at = kept = next
  }
  if (pieces.length === 0) return { text, count }
  pieces.push(text.slice(kept))
  return { text: pieces.join('').replace(/\n$/, ''), count }
}

function lengthOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

function readLine(text: string, start: number, end: number, body: Buffer): string {
  const line = text.slice(start, end)
  const token = stringIn(line)
  // what decoding put in the place of bytes that are no UTF-8
  const garbled = line.includes('\ufffd') && !isUtf8(body)
  const index = () => text.slice(0, start).split('\n').length - 1
  if (token === null || token === '' || garbled || storable(token) !== token) {
    const message = 'must be one JSON string, not empty'
    throw new Problem('invalid-request', `Line ${index() + 1} ${message}.`, {
      errors: [{ path: `/${index()}`, message }],
    })
  }
  if (!isToken(token)) {
    const message = `must have at most ${bounds.tokenBytes.value} bytes`
    throw overBound('tokenBytes', `Line ${index() + 1} ${message}.`, { errors: [{ path: `/${index()}`, message }] })
  }
  return JSON.stringify(token)
}

/** Null: it is none. Nothing but a string is built, whatever the line holds. */
function stringIn(line: string): string | null {
  if (!/^[\t ]*"/.test(line)) return null
  try {
    return String(JSON.parse(line))
  } catch {
    return null
  }
}

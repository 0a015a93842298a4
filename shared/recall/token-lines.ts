/** Push tokens as JSON Lines: one JSON string a line, tens of thousands in one body. */
import { isUtf8 } from 'node:buffer'
import { token } from '../api-schemas.ts'
import { Problem } from '../errors.ts'
import { parseInput, readJson } from '../json.ts'
import type { TokenLines } from '../ledger/tokens.ts'

/** No escape, no blank around it, nothing that JSON.stringify would write another way: the line is its own JSON text. */
const plain = /"[^"\\\p{Cc}\p{Surrogate}\ufffd]+"(?:\n|$)/uy

/** Problem (400): names the first line that is no token. */
export function readTokenLines(body: Buffer): TokenLines {
  const text = body.toString('utf8')
  const count = countPlain(text)
  if (count !== null) return { text, count }
  const trusted = isUtf8(body)
  const texts = text.split('\n').flatMap((line, index) => {
    if (line === '' || line === '\r') return []
    return [countPlain(line) === null ? readLine(line, index, trusted) : line]
  })
  return { text: texts.join('\n'), count: texts.length }
}

/** Null: not every line is plain. As nearly all bodies are, none of their lines becomes a string. */
function countPlain(text: string): number | null {
  plain.lastIndex = 0
  for (let count = 0; ; count++) {
    if (plain.lastIndex === text.length) return count
    if (!plain.test(text)) return null
  }
}

function readLine(line: string, index: number, trusted: boolean): string {
  const message = 'must be one JSON string, not empty'
  const wrong = new Problem('invalid-request', `Line ${index + 1} ${message}.`, {
    errors: [{ path: `/${index}`, message }],
  })
  // what decoding put in the place of bytes that are no UTF-8
  if (!trusted && line.includes('\ufffd')) throw wrong
  try {
    return JSON.stringify(parseInput(token(), readJson(Buffer.from(line), Infinity)))
  } catch (error) {
    throw error instanceof Problem ? wrong : error
  }
}

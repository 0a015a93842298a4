/** Push tokens as JSON Lines: one JSON string a line, tens of thousands in one body. */
import { isUtf8 } from 'node:buffer'
import { token } from '../api-schemas.ts'
import { Problem } from '../errors.ts'
import { parseInput, readJson } from '../json.ts'

/** No escape, no blank around it, nothing that JSON.stringify would write another way: the line is its own JSON text. */
const plain = /^"[^"\\\p{Cc}\p{Surrogate}\ufffd]+"$/u

/** Tokens as JSON texts, as JSON.stringify writes them. Problem (400): names the first line that is no token. */
export function readTokenLines(body: Buffer): string[] {
  const trusted = isUtf8(body)
  const texts: string[] = []
  for (const [index, line] of body.toString('utf8').split('\n').entries()) {
    if (plain.test(line)) texts.push(line)
    else if (line !== '' && line !== '\r') texts.push(readLine(line, index, trusted))
  }
  return texts
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

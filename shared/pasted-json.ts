/** JSON as people and tools paste it into secrets managers. Integers that a double cannot hold are texts of their digits. */
import { parseLossless } from './lossless-json.ts'

/** Undefined: it is no JSON. A PEM pasted into a string has real line ends, where nothing else can be meant. */
export function parsePasted(text: string): unknown {
  const plain = text.replace(/^\uFEFF/, '')
  return parseLossless(plain) ?? parseLossless(withoutRawLineEnds(plain))
}

/** What a text holds that is an object in JSON, be it in base64: a key file in a member of text. Anything else as it is. */
export function parsePastedText(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = value.includes('{') ? value : Buffer.from(value, 'base64').toString('utf8')
  const parsed = text.trimStart().startsWith('{') ? parsePasted(text) : undefined
  return parsed ?? value
}

function withoutRawLineEnds(text: string): string {
  let isString = false
  return text.replaceAll(/\\.|"|\r?\n/gs, found => {
    if (found === '"') isString = !isString
    return isString && (found === '\n' || found === '\r\n') ? '\\n' : found
  })
}

/**
 * `application/x-www-form-urlencoded`, read so that one meaning has one spelling as far as a sender needs none other.
 * The platform's own reader repairs what is broken and drops what is repeated: both are doors for a forger.
 */
import { isUtf8 } from 'node:buffer'

export interface Form {
  readonly [name: string]: string | undefined
}

/** Null: a parameter that is not among `known`, a repeated one, or a text that is not well formed. Any order is taken. */
export function readForm(body: Buffer, known: readonly string[]): Form | null {
  // every byte above ASCII travels escaped
  if (body.some(byte => byte > 0x7e || byte < 0x21)) return null
  const form: { [name: string]: string } = Object.create(null)
  for (const pair of body.toString('latin1').split('&')) {
    const [name = '', written, more] = pair.split('=')
    if (written === undefined || more !== undefined || !known.includes(name) || name in form) return null
    const value = decode(written)
    if (value === null) return null
    form[name] = value
  }
  return form
}

/** Upper-case escapes only, as every sender writes them. */
function decode(written: string): string | null {
  if (/%(?![0-9A-F]{2})/.test(written)) return null
  const bytes = Buffer.alloc(written.length)
  let length = 0
  for (let at = 0; at < written.length; at++) {
    const code = written.charCodeAt(at)
    if (code === 0x25) {
      bytes[length++] = Number.parseInt(written.slice(at + 1, at + 3), 16)
      at += 2
    } else bytes[length++] = code === 0x2b ? 0x20 : code
  }
  const decoded = bytes.subarray(0, length)
  return isUtf8(decoded) ? decoded.toString('utf8') : null
}

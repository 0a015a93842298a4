/** Members that the credentials of several vendors have in common. */
import type { KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { parsePastedText } from '../../pasted-json.ts'
import { readPrivateKey } from '../../pem.ts'
import { withoutTrailing } from '../../text.ts'

/** No document shows an id or a key of more than a hundred: what is longer is something else, pasted into the wrong place. */
const mostText = 1024
/** A file with a chain of certificates beside its key, in base64 of base64, has less. */
const mostKey = 65_536
/** As browsers and proxies take an address. */
const mostAddress = 2048

/** Non-empty text. */
export const text = once(() => z.string().check(z.minLength(1), z.maxLength(mostText)))

/** An id that vendors print now as a number, now as text; kept as text. */
export function idOf(pattern: RegExp, message: string) {
  return z.pipe(
    z.union([z.string().check(z.regex(pattern, message)), z.int().check(z.minimum(0))]),
    z.transform(id => String(id)),
  )
}

/** Replaces the vendor's own address: https, or http on loopback (a stand-in). Kept without slashes at its end. */
export const endpoint = once(() =>
  z.pipe(
    z
      .string()
      .check(
        z.maxLength(mostAddress),
        z.refine(isEndpoint, 'must be https://…, or http://… on loopback, without query or credentials'),
      ),
    z.transform(url => withoutTrailing(url, '/')),
  ),
)

/** A vendor's key file as an object, as the text that was downloaded, or as base64 of that. */
export function keyFile<Schema extends z.ZodMiniType>(schema: Schema) {
  return z.pipe(z.transform(parsePastedText), schema)
}

/** A private key as `readPrivateKey` takes it; `faultOf` says what is wrong with a key that can be read. */
export function privateKey(faultOf: (key: KeyObject) => string | null) {
  return z.string().check(z.maxLength(mostKey), payload => {
    const read = readPrivateKey(payload.value)
    const message = 'fault' in read ? read.fault : faultOf(read.key)
    if (message !== null) payload.issues.push({ code: 'custom', message, input: payload.value })
  })
}

/** A second; with less than one in a quarter of an hour nothing would ever go out, and more than a billion is no limit. */
export const rate = once(() => z.number().check(z.minimum(0.001), z.maximum(1_000_000_000)))

function isEndpoint(written: string): boolean {
  if (!URL.canParse(written)) return false
  const { protocol, hostname, username, password, search, hash } = new URL(written)
  if (username !== '' || password !== '' || search !== '' || hash !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** URL writes every form of an IPv4 address (127.1, 0x7f000001) as four decimal numbers. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

/**
 * Keys and certificates as they come out of secrets managers: line ends as two characters, as blanks or gone, quotes around
 * them, base64 of the whole file. What can be meant in one way only is taken.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'

interface Block {
  /** Without its blanks: `RSAPRIVATEKEY`, `CERTIFICATE`, … */
  readonly label: string
  readonly der: Buffer
}

/** `fault`: why it is none, in words that follow a member's name; holds nothing of what was written. */
export type ReadKey = { readonly key: KeyObject } | { readonly fault: string }

const begin = /-----BEGIN([A-Z0-9\s\\]{1,40})-----/g
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
/** By what is in it, whatever its label says. */
const privateTypes = ['pkcs8', 'pkcs1', 'sec1'] as const
const publicTypes = ['spki', 'pkcs1'] as const

/** One private key (PKCS#8, PKCS#1, SEC1) without a passphrase. */
export function readPrivateKey(written: string): ReadKey {
  const blocks = blocksIn(written)
  const [first, ...others] = blocks.filter(({ label }) => label.endsWith('PRIVATEKEY'))
  if (first === undefined) {
    // without its first and last line, a key is still one
    const bare = blocks.length === 0 ? keyOf(createPrivateKey, bytesOf(compact(written)), privateTypes) : null
    if (bare !== null) return { key: bare }
    const other = blocks.some(({ label }) => label.endsWith('PUBLICKEY')) ? 'is a public key' : 'is a certificate'
    return { fault: blocks.length === 0 ? 'is no key in PEM' : `${other}, and must be a private key` }
  }
  if (others.length > 0) return { fault: 'holds more than one private key' }
  if (first.label.includes('ENCRYPTED')) return { fault: 'needs a passphrase, and must be a key without one' }
  const key = keyOf(createPrivateKey, first.der, privateTypes)
  return key === null ? { fault: 'cannot be read: part of the key is missing, or was changed' } : { key }
}

/** Null where it is no public key, or more than one. */
export function readPublicKey(written: string): KeyObject | null {
  const [first, ...others] = blocksIn(written)
  if (first === undefined || others.length > 0 || !first.label.endsWith('PUBLICKEY')) return null
  return keyOf(createPublicKey, first.der, publicTypes)
}

/** In DER; none where there are none. */
export function readCertificates(written: string): Buffer[] {
  return blocksIn(written).flatMap(({ label, der }) => (label.endsWith('CERTIFICATE') ? [der] : []))
}

function blocksIn(written: string): Block[] {
  const text = unescaped(written)
  if (!text.includes('-----BEGIN')) {
    const decoded = bytesOf(compact(text))?.toString('latin1') ?? ''
    return decoded.includes('-----BEGIN') ? blocksIn(decoded) : []
  }
  return [...text.matchAll(begin)].map(({ 0: line, 1: label = '', index }) => {
    const from = index + line.length
    const end = text.indexOf('-----END', from)
    const body = text.slice(from, end === -1 ? from : end)
    // in older files a line of its own says so (RFC 1421)
    const isEncrypted = body.includes('ENCRYPTED')
    return {
      label: `${isEncrypted ? 'ENCRYPTED' : ''}${label.replaceAll(/[\s\\]/g, '')}`,
      der: bytesOf(compact(body)) ?? Buffer.alloc(0),
    }
  })
}

/** Line ends that became two characters are line ends again. */
function unescaped(written: string): string {
  return written.replaceAll(/\\[nr]/g, '\n')
}

/** Without blanks, line ends and quotes, be they escaped. */
function compact(text: string): string {
  return unescaped(text).replaceAll(/[\s\uFEFF"'`\\]/g, '')
}

/** Null: it is not base64, in either alphabet. */
function bytesOf(text: string): Buffer | null {
  const standard = text.replaceAll('-', '+').replaceAll('_', '/')
  return base64.test(standard) ? Buffer.from(standard, 'base64') : null
}

function keyOf<Type extends string>(
  create: (input: { key: Buffer; format: 'der'; type: Type }) => KeyObject,
  der: Buffer | null,
  types: readonly Type[],
): KeyObject | null {
  for (const type of der === null ? [] : types) {
    try {
      return create({ key: der ?? Buffer.alloc(0), format: 'der', type })
    } catch {
      // the engine's reason may hold part of the key
    }
  }
  return null
}

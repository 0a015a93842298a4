/** One fetch of the issuer's keys: by its own address, or by what the discovery document says (OpenID Connect Discovery §4). */
import type { Send } from '../http.ts'
import { type Oidc, isSafeUrl } from '../secrets/access-document.ts'

export type FetchedKeys = { readonly keySet: KeySetJson } | { readonly fault: string }

/** As RFC 7517 §5 has it, and only what is public in it. */
interface KeySetJson {
  readonly keys: readonly { readonly [member: string]: unknown }[]
}

/** For each of at most two tries. */
const timeoutMs = 3000
/** Those of the largest issuers have 30 KB. */
const mostReplyBytes = 256 * 1024
/** RFC 7518 §6.2.1, §6.3.1 and RFC 7517 §4. */
const publicMembers = new Set(['kty', 'kid', 'use', 'key_ops', 'alg', 'crv', 'x', 'y', 'n', 'e'])

/** Never rejects. `fault` is one clause for the log. */
export function fetchKeySet(
  send: Send,
  { issuer, jwksUri }: Pick<Oidc, 'issuer' | 'jwksUri'>,
): () => Promise<FetchedKeys> {
  let address = jwksUri ?? null
  return async () => {
    if (address === null) {
      const found = await discover(send, issuer)
      if ('fault' in found) return found
      address = found.address
    }
    const read = await readDocument(send, address, 'the key set')
    const keySet = 'fault' in read ? read : keySetIn(read.document)
    // found anew next time: it may have moved
    if ('fault' in keySet) address = jwksUri ?? null
    return keySet
  }
}

async function discover(
  send: Send,
  issuer: string,
): Promise<{ readonly address: string } | { readonly fault: string }> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const read = await readDocument(send, url, 'the discovery document')
  if ('fault' in read) return read
  const { issuer: named, jwks_uri: address } = read.document
  if (named !== issuer) return { fault: 'the discovery document names another issuer than unpush/access does' }
  if (typeof address !== 'string' || !isSafeUrl(address)) {
    return { fault: 'the jwks_uri of the discovery document is not https, or http on this machine' }
  }
  return { address }
}

function keySetIn({ keys }: { readonly [member: string]: unknown }): FetchedKeys {
  const items: unknown[] = Array.isArray(keys) ? keys : []
  const usable = items.flatMap(item => {
    if (typeof item !== 'object' || item === null) return []
    const members = Object.entries(item).filter(([name]) => publicMembers.has(name))
    const key: { readonly [member: string]: unknown } = Object.fromEntries(members)
    return key['kty'] === 'RSA' || key['kty'] === 'EC' ? [key] : []
  })
  // an issuer without keys is one that is out of order
  return usable.length === 0 ? { fault: 'the key set holds no RSA or EC key' } : { keySet: { keys: usable } }
}

async function readDocument(
  send: Send,
  url: string,
  what: string,
): Promise<{ readonly document: { readonly [member: string]: unknown } } | { readonly fault: string }> {
  const headers = { accept: 'application/json' }
  const reply = await send({ method: 'GET', url, headers, body: '', timeoutMs, mostReplyBytes })
  if ('failure' in reply) return { fault: `${what} does not come: ${reply.detail}` }
  if (reply.status !== 200) return { fault: `${what} was answered with ${reply.status}` }
  try {
    const document: unknown = JSON.parse(reply.text)
    if (typeof document === 'object' && document !== null && !Array.isArray(document))
      return { document: { ...document } }
  } catch {
    // told below
  }
  return { fault: `${what} is no JSON object` }
}

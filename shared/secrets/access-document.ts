/** `unpush/access`: who may come in, by key or by an issuer's word (contract §3). What asks nobody who they are is deployed without it. */
import * as z from 'zod/mini'
import type { Role } from '../functions.ts'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { id, text, time } from './documents.ts'

export interface AccessKey {
  readonly id: string
  /** SHA-256 of the key. */
  readonly digest: Buffer
  readonly roles: readonly Role[]
  readonly apps: '*' | ReadonlySet<string>
  readonly person: string | null
  /** Keys of one owner are one principal for what they registered. The key's id where the document names none. */
  readonly owner: string
  readonly expiresAt: Date | null
}

const role = once(() => z.enum(['sender', 'viewer', 'operator', 'approver', 'admin'] satisfies Role[]))

const accessKey = once(() =>
  z.strictObject({
    id: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 of A-Z, a-z, 0-9, ".", "_" and "-"')),
    sha256: z.string().check(z.regex(/^[0-9a-f]{64}$/i, 'must be 64 hex digits')),
    role: z.union([role(), z.array(role()).check(z.minLength(1))]),
    apps: z.array(z.union([z.literal('*'), id()])),
    person: optional(text()),
    owner: optional(text()),
    expiresAt: optional(time()),
  }),
)

const accessKeys = once(() =>
  z.pipe(
    // Checked before the transform: zod runs checks on lists whose items have failed, and those were never transformed.
    z.array(accessKey()).check(
      z.refine(keys => new Set(keys.map(key => key.id)).size === keys.length, 'has two keys of one id'),
      z.refine(
        keys => new Set(keys.map(key => key.sha256.toLowerCase())).size === keys.length,
        'has one sha256 under two ids',
      ),
    ),
    z.transform(keys => keys.map(readKey)),
  ),
)

function readKey(key: z.output<ReturnType<typeof accessKey>>): AccessKey {
  return {
    id: key.id,
    digest: Buffer.from(key.sha256, 'hex'),
    roles: typeof key.role === 'string' ? [key.role] : key.role,
    apps: key.apps.includes('*') ? '*' : new Set(key.apps),
    person: key.person ?? null,
    owner: key.owner ?? key.id,
    expiresAt: key.expiresAt ?? null,
  }
}

const place = once(() => z.string().check(z.refine(isSafeUrl, 'must be https, or http on this machine')))

/** Nobody between can change what comes from there. */
export function isSafeUrl(written: string): boolean {
  if (!URL.canParse(written) || /[^\x21-\x7e]/.test(written)) return false
  const { protocol, hostname, username, password } = new URL(written)
  if (username !== '' || password !== '') return false
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(hostname))
}

const oidc = once(() =>
  z.strictObject({
    issuer: place().check(z.refine(url => !/[?#]/.test(url), 'must have no query and no fragment')),
    audience: text(),
    clientId: text(),
    scope: optional(text()),
    jwksUri: optional(place()),
    roleClaim: optional(text()),
    personClaim: optional(text()),
  }),
)

export type Oidc = z.output<ReturnType<typeof oidc>>

/** `unpush/access` */
export const accessSchema = once(() => z.strictObject({ keys: accessKeys(), oidc: optional(oidc()) }))
export type Access = z.output<ReturnType<typeof accessSchema>>

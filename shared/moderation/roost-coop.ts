/**
 * ROOST Coop (roostorg/coop, docs/api/actions.md, docs/development/api-auth.md): `Coop-Signature` = base64 of RSASSA-PKCS1-v1_5
 * with SHA-256 over the raw body, under the organisation's key. Delivers actions of rules and moderators, and decisions on
 * appeals. Where Coop fails to sign, it sends unsigned: refused. Up to five tries.
 */
import { createPublicKey, verify } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../once.ts'
import { sha256Of } from './digests.ts'
import { received, type Source, verdictOf } from './source.ts'

const secret = once(() =>
  z.strictObject({
    publicKey: z.string().check(z.refine(isRsaKey, 'must be an RSA public key as PEM: -----BEGIN PUBLIC KEY-----…')),
  }),
)
const item = once(() => z.looseObject({ id: z.string() }))
const taken = once(() =>
  z.looseObject({
    item: item(),
    action: z.looseObject({ id: z.string() }),
    policies: z.optional(z.array(z.looseObject({ name: z.optional(z.string()) }))),
    actorEmail: z.optional(z.nullable(z.string())),
  }),
)
const appealed = once(() => z.looseObject({ item: item(), appealDecision: z.enum(['ACCEPT', 'REJECT']) }))

export const roostCoop: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'roost-coop',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'publicKey',
  verify({ body, headers }, { publicKey }) {
    const given = headers['coop-signature'] ?? ''
    const signature = Buffer.from(given, 'base64')
    // one spelling: base64 has bits that no byte shows
    if (given === '' || signature.toString('base64') !== given) return null
    if (!verify('sha256', body, createPublicKey(publicKey), signature)) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const appeal = appealed().safeParse(document)
    if (appeal.success) {
      const decision = appeal.data.appealDecision === 'ACCEPT' ? 'pass' : 'block'
      return [verdictOf({ content: appeal.data.item.id, decision, authority: 'appeal' })]
    }
    const parsed = taken().safeParse(document)
    if (!parsed.success) return []
    const { item: about, action, policies = [], actorEmail } = parsed.data
    return [
      verdictOf({
        content: about.id,
        action: action.id,
        labels: policies.flatMap(({ name }) => name ?? []),
        authority: typeof actorEmail === 'string' ? 'human' : 'machine',
      }),
    ]
  },
  acknowledgement: received,
}

function isRsaKey(text: string): boolean {
  try {
    return text.includes('BEGIN PUBLIC KEY') && createPublicKey(text).asymmetricKeyType === 'rsa'
  } catch {
    return false
  }
}

/**
 * ROOST Coop (roostorg/coop, docs/api/actions.md, docs/development/api-auth.md): `Coop-Signature` = base64 of RSASSA-PKCS1-v1_5
 * with SHA-256 over the raw body, under the organisation's key. Delivers actions of rules and moderators, and decisions on
 * appeals. Where Coop fails to sign, it sends unsigned: refused. Up to five tries.
 */
import { verify } from 'node:crypto'
import * as z from 'zod/mini'
import { once } from '../../once.ts'
import { readPublicKey } from '../../pem.ts'
import { sha256Of } from '../digests.ts'
import { idOf, itemsOf, membersOf, textOf, wordOf } from '../reading.ts'
import { received, type Source, verdictOf } from '../source.ts'

const secret = once(() =>
  z.strictObject({
    publicKey: z.string().check(z.refine(isRsaKey, 'must be an RSA public key as PEM: -----BEGIN PUBLIC KEY-----…')),
  }),
)
export const roostCoop: Source<z.output<ReturnType<typeof secret>>> = {
  name: 'roost-coop',
  tier: 'B',
  get secret() {
    return secret()
  },
  bareSecret: 'publicKey',
  members: new Set(['item', 'id', 'typeId', 'typeName', 'action', 'policies', 'name', 'actorEmail', 'appealDecision']),
  verify({ body, headers }, { publicKey }) {
    const given = headers['coop-signature'] ?? ''
    const signature = Buffer.from(given, 'base64')
    // one spelling: base64 has bits that no byte shows
    if (given === '' || signature.toString('base64') !== given) return null
    const key = readPublicKey(publicKey)
    if (key === null || !verify('sha256', body, key, signature)) return null
    return { json: body, key: sha256Of(body).toString('hex'), timestamp: null }
  },
  read(document) {
    const event = membersOf(document)
    const item = membersOf(event?.['item'])
    const content = idOf(item?.['id'])
    if (event === null || item === null || content === null) return [{ unreadable: 'item.id is not an id' }]
    const typeId = textOf(item['typeId'])
    const type = typeId === null ? null : { id: typeId, name: textOf(item['typeName']) }
    const appeal = wordOf(event['appealDecision'])
    if (appeal !== '') {
      if (appeal !== 'accept' && appeal !== 'reject') return [{ unreadable: 'appealDecision is not ACCEPT or REJECT' }]
      return [verdictOf({ content, type, decision: appeal === 'accept' ? 'pass' : 'block', authority: 'appeal' })]
    }
    const action = textOf(membersOf(event['action'])?.['id'])
    if (action === null) return [{ unreadable: 'action.id is not an id' }]
    return [
      verdictOf({
        content,
        type,
        action,
        labels: itemsOf(event['policies']).flatMap(policy => textOf(membersOf(policy)?.['name']) ?? []),
        authority: textOf(event['actorEmail']) === null ? 'machine' : 'human',
      }),
    ]
  },
  acknowledgement: received,
}

function isRsaKey(text: string): boolean {
  return readPublicKey(text)?.asymmetricKeyType === 'rsa'
}

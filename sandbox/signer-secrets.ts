/** Secrets made anew for each moderation system, as its console and our secrets manager would hold them. */
import { randomBytes } from 'node:crypto'
import { makeRsaKey, type RsaKey } from './rsa-key.ts'
import type { SignerSecret } from './signers.ts'

const random = (prefix = ''): string => `${prefix}${randomBytes(9).toString('hex')}`

const makers: { readonly [source: string]: (makeKey: () => RsaKey) => SignerSecret } = {
  'standard-webhooks': () => ({ secret: `whsec_${randomBytes(32).toString('base64')}` }),
  'aliyun-green': () => ({ uid: random(), seed: random('seed_') }),
  'tencent-ams': () => ({ seed: random() }),
  'tencent-ci': () => ({ urlSecret: random() + random() }),
  'netease-yidun': () => ({
    secretId: random(),
    businessId: random(),
    secretKey: random(),
    signatureMethod: 'SHA256',
  }),
  ishumei: () => ({ accessKey: random() }),
  getstream: () => ({ apiSecret: random() }),
  'moderation-api': () => ({ secret: random() }),
  sightengine: () => ({ secret: random('casec_') }),
  'roost-coop': makeKey => ({ ...makeKey() }),
  'huawei-moderation': () => ({ seed: random(), urlSecret: random() + random() }),
}

/** What signs. Throws where there is no such source. */
export function makeSignerSecret(source: string, makeKey = makeRsaKey): SignerSecret {
  const make = makers[source]
  if (make === undefined) throw new Error(`there is no source ${source}`)
  return make(makeKey)
}

/** The `secret` of an endpoint's document: what verifies what `signing` signed. */
export function publishedSecret({ privateKey: _, ...published }: SignerSecret): SignerSecret {
  return published
}

/** What a Huawei app is configured with, and what a target of it is (contract §3, §4.1). */
import type { KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import { optional, tokenList } from '../../members.ts'
import { once } from '../../once.ts'
import { endpoint, idOf, keyFile, privateKey, rate, text } from '../wire/credential-members.ts'
import type { TargetInput } from '../provider.ts'

export const huaweiCredentials = once(() =>
  z.strictObject({
    provider: z.literal('huawei'),
    clientId: idOf(/^[0-9]{1,64}$/, 'must be the Client ID of the app: 1 to 64 digits'),
    // The file as it was downloaded: what Huawei adds to it is Huawei's business.
    serviceAccount: keyFile(
      z.looseObject({
        project_id: text(),
        key_id: text(),
        private_key: privateKey(faultOfKey),
        sub_account: text(),
      }),
    ),
    endpoint: optional(endpoint()),
    overlayCategory: optional(text()),
    ratePerSecond: optional(rate()),
  }),
)
export type HuaweiCredentials = z.output<ReturnType<typeof huaweiCredentials>>

function faultOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  const fits = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  return fits ? null : 'must be an RSA key of at least 2048 bits'
}

const notifyIdRange = 'must be a whole number from 0 to 2147483647: the notifyId the message was sent with'

export const huaweiTarget = once(() =>
  z.pipe(
    z.strictObject({
      notifyId: z.int().check(z.minimum(0, notifyIdRange), z.maximum(2_147_483_647, notifyIdRange)),
      // Neither their length nor their alphabet is documented, and both have changed.
      tokens: z.optional(tokenList()),
    }),
    z.transform(
      ({ notifyId, tokens }): TargetInput => ({
        names: { notifyId },
        tokens: tokens ?? [],
        audience: null,
        audienceSize: null,
      }),
    ),
  ),
)

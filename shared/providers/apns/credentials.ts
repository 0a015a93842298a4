/** What an APNs app is configured with, and what a target of it is. */
import type { KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import { optional, tokenList } from '../../members.ts'
import { once } from '../../once.ts'
import { endpoint, privateKey, rate } from '../wire/credential-members.ts'
import type { TargetInput } from '../provider.ts'
import { senderKey } from '../wire/target-members.ts'

export const maxCollapseIdBytes = 64

export const apnsCredentials = once(() =>
  z.strictObject({
    provider: z.literal('apns'),
    teamId: appleId('must be the Team ID: 10 letters and digits'),
    keyId: appleId('must be the Key ID of the .p8 file: 10 letters and digits'),
    privateKey: privateKey(faultOfKey),
    topic: z
      .string()
      .check(z.regex(/^[A-Za-z0-9.-]{1,255}$/, "must be the app's bundle id: letters, digits, dots and hyphens")),
    environment: z.enum(['production', 'sandbox']),
    removal: optional(z.enum(['background', 'extension'])),
    endpoint: optional(endpoint()),
    ratePerSecond: optional(rate()),
  }),
)
export type ApnsCredentials = z.output<ReturnType<typeof apnsCredentials>>

function appleId(message: string) {
  return z.string().check(z.regex(/^[A-Za-z0-9]{10}$/, message))
}

function faultOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  const fits = asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === 'prime256v1'
  return fits ? null : 'must be an elliptic key on P-256, as in the .p8 file'
}

export const apnsTarget = once(() =>
  z.pipe(
    z.strictObject({
      collapseId: senderKey(maxCollapseIdBytes).check(
        z.refine(id => id.trim() === id, 'must have no blanks around it: they are lost in a header'),
      ),
      tokens: z.optional(tokenList()),
    }),
    z.transform(
      ({ collapseId, tokens }): TargetInput => ({
        names: { collapseId },
        tokens: tokens ?? [],
        audience: null,
        audienceSize: null,
      }),
    ),
  ),
)

/** Apple: do not assume a length. 32 bytes today, and more in simulators. */
export function isDeviceToken(token: string): boolean {
  return token.length >= 8 && token.length % 2 === 0 && /^[0-9a-fA-F]+$/.test(token)
}

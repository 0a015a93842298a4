/** What a TPNS app is configured with, and what a target of it is (contract §3, §4.1). */
import * as z from 'zod/mini'
import { optional } from '../../members.ts'
import { once } from '../../once.ts'
import { endpoint, idOf, rate, text } from '../wire/credential-members.ts'
import { vendorDigits } from '../wire/target-members.ts'
import type { TargetInput } from '../provider.ts'

export const tpnsCredentials = once(() =>
  z.strictObject({
    provider: z.literal('tpns'),
    accessId: idOf(/^[\x21-\x7e]{1,64}$/, 'must be the AccessId as the TPNS console shows it'),
    secretKey: text(),
    region: z.enum(['guangzhou', 'shanghai', 'hongkong', 'singapore']),
    platform: z.enum(['android', 'ios']),
    environment: optional(z.enum(['product', 'dev'])),
    endpoint: optional(endpoint()),
    pushIdField: optional(z.enum(['both', 'pushId', 'pushid'])),
    ratePerSecond: optional(rate()),
  }),
)
export type TpnsCredentials = z.output<ReturnType<typeof tpnsCredentials>>

const audiences = ['all', 'tag', 'package', 'account_list', 'account', 'token_list', 'token'] as const

export const tpnsTarget = once(() =>
  z.pipe(
    z.strictObject({
      pushId: vendorDigits(/^\d{1,20}$/, 'must be a TPNS push id: 1 to 20 digits'),
      audience: z.optional(z.enum(audiences)),
      audienceSize: z.optional(z.int().check(z.minimum(0))),
    }),
    z.transform(
      ({ pushId, audience, audienceSize }): TargetInput => ({
        names: { pushId },
        tokens: null,
        audience: audience ?? null,
        audienceSize: audienceSize ?? null,
      }),
    ),
  ),
)

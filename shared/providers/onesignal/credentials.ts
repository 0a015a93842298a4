/** What a OneSignal app is configured with, and what a target of it is (vendors §2). */
import * as z from 'zod/mini'
import { optional, tokenList } from '../../members.ts'
import { once } from '../../once.ts'
import type { TargetInput } from '../provider.ts'
import { endpoint, rate } from '../wire/credential-members.ts'
import { senderKey } from '../wire/target-members.ts'

export const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** In lower case, since OneSignal takes both and one message must have one name. */
function uuid(message: string) {
  return z.string().check(z.regex(uuidForm, message), z.toLowerCase())
}

export const oneSignalCredentials = once(() =>
  z.strictObject({
    provider: z.literal('onesignal'),
    appId: uuid('must be the App ID as OneSignal shows it, like 0b6a0a52-3f0e-4a7b-9d2e-6f2b1c0d9e8a'),
    // it goes into a header: what is pasted with "Key " before it would be refused by OneSignal
    apiKey: z
      .string()
      .check(z.minLength(1), z.maxLength(512), z.regex(/^[\x21-\x7e]*$/, 'must be the key alone, without blanks')),
    endpoint: optional(endpoint()),
    ratePerSecond: optional(rate()),
  }),
)
export type OneSignalCredentials = z.output<ReturnType<typeof oneSignalCredentials>>

/** As OneSignal and Apple take it. */
const mostCollapseIdBytes = 64

export const oneSignalTarget = once(() =>
  z.pipe(
    z
      .strictObject({
        messageId: z.optional(
          uuid('must be the id that OneSignal answered with, like 1e2f3a4b-5c6d-4e7f-8091-a2b3c4d5e6f7'),
        ),
        collapseId: z.optional(senderKey(mostCollapseIdBytes)),
        tokens: z.optional(tokenList()),
        audienceSize: z.optional(z.int().check(z.minimum(0))),
      })
      .check(({ value, issues }) => {
        const { messageId, collapseId, audienceSize } = value
        const say = (member: string, message: string) =>
          issues.push({ code: 'custom', path: [member], message, input: value })
        if (messageId === undefined && collapseId === undefined) say('messageId', 'is required, or a collapseId')
        if (messageId === undefined && audienceSize !== undefined) say('audienceSize', 'is for a messageId alone')
      }),
    z.transform(({ messageId, collapseId, tokens, audienceSize }): TargetInput => {
      return {
        names: { ...(messageId !== undefined && { messageId }), ...(collapseId !== undefined && { collapseId }) },
        // a stop names the whole message and no device
        tokens: tokens ?? (messageId === undefined ? [] : null),
        audience: null,
        audienceSize: audienceSize ?? null,
      }
    }),
  ),
)

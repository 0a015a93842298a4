/** What an FCM app is configured with, and what a target of it is (contract §3, vendors §2). */
import type { KeyObject } from 'node:crypto'
import * as z from 'zod/mini'
import { optional, tokenList } from '../../members.ts'
import { once } from '../../once.ts'
import { endpoint, keyFile, privateKey, rate } from '../wire/credential-members.ts'
import { senderKey } from '../wire/target-members.ts'
import type { TargetInput } from '../provider.ts'

export const fcmCredentials = once(() =>
  z.strictObject({
    provider: z.literal('fcm'),
    // The file as it was downloaded: what Google adds to it is Google's business.
    serviceAccount: keyFile(
      z.looseObject({
        // files of other kinds (a user's, an app's) have other words here
        type: optional(z.literal('service_account')),
        project_id: short(),
        private_key_id: optional(short()),
        private_key: privateKey(faultOfKey),
        client_email: z.string().check(z.regex(email, 'must be the e-mail address of the service account')),
      }),
    ),
    removal: optional(z.literal('data')),
    endpoint: optional(endpoint()),
    ratePerSecond: optional(rate()),
  }),
)
export type FcmCredentials = z.output<ReturnType<typeof fcmCredentials>>

const email = /^[^\s@]{1,128}@[^\s@]{1,128}$/

function short() {
  return z.string().check(z.minLength(1), z.maxLength(128))
}

function faultOfKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  const fits = asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= 2048
  return fits ? null : 'must be an RSA key of at least 2048 bits'
}

/** Apple takes 64 bytes of a collapse id, and the tag is one on iPhones. */
export const mostTagBytes = 64
/** No page names a limit; longer ones are no names any more. */
const mostKeyBytes = 256
const topicForm = /^[A-Za-z0-9_.~%-]{1,900}$/

export const fcmTarget = once(() =>
  z.pipe(
    z
      .strictObject({
        tag: z.optional(senderKey(mostTagBytes)),
        collapseKey: z.optional(senderKey(mostKeyBytes)),
        tokens: z.optional(tokenList()),
        topic: z.optional(z.string().check(z.regex(topicForm, 'must be the name of a topic, without /topics/'))),
        audienceSize: z.optional(z.int().check(z.minimum(0))),
      })
      .check(({ value, issues }) => {
        const { tag, collapseKey, tokens, topic, audienceSize } = value
        const say = (member: string, message: string) =>
          issues.push({ code: 'custom', path: [member], message, input: value })
        if (tag === undefined && collapseKey === undefined) say('tag', 'is required, or a collapseKey')
        if (topic !== undefined && tokens !== undefined) say('topic', 'must be left out where tokens are given')
        if (topic === undefined && audienceSize !== undefined) say('audienceSize', 'is for a topic alone')
      }),
    z.transform(({ tag, collapseKey, tokens, topic, audienceSize }): TargetInput => {
      const names = { tag, collapseKey, topic }
      return {
        names: Object.fromEntries(Object.entries(names).flatMap(([name, value]) => (value ? [[name, value]] : []))),
        tokens: topic === undefined ? (tokens ?? []) : null,
        audience: topic === undefined ? null : 'topic',
        audienceSize: audienceSize ?? null,
      }
    }),
  ),
)

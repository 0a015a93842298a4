/** What a Getui app is configured with, and what a target of it is (vendors §2). */
import * as z from 'zod/mini'
import { optional, tokenList } from '../../members.ts'
import { once } from '../../once.ts'
import type { Audience, TargetInput } from '../provider.ts'
import { endpoint, rate } from '../wire/credential-members.ts'
import { senderKey } from '../wire/target-members.ts'

/** All three are of letters and digits; the id stands in paths. */
function consoleText(name: string) {
  return z.string().check(z.regex(/^[A-Za-z0-9]{1,64}$/, `must be the ${name} as Getui's console shows it`))
}

export const getuiCredentials = once(() =>
  z.strictObject({
    provider: z.literal('getui'),
    appId: consoleText('AppID'),
    appKey: consoleText('AppKey'),
    masterSecret: consoleText('MasterSecret'),
    endpoint: optional(endpoint()),
    ratePerSecond: optional(rate()),
  }),
)
export type GetuiCredentials = z.output<ReturnType<typeof getuiCredentials>>

/** As Apple takes a collapse id. */
const mostCollapseIdBytes = 64
export const mostNotifyId = 2_147_483_647

/** In Getui's own terms: everybody, devices by their tags, devices of a custom tag, one alias. */
const audience = once(() =>
  z.union(
    [
      z.literal('all'),
      z.strictObject({
        tag: z
          .array(
            z.strictObject({
              key: shortText(64),
              values: z.array(shortText(256)).check(z.minLength(1), z.maxLength(100)),
              opt_type: z.enum(['and', 'or', 'not']),
            }),
          )
          .check(z.minLength(1), z.maxLength(20)),
      }),
      z.strictObject({ fast_custom_tag: shortText(64) }),
      z.strictObject({ alias: z.array(shortText(40)).check(z.minLength(1), z.maxLength(1)) }),
    ],
    'must be "all", {"tag":[{"key","values","opt_type"}]}, {"fast_custom_tag":"…"} or {"alias":["…"]} with one alias',
  ),
)

function shortText(most: number) {
  return z.string().check(
    z.minLength(1),
    z.maxLength(most),
    z.refine(text => text.isWellFormed(), 'must be text'),
  )
}

export const getuiTarget = once(() =>
  z.pipe(
    z
      .strictObject({
        taskId: z.optional(
          z
            .string()
            .check(
              z.regex(/^[A-Za-z0-9_-]{8,64}$/, 'must be the taskid that Getui answered with, like RASL_0109_3ed7bcb9'),
            ),
        ),
        notifyId: z.optional(z.int().check(z.minimum(0), z.maximum(mostNotifyId))),
        apnsCollapseId: z.optional(senderKey(mostCollapseIdBytes)),
        tokens: z.optional(tokenList()),
        audience: z.optional(audience()),
        audienceSize: z.optional(z.int().check(z.minimum(0))),
      })
      .check(({ value, issues }) => {
        const { taskId, notifyId, tokens, audience: whom, audienceSize } = value
        const say = (member: string, message: string) =>
          issues.push({ code: 'custom', path: [member], message, input: value })
        if (taskId === undefined && notifyId === undefined) say('taskId', 'is required, or a notifyId')
        if (tokens !== undefined && whom !== undefined) say('audience', 'must be left out where tokens are given')
        if (tokens !== undefined && audienceSize !== undefined)
          say('audienceSize', 'must be left out where tokens are given')
      }),
    z.transform(({ taskId, notifyId, apnsCollapseId, tokens, audience: whom, audienceSize }): TargetInput => {
      return {
        names: {
          ...(taskId !== undefined && { taskId }),
          ...(notifyId !== undefined && { notifyId }),
          ...(apnsCollapseId !== undefined && { apnsCollapseId }),
        },
        // a stop names the whole push and no device; an audience is no device either
        tokens: tokens ?? (taskId === undefined && whom === undefined ? [] : null),
        audience: (whom as Audience | undefined) ?? null,
        audienceSize: audienceSize ?? null,
      }
    }),
  ),
)

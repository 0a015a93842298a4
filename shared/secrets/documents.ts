/**
 * The documents behind the secrets' names (contract §3), save those of apps, which belong to the providers, and those of the
 * ledger's users.
 */
import * as z from 'zod/mini'
import { optional } from '../members.ts'
import { once } from '../once.ts'
import { idPattern } from './source.ts'

export const id = once(() => z.string().check(z.regex(idPattern, 'must match [a-z0-9][a-z0-9_-]{0,62}')))
export const text = once(() => z.string().check(z.minLength(1)))
export const time = once(() =>
  z.pipe(
    z.iso.datetime({ offset: true }),
    z.transform(written => new Date(written)),
  ),
)

/** `unpush/apps` */
export const appsSchema = once(() => z.strictObject({ apps: z.array(id()) }))
export type Apps = z.output<ReturnType<typeof appsSchema>>

/** `unpush/webhooks`: the endpoints there are. */
export const webhooksSchema = once(() => z.strictObject({ webhooks: z.array(id()) }))

/** `unpush/subscribers`: the subscribers there are. */
export const subscribersSchema = once(() => z.strictObject({ subscribers: z.array(id()) }))

export interface Policy {
  /** A recall of more devices than this waits for another person. Null: never. */
  readonly approvalAbove: {
    readonly stop: number | null
    readonly revoke: number | null
    readonly overlay: number | null
  }
  readonly approvalTtlMinutes: number
  /** From so many devices on, console and command line ask for a number to be typed. Null: never. */
  readonly confirmAbove: number | null
  /** Devices of a push that its vendor addresses as a whole and that nobody knows the number of. */
  readonly assumeAudience: number
  readonly expireAction: 'stop' | 'revoke'
  readonly minExpiryMinutes: number
  readonly giveUpHours: number
  readonly tokenRetentionDays: number
  /** Texts of messages and recalls leave so long after these ended. Null: they stay. */
  readonly textRetentionDays: number | null
  /** Who may run at once what would wait for another person: nobody, an operator, an operator who is approver too. */
  readonly breakGlass: 'off' | 'operator' | 'approver'
  /** Of each person, or of each owner of keys that name no person. Null: none. */
  readonly limits: Limits
}

export interface Limits {
  readonly requestsPerMinute: number | null
  readonly recallsPerHour: number | null
  readonly devicesPerHour: number | null
}

export const defaultPolicy: Policy = {
  approvalAbove: { stop: null, revoke: null, overlay: 10_000 },
  approvalTtlMinutes: 30,
  confirmAbove: 100_000,
  assumeAudience: 1_000_000,
  expireAction: 'revoke',
  minExpiryMinutes: 10,
  giveUpHours: 24,
  tokenRetentionDays: 15,
  textRetentionDays: null,
  breakGlass: 'operator',
  limits: { requestsPerMinute: 1200, recallsPerHour: 600, devicesPerHour: null },
}

const devices = once(() => z.int().check(z.minimum(0)))
export const threshold = once(() => z.nullable(devices()))
/** Ten years of anything are a slip, and further on dates stop being dates. */
const span = (unitsADay: number) => z.number().check(z.positive(), z.maximum(3_650 * unitsADay))
/** Nobody could do anything under a limit of nothing: who is to do nothing has no key. */
const limit = once(() => z.nullable(z.int().check(z.minimum(1))))

/** `unpush/policy`; the result is whole, defaults filled in. */
export const policySchema = once(() =>
  z.pipe(
    z.strictObject({
      approvalAbove: z.optional(
        z.union([
          threshold(),
          z.strictObject({
            stop: z.optional(threshold()),
            revoke: z.optional(threshold()),
            overlay: z.optional(threshold()),
          }),
        ]),
      ),
      approvalTtlMinutes: optional(span(24 * 60)),
      confirmAbove: z.optional(threshold()),
      assumeAudience: optional(devices()),
      expireAction: optional(z.enum(['stop', 'revoke'])),
      minExpiryMinutes: optional(z.number().check(z.minimum(0), z.maximum(3_650 * 24 * 60))),
      giveUpHours: optional(span(24)),
      tokenRetentionDays: optional(span(1)),
      textRetentionDays: z.optional(z.nullable(span(1))),
      breakGlass: optional(z.enum(['off', 'operator', 'approver'])),
      limits: z.optional(
        z.strictObject({
          requestsPerMinute: z.optional(limit()),
          recallsPerHour: z.optional(limit()),
          devicesPerHour: z.optional(limit()),
        }),
      ),
    }),
    z.transform(
      ({ approvalAbove, limits, ...rest }): Policy => ({
        ...defaultPolicy,
        ...given(rest),
        approvalAbove: thresholdsOf(approvalAbove),
        limits: { ...defaultPolicy.limits, ...given(limits ?? {}) },
      }),
    ),
  ),
)

/** The members that are there. */
function given(members: { readonly [name: string]: unknown }): object {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

type Thresholds = { readonly [O in keyof Policy['approvalAbove']]?: number | null | undefined }

function thresholdsOf(above: number | null | undefined | Thresholds): Policy['approvalAbove'] {
  if (above === undefined) return defaultPolicy.approvalAbove
  if (typeof above === 'number' || above === null) return { stop: above, revoke: above, overlay: above }
  return { ...defaultPolicy.approvalAbove, ...given(above) }
}

/**
 * What is due of an app once a day. It is asked here, without the code that does it: most runs of `sweep` find nothing, and then
 * load neither that nor a vendor.
 */
import * as z from 'zod/mini'
import { noteTakenAgain, takeDue } from '../ledger/app-health.ts'
import { once } from '../once.ts'
import { SecretError, type Secrets } from '../secrets/secrets.ts'
import type { TimerContext } from '../serve-timer.ts'

const daily = () => import('./daily.ts')

/** Resolves with how many calls were made, and how many apps are well again. */
export async function makeChecks(context: TimerContext, untilMs: number): Promise<object> {
  const { ledger, apps } = context
  const well = await noteTakenAgain(ledger)
  const due = await takeDue(ledger, 'check', await apps.names())
  return { checked: due.length === 0 ? 0 : await (await daily()).checkApps(context, due, untilMs), well }
}

/** Asks for the recall of each canary that is due; the drain does it. Resolves with how many. */
export async function recallCanaries(context: TimerContext): Promise<object> {
  const { ledger, apps, secrets } = context
  const names = await apps.names()
  const named = await Promise.all(names.map(name => namesCanary(secrets, name)))
  const mine = names.filter((_, nth) => named[nth] === true)
  const due = mine.length === 0 ? [] : await takeDue(ledger, 'canary', mine)
  return { recalled: due.length === 0 ? 0 : await (await daily()).recallCanaries(context, due) }
}

const anyDocument = once(() => z.looseObject({ canary: z.optional(z.unknown()) }))

/** As the document says; whether a vendor can read it is seen once it is due. */
async function namesCanary(secrets: Secrets, app: string): Promise<boolean> {
  const document = await secrets.read(`unpush/apps/${app}`, anyDocument()).catch((error: unknown) => {
    if (error instanceof SecretError) return null
    throw error
  })
  return (document?.canary ?? null) !== null
}

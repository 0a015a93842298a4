/** What `sweep` makes of an app once a day: a harmless call that proves its credential, and a push that is taken back. */
import { Problem } from '../errors.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import { keepFinding } from '../ledger/findings.ts'
import { admit } from '../recall/admission.ts'
import { type App, findReadable } from '../recall/apps.ts'
import { createSlots } from '../recall/slots.ts'
import { newTargetOf } from '../recall/subject.ts'
import { viewHandle } from '../recall/view-handle.ts'
import type { TimerContext } from '../serve-timer.ts'
import { checkApp } from './check.ts'

const atOnce = 8
const slowMs = 8000
const caller = { id: 'timer:sweep', person: null, owner: 'timer:sweep', grant: null }

/** Resolves with how many calls were made. `due`: apps that are this caller's to check. */
export async function checkApps(context: TimerContext, due: readonly string[], untilMs: number): Promise<number> {
  const slots = createSlots(atOnce, slowMs)
  const made = await Promise.all(
    due.map(name =>
      slots
        .run(async () => {
          if (Date.now() > untilMs) return false
          const app = await findReadable(context, name)
          return app !== null && checkApp(context, app)
        })
        .catch((error: unknown) => {
          context.log.error('an app was not checked', { app: name, error })
          return false
        }),
    ),
  )
  return made.filter(Boolean).length
}

/** Asks for the recall of each canary of `due`, which are this caller's to ask for. Resolves with how many. */
export async function recallCanaries(context: TimerContext, due: readonly string[]): Promise<number> {
  const { ledger, log } = context
  let recalled = 0
  for (const name of due) {
    const app = await findReadable(context, name)
    if (app?.canary === undefined) continue
    try {
      await keepFinding(ledger, 'canary', name, { recall: await recallCanary(context, app), detail: null })
      recalled += 1
    } catch (error) {
      log.error('the canary of an app was not taken back', { app: name, error })
      // what is in the way, or out of reach, is tried again in ten minutes
      const forGood = error instanceof Problem && ['unsupported', 'not-found', 'invalid-request'].includes(error.slug)
      if (forGood) await keepFinding(ledger, 'canary', name, { recall: null, detail: error.message })
    }
  }
  return recalled
}

/** Resolves with the recall. */
async function recallCanary(context: TimerContext, app: App): Promise<string> {
  const { name, provider, canary } = app
  if (canary === undefined) throw new Error(`${name} names no canary`)
  const target = { opened: app, ...newTargetOf(app, canary) }
  const shown = { target: { app: name, ...viewHandle(provider, target.handle, target.names) } }
  const named = { subject: { app: name, handle: target.handle }, shown, target }
  const operation = provider.revoke === undefined ? 'stop' : 'revoke'
  const wanted = { operation, overlay: null, fallback: true, again: true, supersede: false, line: null, named } as const
  const asked = { ...context, caller, causes: [] }
  try {
    return (await admit(asked, wanted, 'The canary of the day.', null, null)).recallId
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    return (await admit(asked, wanted, 'The canary of the day.', null, null)).recallId
  }
}

/** `POST /v1/webhooks/{endpoint}`: from a delivery to what it causes, for every source. Calls no vendor. */
import { noteRefusal } from '../access/refusals.ts'
import { Problem } from '../errors.ts'
import { wantPull } from '../ledger/pulls.ts'
import { recordVerdicts } from '../ledger/verdicts.ts'
import type { ApiResponse } from '../platform/envelope.ts'
import type { Runtime } from '../runtime.ts'
import { SecretError } from '../secrets/secrets.ts'
import { type Context, json } from '../serve.ts'
import { actOnVerdicts } from './act.ts'
import type { Endpoint } from './endpoint.ts'
import { findEndpoint } from './find-endpoint.ts'
import { maxDeliveryBytes, openDelivery } from './open-delivery.ts'
import { verdictRow } from './verdict-row.ts'

/** The least patient sender waits 3 s. What is recorded by then is not lost: `sweep` goes on with it. */
const actWithinMs = 1500

/** The same for everything that is wrong with a delivery: who forges learns nothing from it. */
const refusal: ApiResponse = {
  status: 401,
  headers: { 'content-type': 'application/problem+json; charset=utf-8' },
  body: JSON.stringify({
    type: 'https://unpush.dev/problems/unauthorized',
    title: 'No valid credential was given',
    status: 401,
    detail: 'The delivery is not genuine.',
  }),
}

/** `now`: epoch milliseconds, for the time that a delivery signs. */
export async function receive(context: Context, now: () => number = Date.now): Promise<ApiResponse> {
  const { request, params, ledger } = context
  const name = params['endpoint'] ?? ''
  const endpoint = await readEndpoint(context, name)
  if (request.body.length > maxDeliveryBytes) {
    throw new Problem('payload-too-large', `A delivery may have ${maxDeliveryBytes} bytes.`)
  }
  const { source } = endpoint
  const opened = openDelivery(endpoint, request, now())
  const log = context.log.with({ webhook_source: source.name, tier: source.tier, endpoint: name })
  if (opened === null) {
    noteRefusal(context.tally, request, 'signature', { endpoint: name, webhook_source: source.name })
    return refusal
  }
  await context.limits.delivery(name)
  const verdicts = opened.verdicts.map((verdict, item) => verdictRow(name, endpoint, opened.key, item, verdict))
  const fresh = verdicts.length === 0 ? [] : await recordVerdicts(ledger, verdicts)
  log.info('delivery taken', { sig_result: 'genuine', verdicts: verdicts.length, fresh: fresh.length })
  // a pass acts too: it may say that a recall was wrong
  const contents = verdicts.flatMap(({ content }) => (content === null ? [] : [content]))
  if (fresh.length > 0 && contents.length > 0) await actSoon({ ...context, log }, contents)
  if (opened.job !== null && endpoint.pull !== null) {
    // a flood of callbacks is not to become one of runs
    if (await wantPull(ledger, name, opened.job)) await context.kick?.()
  }
  return json(200, source.acknowledgement)
}

/** Throws not-found, also for what cannot be an id: that never reaches a secrets manager. */
async function readEndpoint({ secrets, tally, notices, request }: Context, name: string): Promise<Endpoint> {
  const found = await findEndpoint(secrets, name).catch((error: unknown) => {
    if (!(error instanceof SecretError)) throw error
    // the line names members of the document: it is for whoever reads the log
    tally.note(`endpoint ${error.message}`, 'endpoint cannot be used', { error }, 'error')
    const headers = { 'retry-after': '60' }
    throw new Problem('unavailable', 'This endpoint cannot be used now.', { headers })
  })
  if (found === null) {
    noteRefusal(tally, request, 'no-endpoint')
    throw new Problem('not-found', 'There is no such endpoint.')
  }
  if (found.approvalAbove !== null) {
    notices.warn(
      `unpush/webhooks/${name} sets approvalAbove: not enforced by this version, nothing waits for a person.`,
    )
  }
  return found
}

/** Never rejects, and ends in time: the verdict is in the ledger, so that the sender has nothing to send again. */
async function actSoon(runtime: Runtime, contents: readonly string[]): Promise<void> {
  const acting = actOnVerdicts(runtime, contents).catch((error: unknown) => {
    runtime.log.error('verdict not done yet', { error })
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, actWithinMs)
  })
  await Promise.race([acting, late])
  clearTimeout(timer)
}

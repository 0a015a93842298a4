/** `POST /v1/webhooks/{endpoint}`: from a delivery to what it causes, for every source. Calls no vendor. */
import { noteRefusal } from '../access/refusals.ts'
import { originOfHost } from '../base-path.ts'
import { Problem } from '../errors.ts'
import { wantPull } from '../ledger/pulls.ts'
import { recordVerdicts } from '../ledger/verdicts.ts'
import type { ApiResponse } from '../platform/request.ts'

import { SecretError } from '../secrets/secrets.ts'
import { type Context, json } from '../serve.ts'
import { actOnVerdicts } from './act.ts'
import type { Endpoint } from './endpoint.ts'
import { type Job, maxDeliveryBytes, openDelivery } from './open-delivery.ts'
import { readEndpoint } from './read-endpoint.ts'
import type { Reading } from './source.ts'
import { hasUrlSecret } from './url-secret.ts'
import { type Receipt, verdictRows } from './verdict-row.ts'

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

const jobless: Reading = [{ unreadable: 'it names no job that could be asked about' }]

/** `now`: epoch milliseconds, for the time that a delivery signs. */
export async function receive(context: Context, now: () => number = Date.now): Promise<ApiResponse> {
  const { request, params } = context
  const name = params['endpoint'] ?? ''
  const endpoint = await knownEndpoint(context, name)
  if (request.body.length > maxDeliveryBytes) {
    throw new Problem('payload-too-large', `A delivery may have ${maxDeliveryBytes} bytes.`)
  }
  const { source } = endpoint
  const keys = request.query.getAll('key')
  const urlKey = keys.length === 1 ? (keys[0] ?? null) : null
  const nowMs = now()
  const opened = openDelivery(endpoint, { body: request.body, headers: request.headers, urlKey }, nowMs)
  if ('refused' in opened) {
    const more = { endpoint: name, webhook_source: source.name, check: opened.refused }
    noteRefusal(context.tally, request, 'signature', more)
    return refusal
  }
  await context.limits.delivery(name)
  const receipt = { name, endpoint, key: opened.key, nowMs, asked: false }
  if (source.tier !== 'C' || endpoint.pull === null) await take(context, receipt, opened.said)
  // nobody vouches for what it says, and there is somebody to ask: the question is all that is written
  else if (opened.job !== null) await wantAnswer(context, name, endpoint, opened.job)
  // what the vendor sends when its URL is saved says nothing
  else if (opened.said.length > 0) await take(context, receipt, jobless)
  return json(200, source.acknowledgement)
}

async function take(context: Context, receipt: Receipt, said: Reading): Promise<void> {
  const { name, endpoint } = receipt
  const log = context.log.with({ webhook_source: endpoint.source.name, tier: endpoint.source.tier, endpoint: name })
  const verdicts = verdictRows(receipt, said)
  const fresh = verdicts.length === 0 ? [] : await recordVerdicts(context.ledger, verdicts)
  log.info('delivery taken', { sig_result: 'genuine', verdicts: verdicts.length, fresh: fresh.length })
  const faulty = fresh.length === 0 ? [] : verdicts.filter(({ fault }) => fault !== null)
  const [first] = faulty
  if (first !== undefined) {
    const { id, fault, problem } = first
    log.warn('delivery without effect', { verdict_id: id, fault, problem, verdicts: faulty.length })
  }
  // a pass acts too: it may say that a recall was wrong
  const contents = verdicts.flatMap(({ content, fault }) => (content === null || fault !== null ? [] : [content]))
  if (fresh.length > 0 && contents.length > 0) await actSoon({ ...context, log }, contents)
}

/** Throws unavailable where there is no room for the question: the sender has to send it again. */
async function wantAnswer(context: Context, name: string, endpoint: Endpoint, job: Job): Promise<void> {
  const log = context.log.with({ webhook_source: endpoint.source.name, tier: endpoint.source.tier, endpoint: name })
  const wanted = await wantPull(context.ledger, name, job, endpoint.contentPrefix)
  log.info('callback taken', { sig_result: 'genuine', job: job.job, question: wanted })
  if (wanted === 'full') {
    const headers = { 'retry-after': '60' }
    throw new Problem('unavailable', 'Too many questions wait at this endpoint. Send it again.', { headers })
  }
  // a flood of callbacks is not to become one of runs
  if (wanted === 'first') await context.kick?.()
}

/** Throws not-found, also for what cannot be an id: that never reaches a secrets manager. */
async function knownEndpoint({ secrets, tally, notices, request }: Context, name: string): Promise<Endpoint> {
  const found = await readEndpoint(secrets, name).catch((error: unknown) => {
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
  if (found.source.tier === 'C' && !found.secrets.some(hasUrlSecret)) {
    notices.warn(`unpush/webhooks/${name} has no secret.urlSecret: every callback is refused.`)
  }
  return found
}

/** Never rejects, and ends in time: the verdict is in the ledger, so that the sender has nothing to send again. */
async function actSoon(runtime: Context, contents: readonly string[]): Promise<void> {
  const origin = originOfHost(runtime.request.headers['host'])
  const acting = actOnVerdicts({ ...runtime, origin }, contents).catch((error: unknown) => {
    runtime.log.error('verdict not done yet', { error })
  })
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, actWithinMs)
  })
  await Promise.race([acting, late])
  clearTimeout(timer)
}

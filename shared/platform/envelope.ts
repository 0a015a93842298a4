/**
 * One handler for every platform: an event of any dialect in, what the functions work with in the middle, the dialect's
 * envelope out. Nothing beyond this folder knows the shape of an event.
 */
import { randomUUID } from 'node:crypto'
import { withoutBasePath } from '../base-path.ts'
import { Problem, problemBody } from '../errors.ts'
import { createLog, type Log } from '../log.ts'
import { readAwsRequest, readEventBridgeTimer } from './aws.ts'
import { type EventObject, objectOf, textOf } from './fields.ts'
import type { ApiRequest, ApiResponse, Invocation, TimerFiring } from './request.ts'
import { readScfRequest, readScfTimer } from './scf.ts'

export interface Handlers {
  request?(request: ApiRequest, invocation: Invocation): Promise<ApiResponse>
  timer?(firing: TimerFiring, invocation: Invocation): Promise<void>
}

/** SCF reads anything without a status code as the body of a 200, so the envelope is always whole. */
export interface ResponseEnvelope {
  readonly isBase64Encoded: boolean
  readonly statusCode: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** SCF's own default, where the context tells nothing. */
const defaultTimeoutMs = 3_000

/**
 * The entry point of a deployed function (`main_handler`).
 *
 * Requests always get an answer: a Problem as it is, anything else thrown as a 500 that says nothing of it. Timers
 * reject, so that the platform fires them again. What cannot be recognised rejects too.
 */
export function platformHandler(
  handlers: Handlers,
  options: { readonly log?: () => Log } = {},
): (event: unknown, context: unknown) => Promise<ResponseEnvelope | undefined> {
  const own = createLog()
  const log = options.log ?? (() => own)
  let coldStart = true
  return async (event, context) => {
    const invocation = invocationOf(objectOf(context) ?? {}, coldStart)
    coldStart = false
    const request = requestOf(objectOf(event))
    if (request) return envelopeOf(await answer(handlers, request, invocation, log()))
    await fire(handlers, knownFiring(event), invocation, log)
    // SCF writes what an event function returns into the platform's log.
    return undefined
  }
}

/** The same for a function that has a timer and nothing else: of requests it knows nothing, and refuses them as strange. */
export function timerHandler(
  timer: NonNullable<Handlers['timer']>,
  log: () => Log,
): (event: unknown, context: unknown) => Promise<undefined> {
  let coldStart = true
  return async (event, context) => {
    const invocation = invocationOf(objectOf(context) ?? {}, coldStart)
    coldStart = false
    await fire({ timer }, knownFiring(event), invocation, log)
  }
}

async function answer(handlers: Handlers, request: ApiRequest, invocation: Invocation, log: Log): Promise<ApiResponse> {
  try {
    if (!handlers.request) throw new Problem('not-found', 'This function takes no requests.')
    return await handlers.request(request, invocation)
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem('internal', unexpected)
    if (problem.status >= 500) log.error('request failed', { request_id: invocation.requestId, error })
    return {
      status: problem.status,
      headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ...problem.headers },
      body: JSON.stringify(problemBody(problem, invocation.requestId)),
    }
  }
}

const unexpected = 'The request failed for a reason of our own; the log has it under this requestId.'

async function fire(handlers: Handlers, firing: TimerFiring, invocation: Invocation, log: () => Log): Promise<void> {
  if (!handlers.timer) throw new Error(`This function has no timer, and was fired by ${JSON.stringify(firing.name)}.`)
  try {
    await handlers.timer(firing, invocation)
  } catch (error) {
    log().error('timer failed', { request_id: invocation.requestId, timer: firing.name, error })
    // The platform logs what is thrown as it is, unredacted.
    // oxlint-disable-next-line preserve-caught-error
    throw new Error(
      `Timer ${JSON.stringify(firing.name)} failed; the log has the reason under ${invocation.requestId}.`,
    )
  }
}

function invocationOf(context: EventObject, coldStart: boolean): Invocation {
  // An open connection to the ledger would keep the invocation, and its bill, running until the timeout.
  context['callbackWaitsForEmptyEventLoop'] = false
  const remaining = context['getRemainingTimeInMillis']
  const limitMs = context['time_limit_in_ms']
  const endsAtMs = Date.now() + (typeof limitMs === 'number' ? limitMs : defaultTimeoutMs)
  return {
    requestId: textOf(context['request_id']) ?? textOf(context['awsRequestId']) ?? randomUUID(),
    coldStart,
    remainingMs: () => (typeof remaining === 'function' ? Number(remaining.call(context)) : endsAtMs - Date.now()),
    platform: 'awsRequestId' in context ? 'lambda' : 'scf',
  }
}

function requestOf(event: EventObject | null): ApiRequest | null {
  const request = event && (readAwsRequest(event) ?? readScfRequest(event))
  return request && { ...request, path: withoutBasePath(request.path) }
}

/** Throws on what is no firing. */
function knownFiring(event: unknown): TimerFiring {
  const members = objectOf(event)
  const timer = members && (readScfTimer(members) ?? readEventBridgeTimer(members))
  if (timer) return timer
  if (isKick(event)) return { name: 'kick', at: null, message: null }
  throw new Error(`An event that no function of Unpush takes, with the members: ${memberNames(event)}.`)
}

/** One function calling another, asynchronously and without data: nothing at all, or its source. */
function isKick(event: unknown): boolean {
  const members = objectOf(event)
  if (!members) return event === undefined || event === null || event === ''
  return Object.keys(members).length === 0 || members['source'] === 'unpush.kick'
}

function envelopeOf({ status, headers, body }: ApiResponse): ResponseEnvelope {
  const binary = typeof body !== 'string'
  return {
    isBase64Encoded: binary,
    statusCode: status,
    headers: { ...headers },
    body: binary ? body.toString('base64') : body,
  }
}

/** Names only: the values of a strange event may be anything. */
function memberNames(event: unknown): string {
  const members = objectOf(event)
  return members ? Object.keys(members).slice(0, 20).join(', ').slice(0, 300) : `none (${typeof event})`
}

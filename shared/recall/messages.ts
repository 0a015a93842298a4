/** Registering what was sent, so that it can be taken back by one name (contract §4.1). */
import { createHash } from 'node:crypto'
import { changeBody, registerBody, tokenLinesQuery, tokensBody } from '../api-schemas.ts'
import { bounds, overBound } from '../bounds.ts'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { joinRecall } from '../ledger/admit-recall.ts'
import { millisecondsUntil } from '../ledger/expiry.ts'
import {
  changeMessage,
  HandleTaken,
  type NewTarget,
  readMessage,
  registerMessage,
  type StoredMessage,
  type StoredTarget,
} from '../ledger/messages.ts'
import { latestRecallOf } from '../ledger/recalls.ts'
import { linesOf, type TokenLines } from '../ledger/tokens.ts'
import { actOnVerdicts } from '../moderation/act.ts'
import type { ApiResponse } from '../platform/envelope.ts'
import { operations } from '../providers/provider.ts'
import { bytesOf, mediaTypeOf } from '../request-input.ts'
import { json, type SignedContext } from '../serve.ts'
import { type App, findApp } from './apps.ts'
import { keepTokens, sealAndDrain, sealAsTheyCome } from './late-tokens.ts'
import { isOperation, type Overlay, planTarget } from './plan.ts'
import { type LooseTarget, readTarget } from './subject.ts'
import { readTokenLines } from './token-lines.ts'
import { viewMessage } from './view.ts'
import { viewOptions } from './view-options.ts'

type ReadTarget = NewTarget & { readonly opened: App }

/** A sender in mid-flight is not kept waiting long for a recall its tokens joined. */
const joinWaitMs = 1000

export async function register(context: SignedContext): Promise<ApiResponse> {
  const { ledger, principal } = context
  const body = context.body(registerBody())
  const targets = await readTargets(context, body.targets ?? [])
  const id = body.id ?? newId('msg')
  const digest = createHash('sha256').update(canonicalJson(body)).digest('hex')
  const known = body.expiresAt === undefined || body.id === undefined ? null : await readMessage(ledger, id)
  // sent again, it is what it was, even when its end is near or past
  const expiresAt = known?.digest === digest ? known.expiresAt : await readExpiry(context, body.expiresAt)
  const isNew = await registerMessage(ledger, {
    id,
    digest,
    title: body.title ?? null,
    body: body.body ?? null,
    url: body.url ?? null,
    contents: [...new Set(body.contents ?? [])],
    expiresAt,
    registeredBy: principal.id,
    targets,
  }).catch(handleTaken)
  if (isNew) await meetVerdicts(context, body.contents ?? [])
  const message = await visibleMessage(context, id)
  if (!isNew && message.digest !== digest) {
    throw new Problem(
      'conflict',
      `The message ${id} is registered with another body. Change it with PATCH /v1/messages/${id}.`,
    )
  }
  const warnings = targets.flatMap(limitsOf)
  return json(
    isNew ? 201 : 200,
    { ...(await shown(context, message)), warnings },
    { location: `/v1/messages/${encodeURIComponent(id)}` },
  )
}

export async function change(context: SignedContext): Promise<ApiResponse> {
  const { ledger } = context
  const before = await visibleMessage(context, context.params['id'] ?? '')
  const body = context.body(changeBody())
  const targets = await readTargets(context, body.targets ?? [])
  const expiresAt =
    body.expiresAt === null
      ? null
      : body.expiresAt === undefined
        ? undefined
        : await readExpiry(context, body.expiresAt)
  await ledger
    .transaction(sql => changeMessage(sql, before.id, { contents: body.contents ?? [], targets, expiresAt }))
    .catch(handleTaken)
  const after = await visibleMessage(context, before.id)
  const known = new Set(before.targets.map(target => target.id))
  const late = after.targets.filter(target => !known.has(target.id))
  const met = await meetVerdicts(context, body.contents ?? [])
  const judged = met ? await visibleMessage(context, before.id) : after
  // a recall that began just now has the late ones already
  const joins = judged.recallId !== null && judged.recallId === after.recallId && late.length > 0
  const joined = joins && (await joinTargets(context, judged.recallId, late))
  const message = joined ? await visibleMessage(context, before.id) : judged
  return json(200, { ...(await shown(context, message)), warnings: targets.flatMap(limitsOf) })
}

export async function addTokens(context: SignedContext): Promise<ApiResponse> {
  const { ledger } = context
  const message = await visibleMessage(context, context.params['id'] ?? '')
  const { app, notifyId, lines } = readTokens(context)
  if (!context.principal.reaches(app)) throw new Problem('forbidden', `This key does not reach the app ${app}.`)
  const target = pickTarget(message, context, app, notifyId)
  const waiting = await keepTokens(ledger, { ...target, targetId: target.id }, lines)
  const recall = await latestRecallOf(ledger, target.id)
  if (recall === null) {
    await sealAsTheyCome(context, target.id, waiting)
    return json(200, { received: lines.count })
  }
  const { recallId } = recall
  await sealAndDrain(context, recallId, [target.id], Date.now() + joinWaitMs)
  return json(200, { received: lines.count, recall: { id: recallId, links: { self: `/v1/recalls/${recallId}` } } })
}

/** Message and targets, or not-found: also where the caller does not reach all its apps. */
export async function visibleMessage(context: SignedContext, id: string): Promise<StoredMessage> {
  const message = await readMessage(context.ledger, id)
  if (message === null || !message.targets.every(target => context.principal.reaches(target.app))) {
    throw new Problem('not-found', 'There is no such message.')
  }
  return message
}

export async function shown(context: SignedContext, message: StoredMessage): Promise<object> {
  return viewMessage(message, await viewOptions(context, []))
}

async function readTargets(context: SignedContext, inputs: readonly LooseTarget[]): Promise<ReadTarget[]> {
  const targets: ReadTarget[] = []
  const seen = new Set<string>()
  let tokens = 0
  for (const [index, input] of inputs.entries()) {
    const path = `/targets/${index}`
    const target = await readTarget(input, path, context.apps, context.principal, text => {
      return new Problem('invalid-request', `${path}/app: ${text}.`, {
        errors: [{ path: `${path}/app`, message: text }],
      })
    })
    const handle = `${target.app} ${target.handle}`
    if (seen.has(handle)) {
      const errors = [{ path, message: 'names an app and handle that another target of this request names' }]
      throw new Problem('invalid-request', `${path} repeats another target.`, { errors })
    }
    seen.add(handle)
    targets.push(target)
    tokens += target.tokens?.length ?? 0
    if (tokens > bounds.tokensPerRequest.value) {
      throw overBound('tokensPerRequest', 'The targets have more push tokens together than one request may bring.')
    }
  }
  return targets
}

async function readExpiry(context: SignedContext, written: string | undefined): Promise<Date | null> {
  if (written === undefined) return null
  const expiresAt = new Date(written)
  const { minExpiryMinutes } = await context.policy()
  if ((await millisecondsUntil(context.ledger, expiresAt)) < minExpiryMinutes * 60_000) {
    const message = `must be at least ${minExpiryMinutes} minutes ahead`
    throw new Problem('invalid-request', `/expiresAt ${message}.`, { errors: [{ path: '/expiresAt', message }] })
  }
  return expiresAt
}

function handleTaken(error: unknown): never {
  if (error instanceof HandleTaken) {
    throw new Problem(
      'conflict',
      `The push ${error.handle} of ${error.app} belongs to the message ${error.messageId} already.`,
      {
        members: { message: error.messageId },
      },
    )
  }
  throw error
}

/** What could not be recalled of this target, and why, as far as that is known before anything is asked. */
function limitsOf(target: ReadTarget): string[] {
  const { provider, credentials } = target.opened
  return operations.flatMap(operation => {
    if (provider[operation] === undefined) return []
    const { refusal } = provider.assess(operation, {
      credentials,
      handle: target.handle,
      audience: target.audience,
      record: null,
      overlay: null,
    })
    return refusal === null ? [] : [`${target.app} ${target.handle}: ${refusal}`]
  })
}

async function joinTargets(context: SignedContext, recallId: string, late: readonly StoredTarget[]): Promise<boolean> {
  const recall = await context.recall(recallId)
  if (recall === null || !isOperation(recall.operation)) return false
  const { giveUpHours } = await context.policy()
  const joining = []
  for (const target of late) {
    const app = await findApp(context.apps, target.app)
    if (app === null) continue
    const { provider, credentials } = app
    const {
      invalid: _,
      toEverybody: __,
      ...plan
    } = planTarget({
      operation: recall.operation,
      fallback: recall.fallback,
      overlay: recall.overlay as Overlay | null,
      app: target.app,
      handle: target.handle,
      audience: target.audience,
      audienceSize: target.audienceSize,
      provider,
      credentials,
      record: null,
      overlaidAlike: false,
    })
    joining.push({
      targetId: target.id,
      app: target.app,
      provider: provider.name,
      handle: target.handle,
      audience: target.audience,
      audienceSize: target.audienceSize,
      addressing: provider.capabilities.addressing,
      plan,
      firstStep: provider.status === undefined ? ('act' as const) : ('read' as const),
    })
  }
  const work = await joinRecall(context.ledger, recallId, joining, giveUpHours)
  await context.drainer.run(recallId, Date.now() + (work > 0 ? joinWaitMs : 150))
  return true
}

/** What was judged before it was registered is taken back at once. True: something was. Never rejects. */
async function meetVerdicts(context: SignedContext, contents: readonly string[]): Promise<boolean> {
  if (contents.length === 0) return false
  try {
    const recalls = await actOnVerdicts(context, contents)
    const until = Date.now() + joinWaitMs
    for (const recallId of recalls) await context.drainer.run(recallId, until)
    return recalls.length > 0
  } catch (error) {
    // registered is registered: sweep finds what is left
    context.log.error('verdicts could not be met', { error })
    return false
  }
}

interface TokenInput {
  readonly app: string
  readonly notifyId: number | undefined
  readonly lines: TokenLines
}

/** JSON, or one JSON string a line with app and notifyId in the query. */
function readTokens(context: SignedContext): TokenInput {
  if (mediaTypeOf(context.request) !== 'application/x-ndjson') {
    const { app, notifyId, tokens } = context.body(tokensBody())
    return { app, notifyId, lines: linesOf(tokens) }
  }
  const { app, notifyId } = context.query(tokenLinesQuery())
  const lines = readTokenLines(bytesOf(context.request))
  if (lines.count === 0) {
    const message = 'must hold at least one push token'
    throw new Problem('invalid-request', `The body ${message}.`, { errors: [{ path: '', message }] })
  }
  return { app, notifyId, lines }
}

function pickTarget(
  message: StoredMessage,
  context: SignedContext,
  app: string,
  notifyId: number | undefined,
): StoredTarget {
  const candidates = message.targets.filter(
    target =>
      target.app === app &&
      context.providers.get(target.provider)?.capabilities.addressing === 'tokens' &&
      (notifyId === undefined || target.handle === String(notifyId)),
  )
  const [first, second] = candidates
  if (first === undefined) {
    throw new Problem(
      'not-found',
      `The message has no target of ${app}${notifyId === undefined ? '' : ` with notifyId ${notifyId}`} that takes tokens.`,
    )
  }
  if (second !== undefined) {
    const message = 'is needed: this message has several targets of the app'
    throw new Problem('invalid-request', `notifyId ${message}.`, { errors: [{ path: '/notifyId', message }] })
  }
  return first
}

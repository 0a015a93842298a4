/** Registering what was sent, so that it can be taken back by one name (contract §4.1). */
import { linkTo, originOfHost } from '../base-path.ts'
import { createHash } from 'node:crypto'
import { callerOf } from '../access/grant.ts'
import { changeBody, registerBody } from '../api-schemas.ts'
import { bounds, overBound } from '../bounds.ts'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { millisecondsUntil } from '../ledger/expiry.ts'
import { readMessage, type StoredTarget } from '../ledger/messages.ts'
import { type NewTarget, withTargets } from '../ledger/new-targets.ts'
import { changeMessage, registerMessage, writtenOf } from '../ledger/register-message.ts'
import { actOnVerdicts } from '../moderation/act.ts'
import { noticesIn, type ShownNotice } from '../notice-codes.ts'
import { operations } from '../operation.ts'
import type { ApiResponse } from '../platform/request.ts'
import { json, type SignedContext } from '../serve.ts'
import type { App } from './apps.ts'
import { readAudience } from './audience.ts'
import { askFirst } from './holds.ts'
import { joinTargets, joinWaitMs } from './join.ts'
import { joinTokens } from './late-tokens.ts'
import { meetHolds } from './meet-holds.ts'
import { isOwn } from './owned.ts'
import { bringing, changeableMessage, handleTaken, noSuchMessage, shown } from './message-access.ts'
import { type LooseTarget, readTarget } from './subject.ts'
import { namesOf } from './view-handle.ts'

type ReadTarget = NewTarget & { readonly opened: App }

export async function register(context: SignedContext): Promise<ApiResponse> {
  const { ledger, principal } = context
  const { ask = false, ...body } = context.body(registerBody())
  const targets = await readTargets(context, body.targets ?? [])
  if (ask) return askFirst(context, body, targets)
  const id = body.id ?? newId('msg')
  const digest = createHash('sha256').update(canonicalJson(body)).digest('hex')
  const known = body.expiresAt === undefined || body.id === undefined ? null : await readMessage(ledger, id)
  // sent again, it is what it was, even when its end is near or past
  const expiresAt = known?.digest === digest ? known.expiresAt : await readExpiry(context, body.expiresAt)
  const caller = callerOf(principal, 'send')
  const fresh = {
    id,
    digest,
    title: body.title ?? null,
    body: body.body ?? null,
    url: body.url ?? null,
    contents: [...new Set(body.contents ?? [])],
    expiresAt,
    caller,
    targets,
  }
  const asked = { by: caller, action: 'message.registered', object: id, request: writtenOf(fresh) }
  const isNew = await registerMessage(ledger, fresh, await context.signEntry(asked)).catch(error =>
    handleTaken(context, error),
  )
  // holds first: a verdict finds what they took, and lets it be
  if (isNew) await meetHolds(bringing(context), { messageId: id }, caller)
  if (isNew) await meetVerdicts(context, body.contents ?? [])
  const registered = await readMessage(ledger, id)
  // it took over what discover had found, and that is being taken back: so is the rest of it
  const joins = isNew && registered !== null && registered.recallId !== null
  if (joins) await joinWaiting(context, registered.targets)
  if (joins && targets.length > 1) await joinTargets(bringing(context), id, registered.targets)
  const message = joins ? await readMessage(ledger, id) : registered
  if (message === null || (!isNew && !isOwn(message, principal))) {
    throw new Problem('conflict', 'This id is taken: choose another one, or leave it out.')
  }
  if (!isNew && message.digest !== digest) {
    throw new Problem(
      'conflict',
      message.digest === ''
        ? `The message ${id} is registered, and so long over that nobody can tell whether its body was this one. Change it with PATCH /v1/messages/${id}.`
        : `The message ${id} is registered with another body. Change it with PATCH /v1/messages/${id}.`,
    )
  }
  const limits = warned(targets.flatMap(limitsOf))
  return json(
    isNew ? 201 : 200,
    { ...(await shown(context, message, 'send')), ...limits },
    { location: linkTo(`/v1/messages/${encodeURIComponent(id)}`) },
  )
}

export async function change(context: SignedContext): Promise<ApiResponse> {
  const { ledger, principal } = context
  const before = await changeableMessage(context, context.params['id'] ?? '')
  const body = context.body(changeBody())
  const targets = await readTargets(context, body.targets ?? [])
  const expiresAt =
    body.expiresAt === null
      ? null
      : body.expiresAt === undefined
        ? undefined
        : await readExpiry(context, body.expiresAt)
  const contents = body.contents ?? []
  const widens = contents.length > 0 || expiresAt !== undefined
  if (widens && !before.targets.every(target => principal.reaches(target.app, 'send'))) {
    throw new Problem(
      'forbidden',
      'This message also went out through apps that this key does not reach: contents and expiresAt, which hold for all of it, are not changed with it.',
    )
  }
  const caller = callerOf(principal, 'send')
  const wanted = { contents, targets, expiresAt }
  const entry = await context.signEntry({
    by: caller,
    action: 'message.changed',
    object: before.id,
    request: writtenOf(wanted),
  })
  const changed = await withTargets(ledger, sql =>
    changeMessage(sql, before.id, caller, principal.grantFor('operate'), wanted, entry),
  ).catch(error => handleTaken(context, error))
  if (!changed) throw noSuchMessage()
  const after = await changeableMessage(context, before.id)
  const known = new Set(before.targets.map(target => target.id))
  const late = after.targets.filter(target => !known.has(target.id))
  const held = contents.length > 0 && (await meetHolds(bringing(context), { messageId: before.id }, caller)) > 0
  const met = (await meetVerdicts(context, contents)) || held
  const judged = met ? await changeableMessage(context, before.id) : after
  await joinWaiting(context, late)
  const joined = late.length > 0 && (await joinTargets(bringing(context), before.id, late))
  const message = joined ? await changeableMessage(context, before.id) : judged
  return json(200, { ...(await shown(context, message, 'send')), ...warned(targets.flatMap(limitsOf)) })
}

async function readTargets(context: SignedContext, inputs: readonly LooseTarget[]): Promise<ReadTarget[]> {
  const targets: ReadTarget[] = []
  const seen = new Set<string>()
  let tokens = 0
  for (const [index, input] of inputs.entries()) {
    const path = `/targets/${index}`
    const target = await readTarget(
      input,
      path,
      context.apps,
      { principal: context.principal, right: 'send' },
      text => {
        return new Problem('invalid-request', `${path}/app: ${text}.`, {
          errors: [{ path: `${path}/app`, message: text }],
        })
      },
    )
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

/** Tokens that came along for what discover had found, and that is being taken back. */
async function joinWaiting(context: SignedContext, targets: readonly StoredTarget[]): Promise<void> {
  for (const target of targets) if (target.unsealed) await joinTokens(context, target)
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

interface Limit {
  readonly app: string
  readonly handle: string
  readonly refusal: string
  readonly notices: readonly ShownNotice[]
}

function warned(limits: readonly Limit[]) {
  return {
    warnings: limits.map(({ app, handle, refusal }) => `${app} ${handle}: ${refusal}`),
    notices: limits.flatMap(({ app, handle, notices }) =>
      notices.map(({ code, params }) => ({ code, params: { app, handle, ...params } })),
    ),
  }
}

/** What could not be recalled of this target, and why, as far as that is known before anything is asked. */
function limitsOf(target: ReadTarget): Limit[] {
  const { provider, credentials } = target.opened
  return operations.flatMap(operation => {
    if (provider[operation] === undefined) return []
    const { refusal } = provider.assess(operation, {
      credentials,
      names: namesOf(provider, target.handle, target.names),
      audience: readAudience(target.audience),
      record: null,
      overlay: null,
    })
    if (refusal === null) return []
    const notices = noticesIn(refusal, provider.sentences)
    return [{ app: target.app, handle: target.handle, refusal, notices }]
  })
}

/** What was judged before it was registered is taken back at once. True: something was. Never rejects. */
async function meetVerdicts(context: SignedContext, contents: readonly string[]): Promise<boolean> {
  if (contents.length === 0) return false
  try {
    const { id, person } = context.principal
    const recalls = await actOnVerdicts(
      { ...context, origin: originOfHost(context.request.headers['host']) },
      contents,
      { actor: id, person, by: 'content' },
    )
    const until = Date.now() + joinWaitMs
    for (const recallId of recalls) await context.drainer.run(recallId, until)
    return recalls.length > 0
  } catch (error) {
    // registered is registered: sweep finds what is left
    context.log.error('verdicts could not be met', { error })
    return false
  }
}

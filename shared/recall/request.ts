/** A recall request from its body to its answer: read, decide, record, do. */
import { createHash } from 'node:crypto'
import type { ZodMiniType } from 'zod/mini'
import { type RecallBody, recallBodies } from '../api-schemas.ts'
import type { Principal } from '../access/access.ts'
import { canonicalJson } from '../canonical-json.ts'
import { Problem } from '../errors.ts'
import { newId } from '../ids.ts'
import { admitRecalls, type NewRecall, type NewRecallTarget } from '../ledger/admit-recall.ts'
import { bindAnswer, findAnswer, keepAnswer } from '../ledger/answers.ts'
import { appsOverlaidAlike, type HandleFacts, type PriorRecall } from '../ledger/facts.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { cancelRecall, hastenRecall, yieldHandles } from '../ledger/recalls.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import { addChunk, digestTokens, sealInHand, sealTarget } from '../ledger/tokens.ts'
import type { ApiResponse } from '../platform/envelope.ts'
import type { Operation, Provider } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import { json, type SignedContext } from '../serve.ts'
import { SecretError } from '../secrets/secrets.ts'
import { type Overlay, planTarget, type TargetPlan, withoutTokens } from './plan.ts'
import { type NamedSubject, readSubject } from './subject.ts'
import { sealAndJoin } from './late-tokens.ts'
import { viewOptions } from './view-options.ts'
import { viewRecall } from './view.ts'

/** What is asked, whoever asks. */
export interface Wanted {
  readonly operation: Operation
  readonly overlay: Overlay | null
  readonly fallback: boolean
  readonly again: boolean
  readonly supersede: boolean
  /**
   * Nobody asks: the time of the message is over. It goes behind whatever somebody asked for, and what took a push back
   * before, or is about to, is enough.
   */
  readonly atItsEnd?: boolean
  readonly named: NamedSubject
}

/** What admitting takes: a request has it, and so has a verdict. */
export type Admission = Runtime & { readonly principal: Pick<Principal, 'id' | 'person' | 'reaches'> }

/** How long a request works on its recall before it answers, when nobody says `Prefer: wait`. */
const defaultWaitMs = 2000
/** What must be left of the function's own time when it stops waiting. */
const answerMarginMs = 1000

export async function requestRecall(context: SignedContext, operation: Operation): Promise<ApiResponse> {
  const { ledger, apps, principal, request } = context
  const key = readKey(request.headers['idempotency-key'])
  const waitMs = readWait(request.headers['prefer'])
  const schema: ZodMiniType<RecallBody> = recallBodies[operation]()
  const body = context.body(schema)
  const place =
    key === null
      ? null
      : {
          principal: principal.id,
          path: request.path,
          key,
          digest: createHash('sha256').update(canonicalJson(body)).digest('hex'),
        }
  if (place !== null) {
    const replay = await replayOf(context, place)
    if (replay !== null) return replay
  }
  if (body.dryRun !== true && body.reason === undefined) {
    const errors = [{ path: '/reason', message: 'is required: say in a few words why (1 to 500 characters)' }]
    throw new Problem('invalid-request', 'A reason is required, unless dryRun is true.', { errors })
  }
  const given = body.overlay
  const wanted: Wanted = {
    operation,
    overlay:
      given === undefined
        ? null
        : {
            title: given.title,
            body: given.body,
            url: given.url ?? null,
            forceCollapse: given.forceCollapse ?? false,
            options: given.options ?? {},
          },
    fallback: body.fallback ?? true,
    again: body.again ?? false,
    supersede: body.supersede ?? false,
    named: await readSubject(body, apps, principal),
  }
  checkOptions(wanted.overlay, context)
  if (body.dryRun === true) return json(200, await dryRun(context, wanted))

  for (let attempt = 0; ; attempt++) {
    try {
      const admitted = await admit(context, wanted, body.reason ?? '', body.ticket ?? null, place)
      if (admitted.kind === 'known') {
        if (place !== null) await bindAnswer(ledger, place, admitted.recallId)
        await hastenRecall(ledger, admitted.recallId)
        await workOn(context, admitted.recallId, waitMs)
        return await answer(context, 200, admitted.recallId, place, true)
      }
      if (admitted.work > 0) await workOn(context, admitted.recallId, waitMs)
      else await finishRecalls(ledger, [admitted.recallId])
      return await answer(context, 202, admitted.recallId, place, false)
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      // Somebody was faster: with this key, or on this handle. What they did is the answer.
      const replay = place === null ? null : await replayOf(context, place)
      if (replay !== null) return replay
      if (attempt === 5)
        throw new Problem('request-in-progress', 'Another request for the same push is being admitted.', {
          headers: { 'retry-after': '1' },
        })
    }
  }
}

/** new: admitted now · known: a recall that does just this is there already. */
export type Admitted = { readonly recallId: string; readonly messageIds: readonly string[] } & (
  | { readonly kind: 'new'; readonly work: number }
  | { readonly kind: 'known' }
)

/** Throws Problems, and unique violations where somebody else admitted meanwhile: look again, and try again. */
export async function admit(
  context: Admission,
  wanted: Wanted,
  reason: string,
  ticket: string | null,
  key: NewRecall['key'],
): Promise<Admitted> {
  const { ledger, principal, log } = context
  const { operation, named } = wanted
  const { messageIds, handles } = await gather(context, named)
  const policy = await context.policy()
  const brought = broughtTokens(named)
  const links = new Map<HandleFacts, PriorRecall>()
  const yields: PriorRecall[] = []
  const superseded = new Set<string>()
  for (const handle of handles) {
    const { prior } = handle
    if (prior === null) continue
    if (wanted.atItsEnd === true && (prior.active || isDone(prior)) && covers(prior, handle, brought)) {
      links.set(handle, prior)
      continue
    }
    if (prior.active && prior.operation !== operation) {
      if (!wanted.supersede) throw inTheWay(prior)
      superseded.add(prior.recallId)
      yields.push(prior)
    } else if (prior.active) {
      if (covers(prior, handle, brought)) links.set(handle, prior)
      else if (brought !== null) {
        await joinTokens(context, prior, brought, policy.giveUpHours)
        links.set(handle, prior)
      } else yields.push(prior)
    } else if (
      !wanted.again &&
      prior.recent &&
      prior.operation === operation &&
      isDone(prior) &&
      covers(prior, handle, brought)
    ) {
      links.set(handle, prior)
    }
  }
  const linkedRecalls = new Set([...links.values()].map(prior => prior.recallId))
  if (handles.length > 0 && links.size === handles.length && (linkedRecalls.size === 1 || wanted.atItsEnd === true)) {
    for (const recallId of linkedRecalls) return { kind: 'known', recallId, messageIds }
  }
  const planned = await plan(context, wanted, handles)
  // with nobody to tell, the recall itself says that nothing could be done
  if (wanted.atItsEnd !== true) refuseImpossible(planned, links)
  const targets = planned.map(
    ({ handle, plan, provider }): NewRecallTarget => ({
      targetId: brought === null ? handle.targetId : null,
      app: handle.app,
      provider: provider.name,
      handle: handle.handle,
      audience: handle.audience,
      audienceSize: handle.audienceSize,
      batches: brought === null ? [] : sealInHand(brought),
      addressing: provider.capabilities.addressing,
      tokensDigest: brought === null ? null : digestTokens(brought),
      plan: {
        requested: plan.requested,
        ladder: plan.ladder,
        steps: plan.steps,
        refusal: plan.refusal,
        audienceSize: plan.audienceSize,
      },
      linkedId: links.get(handle)?.recallTargetId ?? null,
      lastRecallTargetId: handle.lastRecallTargetId,
      firstStep: provider.status === undefined ? 'act' : 'read',
    }),
  )
  const recall: NewRecall = {
    id: newId('rcl'),
    operation,
    reason,
    ticket,
    requestedBy: principal.id,
    person: principal.person,
    subject: named.shown,
    overlay: wanted.overlay,
    fallback: wanted.fallback,
    giveUpHours: policy.giveUpHours,
    policyDigest: createHash('sha256').update(canonicalJson(policy)).digest('hex'),
    expiry: wanted.atItsEnd ?? false,
    // a bare handle takes back what went out under it, not the whole message
    messageIds: named.target === null ? messageIds : [],
    targets,
    key,
  }
  const insert = () => context.admit(recall)
  const work =
    yields.length === 0
      ? await insert()
      : await ledger.transaction(async sql => {
          for (const recallId of superseded) await cancelRecall(sql, recallId, principal, recall.id)
          await yieldHandles(
            sql,
            yields.map(prior => prior.recallTargetId),
          )
          const [work = 0] = await admitRecalls(sql, [recall])
          return work
        })
  if (superseded.size > 0) await finishRecalls(ledger, [...superseded])
  log.info('recall admitted', { recall_id: recall.id, operation, actor: principal.id, targets: targets.length, work })
  return { kind: 'new', recallId: recall.id, messageIds, work }
}

/** Facts of the subject, with everything sealed that had arrived. */
async function gather(
  context: Admission,
  named: NamedSubject,
): Promise<{ messageIds: readonly string[]; handles: readonly HandleFacts[] }> {
  const { ledger, principal } = context
  let facts = await context.facts(named.subject)
  if ('message' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `There is no message ${named.subject.message}.`)
  if ('content' in named.subject && facts.messageIds.length === 0)
    throw new Problem('not-found', `No message carries the content ${named.subject.content}.`)
  const outside = facts.handles.find(handle => !principal.reaches(handle.app))
  if (outside !== undefined)
    throw new Problem('forbidden', `This key does not reach the app ${outside.app}, through which it was pushed.`)
  const unsealed = facts.handles.filter(handle => handle.unsealed && handle.targetId !== null)
  for (const { targetId, prior } of unsealed) {
    if (targetId === null) continue
    if (prior?.active === true) await sealAndJoin(ledger, targetId, (await context.policy()).giveUpHours)
    else await sealTarget(ledger, targetId)
  }
  if (unsealed.length > 0) facts = await context.facts(named.subject)
  const { target } = named
  if (target?.tokens?.length === 0 && facts.handles.every(handle => handle.targetId === null)) {
    throw noTokens()
  }
  const handles = facts.handles.map(handle =>
    target === null
      ? handle
      : {
          ...handle,
          provider: target.provider,
          audience: target.audience ?? handle.audience,
          audienceSize: target.audienceSize ?? handle.audienceSize,
        },
  )
  return { messageIds: facts.messageIds, handles }
}

interface Planned {
  readonly handle: HandleFacts
  readonly provider: Provider
  readonly plan: TargetPlan
}

async function plan(context: Runtime, wanted: Wanted, handles: readonly HandleFacts[]): Promise<Planned[]> {
  const windowMs = Math.max(
    0,
    ...[...context.providers.values()].map(provider => provider.capabilities.identicalOverlayWindowMs ?? 0),
  )
  const overlaid =
    wanted.overlay === null || windowMs === 0
      ? new Set<string>()
      : await appsOverlaidAlike(context.ledger, wanted.overlay, windowMs)
  const planned: Planned[] = []
  for (const handle of handles) {
    const app = await context.apps.find(handle.app).catch((error: unknown) => {
      if (error instanceof SecretError) return null
      throw error
    })
    const provider = app?.provider ?? context.providers.get(handle.provider ?? '')
    if (provider === undefined)
      throw new Problem(
        'unavailable',
        `The credentials of ${handle.app} cannot be read, and nothing else tells its vendor.`,
      )
    const planable = planTarget({
      operation: wanted.operation,
      fallback: wanted.fallback,
      overlay: wanted.overlay,
      app: handle.app,
      handle: handle.handle,
      audience: handle.audience,
      audienceSize: handle.audienceSize,
      provider,
      credentials: app?.credentials ?? null,
      record: handle.record,
      overlaidAlike: overlaid.has(handle.app),
    })
    const named = provider.capabilities.addressing === 'tokens' && broughtTokens(wanted.named) === null
    const target = named ? withoutTokens(planable, handle.devices, handle.gone) : planable
    if (target.ladder[0] === 'overlay' && target.toEverybody) overlaid.add(handle.app)
    planned.push({ handle, provider, plan: target })
  }
  const errors = [
    ...new Map(planned.flatMap(({ plan }) => plan.invalid).map(error => [error.path, error])).values(),
  ].map(({ path, message }) => ({
    path: `/overlay${path}`,
    message,
  }))
  const [first] = errors
  if (first !== undefined) throw new Problem('invalid-request', `${first.path} ${first.message}.`, { errors })
  return planned
}

function refuseImpossible(planned: readonly Planned[], links: ReadonlyMap<HandleFacts, PriorRecall>): void {
  if (planned.length === 0 || links.size > 0 || planned.some(({ plan }) => plan.ladder.length > 0)) return
  const [first] = planned
  throw new Problem('unsupported', first?.plan.refusal ?? 'No target can do what was asked.', {
    members: {
      targets: planned.map(({ handle, plan }) => ({ app: handle.app, handle: handle.handle, reason: plan.refusal })),
    },
  })
}

async function dryRun(context: SignedContext, wanted: Wanted): Promise<object> {
  const { handles } = await gather(context, wanted.named)
  const planned = await plan(context, wanted, handles)
  refuseImpossible(planned, new Map())
  const brought = broughtTokens(wanted.named)
  const targets = planned.map(({ handle, provider, plan }) => {
    const [operation = null] = plan.ladder
    const devices =
      provider.capabilities.addressing === 'task'
        ? handle.audienceSize
        : brought === null || brought.length === 0
          ? handle.devices - handle.gone
          : new Set(brought).size
    return {
      app: handle.app,
      provider: provider.name,
      [provider.handleMember]: provider.handleMember === 'notifyId' ? Number(handle.handle) : handle.handle,
      requested: wanted.operation,
      operation,
      ladder: plan.ladder,
      effects: operation === null ? [] : (plan.steps[operation]?.effects ?? []),
      devices,
      warnings: [
        ...(plan.refusal === null ? [] : [plan.refusal]),
        ...(operation === null ? [] : (plan.steps[operation]?.warnings ?? [])),
      ],
      running: handle.prior?.active === true ? { id: handle.prior.recallId, operation: handle.prior.operation } : null,
    }
  })
  const known = targets.flatMap(({ devices }) => (devices === null ? [] : [devices]))
  return {
    dryRun: true,
    approvalNeeded: false,
    devices: known.length === 0 ? null : known.reduce((a, b) => a + b),
    targets,
  }
}

/** Tokens that came with a bare handle; null: those registered for it are meant. */
function broughtTokens({ target }: NamedSubject): readonly string[] | null {
  return target?.tokens?.length ? target.tokens : null
}

/** True when the earlier recall's devices are all that this request names. */
function covers(prior: PriorRecall, handle: HandleFacts, brought: readonly string[] | null): boolean {
  if (brought !== null) return prior.tokensDigest === digestTokens(brought)
  return prior.tokensDigest === null && (handle.targetId === null || prior.targetId === handle.targetId)
}

function isDone(prior: PriorRecall): boolean {
  return prior.state === 'done' || prior.state === 'partial'
}

/** Further tokens of a handle on its way join that recall. */
async function joinTokens(
  { ledger, log }: Admission,
  prior: PriorRecall,
  tokens: readonly string[],
  giveUpHours: number,
): Promise<void> {
  await addChunk(ledger, prior.targetId, tokens)
  const joined = await sealAndJoin(ledger, prior.targetId, giveUpHours)
  log.info('tokens joined a recall', { recall_id: joined?.recallId ?? prior.recallId, work: joined?.work ?? 0 })
}

function inTheWay(prior: PriorRecall): Problem {
  return new Problem(
    'conflict',
    `This push is in recall ${prior.recallId} (${prior.operation}) already. Wait for it, cancel it, or send "supersede": true.`,
    { members: { recall: prior.recallId, links: { recall: `/v1/recalls/${prior.recallId}` } } },
  )
}

function noTokens(): Problem {
  const errors = [
    { path: '/target/tokens', message: 'must hold at least one push token: this handle was never registered' },
  ]
  return new Problem('invalid-request', '/target/tokens must hold at least one push token.', { errors })
}

function checkOptions(overlay: Overlay | null, { providers }: Runtime): void {
  const errors = Object.keys(overlay?.options ?? {})
    .filter(name => !providers.has(name))
    .map(name => ({
      path: `/overlay/options/${name}`,
      message: `is not a vendor here: ${[...providers.keys()].join(', ')}`,
    }))
  if (errors.length > 0)
    throw new Problem('invalid-request', 'overlay.options names a vendor that is not here.', { errors })
}

async function workOn(context: SignedContext, recallId: string, waitMs: number | null): Promise<void> {
  const { drainer, invocation, startedAtMs } = context
  const until = Math.min(
    startedAtMs + (waitMs ?? defaultWaitMs),
    Date.now() + invocation.remainingMs() - answerMarginMs,
  )
  await drainer.run(recallId, until)
}

type Place = NonNullable<NewRecall['key']>

/** The answer that this key got, or null. The same key with another body is a problem. */
async function replayOf(context: SignedContext, place: Place): Promise<ApiResponse | null> {
  const stored = await findAnswer(context.ledger, place.principal, place.path, place.key)
  if (stored === null) return null
  if (stored.digest !== place.digest) {
    throw new Problem(
      'idempotency-key-reused',
      'This Idempotency-Key was used with another body. Use a new key for a new request.',
    )
  }
  if (stored.body === null) return answer(context, 202, stored.recallId, place, false, true)
  return {
    status: stored.status ?? 202,
    headers: { ...stored.headers, 'idempotent-replayed': 'true' },
    body: stored.body,
  }
}

async function answer(
  context: SignedContext,
  status: number,
  recallId: string,
  place: Place | null,
  deduplicated: boolean,
  replayed = false,
): Promise<ApiResponse> {
  const recall = await context.recall(recallId)
  if (recall === null) throw new Error(`recall ${recallId} is gone`)
  if (recall.state === 'running') await context.kick?.()
  const fresh = json(status, viewRecall(recall, await viewOptions(context, [recall]), deduplicated), {
    location: `/v1/recalls/${recallId}`,
  })
  if (place === null) return fresh
  // whoever stores first decides for all racers
  const kept = await keepAnswer(context.ledger, place, { status, headers: fresh.headers, body: String(fresh.body) })
  if (kept === null || kept.body === null) return fresh
  const mine = kept.body === fresh.body && !replayed
  return {
    status: kept.status ?? status,
    headers: { ...kept.headers, ...(mine ? {} : { 'idempotent-replayed': 'true' }) },
    body: kept.body,
  }
}

/** 1–255 visible ASCII characters, bare or quoted; null: none was sent. */
function readKey(header: string | undefined): string | null {
  if (header === undefined) return null
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = 'must be one value of 1 to 255 visible ASCII characters'
    throw new Problem('invalid-request', `The header Idempotency-Key ${message}.`, {
      errors: [{ path: '', message: `Idempotency-Key ${message}` }],
    })
  }
  return key
}

/** Milliseconds of `Prefer: wait=N`; other preferences are left aside (RFC 7240). */
function readWait(header: string | undefined): number | null {
  const seconds = /(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)/i.exec(header ?? '')?.[1]
  return seconds === undefined ? null : Math.min(Number(seconds), 20) * 1000
}

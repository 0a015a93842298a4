/** A recall request from its body to its answer: read, decide, record, do. */
import { linkTo, originOfHost } from '../base-path.ts'
import { createHash } from 'node:crypto'
import type { ZodMiniType } from 'zod/mini'
import { type RecallBody, recallBodies } from '../api-schemas.ts'
import type { AskedOperation } from '../asked-operation.ts'
import { callerOf, visibleTo } from '../access/grant.ts'
import { canonicalJson } from '../canonical-json.ts'
import { pointer, Problem } from '../errors.ts'
import type { NewRecall } from '../ledger/new-recall.ts'
import { bindAnswer, findAnswer, keepAnswer, type StoredAnswer } from '../ledger/answers.ts'
import type { SubjectFacts } from '../ledger/facts.ts'
import { finishRecalls } from '../ledger/finish-recalls.ts'
import { hastenRecall, readRecall, type StoredRecall } from '../ledger/recalls.ts'
import { isUniqueViolation } from '../ledger/sql.ts'
import { noticesIn } from '../notice-codes.ts'
import type { ApiResponse } from '../platform/request.ts'
import type { Vendors } from '../providers/provider.ts'
import type { Runtime } from '../runtime.ts'
import { json, type SignedContext } from '../serve.ts'
import { admit, PlanChanged } from './admission.ts'
import type { RunOptions } from './drain.ts'
import { meetHolds } from './meet-holds.ts'
import { sealAndDrain } from './sealing.ts'
import type { Overlay } from './plan.ts'
import { gather, unsealedOf } from './gather.ts'
import type { Admission, Wanted } from './wanted.ts'
import { counted, dryRun } from './show-plan.ts'
import { addStopAhead, stopAhead } from './stop-ahead.ts'
import { type NamedSubject, readSubject } from './subject.ts'
import { viewOptions } from './view-options.ts'
import { viewRecall } from './view.ts'

/** How long a request works on its recall before it answers, when nobody says `Prefer: wait`. */
const defaultWaitMs = 2000
/** What must be left of the function's own time when it stops waiting. */
const answerMarginMs = 1000

export async function requestRecall(context: SignedContext, operation: AskedOperation): Promise<ApiResponse> {
  return takeRequest(context, operation).catch(async (error: unknown) => {
    throw error instanceof Problem ? await withNotices(error, context.vendors) : error
  })
}

/** Beside the sentence of each target its codes: the vendor is loaded where it spoke. */
async function withNotices(problem: Problem, vendors: Vendors): Promise<Problem> {
  const { targets } = problem.members
  if (problem.slug !== 'unsupported' || !Array.isArray(targets)) return problem
  const told = await Promise.all(
    targets.map(async ({ provider, ...target }: { readonly provider: string | null; readonly reason: string }) => {
      const vendor = provider === null ? null : await vendors.find(provider)
      return { ...target, notices: noticesIn(target.reason, vendor?.sentences) }
    }),
  )
  return new Problem(problem.slug, problem.message, { members: { ...problem.members, targets: told }, cause: problem })
}

async function takeRequest(context: SignedContext, operation: AskedOperation): Promise<ApiResponse> {
  const { ledger, principal, request } = context
  const origin = originOfHost(request.headers['host'])
  const admission = { ...context, origin, caller: callerOf(principal, 'operate') }
  const key = readKey(request.headers['idempotency-key'])
  const waitMs = readWait(request.headers['prefer'])
  const schema: ZodMiniType<RecallBody> = recallBodies[operation]()
  const body = context.body(schema)
  const place =
    key === null
      ? null
      : {
          principal: principal.owner,
          path: context.path,
          key,
          digest: createHash('sha256').update(canonicalJson(body)).digest('hex'),
        }
  if (body.dryRun !== true && body.reason === undefined) {
    const errors = [{ path: '/reason', message: 'is required: say in a few words why (1 to 500 characters)' }]
    throw new Problem('invalid-request', 'A reason is required, unless dryRun is true.', { errors })
  }
  if (body.hold === true) refuseHoldOf(body)
  // beside the look for an answer that was given before: neither waits for the other
  const reading = readAsked(admission, body)
  reading.catch(() => {})
  if (place !== null) {
    const replay = await replayOf(context, place)
    if (replay !== null) return replay
  }
  const asked = await reading
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
    byPerson: true,
    breakGlass: body.breakGlass ?? false,
    meanwhile: body.meanwhile === 'stop',
    hold: body.hold ?? false,
    named: asked.named,
    ...(body.expect === undefined ? {} : { expect: body.expect }),
  }
  checkOptions(wanted.overlay, context)
  if (wanted.breakGlass === true) await refuseBreakGlass(context, body.ticket)
  if (body.dryRun === true) return json(200, await dryRun(admission, wanted, asked.facts))
  const until = workUntil(context, waitMs)

  for (let attempt = 0; ; attempt++) {
    try {
      const admitted = await admit(admission, wanted, body.reason ?? '', body.ticket ?? null, place, {
        // the next try reads anew
        ...(attempt === 0 && { facts: asked.facts }),
        book: units => context.drainer.book(until, units),
        stopAhead,
      })
      if (admitted.kind === 'known') {
        // another request used the key meanwhile, perhaps with another body
        if (place !== null && !(await bindAnswer(ledger, place, admitted.recallId))) await storedFor(context, place)
        await hastenRecall(ledger, admitted.recallId)
        await workOn(context, admitted.recallId, until, admitted.unsealed)
        if (wanted.meanwhile === true) {
          const { reason = '', ticket = null } = body
          await stopFirst(context, await addStopAhead(admission, wanted, admitted.recallId, reason, ticket), until)
        }
        return await answer(context, 200, admitted.recallId, place, true, { outside: admitted.outside })
      }
      const { recallId, work, unsealed, inHand, taken } = admitted
      await stopFirst(context, admitted.meanwhile, until)
      // who registered at the same moment may have looked before there was anything to see
      if (wanted.hold === true) await meetHolds({ ...context, by: admission.caller }, { recallId })
      if (work > 0 || unsealed.length > 0) {
        const ended = await workOn(context, recallId, until, unsealed, { inHand, taken, ended: true })
        return await answer(context, 202, recallId, place, false, { recall: ended })
      }
      await finishRecalls(ledger, [recallId])
      return await answer(context, 202, recallId, place, false)
    } catch (error) {
      if (error instanceof PlanChanged) {
        const facts = await gather(admission, asked.named, wanted.hold)
        // tokens that came twice count twice until they are sealed: what is refused is what is too many without them
        if (attempt === 0 && unsealedOf(facts.handles).length > 0) {
          await counted(admission, asked.named, facts)
          continue
        }
        const plan = await dryRun(admission, wanted, facts)
        throw new Problem('conflict', error.message, { members: { plan } })
      }
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

/** Throws invalid-request: what can be held is what may still be registered under one name. */
function refuseHoldOf({ target, messages }: RecallBody): void {
  const beside = target !== undefined ? 'target' : messages !== undefined ? 'messages' : null
  if (beside === null) return
  const errors = [{ path: '/hold', message: 'goes with message or content alone' }]
  throw new Problem('invalid-request', `hold goes with message or content alone, not with ${beside}.`, { errors })
}

/** What a request names, and all that the ledger knows of it. */
async function readAsked(
  context: Admission & SignedContext,
  body: RecallBody,
): Promise<{ readonly named: NamedSubject; readonly facts: SubjectFacts }> {
  const named = await readSubject(body, context)
  return { named, facts: await gather(context, named, body.hold) }
}

/** Throws invalid-request without a ticket, and forbidden where the policy does not let this caller begin without another person. */
async function refuseBreakGlass(context: SignedContext, ticket: string | undefined): Promise<void> {
  if (ticket === undefined) {
    const errors = [{ path: '/ticket', message: 'is required with breakGlass' }]
    throw new Problem('invalid-request', 'A ticket is required with breakGlass.', { errors })
  }
  const { breakGlass } = await context.policy()
  if (breakGlass === 'operator' || (breakGlass === 'approver' && context.principal.may('decide'))) return
  throw new Problem('forbidden', `The policy does not allow breakGlass to this key (breakGlass: ${breakGlass}).`)
}

function checkOptions(overlay: Overlay | null, { vendors }: Runtime): void {
  const errors = Object.keys(overlay?.options ?? {})
    .filter(name => !vendors.names.includes(name))
    .map(name => ({
      path: pointer(['overlay', 'options', name]),
      message: `is not a vendor here: ${vendors.names.join(', ')}`,
    }))
  if (errors.length > 0)
    throw new Problem('invalid-request', 'overlay.options names a vendor that is not here.', { errors })
}

/** Epoch: the request works on its recall until then, and answers. */
function workUntil({ invocation, startedAtMs }: SignedContext, waitMs: number | null): number {
  return Math.min(startedAtMs + (waitMs ?? defaultWaitMs), Date.now() + invocation.remainingMs() - answerMarginMs)
}

/** Resolves with the recall as it ended, where it has. */
async function workOn(
  context: SignedContext,
  recallId: string,
  until: number,
  unsealed: readonly number[],
  options: RunOptions = {},
): Promise<StoredRecall | null> {
  const draining = context.drainer.run(recallId, until, Infinity, options)
  if (unsealed.length === 0) return draining
  // together, so that whichever fails first is heard
  const [ended] = await Promise.all([sealAndDrain(context, recallId, unsealed, until), draining])
  return ended
}

type Place = NonNullable<NewRecall['key']>

/** What goes ahead of a recall that waits; null: nothing does. */
async function stopFirst(context: SignedContext, stopId: string | null, until: number): Promise<void> {
  if (stopId === null) return
  const ended = await context.drainer.run(stopId, until, Infinity, { ended: true })
  if (ended === null || ended.state === 'running') await context.kick?.()
}

/** The answer that this key got, or null. The same key with another body is a problem. */
async function replayOf(context: SignedContext, place: Place): Promise<ApiResponse | null> {
  const stored = await storedFor(context, place)
  if (stored === null) return null
  if (stored.body === null) return answer(context, 202, stored.recallId, place, false, { replayed: true })
  return {
    status: stored.status ?? 202,
    headers: { ...stored.headers, 'idempotent-replayed': 'true' },
    body: stored.body,
  }
}

/** What the key was used for, or null. Throws where that was another body, or a recall that the caller does not reach. */
async function storedFor(context: SignedContext, place: Place): Promise<StoredAnswer | null> {
  const stored = await findAnswer(context.ledger, place.principal, place.path, place.key)
  if (stored === null) return null
  const visible = visibleTo(stored.recall, callerOf(context.principal, 'operate'))
  if (stored.digest !== place.digest) {
    const links = { recall: linkTo(`/v1/recalls/${stored.recallId}`) }
    throw new Problem(
      'idempotency-key-reused',
      'This Idempotency-Key was used with another body. Use a new key for a new request.',
      visible ? { members: { recall: stored.recallId, links } } : {},
    )
  }
  if (!visible) throw othersKey()
  return stored
}

/** Keys of one owner share their idempotency keys, and need not reach the same apps. */
function othersKey(): Problem {
  return new Problem(
    'forbidden',
    'This Idempotency-Key was used for a recall of apps that this API key does not reach.',
  )
}

async function answer(
  context: SignedContext,
  status: number,
  recallId: string,
  place: Place | null,
  deduplicated: boolean,
  known: { readonly recall?: StoredRecall | null; readonly replayed?: boolean; readonly outside?: number } = {},
): Promise<ApiResponse> {
  const found = known.recall ?? (await readRecall(context.ledger, recallId))
  if (found === null) throw new Error(`recall ${recallId} is gone`)
  // what was asked for now may be more than what that recall was asked for
  const recall = { ...found, outside: known.outside ?? found.outside }
  if (recall.state === 'running' || recall.untold) await context.kick?.()
  const fresh = json(
    status,
    viewRecall(recall, await viewOptions(context, [recall], context.principal), deduplicated),
    {
      location: linkTo(`/v1/recalls/${recallId}`),
    },
  )
  if (place === null) return fresh
  // of several requests with one key, the answer that is stored first is everybody's
  const kept = await keepAnswer(context.ledger, place, { status, headers: fresh.headers, body: String(fresh.body) })
  if (kept === null || kept.body === null) return fresh
  const mine = kept.body === fresh.body && known.replayed !== true
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

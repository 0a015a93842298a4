/** Plans as people are shown them: of a dry run, and of all three operations on a message for whoever may read it. */
import { callerOf } from '../access/grant.ts'
import { mayFollowStop } from '../asked-operation.ts'
import { Problem } from '../errors.ts'
import { hourOf } from '../ledger/approvals.ts'
import type { HandleFacts, SubjectFacts } from '../ledger/facts.ts'
import type { Measure } from '../ledger/new-recall.ts'
import { uniqueOf } from '../ledger/tokens.ts'
import { noticesOf } from '../notice-codes.ts'
import type { ApiResponse } from '../platform/request.ts'
import { operations } from '../operation.ts'
import { json, type SignedContext } from '../serve.ts'
import { beginsWhole } from './addressing.ts'
import { readAudience } from './audience.ts'
import { checkOf, digestOf, measureOf, reachOf } from './approval.ts'
import { visibleMessage } from './message-access.ts'
import { plannedWarnings } from './plan.ts'
import { broughtTokens } from './brought.ts'
import { gather, unsealedOf } from './gather.ts'
import { impossibility, type Planned, planHandles } from './planned-handles.ts'
import type { Admission, Wanted } from './wanted.ts'
import { sealTargets } from './sealing.ts'
import type { NamedSubject } from './subject.ts'
import { newerNamed, viewSuperseded } from './superseded.ts'
import { taskReach } from './task-reach.ts'
import { viewRecord } from './view-record.ts'
import { viewHandle } from './view-handle.ts'

/** How long a plan seals, so that it can tell how many devices there are. */
const countMs = 1000
const countedLater =
  'Push tokens of this target are still being made ready, without repeats: how many devices they are is known afterwards.'

/** What a dry run answers. Throws what an admission would. */
export async function dryRun(context: Admission, wanted: Wanted, facts: SubjectFacts): Promise<object> {
  const { handles, outside } = await counted(context, wanted.named, facts)
  const planned = await planHandles(context, wanted, handles)
  const impossible = impossibility(planned, undefined, undefined, context.caller)
  if (impossible !== null && !(wanted.hold === true && impossible.slug === 'unsupported')) throw impossible
  return viewPlan(context, wanted, planned, outside)
}

/** `GET /v1/messages/{id}/plan`: measured as if its reader had asked for the recall. */
export async function messagePlan(context: SignedContext): Promise<ApiResponse> {
  const { id } = await visibleMessage(context, context.params['id'] ?? '')
  const admission = { ...context, caller: callerOf(context.principal, 'read') }
  const named = { subject: { message: id }, shown: { message: id }, target: null }
  const { handles, outside } = await counted(admission, named, await gather(admission, named))
  const plans: { [operation: string]: object } = {}
  for (const operation of operations) {
    const wanted = { operation, overlay: null, fallback: true, again: false, supersede: false, byPerson: true, named }
    const shown = await viewPlan(admission, wanted, await planHandles(admission, wanted, handles), outside)
    // the text is part of what a digest binds
    plans[operation] =
      operation === 'overlay'
        ? { ...shown, digest: null, check: null, needs: await needsOf(admission, wanted, handles) }
        : shown
  }
  return json(200, { message: id, plans })
}

/** The members that an overlay has to have; those of a vendor too, where one of the targets cannot go without. */
async function needsOf(context: Admission, wanted: Wanted, handles: readonly HandleFacts[]): Promise<object[]> {
  const texts = ['title', 'body'].map(name => ({ path: `/overlay/${name}`, message: 'is required' }))
  const overlay = { title: 'title', body: 'body', url: null, forceCollapse: false, options: {} }
  try {
    const planned = await planHandles(context, { ...wanted, overlay }, handles)
    const further = planned.flatMap(({ plan }) => plan.invalid)
    const distinct = new Map(further.map(({ path, message }) => [path, { path: `/overlay${path}`, message }]))
    return [...texts, ...distinct.values()]
  } catch (error) {
    if (error instanceof Problem && error.slug === 'invalid-request') return [...texts, ...error.errors]
    throw error
  }
}

/** Where the caller named it. */
function messageNamed({ named: { subject } }: Wanted, { messageId }: HandleFacts): string | null {
  return 'message' in subject ? subject.message : 'messages' in subject ? messageId : null
}

/** With an exact count, where there is one within a moment. */
export async function counted(context: Admission, named: NamedSubject, facts: SubjectFacts): Promise<SubjectFacts> {
  const unsealed = unsealedOf(facts.handles)
  if (unsealed.length === 0) return facts
  await sealTargets(context, unsealed, Date.now() + countMs)
  return { ...facts, handles: (await gather(context, named)).handles }
}

async function viewPlan(context: Admission, wanted: Wanted, planned: readonly Planned[], outside: number) {
  const brought = broughtTokens(wanted.named)
  const policy = await context.policy()
  const targets = planned.map(one => {
    const { handle, provider, plan } = one
    const [operation = null] = plan.ladder
    const reach = reachOf(one, brought, policy)
    const warnings = [
      ...(handle.unsealed && brought === null ? [countedLater] : []),
      ...plannedWarnings(plan, operation),
      ...newerNamed(handle.superseded, context.caller),
    ]
    return {
      app: handle.app,
      provider: provider?.name ?? handle.provider,
      ...viewHandle(provider, handle.handle, handle.names),
      // of what carries a content, or was pushed under a handle, the caller may not know the id
      message: messageNamed(wanted, handle),
      requested: plan.requested,
      operation,
      ladder: plan.ladder,
      effects: operation === null ? [] : (plan.steps[operation]?.effects ?? []),
      devices: knownDevices(one, brought),
      reach,
      assumedDevices: reach.basis === 'assumed' ? reach.devices : null,
      record: recordOf(one),
      warnings,
      notices: noticesOf(warnings, plan.notices, provider?.sentences),
      ...(handle.superseded === null ? {} : { superseded: viewSuperseded(handle.superseded, context.caller) }),
      running:
        handle.prior?.active === true
          ? { id: handle.prior.visible ? handle.prior.recallId : null, operation: handle.prior.operation }
          : null,
    }
  })
  const measure = await measurePlan(context, wanted, planned)
  const digest = digestOf(measure.bound, measure.reach.devices)
  const known = targets.flatMap(({ devices }) => (devices === null ? [] : [devices]))
  return {
    dryRun: true,
    approvalNeeded: measure.approval !== null,
    approval:
      measure.approval === null
        ? null
        : { needed: measure.approval.needed, above: measure.approval.above, because: measure.approval.because },
    outside,
    devices: known.length === 0 ? null : known.reduce((a, b) => a + b),
    reach: measure.reach,
    digest,
    check: checkOf(digest),
    // what may go ahead while it waits
    meanwhile:
      measure.approval !== null &&
      planned.some(({ plan, provider }) => plan.ladder.length > 0 && mayFollowStop(provider, wanted.operation))
        ? 'stop'
        : null,
    targets,
  }
}

/** Null: nobody knows yet, or has said so. */
function knownDevices({ handle, provider, plan }: Planned, brought: readonly string[] | null): number | null {
  if (provider === null || beginsWhole(provider, plan.ladder, { audience: readAudience(handle.audience) }))
    return taskReach(handle, null)?.devices ?? null
  if (brought !== null) return uniqueOf(brought).length
  return handle.unsealed ? null : handle.devices - handle.gone
}

function recordOf({ handle: { record, recordAsOf }, provider }: Planned): object | null {
  if (record === null || recordAsOf === null) return null
  return viewRecord(provider ?? undefined, { record, asOf: recordAsOf })
}

/** As an admission of this moment would be measured. */
async function measurePlan(context: Admission, wanted: Wanted, planned: readonly Planned[]): Promise<Measure> {
  const policy = await context.policy()
  const measured = (overHour: boolean) => measureOf(context.caller, wanted, planned, () => false, policy, overHour)
  const measure = measured(false)
  const { line, payer, reach, approval } = measure
  if (line === null || payer === null || approval !== null) return measure
  return (await hourOf(context.ledger, payer, wanted.operation)) + reach.devices > line ? measured(true) : measure
}

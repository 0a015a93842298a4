/** Recalls and messages as the API shows them (contract §4.2): names, counts, and never a push token. */
import { mayFollowStop } from '../asked-operation.ts'
import { linkTo } from '../base-path.ts'
import { type Caller, visibleTo } from '../access/grant.ts'
import type { StoredMessage, StoredTarget } from '../ledger/messages.ts'
import type { RestOfTargets, StoredRecall, StoredRecallTarget } from '../ledger/recalls.ts'
import type { Provider } from '../providers/provider.ts'
import { takesTokens } from './addressing.ts'
import { hasLeft, shownAudience } from './audience.ts'
import { checkOf } from './approval.ts'
import { viewHandle } from './view-handle.ts'
import { noticesIn, noticesOf } from '../notice-codes.ts'
import { newerNamed, viewSuperseded } from './superseded.ts'
import { reachOfMessage, reachOfRecall, reachOfTarget } from './view-reach.ts'
import { viewFigures, viewRecord } from './view-record.ts'

interface Devices {
  readonly total: number
  readonly accepted: number
  readonly rejected: number
  readonly unknown: number
  readonly pending: number
}

export interface ViewOptions {
  readonly providers: ReadonlyMap<string, Provider>
  /** Devices per second of an app; null: not known. */
  readonly rateOf: (app: string) => number | null
  readonly now: Date
  /** Who reads: other recalls are named only to who may see them. */
  readonly caller: Pick<Caller, 'owner' | 'grant'>
  readonly mayDecide: (recall: StoredRecall) => boolean
  /** Devices of a push of which nobody said how many; null: the policy cannot be read. */
  readonly assumeAudience: number | null
}

/** A target, or those of an app that are not shown one by one. */
type Counted = Omit<RestOfTargets, 'targets' | 'tasks'>
type Sized = Pick<Counted, 'provider' | 'tally'> & {
  readonly state: string
  /** Something has been made of it. */
  readonly begun: boolean
}

export function viewRecall(recall: StoredRecall, options: ViewOptions, deduplicated = false): object {
  const targets = recall.targets.map(target => ({
    target,
    devices: devicesOf({ ...target, begun: target.operation !== null }, options),
  }))
  const all = [
    ...targets.map(({ target, devices }) => ({
      target: { ...target, counting: target.unsealed && target.plan.refusal === null },
      devices,
    })),
    ...recall.rest.map(rest => ({
      target: rest,
      devices: devicesOf({ ...rest, state: recall.state, begun: false }, options),
    })),
  ]
  const known = all.flatMap(({ devices }) => (devices === null ? [] : [devices]))
  const blocked = all.flatMap(({ target }) => (target.blocked === null ? [] : [target.blocked]))
  return {
    id: recall.id,
    operation: recall.operation,
    state: recall.state,
    reason: recall.reason,
    ticket: recall.ticket,
    requestedBy: recall.requestedBy,
    person: recall.person,
    origin: originOf(recall),
    verdict: recall.causedBy.find(({ by }) => by === 'verdict')?.verdict ?? null,
    subject: { ...recall.subject, title: titleOf(recall, options) },
    overlay: recall.overlay,
    fallback: recall.fallback,
    approval: viewApproval(recall, options),
    ...viewBreakGlass(recall),
    meanwhile: viewMeanwhile(recall, options),
    aheadOf: recall.aheadOf,
    outside: recall.outside,
    causedBy: recall.causedBy,
    createdAt: recall.createdAt.toISOString(),
    settledAt: recall.settledAt?.toISOString() ?? null,
    giveUpAt: recall.giveUpAt.toISOString(),
    holdsUntil: recall.holdsUntil?.toISOString() ?? null,
    devices: known.length === 0 ? null : known.reduce(add),
    reach: reachOfRecall(recall, options.providers),
    etaSeconds: etaOf(recall, all, options),
    blocked:
      recall.state === 'running'
        ? (blocked.map(viewBlocked).sort((a, b) => (a.since < b.since ? -1 : 1))[0] ?? null)
        : waitsForOthers(recall),
    targets: targets.map(({ target, devices }) =>
      viewTarget(target, devices, options, 'exceptTokens' in recall.subject),
    ),
    moreTargets: recall.rest.reduce((sum, rest) => sum + rest.targets, 0),
    deduplicated,
    links: { self: linkTo(`/v1/recalls/${recall.id}`) },
  }
}

/** Who wanted it: a person or a program, a moderation system, or the end of the message. */
function originOf({ requestedBy }: StoredRecall): 'request' | 'verdict' | 'expiry' {
  if (requestedBy.startsWith('endpoint:')) return 'verdict'
  return requestedBy === 'timer:expire' ? 'expiry' : 'request'
}

/** Null where nobody registered what it takes back, or the texts have left. */
function titleOf({ targets }: StoredRecall, { caller }: ViewOptions): string | null {
  const titles = targets.flatMap(({ message }) => (message !== null && visibleTo(message, caller) ? message.title : []))
  return titles.find(title => title !== null) ?? null
}

/** Null where nobody else was ever needed. */
export function viewApproval(recall: StoredRecall, options: Pick<ViewOptions, 'mayDecide'>): object | null {
  const { approval } = recall
  if (approval === null) return null
  return {
    state: approval.state === 'waiting' && isOver(recall) ? 'cancelled' : approval.state,
    needed: approval.needed,
    by: approval.votes.filter(({ decision }) => decision === 'approved').map(({ person, at }) => ({ person, at })),
    expiresAt: approval.expiresAt,
    reach: { devices: approval.reach, basis: approval.basis },
    digest: approval.digest,
    check: checkOf(approval.digest),
    above: approval.above,
    because: approval.because,
    mayDecide: !isOver(recall) && options.mayDecide(recall),
  }
}

function isOver({ state }: StoredRecall): boolean {
  return state !== 'pending_approval' && state !== 'running'
}

/** The stop that goes ahead of it, or that may while it waits; null: neither. */
function viewMeanwhile({ state, meanwhile, targets, operation }: StoredRecall, { providers }: ViewOptions) {
  const possible = targets.some(
    ({ provider, plan }) => plan.refusal === null && mayFollowStop(providers.get(provider), operation),
  )
  if (meanwhile === null && (state !== 'pending_approval' || !possible)) return null
  return { operation: 'stop', recall: meanwhile }
}

/** `breakGlass`: it began without another person, who is to look at it afterwards. */
function viewBreakGlass({ approval }: StoredRecall): object {
  const review = approval?.votes.find(({ decision }) => decision === 'reviewed')
  return { breakGlass: approval?.broken ?? false, reviewedBy: review?.person ?? null, reviewedAt: review?.at ?? null }
}

/** Why a recall that waits for other persons cannot move. */
function waitsForOthers({ state, approval, createdAt, giveUpAt }: StoredRecall) {
  if (state !== 'pending_approval') return null
  return {
    by: 'approval',
    since: approval?.askedAt ?? createdAt.toISOString(),
    nextAttemptAt: approval?.expiresAt ?? giveUpAt.toISOString(),
    ...coded('It waits for another person to approve it.'),
  }
}

function viewTarget(
  target: StoredRecallTarget,
  devices: Devices | null,
  options: ViewOptions,
  excepts: boolean,
): object {
  const operation = target.operation ?? target.plan.ladder[0] ?? target.plan.requested
  // with the vendor's record at hand more is known than when it was planned
  const planned = target.assessed?.operation === operation ? target.assessed : target.plan.steps[operation]
  const refused = target.plan.refusal !== null
  // a recall that reaches further than the reader does its work unnamed
  const linked = target.linked !== null && visibleTo(target.linked, options.caller) ? target.linkedRecallId : null
  const notices = [...(target.plan.notices ?? []), ...target.notices]
  // a key that is used again after the end of a recall is no matter of that recall
  const left = notices.some(({ code }) => code === 'superseded')
  const unsent = devices !== null && devices.total === 0 && !refused && !target.unsealed
  const warnings = [
    ...(target.plan.refusal === null ? [] : [target.plan.refusal]),
    ...(unsent
      ? [
          excepts
            ? 'No push token but such as are left alone has come for this target yet; others that come later are taken back as they arrive.'
            : 'No push token has come for this target yet; those that come later are taken back as they arrive.',
        ]
      : []),
    ...(target.unsealed && !refused
      ? [
          'Push tokens of this target are still being made ready, without repeats: they join as they are, and are counted then.',
        ]
      : []),
    ...(target.plan.remarks ?? []),
    ...(planned?.warnings ?? []),
    ...target.warnings,
    ...deadLetters(target, linked),
    ...(left ? newerNamed(target.superseded, options.caller) : []),
  ]
  return {
    app: target.app,
    provider: target.provider,
    ...handleOf(target, options),
    message: target.message !== null && visibleTo(target.message, options.caller) ? target.message.id : null,
    requested: target.plan.requested,
    operation,
    state: target.state,
    effects: target.plan.refusal === null ? (planned?.effects ?? []) : [],
    devices,
    rejected: target.rejections,
    ...(devices === null ? { channels: viewFigures(target.figures) } : {}),
    vendor:
      target.vendor === null
        ? null
        : {
            code: target.vendor.code,
            message: target.vendor.message,
            requestId: target.vendor.requestId,
            status: target.vendor.status,
          },
    warnings,
    notices: noticesOf(warnings, notices, options.providers.get(target.provider)?.sentences),
    ...(linked === null ? {} : { recall: linked }),
    ...(left ? supersededOf(target, options) : {}),
  }
}

function supersededOf({ superseded }: Pick<StoredTarget, 'superseded'>, { caller }: ViewOptions): object {
  return superseded === null ? {} : { superseded: viewSuperseded(superseded, caller) }
}

/** What ended without reaching anybody, in one sentence. */
function deadLetters({ dead, gone, audience, linkedRecallId }: StoredRecallTarget, linked: string | null): string[] {
  const count = dead.failed + dead.expired + dead.unknown
  if (count === 0) return []
  const how = [
    dead.failed > 0 ? `${dead.failed} refused` : null,
    dead.expired > 0 ? `${dead.expired} given up` : null,
    dead.unknown > 0 ? `${dead.unknown} with an unknown outcome` : null,
  ].filter(part => part !== null)
  const whose =
    linkedRecallId === null ? 'of this recall' : linked === null ? 'of the recall that does it' : `of recall ${linked}`
  const next = hasLeft(audience)
    ? 'whom this push went to was deleted since (tokenRetentionDays): a retry does only what names nobody'
    : gone
      ? 'push tokens of this target were deleted since (tokenRetentionDays): a retry leaves those out'
      : `a retry ${whose} tries exactly those again`
  return [
    `${count} ${count === 1 ? 'request' : 'requests'} ended with no device known to be reached (${how.join(', ')}); ${next}.`,
  ]
}

/** Whether targets of the vendor have devices that are counted; undefined: there is no such vendor here. */
function isCounted(provider: string, options: ViewOptions): boolean | undefined {
  const found = options.providers.get(provider)
  return found === undefined ? undefined : takesTokens(found)
}

function handleOf(
  { provider, handle, names }: Pick<StoredTarget, 'provider' | 'handle' | 'names'>,
  options: ViewOptions,
): object {
  return viewHandle(options.providers.get(provider) ?? null, handle, names)
}

/** Null where the vendor addresses tasks and tells no count. */
function devicesOf(target: Sized, options: ViewOptions): Devices | null {
  if (isCounted(target.provider, options) === false) return null
  // what began by devices was done to the whole push
  if (target.tally.total === null && target.begun) return null
  // its work is not made yet, or never was: none would read as if it had nobody to reach
  if (target.state === 'pending_approval' || (target.tally.total === null && isLeftUndone(target))) return null
  const { total, accepted, rejected, unknown } = target.tally
  const all = total ?? 0
  return { total: all, accepted, rejected, unknown, pending: all - accepted - rejected - unknown }
}

function isLeftUndone({ state }: Pick<Sized, 'state'>): boolean {
  return state === 'cancelled' || state === 'declined' || state === 'expired'
}

function add(a: Devices, b: Devices): Devices {
  return {
    total: a.total + b.total,
    accepted: a.accepted + b.accepted,
    rejected: a.rejected + b.rejected,
    unknown: a.unknown + b.unknown,
    pending: a.pending + b.pending,
  }
}

function viewBlocked(blocked: NonNullable<StoredRecallTarget['blocked']>) {
  return {
    by: blocked.by,
    since: new Date(blocked.since).toISOString(),
    nextAttemptAt: new Date(blocked.nextAttemptAt).toISOString(),
    ...coded(blocked.detail),
  }
}

/** A sentence with its code; of several the first one's. */
function coded(detail: string) {
  const [first] = noticesIn(detail)
  return { code: first?.code ?? 'other', params: first?.params ?? {}, detail }
}

/** Whole seconds until the slowest target is through, if nothing else goes wrong; null: no telling. */
function etaOf(
  recall: StoredRecall,
  targets: readonly { target: Counted; devices: Devices | null }[],
  options: ViewOptions,
): number | null {
  if (recall.state !== 'running') return 0
  let slowest = 0
  for (const { target, devices } of targets) {
    if (target.counting) return null
    if (target.unfinished === 0) continue
    const waitMs =
      target.blocked === null ? 0 : new Date(target.blocked.nextAttemptAt).getTime() - options.now.getTime()
    const rate = options.rateOf(target.app)
    if (devices !== null && rate === null) return null
    const workSeconds = devices === null ? 1 : devices.pending / (rate ?? 1)
    slowest = Math.max(slowest, Math.max(0, waitMs) / 1000 + workSeconds)
  }
  return Math.ceil(slowest)
}

export function viewMessage(message: StoredMessage, options: ViewOptions): object {
  return {
    id: message.id,
    title: message.title,
    body: message.body,
    url: message.url,
    contents: message.contents,
    expiresAt: message.expiresAt?.toISOString() ?? null,
    registeredBy: message.registeredBy,
    createdAt: message.createdAt.toISOString(),
    source: message.discovered ? 'discovered' : 'registered',
    sentAt: message.sentAt?.toISOString() ?? null,
    recall:
      message.recallId === null
        ? null
        : {
            id: message.recallId,
            state: message.recallState,
            links: { self: linkTo(`/v1/recalls/${message.recallId}`) },
          },
    reach: reachOfMessage(message, options.providers, options.assumeAudience),
    targets: message.targets.map(target => viewMessageTarget(target, options)),
  }
}

function viewMessageTarget(target: StoredTarget, options: ViewOptions): object {
  const named = {
    app: target.app,
    provider: target.provider,
    ...handleOf(target, options),
    ...supersededOf(target, options),
    reach: reachOfTarget(target, options.providers, options.assumeAudience),
  }
  if (isCounted(target.provider, options) === false) {
    const record = viewRecord(options.providers.get(target.provider), target.record)
    const channels = viewFigures(target.figures)
    return { ...named, audience: shownAudience(target.audience), audienceSize: target.audienceSize, record, channels }
  }
  // exact once repeats are removed; until then the number would be a guess
  return { ...named, devices: target.unsealed ? null : target.devices }
}

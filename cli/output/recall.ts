/** A recall in words and columns: what was asked, how far it is, and what no vendor tells. */
import { handleOf } from './handle.ts'
import type { EffectOnChannel, Recall, RecallTarget } from '../answers.ts'
import {
  acceptedIsNotGone,
  approvalExpired,
  basisWords,
  blockedHelp,
  blockedWords,
  deviceWords,
  effectWords,
  operationWords,
  stateWords,
  withoutCounts,
} from '../../dashboard/words/terms.ts'
import { channelWords, vendorStatusWords } from '../../dashboard/words/vendors/names.ts'
import type { Words } from '../../shared/words.ts'
import type { Say } from './language.ts'
import { sentencesOf } from './notices.ts'
import { table } from './table.ts'
import { plain } from './text.ts'

/** Of a list of words; what is not there is a newer service's, and shown as it came. */
export function wordFor(words: { readonly [name: string]: Words }, name: string, say: Say): string {
  const found = Object.hasOwn(words, name) ? words[name] : undefined
  return found === undefined ? plain(name) : say.of(found)
}

export function stateOf(recall: Pick<Recall, 'state' | 'approval'>, say: Say): string {
  const late = recall.state === 'expired' && recall.approval?.state === 'expired'
  return late ? say.of(approvalExpired) : wordFor(stateWords, recall.state, say)
}

/** `revoke → stop` where a weaker one is done. */
export function operationOf(
  { requested, operation }: { requested: string; operation: string | null },
  say: Say,
): string {
  const asked = wordFor(operationWords, requested, say)
  if (operation === null) return `${asked} → –`
  return requested === operation ? asked : `${asked} → ${wordFor(operationWords, operation, say)}`
}

const order = ['removed', 'replaced', 'stopped', 'none']

/** `disappears: own channel · stays on screen: Xiaomi / Meizu`; names of channels may have a comma. */
export function effectsOf(effects: readonly EffectOnChannel[] | undefined, provider: string | null, say: Say): string {
  const kinds = [...new Set((effects ?? []).map(({ effect }) => effect))].sort(
    (a, b) => order.indexOf(a) - order.indexOf(b),
  )
  return kinds
    .map(kind => {
      const channels = (effects ?? [])
        .filter(({ effect }) => effect === kind)
        .map(({ channel }) => channelOf(channel, provider, say))
      return `${wordFor(effectWords, kind, say)}${say.language === 'zh' ? '：' : ': '}${channels.join(say.language === 'zh' ? '、' : ' / ')}`
    })
    .join(' · ')
}

export function channelOf(channel: string, provider: string | null, say: Say): string {
  const own = `${provider}.${channel}`
  return wordFor(channelWords, Object.hasOwn(channelWords, own) ? own : channel, say)
}

/** The whole number, marked where it is an estimate. */
export function reachOf(devices: number, basis: string | null, say: Say): string {
  const number = say.number(devices)
  if (basis === 'exact') return number
  return say.language === 'zh' ? `约 ${number}` : `≈${number}`
}

export function basisOf(basis: string, say: Say): string {
  return wordFor(basisWords, basis, say)
}

/** What a recall is about, in one line. */
export function subjectOf({ subject }: Pick<Recall, 'subject'>): string {
  const { message, messages, content, target, title } = subject
  const named =
    message ??
    content ??
    (messages === undefined
      ? undefined
      : messages.length === 1
        ? messages[0]
        : `${messages[0] ?? ''} … (${messages.length})`) ??
    (target === undefined ? '' : `${target.app} ${handleOf(target)}`)
  return plain(title ? `${title} (${named})` : named)
}

/** How many push tokens it leaves alone; nothing where there are none. */
export function leftAlone({ subject: { exceptTokens } }: Pick<Recall, 'subject'>, say: Say): string[] {
  return exceptTokens === undefined ? [] : [say('leftAlone', { count: say.number(exceptTokens) })]
}

/** Counts in one line; where there are none, why. */
export function countsOf(recall: Pick<Recall, 'devices' | 'targets' | 'state' | 'approval'>, say: Say): string {
  const { devices, targets } = recall
  const tasks = targets.some(target => target.devices === null)
  if (devices === null) return say.of(withoutCounts(recall))
  const parts = [
    say('acceptedOf', { accepted: say.number(devices.accepted), total: say.number(devices.total) }),
    `${say.number(devices.rejected)} ${say.of(deviceWords.rejected)}`,
    ...(devices.unknown > 0 ? [`${say.number(devices.unknown)} ${say.of(deviceWords.unknown)}`] : []),
    ...(devices.pending > 0 ? [`${say.number(devices.pending)} ${say.of(deviceWords.pending)}`] : []),
    ...(tasks ? [say('tasksBeside')] : []),
  ]
  return parts.join(' · ')
}

/** Why it cannot move; of one that waits for another person its approval tells. */
export function blockedLines({ blocked, state }: Pick<Recall, 'blocked' | 'state'>, say: Say): string[] {
  if (blocked === null || state === 'pending_approval') return []
  const { by, since, nextAttemptAt, detail, ...coded } = blocked
  const help = Object.hasOwn(blockedHelp, by) ? say.of(blockedHelp[by as keyof typeof blockedHelp]) : ''
  return [
    `! ${say('blockedSince', { cause: wordFor(blockedWords, by, say), since: timeOf(since), next: timeOf(nextAttemptAt) })}`,
    ...(detail === null || detail === undefined
      ? []
      : sentencesOf([detail], [coded], say).map(sentence => `  ${sentence}`)),
    ...(help === '' ? [] : [`  ${help}`]),
  ]
}

/** `2026-11-23 03:12:04 +08:00`, where the reader is. */
export function timeOf(instant: string | null | undefined): string {
  const at = new Date(instant ?? '')
  if (Number.isNaN(at.getTime())) return '–'
  const minutes = -at.getTimezoneOffset()
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  const local = new Date(at.getTime() + minutes * 60_000).toISOString()
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** How it stands, for people: the outcome first, then each target, then what follows. `known`: warnings that were just read. */
export function recallLines(recall: Recall, say: Say, columns: number | null, known: readonly string[] = []): string[] {
  return [
    `${recall.id}  ${wordFor(operationWords, recall.operation, say)}  ${stateOf(recall, say)}`,
    `  ${subjectOf(recall)}`,
    ...leftAlone(recall, say).map(line => `  ${line}`),
    `  ${countsOf(recall, say)}`,
    ...blockedLines(recall, say).map(line => `  ${line}`),
    ...targetLines(recall, say, columns),
    ...warningLines(recall.targets, say).filter(warning => !known.includes(warning)),
    ...outsideLines(recall.outside, say),
    ...breakGlassLines(recall, say),
    ...approvalLines(recall, say),
    ...(['done', 'partial', 'running'].includes(recall.state) ? [say.of(acceptedIsNotGone)] : []),
  ]
}

export function targetLines(
  { targets, moreTargets = 0 }: Pick<Recall, 'targets' | 'moreTargets'>,
  say: Say,
  columns: number | null,
): string[] {
  if (targets.length === 0) return []
  const rows = targets.map(target => [
    plain(target.app),
    plain(handleOf(target)),
    operationOf(target, say),
    wordFor(stateWords, target.state, say),
    ...deviceCells(target, say),
    vendorOf(target, say),
  ])
  const shape = [
    { title: say('app'), least: 8 },
    { title: say('push'), least: 8, leaves: 2 },
    { title: say('askedDone') },
    { title: say('state'), least: 6 },
    { title: say('acceptedColumn'), right: true },
    { title: say('rejectedColumn'), right: true, leaves: 1 },
    { title: say('vendor'), least: 10, leaves: 3 },
  ]
  return [
    ...table(shape, rows, columns === null ? null : columns - 2).map(line => `  ${line}`),
    ...(moreTargets > 0 ? [`  ${say('moreTargets', { count: moreTargets })}`] : []),
  ]
}

function deviceCells({ devices }: RecallTarget, say: Say): [string, string] {
  if (devices === null) return ['–', '–']
  return [`${say.number(devices.accepted)}/${say.number(devices.total)}`, say.number(devices.rejected)]
}

/** The vendor's own words, as the vendor's. What it says of what it took is its code's business: "success" claims more than anybody knows. */
function vendorOf({ vendor, state }: RecallTarget, say: Say): string {
  if (vendor === null || vendor === undefined) return ''
  const status =
    vendor.status === null ? null : `${wordFor(vendorStatusWords, vendor.status, say)} (${plain(vendor.status)})`
  return [status, vendor.code, state === 'done' ? null : vendor.message]
    .flatMap(part => (part === null ? [] : [plain(part)]))
    .join(' ')
}

interface Warned {
  readonly warnings?: readonly string[]
  readonly notices?: unknown
}

/** Each sentence once, whatever the number of targets it stands at. */
export function warningLines(targets: readonly Warned[], say: Say): string[] {
  const all = new Set(targets.flatMap(({ warnings, notices }) => sentencesOf(warnings ?? [], notices, say)))
  return [...all].map(warning => `! ${warning}`)
}

export function outsideLines(outside: number | null | undefined, say: Say): string[] {
  return outside === null || outside === undefined || outside === 0 ? [] : [`! ${say('outside', { count: outside })}`]
}

function breakGlassLines({ breakGlass, reviewedBy }: Recall, say: Say): string[] {
  if (breakGlass !== true) return []
  return [reviewedBy ? say('reviewedBy', { person: plain(reviewedBy) }) : `! ${say('toReview')}`]
}

export function approvalLines({ id, approval, state, meanwhile, aheadOf }: Recall, say: Say): string[] {
  const ahead = aheadOf === null || aheadOf === undefined ? [] : [say('aheadOf', { recall: plain(aheadOf) })]
  const waits = state === 'pending_approval' || approval?.state === 'waiting'
  if (approval === null || !waits) return ahead
  const agreed = approval.by.map(({ person }) => plain(person))
  const stop = meanwhile?.recall ?? null
  return [
    ...ahead,
    `! ${say('waitsForPersons', { count: approval.needed - agreed.length, until: timeOf(approval.expiresAt) })}`,
    ...(agreed.length === 0 ? [] : [`  ${say('approvedBy', { people: say.list(agreed) })}`]),
    `  → unpush approve ${id}`,
    ...(meanwhile === null || meanwhile === undefined
      ? []
      : [`  ${stop === null ? say('meanwhileOffer') : say('meanwhileRuns', { recall: plain(stop) })}`]),
  ]
}

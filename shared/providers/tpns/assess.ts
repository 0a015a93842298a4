/** What TPNS's documents say of one operation on one push, before anything is sent. Pure. */
import type { Assessment, ChannelEffect, TargetFacts, VendorRecord } from '../provider.ts'
import type { Operation } from '../../operation.ts'
import { channelsOf, revokeRetiredAt, tpnsCapabilities } from './capabilities.ts'
import type { TpnsCredentials } from './credentials.ts'
import { checkTpnsContent, warnOfContent } from './message.ts'
import { refuseTpnsOverlay } from './overlay.ts'
import { readTpnsDetail } from './record.ts'

/** Caller's words and the vendor's for whom a push went to. */
type Reach = 'documented' | 'doubtful' | 'excluded'

/** https://cloud.tencent.com/document/product/548/50784: only full, tag and batch pushes can be taken back. */
const reaches: { readonly [audience: string]: Reach } = {
  all: 'documented',
  tag: 'documented',
  package: 'documented',
  package_account_push: 'documented',
  package_token_push: 'doubtful',
  account_list: 'doubtful',
  account: 'excluded',
  token: 'excluded',
  token_list: 'excluded',
}

/** Statuses after which there is nothing, or not much, left to do. The vendor is asked all the same. */
const ended: { readonly [status: string]: string } = {
  PUSH_CANCELED: 'was cancelled before it went out',
  PUSH_DELETED_PUSH_MSG: 'was stopped already',
  PUSH_REVOKED: 'was revoked already',
  PUSH_COLLAPSED: 'was overlaid already, and no document says whether it can be once more',
  PUSH_DELETED: 'was deleted',
  PUSH_FAILED: 'failed',
}

export function assessTpns(operation: Operation, facts: TargetFacts<TpnsCredentials>): Assessment {
  const { credentials, record, overlay } = facts
  const stated = typeof facts.audience === 'string' ? facts.audience : null
  const audience = (record === null ? null : readTpnsDetail(record).pushType) ?? stated
  const content = operation === 'overlay' ? overlay : null
  const warnings = [
    ...warnOfAudience(audience),
    ...(facts.acted === true ? [] : warnOfStatus(record)),
    ...(neverWentOut(record) ? [waiting] : warningsOf(operation, facts)),
    ...(content === null ? [] : warnOfContent(content, credentials.platform)),
  ]
  return {
    refusal: refuse(operation, audience, facts),
    invalid: content === null ? [] : checkTpnsContent(content, credentials.platform),
    effects: effectsOf(operation, facts),
    toEverybody: operation === 'overlay' && audience === 'all',
    warnings,
  }
}

function refuse(operation: Operation, audience: string | null, facts: TargetFacts<TpnsCredentials>): string | null {
  const { credentials, record } = facts
  if (audience !== null && reaches[audience] === 'excluded') {
    return `TPNS takes back pushes to everybody, to tags and to number packages; this one went to ${audience}.`
  }
  if (operation === 'stop' && credentials.platform === 'ios' && record?.scheduled !== true) {
    return 'TPNS offers no stop on iOS.'
  }
  return operation === 'overlay' && record !== null ? refuseTpnsOverlay(record, credentials) : null
}

function effectsOf(operation: Operation, { credentials, record }: TargetFacts<TpnsCredentials>): ChannelEffect[] {
  const rows = channelsOf(tpnsCapabilities.operations[operation].channels, credentials.platform)
  // A push that has not gone out is cancelled, on every channel.
  const cancelled = neverWentOut(record) && operation !== 'overlay'
  return rows.map(({ channel, effect }) => ({ channel, effect: cancelled ? 'stopped' : effect }))
}

/** It waits for its time, or did so when it was cancelled. */
function neverWentOut(record: VendorRecord | null): boolean {
  return record?.scheduled === true || record?.status === 'PUSH_CANCELED'
}

const waiting =
  'A push that still waits for its time is cancelled, on every channel. Of a looped push this ends the rounds to come; what earlier rounds showed stays.'

function warnOfAudience(audience: string | null): string[] {
  if (audience === null) {
    return [
      'It is not known whom this push went to; TPNS takes back pushes to everybody, to tags and to number packages.',
    ]
  }
  if (reaches[audience] === 'documented') return []
  return [`The documents do not say whether a push to ${audience} can be taken back; it is tried.`]
}

function warnOfStatus(record: VendorRecord | null): string[] {
  const said = ended[record?.status ?? '']
  return said === undefined ? [] : [`TPNS's own record says that this push ${said}.`]
}

function warningsOf(operation: Operation, { credentials, overlay }: TargetFacts<TpnsCredentials>): string[] {
  const android = credentials.platform === 'android'
  switch (operation) {
    case 'stop':
      return ['Stop ends what has not reached a phone yet; notifications already shown stay.']
    case 'revoke':
      return [
        `TPNS marked revoke as taken offline on ${revokeRetiredAt}: it may refuse, or accept and do nothing.`,
        android
          ? "Revoke removes notifications only on TPNS's own channel; those of Xiaomi, Huawei, OPPO, vivo and the others stay."
          : 'On iOS revoke is a silent message: it removes the notification only while the process of the app lives, and wakes the app.',
        'Revoke ends the offline delivery of the push.',
      ]
    case 'overlay':
      return [
        'Overlay ends the offline delivery of the old push.',
        'Overlay is a new push to the same audience: phones that no longer show the old notification show the new one too.',
        ...(android ? [warnOfUnable(overlay?.forceCollapse ?? false), unlisted] : []),
      ]
  }
}

const unlisted = 'The documents name neither Honor nor FCM among the channels that overlay.'

function warnOfUnable(forceCollapse: boolean): string {
  const result = forceCollapse
    ? 'with forceCollapse the new message appears there beside the old one'
    : 'without forceCollapse they keep the old message and do not get the new one'
  return `OPPO, vivo and Huawei phones with EMUI below 10 cannot overlay: ${result}.`
}

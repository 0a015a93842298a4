/** Examples that several operations show, as contract §4 has them: of a push to everybody at one vendor, to three devices at another. */
import type { Operation } from '../shared/operation.ts'
import type { DocumentedReply } from '../shared/providers/documents.ts'
import {
  type DocumentedVendor,
  exampleTokens,
  registeredTarget,
  taskVendor,
  tokenVendor,
} from './documented-vendors.ts'

const counts = { total: 3, accepted: 2, rejected: 1, unknown: 0, pending: 0 }

const { partial } = tokenVendor.documents.replies ?? {}
const fault = faultOf(tokenVendor)

export const registerExample = {
  id: 'promo-2026-11-23',
  contents: ['article:42'],
  title: '限时优惠',
  body: '今晚八点，全场五折',
  url: 'https://news.example.com/42',
  expiresAt: '2026-11-24T08:00:00+08:00',
  targets: [registeredTarget(taskVendor), registeredTarget(tokenVendor)],
}

export const messageExample = {
  id: registerExample.id,
  title: registerExample.title,
  body: registerExample.body,
  url: registerExample.url,
  contents: registerExample.contents,
  expiresAt: '2026-11-24T00:00:00.000Z',
  registeredBy: 'key:ops',
  createdAt: '2026-11-23T02:00:00.000Z',
  source: 'registered',
  sentAt: null,
  recall: null,
  reach: { devices: 1_200_003, basis: 'stated' },
  targets: [
    {
      ...shown(taskVendor),
      reach: { devices: 1_200_000, basis: 'stated' },
      ...taskVendor.documents.target,
      record: recordOf(taskVendor),
    },
    {
      ...shown(tokenVendor),
      reach: { devices: 3, basis: 'exact' },
      devices: null,
    },
  ],
}

export const heldExample = { held: true, holds: [{ recall: 'rcl_0k3v9q2m7x' }] }

export const recallExample = {
  id: 'rcl_0k3v9q2m7x',
  operation: 'revoke',
  state: 'partial',
  reason: 'wrong link',
  ticket: 'INC-7',
  requestedBy: 'key:ops',
  person: 'li.wei',
  origin: 'request',
  verdict: null,
  subject: { target: { app: tokenVendor.app, ...tokenVendor.name }, title: '限时优惠' },
  overlay: null,
  fallback: true,
  approval: null,
  breakGlass: false,
  reviewedBy: null,
  reviewedAt: null,
  meanwhile: null,
  aheadOf: null,
  outside: 0,
  causedBy: [],
  createdAt: '2026-11-23T02:10:00.000Z',
  settledAt: '2026-11-23T02:10:01.120Z',
  giveUpAt: '2026-11-24T02:10:00.000Z',
  holdsUntil: null,
  devices: counts,
  reach: { devices: 3, basis: 'exact' },
  etaSeconds: 0,
  blocked: null,
  targets: [
    {
      ...shown(tokenVendor),
      message: 'promo-2026-11-23',
      requested: 'revoke',
      operation: 'revoke',
      state: 'partial',
      effects: effectsOf(tokenVendor, 'revoke'),
      devices: counts,
      rejected: [{ reason: partial?.reason ?? 'unknown', count: 1 }],
      vendor: { ...replyOf(partial), status: null },
      ...warned(tokenVendor, 'revoke'),
    },
  ],
  moreTargets: 0,
  deduplicated: false,
  links: { self: '/v1/recalls/rcl_0k3v9q2m7x' },
}

export const dryRunExample = {
  dryRun: true,
  approvalNeeded: true,
  approval: { needed: 1, above: 10_000, because: 'reach' },
  outside: 0,
  devices: 1_200_003,
  reach: { devices: 1_200_003, basis: 'stated' },
  digest: '5d2c9be1f0a3478894c6d1e7b20f3a65c8d9e0f1a2b3c4d5e6f708192a3b4c5d-1200003',
  check: '4821',
  meanwhile: 'stop',
  targets: [
    planned(taskVendor, { devices: 1_200_000, basis: 'stated' }),
    planned(tokenVendor, { devices: exampleTokens.length, basis: 'exact' }),
  ],
}

export const problemExample = {
  type: 'https://unpush.dev/problems/invalid-request',
  title: 'The request is not valid',
  status: 400,
  detail: `/target/${fault.member} ${fault.message}.`,
  requestId: 'req_0k3v9q2m7x',
  errors: [{ path: `/target/${fault.member}`, message: fault.message }],
}

/** How an answer names a push. */
export function shown({ provider, app, name }: DocumentedVendor): object {
  return { app, provider: provider.name, ...name }
}

/** Null: it tells nothing. */
export function recordOf({ documents: { record } }: DocumentedVendor): object | null {
  return record === undefined ? null : { ...record, asOf: '2026-11-23T02:05:00.000Z' }
}

export function replyOf(reply: DocumentedReply | undefined): object {
  const { code = null, message = null, requestId = null } = reply ?? {}
  return { code, message, requestId }
}

function effectsOf({ provider }: DocumentedVendor, operation: Operation): object[] {
  const channels = provider.capabilities.operations[operation]?.channels ?? []
  return channels.slice(0, 2).map(({ channel, effect }) => ({ channel, effect }))
}

/** A warning of the vendor, and its code. */
function warned({ provider, documents }: DocumentedVendor, operation: Operation): object {
  const code = documents.warnings?.[operation]
  const [sentence] = provider.sentences[code ?? ''] ?? []
  return code === undefined || sentence === undefined
    ? { warnings: [], notices: [] }
    : { warnings: [sentence], notices: [{ code, params: {} }] }
}

function planned(vendor: DocumentedVendor, reach: { readonly devices: number; readonly basis: string }): object {
  const isThere = (operation: Operation) => vendor.provider[operation] !== undefined
  const ladder = (['revoke', 'stop'] as const).filter(isThere)
  const [operation = null] = ladder
  return {
    ...shown(vendor),
    requested: 'revoke',
    operation,
    ladder,
    effects: effectsOf(vendor, 'revoke'),
    devices: reach.devices,
    reach,
    assumedDevices: null,
    message: 'promo-2026-11-23',
    record: null,
    ...warned(vendor, 'revoke'),
    running: null,
  }
}

/** What the vendor finds wrong with a name that is none. */
function faultOf({ provider }: DocumentedVendor): { readonly member: string; readonly message: string } {
  const [{ member }] = provider.handles
  const { error } = provider.target.safeParse({ [member]: -1 })
  return { member, message: error?.issues.find(({ path }) => path[0] === member)?.message ?? 'is not valid' }
}

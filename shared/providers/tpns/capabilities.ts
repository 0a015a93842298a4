/** What TPNS says it can take back, where, since when and until when. Data: the documents change it, not the code. */
import type { CapabilityTable, ChannelCapability, Effect, Limit } from '../provider.ts'
import { maxMessageBytes, type TpnsPlatform } from './message.ts'

/** "消息覆盖" (before: "消息回撤"): stop, revoke and overlay by channel. */
const overlayPage = { source: 'https://cloud.tencent.com/document/product/548/50784', asOf: '2025-03-25' }
const recallPage = { source: 'https://www.tencentcloud.com/document/product/1024/39003', asOf: '2024-01-16' }
const pushPage = { source: 'https://cloud.tencent.com/document/product/548/39064', asOf: '2026-01-14' }
const recordPage = { source: 'https://cloud.tencent.com/document/product/548/39076', asOf: '2025-02-24' }
const limitsPage = {
  source:
    'https://github.com/tencentyun/qcloud-documents/blob/master/product/移动与通信/腾讯移动推送/快速入门/产品限制说明.md',
  asOf: '2026-11-23',
}

/** The last day on which the documents did not call revoke gone. */
export const revokeRetiredAt = '2025-03-25'

/** The way to phones of Apple is `apns`, all others are Android's. */
export function channelsOf(rows: readonly ChannelCapability[], platform: TpnsPlatform): ChannelCapability[] {
  return rows.filter(({ channel }) => (channel === 'apns') === (platform === 'ios'))
}

/** Ways to Android phones besides TPNS's own; `huawei-emui9` is Huawei below EMUI 10. */
const otherChannels = ['xiaomi', 'meizu', 'huawei', 'huawei-emui9', 'harmony', 'oppo', 'vivo', 'honor', 'fcm']

const handedOver = 'Not stated for this channel; what TPNS has handed over to the phone maker probably still arrives.'
const shownStays = 'What this channel shows stays.'
const notListed = 'Not in the list of channels that overlay; nothing more is stated.'
const forceDecides =
  'Cannot overlay: forceCollapse decides whether the new message appears beside the old one or not at all.'

function row(channel: string, effect: Effect, page: Pick<ChannelCapability, 'source' | 'asOf'>, note?: string) {
  return { channel, effect, ...page, ...(note !== undefined && { note }) }
}

const stopRows: readonly ChannelCapability[] = [
  row('tpns', 'stopped', overlayPage),
  ...otherChannels.map(channel => row(channel, 'stopped', overlayPage, handedOver)),
  row(
    'apns',
    'none',
    overlayPage,
    'iOS is documented as not supported; only a push that still waits can be cancelled.',
  ),
]

const revokeRows: readonly ChannelCapability[] = [
  { ...row('tpns', 'removed', overlayPage, 'The page calls the feature taken offline.'), until: revokeRetiredAt },
  ...otherChannels.map(channel => row(channel, 'none', recallPage, shownStays)),
  {
    ...row(
      'apns',
      'removed',
      overlayPage,
      'By a silent message, only while the process of the app lives; it wakes the app.',
    ),
    until: revokeRetiredAt,
  },
]

const overlayRows: readonly ChannelCapability[] = [
  row('tpns', 'replaced', overlayPage),
  row('xiaomi', 'replaced', overlayPage),
  row('meizu', 'replaced', overlayPage),
  row(
    'huawei',
    'replaced',
    overlayPage,
    'EMUI 10 and above. Custom parameters go into an intent: custom_content is blocked.',
  ),
  { ...row('harmony', 'replaced', overlayPage), since: '2025-03-25' },
  row('huawei-emui9', 'none', overlayPage, `EMUI below 10. ${forceDecides}`),
  row('oppo', 'none', overlayPage, forceDecides),
  row('vivo', 'none', overlayPage, forceDecides),
  row('honor', 'none', overlayPage, notListed),
  row('fcm', 'none', overlayPage, notListed),
  row('apns', 'replaced', overlayPage),
]

/**
 * 200 an hour for all queries of an app. A revoke counts only once a query has proven it, and an overlay cannot be sent
 * without one: these two keep their shares, whatever else asks.
 */
export const queryWindow = {
  limit: 200,
  windowMs: 3_600_000,
  shares: {
    proof: { calls: 80, kept: true, borrows: true },
    overlay: { calls: 40, kept: true },
    look: { calls: 28 },
    discover: { calls: 24 },
    figures: { calls: 12 },
    people: { calls: 16 },
  },
} as const
/** Full, tag and package pushes. */
export const pushesPerSecond = 1

const limits: readonly Limit[] = [
  {
    name: 'Pushes to everybody, tags or a package',
    value: pushesPerSecond,
    unit: 'per second',
    inferred: false,
    ...pushPage,
  },
  { name: 'Queries', value: queryWindow.limit, unit: 'per hour', inferred: false, ...recordPage },
  { name: 'Identical pushes to everybody', value: 1, unit: 'per hour', inferred: false, ...limitsPage },
  { name: 'Size of the message', value: maxMessageBytes, unit: 'bytes', inferred: false, ...limitsPage },
  { name: 'Offline delivery', value: 259_200, unit: 'seconds', inferred: false, ...pushPage },
]

export const tpnsCapabilities = {
  operations: {
    stop: {
      addressing: [{ by: 'task' }],
      confirmedBy: ['PUSH_DELETED_PUSH_MSG', 'PUSH_CANCELED'],
      needsRecord: false,
      repeatable: true,
      followedBy: ['revoke', 'overlay'],
      channels: stopRows,
    },
    revoke: {
      addressing: [{ by: 'task' }],
      confirmedBy: ['PUSH_REVOKED', 'PUSH_CANCELED'],
      needsRecord: false,
      repeatable: true,
      channels: revokeRows,
    },
    overlay: {
      addressing: [{ by: 'task' }],
      confirmedBy: ['PUSH_COLLAPSED'],
      needsRecord: true,
      repeatable: false,
      channels: overlayRows,
    },
  },
  limits,
  identicalOverlayWindowMs: 3_600_000,
} as const satisfies CapabilityTable

/** What can be taken back through Getui, by the way to the phone. Data: the documents change it, not the code. */
import type { CapabilityTable, ChannelCapability, Effect } from '../provider.ts'

const asOf = '2026-11-28'
const recall = 'https://docs.getui.com/getui/scene/recall'
const advanced = 'https://docs.getui.com/getui/server/rest_v2/advanced/'
const push = 'https://docs.getui.com/getui/server/rest_v2/push'
const token = 'https://docs.getui.com/getui/server/rest_v2/token'
const code = 'https://docs.getui.com/getui/server/rest_v2/code'
const javaSdk = 'https://github.com/GetuiLaboratory/getui-pushapi-java-client-v2'

/** Of one request for single devices. */
export const mostCids = 200
/** No page names a limit of calls. */
export const defaultPerSecond = 10
/** Getui's own limit of pushes to all and by tag; an older page says 100 a day. */
export const mostBroadcasts = 20
export const ttlMs = 259_200_000
export const mostTitle = 50
export const mostBody = 256
export const mostUrl = 1024

export const channels = ['getui', 'xiaomi', 'vivo', 'huawei', 'honor', 'oppo', 'meizu', 'harmony', 'apns'] as const
export type Channel = (typeof channels)[number]

function row(channel: Channel, effect: Effect, source: string, note: string): ChannelCapability {
  return { channel, effect, note, source, asOf }
}

const byNotifyId = 'Where the push was sent with this notify_id.'

export const getuiCapabilities = {
  operations: {
    stop: {
      addressing: [{ by: 'task' }],
      needs: ['taskId'],
      confirmedBy: ['has_delete'],
      provesScheduled: true,
      needsRecord: false,
      repeatable: true,
      followedBy: ['revoke', 'overlay'],
      channels: channels.map(channel =>
        channel === 'getui'
          ? row(
              channel,
              'stopped',
              recall,
              "What Getui's own store still holds; a push that waits for its time ends on every channel.",
            )
          : row(
              channel,
              'none',
              recall,
              'What was handed to the phone maker stays; a push that waits for its time ends on every channel.',
            ),
      ),
    },
    revoke: {
      addressing: [{ by: 'tokens', most: mostCids }, { by: 'audience' }],
      needs: ['taskId'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [
        row('getui', 'removed', recall, 'From client 2.12.5.0 on; notifications alone.'),
        row('xiaomi', 'removed', recall, 'Where the phone maker obeys.'),
        row('vivo', 'removed', recall, 'Where the phone maker obeys.'),
        row(
          'harmony',
          'removed',
          javaSdk,
          'Where the push was sent with a notify_id; the code of the SDK says so, and the page does not.',
        ),
        ...(['huawei', 'honor', 'oppo', 'meizu', 'apns'] as const).map(channel =>
          row(channel, 'none', recall, 'Not among the channels that can recall.'),
        ),
      ],
    },
    // a repeat with the same request_id is dropped
    overlay: {
      addressing: [{ by: 'tokens', most: mostCids }, { by: 'audience' }],
      needs: ['notifyId'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [
        ...(['getui', 'xiaomi', 'vivo', 'huawei', 'honor', 'oppo'] as const).map(channel =>
          row(channel, 'replaced', recall, byNotifyId),
        ),
        row('meizu', 'none', advanced, 'The page on recalls names Meizu, the page on overlays does not.'),
        row('harmony', 'replaced', recall, byNotifyId),
        row('apns', 'replaced', advanced, 'Where the push was sent with this apns-collapse-id.'),
      ],
    },
  },
  limits: [
    { name: 'Requests', value: defaultPerSecond, unit: 'per second', inferred: true, source: code, asOf },
    { name: 'Logins', value: 100, unit: 'per minute', inferred: false, source: token, asOf },
    { name: 'Pushes to all or by tag', value: mostBroadcasts, unit: 'per day', inferred: false, source: push, asOf },
    { name: 'Devices in a request', value: mostCids, unit: 'devices', inferred: false, source: push, asOf },
    { name: 'Offline delivery', value: ttlMs / 1000, unit: 'seconds', inferred: false, source: push, asOf },
    { name: 'Title', value: mostTitle, unit: 'characters', inferred: false, source: javaSdk, asOf },
    { name: 'Text', value: mostBody, unit: 'characters', inferred: false, source: javaSdk, asOf },
  ],
  identicalOverlayWindowMs: null,
} as const satisfies CapabilityTable

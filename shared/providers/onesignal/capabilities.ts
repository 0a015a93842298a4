/** What can be taken back through OneSignal, by platform. Data: the documents change it, not the code. */
import type { CapabilityTable, ChannelCapability, Effect } from '../provider.ts'

const asOf = '2026-11-28'
const cancelPage = 'https://documentation.onesignal.com/reference/cancel-message'
/** The vendor's OpenAPI document, 11.6, as it is kept there. */
const api = 'https://github.com/api-evangelist/onesignal/blob/main/openapi/_original/onesignal-api-openapi.json'
const removePage = 'https://documentation.onesignal.com/docs/web-push-topic-collapsing'
const ratesPage = 'https://documentation.onesignal.com/reference/rate-limits'

/** Of `include_subscription_ids`. */
export const mostSubscriptions = 20_000
/** Free apps may make 150 a second: a third of that is left to the app's own messages. */
export const defaultPerSecond = 100
export const mostTtlSeconds = 2_419_200

/**
 * One view a second for each app, counted over ten seconds. A stop counts only once its record has shown it: proofs have most
 * of it, whatever else asks.
 */
export const viewWindow = {
  limit: 10,
  windowMs: 10_000,
  shares: {
    proof: { calls: 5, kept: true, borrows: true },
    overlay: { calls: 1 },
    look: { calls: 2 },
    people: { calls: 2 },
  },
} as const

function row(channel: string, effect: Effect, source: string, note: string): ChannelCapability {
  return { channel, effect, note, source, asOf }
}

const notSent = 'What waits for its time, or has not been sent out yet.'
const byCollapseId = 'Where the message was sent with this collapse_id; from the description of the field.'

export const oneSignalCapabilities = {
  operations: {
    stop: {
      addressing: [{ by: 'task' }],
      needs: ['messageId'],
      confirmedBy: ['CANCELED'],
      overBy: ['COMPLETED'],
      needsRecord: false,
      repeatable: true,
      followedBy: ['overlay'],
      channels: ['android', 'ios', 'web', 'web-safari'].map(channel => row(channel, 'stopped', cancelPage, notSent)),
    },
    // a repeat with the same idempotency_key is answered, and not sent
    overlay: {
      addressing: [{ by: 'tokens', most: mostSubscriptions }],
      needs: ['collapseId'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [
        row('android', 'replaced', api, byCollapseId),
        row('ios', 'replaced', api, byCollapseId),
        row('web', 'replaced', removePage, 'Where the message was sent with this text as its web_push_topic.'),
        row('web-safari', 'none', removePage, 'Safari knows no topics: the new message appears beside the old one.'),
      ],
    },
  },
  limits: [
    {
      name: 'Requests to send and to cancel',
      value: 150,
      unit: 'per second',
      inferred: false,
      source: ratesPage,
      asOf,
    },
    { name: 'Requests for one message', value: 1, unit: 'per second', inferred: false, source: ratesPage, asOf },
    {
      name: 'Subscriptions in a request',
      value: mostSubscriptions,
      unit: 'subscriptions',
      inferred: false,
      source: api,
      asOf,
    },
    {
      name: 'Messages for each subscription',
      value: 10,
      unit: 'per 15 minutes',
      inferred: false,
      source: ratesPage,
      asOf,
    },
    { name: 'Size of the collapse id', value: 64, unit: 'bytes', inferred: false, source: api, asOf },
    { name: 'Offline delivery', value: mostTtlSeconds, unit: 'seconds', inferred: false, source: api, asOf },
    { name: 'Record of a message', value: 30, unit: 'days', inferred: false, source: api, asOf },
  ],
  identicalOverlayWindowMs: null,
} as const satisfies CapabilityTable

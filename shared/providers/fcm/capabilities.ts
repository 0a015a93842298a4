/** What can be taken back through FCM, by platform. Data: the documents change it, not the code. */
import type { CapabilityTable, ChannelCapability, Effect } from '../provider.ts'

const asOf = '2026-11-28'
const send = 'https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages'
const collapse = 'https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types'
const quotas = 'https://firebase.google.com/docs/cloud-messaging/throttling-and-quotas'
const errors = 'https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode'
const androidSdk = 'https://github.com/firebase/firebase-android-sdk/tree/main/firebase-messaging'
const appleSdk = 'https://firebase.google.com/docs/cloud-messaging/ios/receive-messages'
const appleHeaders = 'https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns'
const webSdk = 'https://github.com/firebase/firebase-js-sdk/blob/main/packages/messaging/src/listeners/sw-listeners.ts'

/** Devices whose requests make one unit of work. */
export const tokensTogether = 500
/** A tenth of what a project may send: most of it is left to the app's own messages. */
export const defaultPerSecond = 1000
export const mostPayloadBytes = 4096
export const mostTopicPayloadBytes = 2048

function row(channel: string, effect: Effect, source: string, note: string): ChannelCapability {
  return { channel, effect, note, source, asOf }
}

export const fcmCapabilities = {
  operations: {
    stop: {
      addressing: [{ by: 'token', together: tokensTogether }],
      needs: ['collapseKey'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      followedBy: ['revoke', 'overlay'],
      channels: [
        row('android', 'stopped', collapse, 'What FCM still stores under the same collapse key is replaced.'),
        row('ios', 'none', collapse, 'Nothing that is stored is replaced there.'),
        row('web', 'none', collapse, 'Nothing that is stored is replaced there.'),
      ],
    },
    revoke: {
      addressing: [{ by: 'token', together: tokensTogether }],
      needs: ['tag'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [
        row('android', 'removed', androidSdk, 'By the app, where it carries the removal recipe.'),
        row('ios', 'removed', appleSdk, 'By the app, where it carries the removal recipe and iOS wakes it.'),
        row('web', 'replaced', webSdk, 'By a silent notice: browsers show something for every message.'),
      ],
    },
    // The same text under the same tag replaces its own first copy.
    overlay: {
      addressing: [{ by: 'token', together: tokensTogether }, { by: 'audience' }],
      needs: ['tag'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [
        row('android', 'replaced', androidSdk, 'Where the app is not on the screen.'),
        row('ios', 'replaced', appleSdk, 'Where the message was sent with the tag as its apns-collapse-id.'),
        row('web', 'replaced', webSdk, 'Where no window of the site is visible.'),
      ],
    },
  },
  limits: [
    { name: 'Messages of a project', value: 600_000, unit: 'per minute', inferred: false, source: quotas, asOf },
    { name: 'Messages to one Android device', value: 240, unit: 'per minute', inferred: false, source: quotas, asOf },
    { name: 'Collapse keys stored for one device', value: 4, unit: 'keys', inferred: false, source: collapse, asOf },
    { name: 'Size of the message', value: mostPayloadBytes, unit: 'bytes', inferred: false, source: errors, asOf },
    {
      name: 'Size of a message to a topic',
      value: mostTopicPayloadBytes,
      unit: 'bytes',
      inferred: false,
      source: errors,
      asOf,
    },
    { name: 'Offline delivery', value: 2_419_200, unit: 'seconds', inferred: false, source: send, asOf },
    // Apple's, since the tag is the collapse id on iPhones: what is longer is refused
    { name: 'Size of the tag', value: 64, unit: 'bytes', inferred: false, source: appleHeaders, asOf },
  ],
  identicalOverlayWindowMs: null,
} as const satisfies CapabilityTable

/** What can be taken back at APNs, and what is said of it before anything is sent. */
import type { Operation } from '../../operation.ts'
import type { Assessment, CapabilityTable, TargetFacts } from '../provider.ts'
import { type ApnsCredentials, maxCollapseIdBytes } from './credentials.ts'
import { checkApnsContent, maxPayloadBytes } from './payloads.ts'
import { leastMintMs } from './reasons.ts'
import { says } from './texts.ts'

const documents = 'https://developer.apple.com/documentation'
const sending = `${documents}/usernotifications/sending-notification-requests-to-apns`
const payloads = `${documents}/usernotifications/generating-a-remote-notification`
const background = `${documents}/usernotifications/pushing-background-updates-to-your-app`
const tokens = `${documents}/usernotifications/establishing-a-token-based-connection-to-apns`
const updates = `${documents}/updates/usernotifications`
const asOf = '2026-11-28'

/** Requests a second for a key without a rate of its own: Apple publishes none. */
export const defaultPerSecond = 500
/** Tokens of a unit of work. */
export const together = 500

export const apnsCapabilities = {
  operations: {
    revoke: {
      addressing: [{ by: 'token', together }],
      needs: ['collapseId'],
      confirmedBy: [],
      needsRecord: false,
      // what is gone stays gone
      repeatable: true,
      channels: [{ channel: 'apns', effect: 'removed', note: says('apns_note_revoke'), source: background, asOf }],
    },
    // the same collapse id again shows the same text in the same place
    overlay: {
      addressing: [{ by: 'token', together }],
      needs: ['collapseId'],
      confirmedBy: [],
      needsRecord: false,
      repeatable: true,
      channels: [{ channel: 'apns', effect: 'replaced', note: says('apns_note_overlay'), source: updates, asOf }],
    },
  },
  limits: [
    limit('Tokens in a request', 1, 'tokens', sending),
    limit('Length of a key', maxCollapseIdBytes, 'bytes', sending),
    limit('Size of a payload', maxPayloadBytes, 'bytes', payloads),
    limit('Time between two logins', leastMintMs / 1000, 'seconds', tokens),
    // "two or three": more are held back
    { ...limit('Silent pushes to one device', 3, 'per hour', background), inferred: true },
    { ...limit('Requests', defaultPerSecond, 'per second', sending), inferred: true },
  ],
  identicalOverlayWindowMs: null,
} as const satisfies CapabilityTable

function limit(name: string, value: number, unit: string, source: string) {
  return { name, value, unit, inferred: false, source, asOf }
}

export function assessApns(operation: Operation, facts: TargetFacts<ApnsCredentials>): Assessment {
  const nothing = { invalid: [], effects: [], toEverybody: false, warnings: [] }
  const { removal } = facts.credentials
  switch (operation) {
    case 'stop':
      return { ...nothing, refusal: says('apns_no_stop') }
    case 'revoke':
      if (removal === undefined) return { ...nothing, refusal: says('apns_no_removal') }
      return {
        ...nothing,
        refusal: null,
        effects: [{ channel: 'apns', effect: removal === 'background' ? 'removed' : 'replaced' }],
        warnings: [says(`apns_${removal}`), says('apns_same_id')],
      }
    case 'overlay': {
      const { overlay } = facts
      const link = (overlay?.url ?? null) === null ? [] : [says('apns_link')]
      return {
        ...nothing,
        refusal: null,
        invalid: overlay === null ? [] : checkApnsContent(overlay),
        effects: [{ channel: 'apns', effect: 'replaced' }],
        warnings: [says('apns_same_id'), says('apns_cleared'), ...link],
      }
    }
    default:
      return operation satisfies never
  }
}

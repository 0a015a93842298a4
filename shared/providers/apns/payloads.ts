/**
 * What is pushed to take a push back: an alert under the same collapse id, which takes the old one's place, or the message that
 * tells the app to remove it (docs/removal.md).
 */
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import type { OverlayContent } from '../provider.ts'

/** https://developer.apple.com/documentation/usernotifications/generating-a-remote-notification */
export const maxPayloadBytes = 4096

/** What `options.apns` may add, by Apple's names: to the alert, and beside it. */
const alertMembers = ['subtitle', 'subtitle-loc-key', 'launch-image']
const apsMembers =
  'badge sound thread-id category target-content-id relevance-score interruption-level filter-criteria mutable-content'.split(
    ' ',
  )
const optionMembers = [...alertMembers, ...apsMembers]

/** Silent, so that a correction does not ring: unless the options say otherwise. */
export function overlayPayload({ title, body, url, options }: OverlayContent): string {
  const alert = { title, body, ...pickMembers(options, alertMembers) }
  const aps = { alert, 'interruption-level': 'passive', ...pickMembers(options, apsMembers) }
  return JSON.stringify({ aps, ...(url !== null && { url }) })
}

/** Version 1 of the removal message. What was sent after `atMs` is not meant. */
export function removalPayload(removal: 'background' | 'extension', collapseId: string, atMs: number): string {
  const aps =
    removal === 'background'
      ? { 'content-available': 1 }
      : { alert: { title: 'Withdrawn' }, 'mutable-content': 1, 'interruption-level': 'passive' }
  return JSON.stringify({ aps, unpush: { v: 1, op: 'remove', id: collapseId, ts: Math.floor(atMs / 1000) } })
}

/** Members of the overlay that must be mended first; paths are below `/overlay`. */
export function checkApnsContent(content: OverlayContent): MemberFault[] {
  const faults = checkMembers(content.options, optionMembers, '/options/apns')
  const bytes = Buffer.byteLength(overlayPayload(content))
  if (bytes > maxPayloadBytes) {
    faults.push({ path: '', message: `makes a payload of ${bytes} bytes, and APNs takes at most ${maxPayloadBytes}` })
  }
  return faults
}

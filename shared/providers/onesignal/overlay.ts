/** An overlay: a new message under the collapse id of the old one. */
import type { OverlayContent } from '../provider.ts'
import { readOneSignalOptions } from './options.ts'

/** As long as most messages are kept that are sent today; the original's own is not known. */
const lifeSeconds = 86_400

/**
 * The body before and behind its subscription ids, which stand in it as they came: a thousand are not parsed and written again.
 * `key`: for 30 days a repeat with the same one is answered, and not sent:
 * https://documentation.onesignal.com/reference/idempotent-notification-requests.
 */
export function overlayAround(
  appId: string,
  collapseId: string,
  content: OverlayContent,
  key: string,
): readonly [head: string, tail: string] {
  const { title, body, url } = content
  const { members, headings, contents } = readOneSignalOptions(content.options)
  const rest = {
    target_channel: 'push',
    headings: { ...headings, en: title },
    contents: { ...contents, en: body },
    ...(url !== null && { url }),
    priority: 5,
    ttl: lifeSeconds,
    ios_interruption_level: 'passive',
    ...members,
    collapse_id: collapseId,
    // browsers know a topic where phones know a collapse id
    web_push_topic: collapseId,
    idempotency_key: key,
  }
  return [`{"app_id":${JSON.stringify(appId)},"include_subscription_ids":`, `,${JSON.stringify(rest).slice(1)}`]
}

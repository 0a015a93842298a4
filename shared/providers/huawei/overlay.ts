/**
 * The message that overlays another on HarmonyOS: sent again with the same notifyId, new overwrites old.
 * https://developer.huawei.com/consumer/cn/doc/harmonyos-references/push-scenariozed-api-request-param
 */
import { checkMembers, type MemberFault, pickMembers } from '../wire/overlay-options.ts'
import type { OverlayContent } from '../provider.ts'

/** Of the whole body without its tokens. */
export const maxBodyBytes = 4096

/**
 * What `options.huawei` may add. Not `notifyId` (the original's), not `appMessageId`: where both ids are equal the OLD
 * message stays.
 */
const optionMembers = ['category', 'notification', 'pushOptions']
const notificationMembers =
  'image style bigTitle bigBody inboxContent profileId clickAction badge sound soundDuration foregroundShow'.split(' ')
const pushOptionMembers = ['testMessage', 'ttl', 'biTag', 'receiptId', 'collapseKey']

interface Category {
  readonly overlayCategory?: string | undefined
}

/** The body of messages:send: what comes before the array of tokens, and what comes after it. */
export function composeHuaweiOverlay(
  { overlayCategory }: Category,
  notifyId: string,
  content: OverlayContent,
): readonly [head: string, tail: string] {
  const { title, body, url, options } = content
  const payload = {
    category: options['category'] ?? overlayCategory,
    title,
    body,
    // 0 opens the app; 1 the page of the app that declares this uri, https://…/harmonyos-guides/push-send-alert.
    clickAction: url === null ? { actionType: 0 } : { actionType: 1, uri: url },
    ...pickMembers(options['notification'], notificationMembers),
  }
  const notification = `${JSON.stringify(payload).slice(0, -1)},"notifyId":${notifyId}}`
  const pushOptions = pickMembers(options['pushOptions'], pushOptionMembers)
  const further = Object.keys(pushOptions).length === 0 ? '' : `,"pushOptions":${JSON.stringify(pushOptions)}`
  return [`{"payload":{"notification":${notification}},"target":{"token":`, `}${further}}`]
}

/** Members of the overlay that must be mended first; paths are below `/overlay`. */
export function checkHuaweiContent(credentials: Category, handle: string, content: OverlayContent): MemberFault[] {
  const { options } = content
  const faults = [
    ...checkMembers(options, optionMembers, '/options/huawei'),
    ...checkMembers(options['notification'], notificationMembers, '/options/huawei/notification'),
    ...checkMembers(options['pushOptions'], pushOptionMembers, '/options/huawei/pushOptions'),
  ]
  const category = options['category'] ?? credentials.overlayCategory
  const path = '/options/huawei/category'
  if (category === undefined) {
    faults.push({
      path,
      message: 'is required: Push Kit sends nothing without a category, and the app has no overlayCategory',
    })
  } else if (typeof category !== 'string' || category === '') {
    faults.push({ path, message: 'must be the name of a category, like MARKETING' })
  }
  const bytes = Buffer.byteLength(composeHuaweiOverlay(credentials, handle, content).join('[]'))
  if (bytes > maxBodyBytes) {
    faults.push({ path: '', message: `makes a message of ${bytes} bytes, and Push Kit takes at most ${maxBodyBytes}` })
  }
  return faults
}
